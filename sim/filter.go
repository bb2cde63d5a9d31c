package sim

import (
	"time"

	"sandcastle/model"
)

// Verdict is what a filter says of a message.
type Verdict uint8

const (
	Pass  Verdict = iota // it goes on; the next filter is asked
	Hold                 // it waits, and everything behind it on its connection, until Release
	Drop                 // it never arrives; the connection stays
	Delay                // it arrives later, and so does everything behind it
)

// Filter looks at a message that is about to arrive. For Delay it also says by how much.
type Filter func(from, to model.NodeID, label model.Label, data []byte) (Verdict, time.Duration)

// AddFilter adds a filter; the first one that does not say Pass decides.
func (w *World) AddFilter(f Filter) { w.filters = append(w.filters, f) }

func (w *World) filter(p *packet) (Verdict, time.Duration) {
	if p.kind != packetFrame || len(w.filters) == 0 || p.held {
		return Pass, 0
	}
	for _, f := range w.filters {
		if v, d := f(p.from.node.cfg.ID, p.from.peer.node.cfg.ID, p.label, p.data); v != Pass {
			return v, d
		}
	}
	return Pass, 0
}

// divert does with a message what a filter said.
func (w *World) divert(arg uint64, p *packet, v Verdict, late time.Duration) {
	switch v {
	case Hold:
		w.Fault(p.from.node.cfg.ID, "hold "+p.label.Name)
		p.from.stalled = append(p.from.stalled, arg)
		w.held = append(w.held, p.from)
	case Drop:
		w.lost(p, p.from.peer)
		w.packets.free(arg)
	case Delay:
		p.held = true
		e := p.from
		e.last = max(e.last+1, w.kernel.now.Add(late))
		w.kernel.schedule(e.last, itemPacket, e.peer.node.index, arg)
	}
}

// Release lets every held message go on, in the order in which they were sent.
func (w *World) Release() {
	for _, e := range w.held {
		for _, arg := range e.stalled {
			w.packets.at(arg).held = true
			e.last = max(e.last+1, w.kernel.now)
			w.kernel.schedule(e.last, itemPacket, e.peer.node.index, arg)
		}
		e.stalled = nil
	}
	w.held = nil
}
