package host

import (
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// step has the process handle one event and does what it wants.
func (n *Node) step(in model.Event) {
	now := n.clock.now()
	n.out.Reset()
	n.process.Step(in, n.out.At(now).WallAt(wallClock()))
	for i := range n.out.List {
		n.apply(now, &n.out.List[i])
		if n.halted != "" {
			return
		}
	}
	n.unanswered()
	if n.cfg.Disk != nil {
		n.cfg.Disk.lent.reset()
	}
	n.doors.follow(n)
}

// apply does one thing that the process wants.
func (n *Node) apply(now model.Time, e *model.Effect) {
	switch e.Kind {
	case model.EffectSend:
		if c := n.conns[e.Conn]; c != nil {
			c.send(now, e.Data)
			n.answered(c)
		}
	case model.EffectDial:
		n.dial(e.Conn, e.Addr)
	case model.EffectClose:
		if c := n.conns[e.Conn]; c != nil {
			n.untrack(c)
			c.finish()
			n.complain(now, c, e.Reason)
		}
	case model.EffectSetTimer:
		n.timers.add(e.Timer, e.At)
	case model.EffectCancelTimer:
		n.timers.cancel(e.Timer)
	case model.EffectFlush:
		n.flush(e.Flush)
	case model.EffectNote:
		note := n.out.Notes[e.Index].(*kafka.Note)
		n.notes.note(now, note)
		if n.cfg.OnNote != nil {
			n.cfg.OnNote(now, note)
		}
	case model.EffectOp:
		if n.cfg.OnOp != nil {
			n.cfg.OnOp(now, n.out.Ops[e.Index].(*kafka.Op))
		}
	case model.EffectHalt:
		n.halted = e.Reason
	}
}

// onFlushed lets go what waited for a flush, and tells the process.
func (n *Node) onFlushed(f *flushed) {
	if f.err == nil {
		now := n.clock.now()
		for i := range f.flush.Release {
			n.apply(now, &f.flush.Release[i])
		}
	}
	if f.flush.Token == 0 {
		return
	}
	in := model.Event{Kind: model.Flushed, Token: f.flush.Token}
	if f.err != nil {
		in.Text = f.err.Error()
	}
	n.step(in)
}
