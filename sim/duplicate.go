package sim

import (
	"bytes"
	"time"

	"sandcastle/model"
)

// A request that somebody sends again comes on a connection of its own: on one connection TCP keeps
// the order and lets nothing come twice. The far side cannot tell the copy from the request of a
// new client; what it answers reaches nobody.
//
//	from ──── request ───────────▶ to      as it was sent
//	from ┈┈┈┈ by later ┈┈ copy ──▶ to      on a new connection, which is closed by the answer

// duplicate has a copy of a frame arrive later, on a connection that no process knows.
func (net *network) duplicate(p *packet, by time.Duration) {
	from, target := p.from.node, p.from.peer.node
	copied := packet{
		kind: packetFrame, data: bytes.Clone(p.data), label: p.label, cause: p.cause, judged: true,
	}
	net.w.At(net.w.kernel.now.Add(by), func() {
		now := net.w.kernel.now
		near := &end{node: from, open: true, ghost: true, died: model.Never}
		far := &end{node: target, peer: near, died: model.Never}
		near.peer = far
		near.link, far.link = net.link(from, target), net.link(target, from)
		near.link.remember(near)
		far.link.remember(far)
		syn := packet{kind: packetSYN, from: near, cause: copied.cause, sent: now}
		net.transmit(near, syn, now)
		copied.from, copied.sent = near, now
		if net.w.audit != nil {
			net.w.audit.sends(near, copied.data)
		}
		net.transmit(near, copied, now)
	})
}

// dissolve takes what comes for an end that no process knows. An answer is the last of it.
func (net *network) dissolve(p *packet, to *end) {
	if p.kind == packetFrame {
		net.w.lost(p, to)
	}
	if p.kind == packetAccept || !to.open {
		return
	}
	to.open = false
	if p.kind == packetFrame {
		net.sendControl(to, packetFIN, "closed by peer")
	}
}

// reorder keeps a frame back until one of another connection between the same two nodes has
// arrived, but no longer than a time.
func (net *network) reorder(e *end, most time.Duration) {
	net.overtaken = append(net.overtaken, e)
	net.stall(e, net.w.kernel.now.Add(most))
}

// overtake lets go what waits for the frame of another connection, now that p has arrived.
func (net *network) overtake(p *packet) {
	left := net.overtaken[:0]
	for _, e := range net.overtaken {
		switch {
		case e.until <= net.w.kernel.now: // its time was over
		case e != p.from && e.link == p.from.link:
			net.stall(e, net.w.kernel.now)
		default:
			left = append(left, e)
		}
	}
	clear(net.overtaken[len(left):])
	net.overtaken = left
}
