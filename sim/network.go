package sim

import (
	"slices"
	"strings"
	"time"

	"sandcastle/model"
)

// frameOverhead is what Ethernet, IP and TCP add to a frame, with Kafka's four length bytes.
const frameOverhead = 4 + 66

// retransmit is how long after a link has healed TCP tries again (the minimum RTO of Linux).
const retransmit = 200 * time.Millisecond

// end is one side of a connection.
type end struct {
	node *node
	id   model.ConnID
	peer *end
	link *link // from this node to the peer's
	// open says that the process of this side knows the connection.
	open bool
	// halfOpen says that this side lost power while the other believed the connection alive.
	halfOpen bool
	unheard  bool       // something arrived here while halfOpen
	last     model.Time // when what was sent last arrives at the peer: nothing overtakes it
	stalled  []uint64   // packets that wait for the link to heal, in order
}

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
	sent  model.Time
	held  bool
}

func (w *World) link(from, to *node) *link {
	key := uint64(from.index)<<32 | uint64(to.index)
	l := w.links[key]
	if l == nil {
		l = &link{
			from: from, to: to,
			rand: model.NewRand(w.cfg.Seed, "link "+string(from.cfg.ID)+">"+string(to.cfg.ID)),
		}
		w.links[key] = l
		w.linkList = append(w.linkList, l)
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

// remember adds an open connection to n's, and forgets those that are closed when they are many.
func (n *node) remember(e *end) {
	if len(n.ordered) >= 32 && len(n.ordered) == cap(n.ordered) {
		n.ordered = slices.DeleteFunc(n.ordered, func(e *end) bool { return !e.open })
	}
	n.ends[e.id] = e
	n.ordered = append(n.ordered, e)
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

// dial opens a connection under the id that the process of n chose.
func (w *World) dial(n *node, id model.ConnID, addr string, at model.Time, cause uint64) {
	if id%2 == 0 || n.ends[id] != nil {
		panic("sim: " + string(n.cfg.ID) + " dials under an even id, or one that is in use")
	}
	host, _, _ := strings.Cut(addr, ":")
	target := w.byID[model.NodeID(host)]
	if target == nil {
		w.kernel.schedule(at, itemCall, n.index, w.keepCall(func() {
			w.arrive(
				n,
				arrival{ev: model.Event{Kind: model.ConnClosed, Conn: id, Text: "no such host"}, cause: cause},
			)
		}))
		return
	}
	near := &end{node: n, id: id, open: true}
	far := &end{node: target, peer: near}
	near.peer = far
	near.link, far.link = w.link(n, target), w.link(target, n)
	near.link.remember(near)
	far.link.remember(far)
	n.remember(near)
	w.transmit(near, packet{kind: packetSYN, from: near, cause: cause, sent: at}, at)
}

// send puts a frame on a connection. On one that is closed it does nothing.
func (w *World) send(n *node, eff *model.Effect, at model.Time, cause uint64) {
	e := n.ends[eff.Conn]
	if e == nil {
		return
	}
	n.nicBusy = max(
		n.nicBusy,
		at,
	).Add(perSecond(int64(len(eff.Data)+frameOverhead), n.cfg.Hardware.NIC))
	w.transmit(e, packet{
		kind: packetFrame, from: e, data: eff.Data, label: eff.Label, cause: cause, sent: at,
	}, n.nicBusy)
}

// close ends this side of a connection; the peer hears of it after all that was sent before.
func (w *World) close(n *node, id model.ConnID, at model.Time, cause uint64) {
	e := n.ends[id]
	if e == nil {
		return
	}
	e.open = false
	delete(n.ends, id)
	w.transmit(e, packet{kind: packetFIN, from: e, text: "closed by peer", cause: cause, sent: at}, at)
}

// sendControl sends a packet that is no frame, now.
func (w *World) sendControl(from *end, kind packetKind, text string) {
	w.transmit(
		from,
		packet{kind: kind, from: from, text: text, cause: w.events, sent: w.kernel.now},
		w.kernel.now,
	)
}

// transmit sends p from its end at a time; it arrives after everything that the end sent before.
func (w *World) transmit(from *end, p packet, at model.Time) {
	from.last = max(from.last+1, at.Add(from.link.delay()))
	w.kernel.schedule(from.last, itemPacket, from.peer.node.index, w.packets.put(p))
}

// onPacket handles a packet that has come as far as its target's machine, or is stopped by a cut.
func (w *World) onPacket(arg uint64) {
	p := w.packets.at(arg)
	from := p.from
	if from.link.cut || len(from.stalled) > 0 && !p.held {
		from.stalled = append(from.stalled, arg)
		return
	}
	if verdict, late := w.filter(p); verdict != Pass {
		w.divert(arg, p, verdict, late)
		return
	}
	taken := *p
	w.packets.free(arg)
	w.deliver(&taken)
}

// deliver hands a packet to the machine it was sent to.
func (w *World) deliver(p *packet) {
	to := p.from.peer
	n := to.node
	switch {
	case n.state == off && p.kind == packetSYN:
		// Nobody answers, and TCP tries again.
		w.kernel.schedule(w.kernel.now.Add(time.Second), itemPacket, n.index, w.packets.put(*p))
	case p.kind == packetSYN:
		w.accept(p, to)
	case to.open:
		w.hand(p, to)
	case p.kind == packetFrame:
		w.lost(p, to)
		if to.halfOpen && n.state != off {
			w.sendControl(to, packetReset, "connection reset by peer")
			to.halfOpen = false
		}
		to.unheard = true
	}
}

// accept opens the far side of a new connection, or refuses.
func (w *World) accept(p *packet, to *end) {
	n := to.node
	if !p.from.open {
		return // the dialler has given up
	}
	if !n.cfg.Listens || n.state == stopped {
		w.sendControl(to, packetRefuse, "connection refused")
		return
	}
	n.accepted += 2
	to.id, to.open = n.accepted, true
	n.remember(to)
	w.sendControl(to, packetAccept, "")
	w.arrive(n, arrival{
		ev:    model.Event{Kind: model.ConnOpened, Conn: to.id, Peer: p.from.node.cfg.ID},
		cause: p.cause, sent: p.sent,
	})
}

// hand gives a packet to the process of an open end.
func (w *World) hand(p *packet, to *end) {
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
	w.arrive(to.node, arrival{ev: ev, cause: p.cause, sent: p.sent, label: p.label})
}

// resetHalfOpen tells those who kept sending to a node without power that their connections are
// gone, now that it is back.
func (w *World) resetHalfOpen(n *node) {
	rest := w.halfOpen[:0]
	for _, e := range w.halfOpen {
		switch {
		case e.node != n:
			rest = append(rest, e)
		case e.halfOpen && e.unheard:
			e.halfOpen = false
			w.sendControl(e, packetReset, "connection reset by peer")
		}
	}
	w.halfOpen = rest
}

// Cut stops everything from one node to the other, in this direction alone. It is not lost: it
// arrives, late, after Heal.
func (w *World) Cut(from, to model.NodeID) {
	l := w.link(w.node(from), w.node(to))
	if !l.cut {
		w.Fault(from, "cut "+string(from)+" > "+string(to))
		l.cut = true
	}
}

// Heal ends Cut.
func (w *World) Heal(from, to model.NodeID) { w.healLink(w.link(w.node(from), w.node(to))) }

func (w *World) healLink(l *link) {
	if !l.cut {
		return
	}
	w.heal(l.from.cfg.ID, "cut "+string(l.from.cfg.ID)+" > "+string(l.to.cfg.ID))
	l.cut = false
	for _, e := range l.ends {
		at := w.kernel.now.Add(retransmit)
		for _, arg := range e.stalled {
			w.packets.at(arg).held = true
			at = max(at+1, e.last+1)
			e.last = at
			w.kernel.schedule(at, itemPacket, e.peer.node.index, arg)
		}
		e.stalled = nil
	}
}

// HealAll ends every Cut and SetLatency, in the order in which the links came to be, and releases
// every message that a filter holds.
func (w *World) HealAll() {
	for _, l := range w.linkList {
		w.healLink(l)
		if l.slow {
			w.ResetLatency(l.from.cfg.ID, l.to.cfg.ID)
		}
	}
	w.filters = nil
	w.Release()
}

// Reset breaks every connection between two nodes; both sides are told.
func (w *World) Reset(a, b model.NodeID) {
	w.Fault(a, "reset "+string(a)+" - "+string(b))
	for _, l := range []*link{w.link(w.node(a), w.node(b)), w.link(w.node(b), w.node(a))} {
		for _, e := range l.ends {
			if e.open {
				w.sendControl(e, packetReset, "connection reset")
			}
		}
	}
}

// SetLatency gives the way from one node to another its own latency and jitter.
func (w *World) SetLatency(from, to model.NodeID, base, jitter time.Duration) {
	l := w.link(w.node(from), w.node(to))
	w.Fault(from, "slow "+string(from)+" > "+string(to)+" by "+base.String())
	l.slow, l.latency, l.jitter = true, base, jitter
}

// ResetLatency ends SetLatency.
func (w *World) ResetLatency(from, to model.NodeID) {
	l := w.link(w.node(from), w.node(to))
	if l.slow {
		w.heal(from, "slow "+string(from)+" > "+string(to)+" by "+l.latency.String())
		l.slow = false
	}
}
