package client

import (
	"time"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// closeTimeout is how long a consumer takes at most to close in good order (KafkaConsumer.close,
// 3.9).
const closeTimeout = 30 * time.Second

// closeStage is how far a Close has come.
type closeStage uint8

const (
	notClosing      closeStage = iota
	closeAsked                 // a last commit may be needed
	closeCommitting            // it is out
	closeLeaving               // LeaveGroup is out
	consumerClosed             // nothing happens any more
)

// die ends the application with an error that poll throws and no retry helps against. The member
// stays silent from now on, and the group notices by its session.
func (c *Consumer) die(out *model.Effects, code wire.Code) {
	c.failed = code
	c.history.throw(out, code.String())
	c.fetcher.stop(out)
}

// close takes the next step of a Close: commit, give up, leave, hang up.
func (c *Consumer) close(out *model.Effects) {
	if out.Now >= c.closeBy {
		c.hangUp(out)
		return
	}
	c.alarm.by(out, c.closeBy)
	if c.commits.waiting != nil {
		return
	}
	switch c.closing {
	case closeAsked:
		c.closing = closeCommitting
		if c.cfg.commits() && c.failed == wire.None && (!c.group.subscribed || c.group.state == stable) {
			c.commits.sync(out, c.closeBy, nil)
			if c.commits.waiting != nil {
				return
			}
		}
		fallthrough
	case closeCommitting:
		c.closing = closeLeaving
		if !c.group.subscribed {
			c.subscription.drop(revoked)
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
	if c.group.subscribed {
		c.group.abandon(out, revoked, "close")
		c.group.round++
	}
	c.commits.closed = true
	c.fetcher.stop(out)
	c.meta.close(out)
	c.coordinator.markUnknown(out)
	c.alarm.stop(out)
}
