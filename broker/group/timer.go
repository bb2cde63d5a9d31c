package group

import (
	"maps"
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// expiryTimer is the ID of the timer of the offsets' expiry; groups have IDs from 1.
const expiryTimer = 0

// timers are the timers of groups. Every group has one for all its deadlines. It is set to the
// earliest of them, and only ever moved to a later time when it fires: a heartbeat moves a
// deadline, not the timer.
type timers struct {
	kind   uint32
	groups map[uint64]*group // by the ID of the timer
	last   uint64            // ID given to a group
}

// next is the ID of one more timer.
func (ts *timers) next() uint64 {
	ts.last++
	return ts.last
}

func (ts *timers) timer(id uint64) model.Timer { return model.Timer{Kind: ts.kind, ID: id} }

// arm makes sure that the timer fires no later than the group's next deadline.
func (ts *timers) arm(out *model.Effects, g *group) {
	if g.state == Dead {
		return
	}
	if next := g.nextDeadline(); next < g.armed {
		g.armed = next
		out.SetTimer(ts.timer(g.timerID), next)
	}
}

// remove ends the timer of g.
func (ts *timers) remove(out *model.Effects, g *group) {
	if g.armed != model.Never {
		out.CancelTimer(ts.timer(g.timerID))
	}
	delete(ts.groups, g.timerID)
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

// OnTimer handles a timer of kind Config.TimerKind.
func (c *Coordinator) OnTimer(out *model.Effects, timer model.Timer) {
	c.outbox.enter()
	if timer.ID == expiryTimer {
		c.onExpiryTimer(out)
	} else if g := c.timers.groups[timer.ID]; g != nil {
		c.onDeadlines(out, g)
	}
	c.outbox.leave(out)
}

func (c *Coordinator) onDeadlines(out *model.Effects, g *group) {
	g.armed = model.Never
	for _, id := range slices.Sorted(maps.Keys(g.pending)) {
		if g.pending[id] <= out.Now {
			delete(g.pending, id)
		}
	}
	c.rebalancer.maybeCompleteJoin(out, g)
	for _, m := range slices.Clone(g.members) {
		if g.byID[m.id] == m && m.expiresAt() <= out.Now {
			c.rebalancer.removeMember(out, g, m, kafka.ReasonExpired, "session expired")
		}
	}
	if g.state == PreparingRebalance && g.joinDeadline <= out.Now {
		c.rebalancer.onJoinDeadline(out, g)
	}
	if g.syncDeadline <= out.Now {
		c.rebalancer.onSyncDeadline(out, g)
	}
	c.timers.arm(out, g)
}

// armExpiry sets the timer of the offsets' expiry while there are groups.
func (c *Coordinator) armExpiry(out *model.Effects) {
	if !c.expiring && len(c.store.groups) > 0 {
		c.expiring = true
		out.SetTimer(c.timers.timer(expiryTimer), out.Now.Add(c.cfg.OffsetsRetentionCheck))
	}
}

func (c *Coordinator) onExpiryTimer(out *model.Effects) {
	c.expiring = false
	for _, id := range slices.Sorted(maps.Keys(c.store.groups)) {
		if g := c.store.groups[id]; g != nil && !c.store.partitions[g.partition].loading {
			c.commits.expire(out, g)
		}
	}
	c.armExpiry(out)
}
