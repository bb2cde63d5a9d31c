package sim

import (
	"slices"

	"sandcastle/model"
)

// HealAmong ends what disturbs nodes inside a set and the ways between them, and nothing else: cuts
// and latencies of links with both ends inside, filters for what goes from one to another, what
// such filters hold, and faults of the disks and clocks inside. Dead nodes stay dead, paused ones
// paused. It holds until HealAll.
func (w *World) HealAmong(inside func(model.NodeID) bool) {
	both := func(l *link) bool { return inside(l.from.cfg.ID) && inside(l.to.cfg.ID) }
	for _, l := range w.linkList {
		if !both(l) {
			continue
		}
		w.healLink(l)
		if l.slow {
			w.ResetLatency(l.from.cfg.ID, l.to.cfg.ID)
		}
	}
	w.spared = inside
	w.releaseAmong(both)
	for _, n := range w.nodes {
		if !inside(n.cfg.ID) {
			continue
		}
		w.Clock(n.cfg.ID).SetRight()
		if n.disk != nil {
			w.MendDisk(n.cfg.ID)
			w.QuickenDisk(n.cfg.ID)
			w.DiskDamage(n.cfg.ID).Repair()
		}
	}
}

// releaseAmong lets go what filters hold on some links.
func (net *network) releaseAmong(among func(*link) bool) {
	held := net.held
	net.held = slices.DeleteFunc(slices.Clone(held), func(h heldMessage) bool {
		return among(h.e.link)
	})
	for _, h := range held {
		if !among(h.e.link) {
			continue
		}
		if len(h.e.stalled) > 0 {
			net.w.FaultEnded(messageFault(model.FaultHold, net.packets.at(h.e.stalled[0])))
		}
		for _, arg := range h.e.stalled {
			net.packets.at(arg).judged = true
		}
		net.stall(h.e, net.w.kernel.now)
	}
}
