package sim

import (
	"slices"
	"time"

	"sandcastle/model"
)

// frameOverhead is what Ethernet, IP and TCP add to a frame, with Kafka's four length bytes.
const frameOverhead = 4 + 66

// retransmit is how long after a link has healed TCP tries again (the minimum RTO of Linux).
const retransmit = 200 * time.Millisecond

// retryDial is how long TCP waits for an answer to a SYN before it sends another (RFC 6298).
const retryDial = time.Second

// network is the part of a World that is between its nodes: links, connections, and the packets on
// their way. Its exported methods are the World's.
type network struct {
	w *World

	links    map[uint64]*link
	linkList []*link // the same in the order in which they came to be
	held     []heldMessage
	filters  []filtering
	// filterIDs is the last id that AddFilter gave.
	filterIDs FilterID
	packets   slab[packet]
	overtaken []*end // whose first waiting frame waits for one of another connection
}

// end is one side of a connection.
type end struct {
	node *node
	id   model.ConnID
	peer *end
	link *link // from this node to the peer's
	// ghost says that no process has ever known this side: a copy of a frame came from it.
	ghost bool
	// open says that the process of this side knows the connection.
	open bool
	// notified says that word was sent to the peer that this side is gone. A machine that lost power
	// tells nobody; whoever sends to it afterwards is told then.
	notified bool
	// unnotified says that something came for this side while its machine had no power, so that the
	// sender is to be told when the machine is back.
	unnotified bool
	dark       bool // the machine of this side lost power at died
	// died is when the process of this side did, else Never. Frames that had not left it are lost.
	died model.Time
	last model.Time // when what was sent last arrives at the peer: nothing overtakes it
	// stalled are the packets that have come as far as the peer's machine and wait there, in order;
	// while there are any, nothing else gets past. The first waits at least until the time until,
	// which is Never while a filter holds it.
	stalled []uint64
	until   model.Time
}

// packetKind says what a packet does where it arrives.
type packetKind uint8

const (
	packetSYN packetKind = iota + 1
	packetAccept
	packetFrame
	packetFIN
	packetReset
	packetRefuse
)

// packet is something on its way to the peer of an end.
type packet struct {
	kind  packetKind
	from  *end
	data  []byte
	label model.Label
	text  string
	cause uint64
	sent  model.Time // when the process let go of it
	left  model.Time // when it had left the machine
	// judged says that a filter has had its say.
	judged bool
}

// remember adds an open connection to n's, and forgets those that are closed when they are many.
func (n *node) remember(e *end) {
	if len(n.ordered) >= 32 && len(n.ordered) == cap(n.ordered) {
		n.ordered = slices.DeleteFunc(n.ordered, func(e *end) bool { return !e.open })
	}
	n.ends[e.id] = e
	n.ordered = append(n.ordered, e)
}

// dial opens a connection under the id that the process of n chose.
func (net *network) dial(n *node, id model.ConnID, addr string, at model.Time, cause uint64) {
	if id%2 == 0 || n.ends[id] != nil {
		panic("sim: " + string(n.cfg.ID) + " dials under an even id, or one that is in use")
	}
	near := &end{node: n, id: id, open: true, died: model.Never}
	n.remember(near)
	host, _, _ := model.SplitAddress(addr)
	target := net.w.byID[model.NodeID(host)]
	if target == nil {
		net.w.At(at, func() { net.unknownHost(near, cause) })
		return
	}
	far := &end{node: target, peer: near, died: model.Never}
	near.peer = far
	near.link, far.link = net.link(n, target), net.link(target, n)
	near.link.remember(near)
	far.link.remember(far)
	net.transmit(near, packet{kind: packetSYN, from: near, cause: cause, sent: at}, at)
}

// unknownHost ends a dial to a name that no node has.
func (net *network) unknownHost(near *end, cause uint64) {
	if !near.open {
		return
	}
	near.open = false
	delete(near.node.ends, near.id)
	net.w.arrive(near.node, arrival{
		ev: model.Event{Kind: model.ConnClosed, Conn: near.id, Text: "no such host"}, cause: cause,
	})
}

// send puts a frame on a connection. On one that is closed it does nothing.
func (net *network) send(n *node, eff *model.Effect, end stepEnd, cause uint64) {
	e := n.ends[eff.Conn]
	if e == nil || e.peer == nil {
		return
	}
	size := int64(len(eff.Data) + frameOverhead)
	took := perSecond(size, n.cfg.Hardware.NIC)
	n.usage.NIC += took
	n.nicBusy = max(n.nicBusy, end.at).Add(took)
	e.link.count(&eff.Label, size)
	if net.w.audit != nil {
		net.w.audit.sends(e, eff.Data)
	}
	net.transmit(e, packet{
		kind: packetFrame, from: e, data: eff.Data, label: eff.Label, cause: cause, sent: end.at,
	}, n.nicBusy.Add(end.late))
}

// close ends this side of a connection; the peer hears of it after all that was sent before.
func (net *network) close(n *node, id model.ConnID, at model.Time, cause uint64) {
	e := n.ends[id]
	if e == nil {
		return
	}
	e.open, e.notified = false, true
	delete(n.ends, id)
	if e.peer != nil {
		p := packet{kind: packetFIN, from: e, text: "closed by peer", cause: cause, sent: at}
		net.transmit(e, p, at)
	}
}

// sendControl sends a packet that is no frame, now.
func (net *network) sendControl(from *end, kind packetKind, text string) {
	now := net.w.kernel.now
	net.transmit(from, packet{kind: kind, from: from, text: text, cause: net.w.events, sent: now}, now)
}

// reset tells the peer of e, once, that this side knows nothing of the connection.
func (net *network) reset(e *end) {
	if !e.notified {
		e.notified = true
		net.sendControl(e, packetReset, "connection reset by peer")
	}
}

// transmit sends p from its end; it leaves the machine at the time at, and arrives after everything
// that the end sent before.
func (net *network) transmit(from *end, p packet, at model.Time) {
	p.left = at
	from.last = max(from.last+1, at.Add(from.link.delay()))
	net.w.kernel.schedule(from.last, itemPacket, from.peer.node.index, net.packets.put(p))
}

// onPacket handles a packet that has come as far as its target's machine.
func (net *network) onPacket(arg uint64) {
	e := net.packets.at(arg).from
	if e.link.cut || len(e.stalled) > 0 || !net.pass(e, arg) {
		e.stalled = append(e.stalled, arg)
	}
}

// pass hands over a packet that nothing stands before, or drops it. It returns false when the
// packet has to wait; the end of the wait is then set.
func (net *network) pass(e *end, arg uint64) bool {
	p := net.packets.at(arg)
	if p.kind == packetSYN && e.peer.node.state == off && e.open {
		net.stall(e, net.w.kernel.now.Add(retryDial)) // nobody answers
		return false
	}
	if len(net.filters) > 0 && p.kind == packetFrame && !p.judged {
		p.judged = true
		switch verdict, late, by := net.filter(p); verdict {
		case Hold:
			net.hold(e, p, by)
			return false
		case Delay:
			delay := messageFault(model.FaultDelay, p)
			delay.By = late
			net.w.Fault(delay)
			net.stall(e, net.w.kernel.now.Add(late))
			return false
		case Duplicate:
			again := messageFault(model.FaultDuplicate, p)
			again.By = late
			net.w.Fault(again)
			net.duplicate(p, late)
		case Reorder:
			later := messageFault(model.FaultReorder, p)
			later.By = late
			net.w.Fault(later)
			net.reorder(e, late)
			return false
		case Drop:
			net.w.Fault(messageFault(model.FaultDrop, p))
			if net.w.audit != nil {
				net.w.audit.drops(p.from)
			}
			net.w.lost(p, e.peer)
			net.packets.free(arg)
			return true
		}
	}
	taken := *p
	net.packets.free(arg)
	net.deliver(&taken)
	return true
}

// stall has what waits at e looked at again at a time.
func (net *network) stall(e *end, until model.Time) {
	e.until = until
	net.w.At(until, func() { net.drain(e) })
}

// drain lets the packets that wait at e go on, in order, as far as they may.
func (net *network) drain(e *end) {
	for len(e.stalled) > 0 && !e.link.cut && e.until <= net.w.kernel.now {
		if !net.pass(e, e.stalled[0]) {
			return
		}
		e.stalled = e.stalled[1:]
	}
	if len(e.stalled) == 0 {
		e.stalled = nil
	}
}

// deliver hands a packet to the machine it was sent to.
func (net *network) deliver(p *packet) {
	to := p.from.peer
	if net.w.audit != nil {
		net.w.audit.arrives(p, to)
	}
	if p.kind == packetFrame && len(net.overtaken) > 0 {
		net.overtake(p)
	}
	switch {
	case to.ghost:
		net.dissolve(p, to)
	case p.kind == packetFrame && p.neverLeft():
		net.w.lost(p, to)
	case p.kind == packetSYN:
		net.accept(p, to)
	case to.open:
		net.hand(p, to)
	case p.kind == packetFrame:
		net.w.lost(p, to)
		if to.node.state == off {
			to.unnotified = true
		} else {
			net.reset(to)
		}
	}
}

// neverLeft tells whether the sender died before the frame was out: a process before the step was
// over, a machine before the frame was through the network card.
func (p *packet) neverLeft() bool {
	return p.sent > p.from.died || p.from.dark && p.left > p.from.died
}

// accept opens the far side of a new connection, or refuses.
func (net *network) accept(p *packet, to *end) {
	n := to.node
	if !p.from.open {
		return // the dialler has given up
	}
	if !n.cfg.Listens || n.state == stopped {
		to.notified = true
		net.sendControl(to, packetRefuse, "connection refused")
		return
	}
	n.accepted += 2
	to.id, to.open = n.accepted, true
	n.remember(to)
	net.sendControl(to, packetAccept, "")
	net.w.arrive(n, arrival{
		ev:    model.Event{Kind: model.ConnOpened, Conn: to.id, Peer: p.from.node.cfg.ID},
		cause: p.cause, sent: p.sent,
	})
}

// hand gives a packet to the process of an open end.
func (net *network) hand(p *packet, to *end) {
	ev := model.Event{Conn: to.id, Peer: p.from.node.cfg.ID}
	switch p.kind {
	case packetAccept:
		ev.Kind = model.ConnOpened
	case packetFrame:
		ev.Kind, ev.Data = model.FrameReceived, p.data
	default:
		ev.Kind, ev.Text = model.ConnClosed, p.text
		to.open = false
		delete(to.node.ends, to.id)
	}
	net.w.arrive(to.node, arrival{ev: ev, cause: p.cause, sent: p.sent, label: p.label})
}

// disconnect ends every connection of n, whose process is gone. Its kernel resets them, if the
// machine still has power.
func (net *network) disconnect(n *node) {
	for _, e := range n.ordered {
		wasOpen := e.open
		e.open, e.died, e.dark = false, net.w.kernel.now, n.state == off
		switch {
		case e.peer == nil || !wasOpen:
		case e.dark:
			n.halfOpen = append(n.halfOpen, e)
		default:
			net.reset(e)
		}
	}
	clear(n.ends)
	n.ordered = nil
}

// resetHalfOpen tells those who kept sending to n while it had no power that their connections are
// gone, now that it is back.
func (net *network) resetHalfOpen(n *node) {
	for _, e := range n.halfOpen {
		if e.unnotified {
			net.reset(e)
		}
	}
	n.halfOpen = nil
}

// Reset breaks every connection between two nodes; both sides are told.
func (net *network) Reset(a, b model.NodeID) {
	net.w.Fault(model.Fault{Verb: model.FaultReset, Node: a, Peer: b})
	one, other := net.w.node(a), net.w.node(b)
	for _, l := range []*link{net.link(one, other), net.link(other, one)} {
		for _, e := range l.ends {
			if e.open {
				net.sendControl(e.peer, packetReset, "connection reset")
			}
		}
	}
}
