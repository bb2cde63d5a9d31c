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

// AddFilter adds a filter; the first one that does not say Pass decides. Each message is judged
// once.
func (w *World) AddFilter(f Filter) { w.filters = append(w.filters, f) }

func (w *World) filter(p *packet) (Verdict, time.Duration) {
	for _, f := range w.filters {
		if v, d := f(p.from.node.cfg.ID, p.from.peer.node.cfg.ID, p.label, p.data); v != Pass {
			return v, d
		}
	}
	return Pass, 0
}

// hold keeps the first message that waits at e until Release.
func (w *World) hold(e *end, p *packet) {
	w.Fault(e.node.cfg.ID, "hold "+p.label.Name)
	e.until = model.Never
	w.held = append(w.held, e)
}

// Release lets every held message go on, with those that queued behind it, in the order in which
// they were sent and without asking the filters again.
func (w *World) Release() {
	for _, e := range w.held {
		for _, arg := range e.stalled {
			w.packets.at(arg).judged = true
		}
		w.stall(e, w.kernel.now)
	}
	w.held = nil
}
