package wires

import (
	"slices"

	"sandcastle/model"
)

// Kind says what a packet is.
type Kind uint8

const (
	// Frame: a frame on a connection.
	Frame Kind = iota
	// Dial: a connection that somebody wants to open. It is refused when nobody listens.
	Dial
	// Opened: the answer to Dial.
	Opened
	// Closed: the end of a connection, or a refusal; Text says why.
	Closed
	// FlushDone: the disk of To has written down what was asked for, and what was written since.
	FlushDone
	// Call: a function of the test (After).
	Call
)

// Packet is one thing on its way.
type Packet struct {
	Kind     Kind
	From, To model.NodeID
	At       model.Time // when Run delivers it
	Data     []byte     // of a frame
	Label    model.Label
	Text     string

	seq   int
	to    *end // nil for what does not travel on a connection
	flush *model.Flush
	call  func()
}

// end is one side of a connection.
type end struct {
	node *node // nil where there is no such node
	name model.NodeID
	id   model.ConnID // 0 until the connection is accepted
	peer *end
	gone bool // closed, or never accepted
}

// push sends a packet.
func (n *Net) push(p *Packet) {
	n.seq++
	p.seq = n.seq
	n.packets = append(n.packets, p)
	if n.OnSend != nil {
		n.OnSend(p)
	}
}

// send pushes a packet from the other side of to, unless that end is gone.
func (n *Net) send(to *end, p *Packet) {
	if to.gone {
		return
	}
	p.to, p.From, p.To, p.At = to, to.peer.name, to.name, n.now.Add(n.Latency)
	n.push(p)
}

// forget takes packets off their way.
func (n *Net) forget(which func(*Packet) bool) {
	n.packets = slices.DeleteFunc(n.packets, which)
}

// Hold keeps the packets that match back from Run and Next until Release. Deliver and Drop can have
// them all the same.
func (n *Net) Hold(match func(p *Packet) bool) { n.holds = append(n.holds, match) }

// Release ends every Hold.
func (n *Net) Release() { n.holds = nil }

// Held tells whether a packet is kept back: by a Hold, a Cut or a Pause.
func (n *Net) Held(p *Packet) bool {
	if n.cuts[pair(p.From, p.To)] {
		return true
	}
	if x := n.find(p.To); x != nil && x.paused {
		return true
	}
	return slices.ContainsFunc(n.holds, func(match func(*Packet) bool) bool { return match(p) })
}

// Packets are all that are on their way, oldest first. The packets behind the first of a connection
// cannot be delivered before it.
func (n *Net) Packets() []*Packet { return n.packets }

// First tells whether nothing is before p in its direction of its connection.
func (n *Net) First(p *Packet) bool {
	for _, q := range n.packets {
		if q == p {
			return true
		}
		if q.to != nil && q.to == p.to {
			return false
		}
	}
	return false
}

// Next is the packet that Run would deliver next, nil for none.
func (n *Net) Next() *Packet {
	var next *Packet
	for _, p := range n.packets {
		if (next == nil || p.At < next.At) && !n.Held(p) && n.First(p) {
			next = p
		}
	}
	return next
}

// Drop loses a packet. TCP loses no frame: a frame that is dropped stands for a peer that took it
// and whose answer, or whose work, got lost.
func (n *Net) Drop(p *Packet) {
	if i := slices.Index(n.packets, p); i >= 0 {
		n.packets = slices.Delete(n.packets, i, i+1)
	}
}

// Deliver lets a packet arrive.
func (n *Net) Deliver(p *Packet) {
	n.Drop(p)
	if n.Lost != nil && n.Lost(p) {
		return
	}
	switch p.Kind {
	case Call:
		p.call()
	case Dial:
		n.accept(p.to, p.From)
	case Opened:
		n.step(p.to.node, model.Event{Kind: model.ConnOpened, Conn: p.to.id})
	case Closed:
		e := p.to
		e.gone = true
		n.forget(func(q *Packet) bool { return q.to == e })
		if e.id != 0 {
			delete(e.node.conns, e.id)
			n.step(e.node, model.Event{Kind: model.ConnClosed, Conn: e.id, Text: p.Text})
		}
	case Frame:
		n.step(p.to.node, model.Event{Kind: model.FrameReceived, Conn: p.to.id, Data: p.Data})
	case FlushDone:
		x := n.mustFind(p.To)
		if x.Disk != nil {
			x.Disk.Sync(p.flush.Path)
		}
		n.apply(x, p.flush.Release)
		if p.flush.Token != 0 {
			n.step(x, model.Event{Kind: model.Flushed, Token: p.flush.Token})
		}
	}
}

// accept opens a connection whose dialler is at the other side of e.
func (n *Net) accept(e *end, peer model.NodeID) {
	if e.node == nil || e.node.process == nil || !e.node.Listens {
		e.gone = true
		n.send(e.peer, &Packet{Kind: Closed, Text: "connection refused"})
		return
	}
	e.id = e.node.accepted
	e.node.accepted += 2
	e.node.conns[e.id] = e
	n.send(e.peer, &Packet{Kind: Opened})
	n.step(e.node, model.Event{Kind: model.ConnOpened, Conn: e.id, Peer: peer})
}
