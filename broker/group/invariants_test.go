package group

import (
	"fmt"

	"sandcastle/model"
)

// checkInvariants panics when what the coordinator believes does not fit together. It looks at
// every group, so it is for tests and for simulated events.
func (c *Coordinator) checkInvariants() {
	if len(c.timers.groups) != len(c.store.groups) || c.outbox.depth != 0 && !c.outbox.sending {
		panic(fmt.Sprintf("group: %d timers, %d groups", len(c.timers.groups), len(c.store.groups)))
	}
	for _, g := range c.store.groups { //unordered: each is looked at alone
		if c.timers.groups[g.timerID] != g || c.store.partitions[g.partition] == nil {
			panic("group: " + g.id + " is nobody's")
		}
		if !c.store.partitions[g.partition].loading {
			g.checkInvariants()
		}
	}
}

func (g *group) checkInvariants() {
	static, parked, waiting := 0, 0, 0
	for _, m := range g.members {
		if g.byID[m.id] != m || m.instance != nil && g.byInstance[*m.instance] != m {
			panic(fmt.Sprintf("group: %s has lost %s", g.id, m.id))
		}
		if m.instance != nil {
			static++
		}
		if m.join != nil {
			parked++
		}
		if m.sync != nil {
			waiting++
		}
	}
	_, pendingMember := g.pending[g.leader]
	switch {
	case len(g.byID) != len(g.members), len(g.byInstance) != static, g.parkedJoins != parked:
		panic(fmt.Sprintf("group: %s has miscounted its members", g.id))
	case g.state == Dead, (g.state == Empty) != (len(g.members) == 0) && g.state != PreparingRebalance:
		panic(fmt.Sprintf("group: %s is %s with %d members", g.id, g.state, len(g.members)))
	case (g.leader == "") != (len(g.members) == 0), pendingMember:
		panic(fmt.Sprintf("group: %s of %d members is led by %q", g.id, len(g.members), g.leader))
	case waiting > 0 && g.state != CompletingRebalance:
		panic(fmt.Sprintf("group: %s is %s while SyncGroups wait", g.id, g.state))
	case g.nextDeadline() < g.armed && g.nextDeadline() != model.Never:
		panic(fmt.Sprintf("group: %s sleeps until %s over %s", g.id, g.armed, g.nextDeadline()))
	}
}
