package client

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// coordinator is where the consumer's group coordinator is, as far as it knows.
type coordinator struct {
	c        *Consumer
	link     *wire.Link // nil while it is not known
	finding  bool       // FindCoordinator is out
	retryAt  model.Time
	failures int
}

// needed: members need it, and consumers that keep their offsets with the group.
func (d *coordinator) needed() bool {
	c := d.c
	return c.group != nil || c.cfg.Group != "" && len(c.owned) > 0
}

// run looks for the coordinator while it is not known.
func (d *coordinator) run(out *model.Effects) {
	if d.link != nil || d.finding || !d.needed() {
		return
	}
	if out.Now < d.retryAt {
		d.c.alarm.by(out, d.retryAt)
		return
	}
	d.finding = true
	req := kmsg.NewPtrFindCoordinatorRequest()
	req.SetVersion(4)
	req.CoordinatorKey = d.c.cfg.Group            // up to v3
	req.CoordinatorKeys = []string{d.c.cfg.Group} // from v4
	d.c.meta.anyLink().Send(out, req, d.c.cfg.RequestTimeout, d.onFound)
}

func (d *coordinator) onFound(out *model.Effects, resp kmsg.Response, err error) {
	d.finding = false
	code, host, port := wire.NetworkException, "", int32(0)
	if err == nil {
		answer := resp.(*kmsg.FindCoordinatorResponse)
		code, host, port = wire.Code(answer.ErrorCode), answer.Host, answer.Port
		if len(answer.Coordinators) == 1 {
			a := &answer.Coordinators[0]
			code, host, port = wire.Code(a.ErrorCode), a.Host, a.Port
		}
	}
	if code != wire.None {
		d.failures++
		cfg := &d.c.cfg
		wait := backoff(d.c.rand, cfg.RetryBackoff, cfg.RetryBackoffMax, d.failures)
		d.retryAt = out.Now.Add(wait)
		return
	}
	d.failures = 0
	d.link = d.c.coordLinks.To(address(host, port))
}

// lose forgets the coordinator. What it was asked ends without an answer.
func (d *coordinator) lose(out *model.Effects) {
	if d.link == nil {
		return
	}
	link := d.link
	d.link = nil
	d.retryAt = out.Now.Add(d.c.cfg.RetryBackoff)
	link.Close(out)
}

// denied handles an error that says something about the coordinator itself, and tells whether it
// was one.
func (d *coordinator) denied(out *model.Effects, code wire.Code) bool {
	switch code {
	case wire.NotCoordinator, wire.CoordinatorNotAvailable:
		d.lose(out)
		return true
	case wire.CoordinatorLoadInProgress:
		return true
	default:
		return false
	}
}
