package sim

import (
	"slices"
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
	// Duplicate: it goes on, and a copy of it arrives later, on a connection of its own.
	Duplicate
	// Reorder: it waits until a message of another connection between the same nodes has arrived.
	Reorder
)

// Filter looks at a message that is about to arrive. For Delay and Duplicate it also says by how
// much, for Reorder how long at most.
type Filter func(from, to model.NodeID, label model.Label, data []byte) (Verdict, time.Duration)

// FilterID names a filter of a World.
type FilterID int

// filtering is a filter in place.
type filtering struct {
	id FilterID
	f  Filter
}

// heldMessage is a connection whose first waiting message a filter holds.
type heldMessage struct {
	by FilterID
	e  *end
}

// AddFilter adds a filter; the first one that does not say Pass decides. Each message is judged
// once.
func (net *network) AddFilter(f Filter) FilterID {
	net.filterIDs++
	net.filters = append(net.filters, filtering{net.filterIDs, f})
	return net.filterIDs
}

// RemoveFilter ends a filter; what it holds stays held.
func (net *network) RemoveFilter(id FilterID) {
	net.filters = slices.DeleteFunc(net.filters, func(x filtering) bool { return x.id == id })
}

// filter asks the filters in turn for their verdict on p.
func (net *network) filter(p *packet) (Verdict, time.Duration, FilterID) {
	from, to := p.from.node.cfg.ID, p.from.peer.node.cfg.ID
	if spared := net.w.spared; spared != nil && spared(from) && spared(to) {
		return Pass, 0, 0
	}
	for _, x := range net.filters {
		v, late := x.f(from, to, p.label, p.data)
		if v != Pass {
			return v, late, x.id
		}
	}
	return Pass, 0, 0
}

// hold keeps the first message that waits at e until Release.
func (net *network) hold(e *end, p *packet, by FilterID) {
	net.w.Fault(messageFault(model.FaultHold, p))
	net.w.orphaned(model.TraceHeld, p, e.peer)
	e.until = model.Never
	net.held = append(net.held, heldMessage{by, e})
}

// messageFault is what a filter does to a message.
func messageFault(verb string, p *packet) model.Fault {
	f := model.Fault{
		Verb: verb, Node: p.from.node.cfg.ID, Peer: p.from.peer.node.cfg.ID, Message: p.label.Name,
	}
	if p.label.Reply {
		f.Message += model.ReplyMark
	}
	return f
}

// Held counts the messages that a filter holds.
func (net *network) Held(by FilterID) int {
	n := 0
	for _, h := range net.held {
		if h.by == by {
			n++
		}
	}
	return n
}

// Release lets the messages that the given filters hold go on, all of them if none is given, with
// those that queued behind, in the order in which they were sent and without asking the filters
// again.
func (net *network) Release(by ...FilterID) {
	for _, e := range net.takeHeld(by) {
		if len(e.stalled) > 0 {
			net.w.FaultEnded(messageFault(model.FaultHold, net.packets.at(e.stalled[0])))
		}
		for _, arg := range e.stalled {
			net.packets.at(arg).judged = true
		}
		net.stall(e, net.w.kernel.now)
	}
}

// Discard loses the messages that the given filters hold; those that queued behind go on.
func (net *network) Discard(by ...FilterID) {
	for _, e := range net.takeHeld(by) {
		if len(e.stalled) > 0 {
			p := net.packets.at(e.stalled[0])
			net.w.Fault(messageFault(model.FaultDrop, p))
			if net.w.audit != nil {
				net.w.audit.drops(e)
			}
			net.w.lost(p, e.peer)
			net.packets.free(e.stalled[0])
			e.stalled = e.stalled[1:]
		}
		net.stall(e, net.w.kernel.now)
	}
}

// takeHeld removes what the given filters hold, or all, from the list of what is held.
func (net *network) takeHeld(by []FilterID) []*end {
	var ends []*end
	var rest []heldMessage
	for _, h := range net.held {
		if len(by) == 0 || slices.Contains(by, h.by) {
			ends = append(ends, h.e)
		} else {
			rest = append(rest, h)
		}
	}
	net.held = rest
	return ends
}
