package client

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// background is Kafka's heartbeat thread: it goes on while the application is busy.
func (g *membership) background(out *model.Effects) {
	// While a member joins it sends no heartbeats; the coordinator waits for its request, not for
	// them.
	if g.state != stable && g.state != syncing && g.state != assigning && g.state != revoking {
		return
	}
	expires := g.owner.pollBy(out.Now)
	if out.Now >= expires {
		// An application that does not poll must not keep its partitions.
		g.sendLeave(out, "consumer poll timeout has expired.", nil)
		g.reset()
		return
	}
	g.alarm.by(out, expires)
	if expires := g.renewedAt.Add(g.cfg.SessionTimeout); out.Now >= expires {
		// Not yet the end of the membership: perhaps the coordinator is elsewhere now and still
		// knows us.
		g.renewedAt = out.Now
		g.coordinator.markUnknown(out)
		g.coordinator.find(out)
	}
	g.alarm.by(out, g.renewedAt.Add(g.cfg.SessionTimeout))
	if !g.coordinator.known() || g.beating {
		return
	}
	if out.Now < g.heartbeatAt {
		g.alarm.by(out, g.heartbeatAt)
		return
	}
	g.beating = true
	g.heartbeatAt = out.Now.Add(g.cfg.HeartbeatInterval)
	req := kmsg.NewPtrHeartbeatRequest()
	req.SetVersion(4)
	req.Group, req.MemberID, req.Generation = g.cfg.Group, g.id, g.generation
	req.InstanceID = g.cfg.instance()
	g.call(out, req, g.cfg.RequestTimeout, g.onHeartbeat)
}

func (g *membership) onHeartbeat(out *model.Effects, resp kmsg.Response,
	err error,
) {
	g.beating = false
	if err != nil {
		g.heartbeatAt = out.Now.Add(g.cfg.RetryBackoff)
		return
	}
	switch code := wire.Code(resp.(*kmsg.HeartbeatResponse).ErrorCode); {
	case code == wire.None:
		g.renewedAt = out.Now
	case code == wire.RebalanceInProgress:
		g.renewedAt = out.Now
		g.rejoin = true
	case code == wire.FencedInstanceID && g.cfg.Instance != "":
		g.owner.die(out, code) // another consumer has its instance id
	case code == wire.UnknownMemberID, code == wire.IllegalGeneration, code == wire.FencedInstanceID:
		g.reset()
	case g.coordinator.handleError(out, code):
		g.heartbeatAt = out.Now.Add(g.cfg.RetryBackoff)
	default:
		g.owner.die(out, code)
	}
}

// sendLeave tells the coordinator that this member goes. A static member does not: it is expected
// back within its session (AbstractCoordinator.maybeLeaveGroup, 3.9). done may be nil; it is called
// at once when there is nobody to tell.
func (g *membership) sendLeave(out *model.Effects, reason string,
	done func(out *model.Effects),
) {
	if !g.coordinator.known() || g.id == "" || g.cfg.Instance != "" {
		if done != nil {
			done(out)
		}
		return
	}
	req := kmsg.NewPtrLeaveGroupRequest()
	req.SetVersion(5)
	req.Group, req.MemberID = g.cfg.Group, g.id // MemberID up to v2
	member := kmsg.NewLeaveGroupRequestMember()
	member.MemberID, member.Reason = g.id, &reason
	req.Members = append(req.Members, member)
	g.coordinator.link.Send(out, req, min(g.cfg.RequestTimeout, closeTimeout),
		func(out *model.Effects, _ kmsg.Response, _ error) {
			if done != nil {
				done(out)
			}
		})
}
