package sim

import (
	"slices"
	"time"

	"sandcastle/model"
)

// link is the way from one node to another. Its cut and its latency are its own; the other way is
// another link.
type link struct {
	from, to *node
	rand     *model.Rand
	cut      bool
	slow     bool // latency and jitter are set, in place of the sender's hardware
	latency  time.Duration
	jitter   time.Duration
	ends     []*end // that send over it, with closed ones between
	traffic  []Traffic
}

func (net *network) link(from, to *node) *link {
	key := uint64(from.index)<<32 | uint64(to.index)
	l := net.links[key]
	if l == nil {
		l = &link{
			from: from, to: to,
			rand: model.NewRand(net.w.cfg.Seed, "link "+string(from.cfg.ID)+">"+string(to.cfg.ID)),
		}
		net.links[key] = l
		net.linkList = append(net.linkList, l)
		if net.w.audit != nil {
			net.w.audit.begins("the link from "+string(from.cfg.ID)+" to "+string(to.cfg.ID), *l.rand)
		}
	}
	return l
}

// remember adds an end that sends over l, and forgets those that are over when they are many.
func (l *link) remember(e *end) {
	if len(l.ends) >= 32 && len(l.ends) == cap(l.ends) {
		l.ends = slices.DeleteFunc(l.ends, func(e *end) bool {
			return !e.open && !e.peer.open && len(e.stalled) == 0
		})
	}
	l.ends = append(l.ends, e)
}

// delay draws how long one packet takes over l.
func (l *link) delay() time.Duration {
	base, jitter := l.from.cfg.Hardware.Latency, l.from.cfg.Hardware.Jitter
	if l.slow {
		base, jitter = l.latency, l.jitter
	}
	if jitter == 0 {
		return base
	}
	return base + time.Duration(l.rand.Below(uint64(jitter)+1))
}

// Cut stops everything from one node to the other, in this direction alone, also what is under way.
// It is not lost: it arrives, late, after Heal.
func (net *network) Cut(from, to model.NodeID) {
	l := net.link(net.w.node(from), net.w.node(to))
	if net.w.audit != nil {
		net.w.audit.cut[[2]*node{l.from, l.to}] = true
	}
	if !l.cut {
		net.w.Fault(model.Fault{Verb: model.FaultCut, Node: from, Peer: to})
		l.cut = true
	}
}

// Heal ends Cut. What waited arrives together, in order, when TCP next tries again.
func (net *network) Heal(from, to model.NodeID) {
	net.healLink(net.link(net.w.node(from), net.w.node(to)))
}

func (net *network) healLink(l *link) {
	if net.w.audit != nil {
		delete(net.w.audit.cut, [2]*node{l.from, l.to})
	}
	if !l.cut {
		return
	}
	net.w.FaultEnded(model.Fault{Verb: model.FaultCut, Node: l.from.cfg.ID, Peer: l.to.cfg.ID})
	l.cut = false
	for _, e := range l.ends {
		if len(e.stalled) > 0 && e.until != model.Never {
			net.stall(e, max(e.until, net.w.kernel.now.Add(retransmit)))
		}
	}
}

// SetLatency gives the way from one node to another its own latency and jitter.
func (net *network) SetLatency(from, to model.NodeID, base, jitter time.Duration) {
	l := net.link(net.w.node(from), net.w.node(to))
	net.w.Fault(model.Fault{Verb: model.FaultSlow, Node: from, Peer: to, By: base})
	l.slow, l.latency, l.jitter = true, base, jitter
	if net.w.audit != nil {
		net.w.audit.latency[[2]*node{l.from, l.to}] = base
	}
}

// ResetLatency ends SetLatency.
func (net *network) ResetLatency(from, to model.NodeID) {
	l := net.link(net.w.node(from), net.w.node(to))
	if l.slow {
		net.w.FaultEnded(model.Fault{Verb: model.FaultSlow, Node: from, Peer: to, By: l.latency})
		l.slow = false
		if net.w.audit != nil {
			delete(net.w.audit.latency, [2]*node{l.from, l.to})
		}
	}
}
