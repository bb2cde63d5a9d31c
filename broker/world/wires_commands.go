package world

import (
	"fmt"
	"strconv"
	"strings"

	"sandcastle/broker/world/wires"
	"sandcastle/model"
)

// onNode is a command that takes one node.
func onNode(do func(*World, model.NodeID)) func(*World, *args) error {
	return func(w *World, a *args) error {
		id := a.node()
		if w.net.Process(id) == nil && a.name != "start" {
			return fmt.Errorf("%q does not run", id)
		}
		do(w, id)
		return nil
	}
}

func (w *World) cut(a *args) error { return eachPair(a, w.net.Cut) }

func (w *World) heal(a *args) error { return eachPair(a, w.net.Heal) }

func (w *World) breakConns(a *args) error { return eachPair(a, w.net.Break) }

// eachPair does something to the first node and each of the others.
func eachPair(a *args, do func(a, b model.NodeID)) error {
	first := a.node()
	for len(a.words) > 0 {
		do(first, a.node())
	}
	return nil
}

// match reads "FROM->TO [API] [request|reply|flush]". A * stands for any node.
func (a *args) match() func(p *wires.Packet) bool {
	from, to, _ := strings.Cut(a.word(), "->")
	var api, kind string
	for len(a.words) > 0 {
		switch word := a.word(); word {
		case "request", "reply", "flush":
			kind = word
		default:
			api = word
		}
	}
	is := func(pattern string, id model.NodeID) bool { return pattern == "*" || pattern == string(id) }
	return func(p *wires.Packet) bool {
		if !is(from, p.From) || !is(to, p.To) || p.Kind == wires.Call {
			return false
		}
		if (p.Kind == wires.FlushDone) != (kind == "flush") {
			return false
		}
		frame := p.Kind == wires.Frame
		return (api == "" || frame && p.Label.Name == api) &&
			(kind != "request" && kind != "reply" || frame && p.Label.Reply == (kind == "reply"))
	}
}

func (w *World) hold(a *args) error {
	w.net.Hold(a.match())
	return nil
}

func (w *World) release(*args) error {
	w.net.Release()
	return nil
}

func (w *World) setByHand(*args) error {
	w.byHand = true
	return nil
}

func (w *World) step(a *args) error {
	n := 1
	if len(a.words) > 0 {
		var err error
		if n, err = strconv.Atoi(a.word()); err != nil {
			return err
		}
	}
	for range n {
		p := w.net.Next()
		if p == nil {
			w.lines = append(w.lines, "nothing is on its way")
			return nil
		}
		w.lines = append(w.lines, w.words.packet(p))
		w.net.Deliver(p)
	}
	return nil
}

func (w *World) deliver(a *args) error { return w.pick(a, "", w.net.Deliver) }

func (w *World) drop(a *args) error { return w.pick(a, "lost: ", w.net.Drop) }

// pick does something to the oldest packet that matches and that nothing is before.
func (w *World) pick(a *args, verb string, do func(*wires.Packet)) error {
	match := a.match()
	for _, p := range w.net.Packets() {
		if match(p) && w.net.First(p) {
			w.lines = append(w.lines, verb+w.words.packet(p))
			do(p)
			return nil
		}
	}
	return fmt.Errorf("no such packet is on its way")
}

func (w *World) settle(*args) error {
	w.net.Run(0)
	return nil
}

func (w *World) tick(a *args) error {
	w.net.Run(a.parseDuration(a.word()))
	return nil
}
