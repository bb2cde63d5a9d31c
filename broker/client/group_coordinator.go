package client

import (
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// groupCoordinator is the broker that coordinates the consumer's group, as far as it is known.
type groupCoordinator struct {
	group   string        // group.id
	timeout time.Duration // of a request
	// links are apart from those of fetches, so that heartbeats do not wait behind a long poll.
	links   *wire.Links
	meta    *clusterMetadata
	alarm   *alarm
	backoff retryBackoff

	link     *wire.Link // nil while it is not known
	finding  bool       // FindCoordinator is out
	retryAt  model.Time
	failures int
}

// known tells whether requests can be sent to the coordinator.
func (d *groupCoordinator) known() bool { return d.link != nil }

// find looks for the coordinator while it is not known.
func (d *groupCoordinator) find(out *model.Effects) {
	if d.known() || d.finding {
		return
	}
	if out.Now < d.retryAt {
		d.alarm.by(out, d.retryAt)
		return
	}
	d.finding = true
	req := kmsg.NewPtrFindCoordinatorRequest()
	req.SetVersion(4)
	req.CoordinatorKey = d.group            // up to v3
	req.CoordinatorKeys = []string{d.group} // from v4
	d.meta.anyLink().Send(out, req, d.timeout, d.onFound)
}

func (d *groupCoordinator) onFound(out *model.Effects, resp kmsg.Response,
	err error,
) {
	d.finding = false
	found := coordinatorAnswer{code: wire.NetworkException}
	if err == nil {
		found = readCoordinator(resp.(*kmsg.FindCoordinatorResponse))
	}
	if found.code != wire.None {
		d.failures++
		d.retryAt = d.backoff.after(out.Now, d.failures)
		return
	}
	d.failures = 0
	d.link = d.links.To(found.addr)
}

// coordinatorAnswer is what a broker says about who coordinates a group.
type coordinatorAnswer struct {
	code    wire.Code
	message string
	addr    string
}

// readCoordinator reads both forms of the answer: up to v3, and from v4 by key.
func readCoordinator(r *kmsg.FindCoordinatorResponse) coordinatorAnswer {
	if len(r.Coordinators) == 1 {
		c := &r.Coordinators[0]
		return coordinatorAnswer{
			wire.Code(c.ErrorCode), text(c.ErrorMessage), model.JoinAddress(c.Host, c.Port),
		}
	}
	return coordinatorAnswer{
		wire.Code(r.ErrorCode), text(r.ErrorMessage), model.JoinAddress(r.Host, r.Port),
	}
}

// markUnknown has the coordinator looked for anew. What it was asked ends without an answer
// (AbstractCoordinator.markCoordinatorUnknown, 3.9).
func (d *groupCoordinator) markUnknown(out *model.Effects) {
	if d.link == nil {
		return
	}
	link := d.link
	d.link = nil
	d.retryAt = out.Now.Add(d.backoff.least)
	link.Close(out)
}

// handleError handles an error that says something about the coordinator itself, and tells whether
// it was one.
func (d *groupCoordinator) handleError(out *model.Effects, code wire.Code) bool {
	switch code {
	case wire.NotCoordinator, wire.CoordinatorNotAvailable:
		d.markUnknown(out)
		return true
	case wire.CoordinatorLoadInProgress:
		return true
	default:
		return false
	}
}
