package group

import (
	"maps"
	"slices"
	"time"

	"sandcastle/model"
)

// Every group has one timer for all its deadlines. It is set to the earliest of them, and only ever
// moved forward in time when it fires: a heartbeat moves a deadline, not the timer.

// expiryInterval is how often offsets are looked through (offsets.retention.check.interval.ms).
const expiryInterval = 10 * time.Minute

// expiryTimer is the ID of the timer of the offsets' expiry; groups have IDs from 1.
const expiryTimer = 0

func (c *Coordinator) timer(id uint64) model.Timer {
	return model.Timer{Kind: c.cfg.TimerKind, ID: id}
}

// OnTimer handles a timer of kind Config.TimerKind.
func (c *Coordinator) OnTimer(out *model.Effects, timer model.Timer) {
	c.enter()
	if timer.ID == expiryTimer {
		c.onExpiryTimer(out)
	} else if g := c.timers[timer.ID]; g != nil {
		c.onDeadlines(out, g)
	}
	c.leave(out)
}

func (c *Coordinator) onDeadlines(out *model.Effects, g *group) {
	g.armed = model.Never
	for _, id := range slices.Sorted(maps.Keys(g.pending)) {
		if g.pending[id] <= out.Now {
			delete(g.pending, id)
		}
	}
	c.maybeCompleteJoin(out, g)
	for _, m := range slices.Clone(g.members) {
		if g.byID[m.id] == m && m.expiresAt() <= out.Now {
			c.removeMember(out, g, m, "session expired")
		}
	}
	if g.state == PreparingRebalance && g.joinDeadline <= out.Now {
		c.onJoinDeadline(out, g)
	}
	if g.syncDeadline <= out.Now {
		c.onSyncDeadline(out, g)
	}
	c.arm(out, g)
}

// arm makes sure that the timer fires no later than the group's next deadline.
func (c *Coordinator) arm(out *model.Effects, g *group) {
	if g.state == Dead {
		return
	}
	if next := g.nextDeadline(); next < g.armed {
		g.armed = next
		out.SetTimer(c.timer(g.timerID), next)
	}
}

// keepAlive starts a member's session anew. The timer stays where it is, and finds out when it
// fires. Only a new member may get a deadline nearer than it had: its session, not five minutes.
func (c *Coordinator) keepAlive(out *model.Effects, g *group, m *member) {
	m.touch(out.Now)
	if m.deadline < g.armed {
		c.arm(out, g)
	}
}

func (g *group) nextDeadline() model.Time {
	next := g.syncDeadline
	if g.state == PreparingRebalance {
		next = min(next, g.joinDeadline)
	}
	for _, at := range g.pending { //unordered: the minimum
		next = min(next, at)
	}
	for _, m := range g.members {
		next = min(next, m.expiresAt())
	}
	return next
}

// armExpiry sets the timer of the offsets' expiry while there are groups.
func (c *Coordinator) armExpiry(out *model.Effects) {
	if !c.expiring && len(c.groups) > 0 {
		c.expiring = true
		out.SetTimer(c.timer(expiryTimer), out.Now.Add(expiryInterval))
	}
}

func (c *Coordinator) onExpiryTimer(out *model.Effects) {
	c.expiring = false
	for _, id := range slices.Sorted(maps.Keys(c.groups)) {
		if g := c.groups[id]; g != nil && !c.partitions[g.partition].loading {
			c.expireOffsets(out, g)
		}
	}
	c.armExpiry(out)
}
