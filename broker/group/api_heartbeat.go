// Heartbeat (key 12): v0–v4.
// Does: sessions; NONE while a generation completes (KAFKA-10134); NONE while the group is loading.
// Does not: nothing is left out.
// State: member.go, timer.go.   Lessons: groups/*.

package group

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// HandleHeartbeat serves Heartbeat.
func (c *Coordinator) HandleHeartbeat(out *model.Effects,
	req *kmsg.HeartbeatRequest, reply Reply,
) {
	c.outbox.enter()
	resp := kmsg.NewPtrHeartbeatResponse()
	resp.ErrorCode = int16(c.heartbeat(out, req))
	c.outbox.answer(reply, resp)
	c.outbox.leave(out)
}

func (c *Coordinator) heartbeat(out *model.Effects, req *kmsg.HeartbeatRequest,
) wire.Code {
	switch code := c.store.checkNamed(req.Group); code {
	case wire.None:
	case wire.CoordinatorLoadInProgress:
		return wire.None // the member may well be known once the log is read
	default:
		return code
	}
	g := c.store.groups[req.Group]
	if g == nil {
		return wire.UnknownMemberID
	}
	if code := g.checkGeneration(req.MemberID, req.InstanceID, req.Generation); code != wire.None {
		return code
	}
	c.rebalancer.keepAlive(out, g, g.byID[req.MemberID])
	if g.state == PreparingRebalance {
		return wire.RebalanceInProgress
	}
	return wire.None
}
