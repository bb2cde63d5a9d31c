package wires

import (
	"fmt"
	"slices"
	"strings"

	"sandcastle/model"
)

// step gives a running process an event and does what it wants.
func (n *Net) step(x *node, in model.Event) {
	if x.process == nil {
		panic(fmt.Sprintf("wires: %s does not run", x.ID))
	}
	n.out.Reset()
	x.process.Step(in, n.out.At(n.now))
	n.apply(x, n.out.List)
	if n.OnStep != nil {
		n.OnStep(x.ID, in, &n.out)
	}
}

// apply turns effects into packets and timers. It makes no step.
func (n *Net) apply(x *node, list []model.Effect) {
	for i := range list {
		switch e := &list[i]; e.Kind {
		case model.EffectSend:
			if c := x.conns[e.Conn]; c != nil {
				n.send(c.peer, &Packet{Data: slices.Clone(e.Data), Label: e.Label})
			}
		case model.EffectDial:
			n.dial(x, e.Conn, e.Addr)
		case model.EffectClose:
			if c := x.conns[e.Conn]; c != nil {
				n.close(c, "closed by peer")
			}
		case model.EffectSetTimer:
			x.timers[e.Timer] = e.At
		case model.EffectCancelTimer:
			delete(x.timers, e.Timer)
		case model.EffectFlush:
			n.push(&Packet{Kind: FlushDone, From: x.ID, To: x.ID, At: n.now, flush: e.Flush})
		case model.EffectHalt:
			n.Kill(x.ID)
			return
		case model.EffectNote, model.EffectOp: // for OnStep
		default:
			panic(fmt.Sprintf("wires: %s wants effect %d", x.ID, e.Kind))
		}
	}
}

// dial begins a connection to "host:port". Nodes have one port.
func (n *Net) dial(x *node, id model.ConnID, addr string) {
	host, _, _ := strings.Cut(addr, ":")
	to := model.NodeID(host)
	a, b := &end{node: x, name: x.ID, id: id}, &end{node: n.find(to), name: to}
	a.peer, b.peer = b, a
	x.conns[id] = a
	n.send(b, &Packet{Kind: Dial})
}

// close ends the connection at e. What was sent before still reaches the other side, and then the
// end does.
func (n *Net) close(e *end, why string) {
	e.gone = true
	delete(e.node.conns, e.id)
	n.forget(func(p *Packet) bool { return p.to == e })
	n.send(e.peer, &Packet{Kind: Closed, Text: why})
}

// Break resets every connection between two nodes; both sides hear of it at once.
func (n *Net) Break(a, b model.NodeID) {
	for _, e := range n.mustFind(a).ends() {
		if e.peer.name != b {
			continue
		}
		n.forget(func(p *Packet) bool { return p.to == e || p.to == e.peer })
		for _, to := range []*end{e, e.peer} {
			if to.gone {
				continue
			}
			n.push(&Packet{
				Kind: Closed, Text: "connection reset by peer", to: to,
				From: to.peer.name, To: to.name, At: n.now,
			})
		}
	}
}
