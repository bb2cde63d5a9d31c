package client

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// coordinated is an admin command whose request goes to the coordinator of a group.
type coordinated interface {
	// of is the id of the group.
	of() string
}

// Coordinator is the address of the group's coordinator, "" while it is not known.
func (a *Admin) Coordinator(group string) string { return a.coordinators[group] }

// findCoordinator asks any broker who coordinates the group of the first command.
func (a *Admin) findCoordinator(out *model.Effects, group string) {
	a.busy = true
	req := kmsg.NewPtrFindCoordinatorRequest()
	req.SetVersion(4)
	req.CoordinatorKey = group            // up to v3
	req.CoordinatorKeys = []string{group} // from v4
	timeout := min(a.cfg.RequestTimeout, a.queue[0].deadline.Sub(out.Now))
	a.meta.anyLink().Send(out, req, timeout,
		func(out *model.Effects, resp kmsg.Response, err error) {
			a.busy = false
			if err != nil {
				a.meta.refresh()
				a.retry(out.Now, wire.NetworkException)
				return
			}
			a.onCoordinator(out, group, resp.(*kmsg.FindCoordinatorResponse))
		})
}

func (a *Admin) onCoordinator(out *model.Effects, group string,
	r *kmsg.FindCoordinatorResponse,
) {
	switch found := readCoordinator(r); {
	case found.code == wire.None:
		a.coordinators[group] = found.addr
	case found.code.Retriable():
		a.retry(out.Now, found.code)
	default:
		a.finish(out, found.code, found.message)
	}
}

// forgetCoordinator has the coordinator of c's group, if it has one, looked for anew.
func (a *Admin) forgetCoordinator(c adminCommand, code wire.Code) {
	g, ok := c.(coordinated)
	if !ok {
		return
	}
	switch code {
	case wire.NotCoordinator, wire.CoordinatorNotAvailable, wire.NetworkException:
		delete(a.coordinators, g.of())
	}
}
