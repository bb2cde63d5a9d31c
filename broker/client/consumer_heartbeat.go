package client

import (
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// closeTimeout is how long a consumer takes at most to close in good order (KafkaConsumer.close,
// 3.9).
const closeTimeout = 30 * time.Second

// background is Kafka's heartbeat thread: it goes on while the application is busy.
func (g *membership) background(out *model.Effects) {
	// While a member joins it sends no heartbeats; the coordinator waits for its request, not for
	// them.
	if g.state != stable && g.state != syncing && g.state != assigning && g.state != revoking {
		return
	}
	if !g.c.polling(out.Now) && g.c.committing == nil && g.c.closing == notClosing {
		// max.poll.interval.ms: an application that does not poll must not keep its partitions.
		if expires := g.c.lastPoll.Add(g.c.cfg.MaxPollInterval); out.Now < expires {
			g.c.alarm.by(out, expires)
		} else {
			g.sendLeave(out, "consumer poll timeout has expired.", nil)
			g.reset()
			return
		}
	}
	if expires := g.heardAt.Add(g.c.cfg.SessionTimeout); out.Now >= expires {
		// Not yet the end of the membership: perhaps the coordinator is elsewhere now and still
		// knows us.
		g.heardAt = out.Now
		g.c.coordinator.lose(out)
		g.c.coordinator.run(out)
	}
	g.c.alarm.by(out, g.heardAt.Add(g.c.cfg.SessionTimeout))
	if g.c.coordinator.link == nil || g.beating {
		return
	}
	if out.Now < g.heartbeatAt {
		g.c.alarm.by(out, g.heartbeatAt)
		return
	}
	g.beating = true
	g.heartbeatAt = out.Now.Add(g.c.cfg.HeartbeatInterval)
	req := kmsg.NewPtrHeartbeatRequest()
	req.SetVersion(4)
	req.Group, req.MemberID, req.Generation = g.c.cfg.Group, g.id, g.generation
	g.call(out, req, g.c.cfg.RequestTimeout, g.onHeartbeat)
}

func (g *membership) onHeartbeat(out *model.Effects, resp kmsg.Response,
	err error,
) {
	g.beating = false
	if err != nil {
		g.heartbeatAt = out.Now.Add(g.c.cfg.RetryBackoff)
		return
	}
	switch code := wire.Code(resp.(*kmsg.HeartbeatResponse).ErrorCode); {
	case code == wire.None:
		g.heardAt = out.Now
	case code == wire.RebalanceInProgress:
		g.heardAt = out.Now
		g.rejoin = true
	case code == wire.UnknownMemberID, code == wire.IllegalGeneration, code == wire.FencedInstanceID:
		g.reset()
	case g.c.coordinator.denied(out, code):
		g.heartbeatAt = out.Now.Add(g.c.cfg.RetryBackoff)
	default:
		g.c.die(out, code)
	}
}

// sendLeave tells the coordinator that this member goes. done may be nil; it is called at once
// when there is nobody to tell.
func (g *membership) sendLeave(out *model.Effects, reason string,
	done func(out *model.Effects),
) {
	if g.c.coordinator.link == nil || g.id == "" {
		if done != nil {
			done(out)
		}
		return
	}
	req := kmsg.NewPtrLeaveGroupRequest()
	req.SetVersion(5)
	req.Group, req.MemberID = g.c.cfg.Group, g.id // MemberID up to v2
	member := kmsg.NewLeaveGroupRequestMember()
	member.MemberID, member.Reason = g.id, &reason
	req.Members = append(req.Members, member)
	g.c.coordinator.link.Send(out, req, min(g.c.cfg.RequestTimeout, closeTimeout),
		func(out *model.Effects, _ kmsg.Response, _ error) {
			if done != nil {
				done(out)
			}
		})
}

// die ends the application with an error that poll throws and no retry helps against. The member
// stays silent from now on, and the group notices by its session.
func (c *Consumer) die(out *model.Effects, code wire.Code) {
	c.failed = code
	op := c.invoke(out, kafka.Op{F: kafka.FPoll, Value: []kafka.Mop{{F: kafka.FPoll}}})
	op.Error = code.String()
	c.complete(out, kafka.Fail, op)
	c.dropAnswers(out)
}

// dropAnswers ends the polls whose records nobody will take any more.
func (c *Consumer) dropAnswers(out *model.Effects) {
	for _, call := range c.buffered {
		c.finishPoll(out, call, nil)
	}
	c.buffered = nil
}

// close takes the next step of a Close: commit, give up, leave, hang up.
func (c *Consumer) close(out *model.Effects) {
	if out.Now >= c.closeBy {
		c.hangUp(out)
		return
	}
	c.alarm.by(out, c.closeBy)
	if c.committing != nil {
		return
	}
	switch c.closing {
	case closeAsked:
		c.closing = closeCommitting
		if c.cfg.commits() && c.failed == wire.None && (c.group == nil || c.group.state == stable) {
			c.commitSync(out, c.closeBy, nil)
			if c.committing != nil {
				return
			}
		}
		fallthrough
	case closeCommitting:
		c.closing = closeLeaving
		if c.group == nil {
			c.drop(revoked)
			c.hangUp(out)
			return
		}
		c.group.abandon(out, revoked, "close")
		c.group.sendLeave(out, "the consumer is being closed", c.hangUp)
	}
}

// hangUp drops every connection. Polls that are open end without records.
func (c *Consumer) hangUp(out *model.Effects) {
	if c.closing == consumerClosed {
		return
	}
	c.closing = consumerClosed
	if c.group != nil {
		c.group.abandon(out, revoked, "close")
		c.group.round++
	}
	c.dropAnswers(out)
	c.meta.close(out)
	c.coordinator.lose(out)
	c.alarm.stop(out)
}
