package sim

import (
	"io"

	"sandcastle/model"
)

// tracer writes trace lines through one buffer.
type tracer struct {
	out  io.Writer
	buf  []byte
	line model.TraceLine
	err  error // the first of the writer's; the run goes on
	fold folding
}

// traced tells whether anybody wants all lines.
func (w *World) traced() bool { return w.trace.out != nil || w.onLine != nil }

// writeLine hands a line to whoever wants all lines, unless it is folded.
func (w *World) writeLine(l *model.TraceLine) {
	if w.traced() && !w.trace.fold.takes(l, w.putLine) {
		w.putLine(l)
	}
}

// putLine hands a line to whoever wants all lines.
func (w *World) putLine(l *model.TraceLine) {
	if t := &w.trace; t.out != nil && t.err == nil {
		t.buf = append(l.AppendJSON(t.buf[:0]), '\n')
		_, t.err = t.out.Write(t.buf)
	}
	if w.onLine != nil {
		w.onLine(l)
	}
}

// TraceError is why the trace is not whole; nil when it is.
func (w *World) TraceError() error { return w.trace.err }

func (w *World) traceEvent(n *node, a *arrival, seq uint64) {
	if !w.traced() && (w.onNote == nil || a.ev.Kind != model.Started) {
		return
	}
	l := &w.trace.line
	*l = model.TraceLine{
		At: w.kernel.now, Seq: seq, Node: n.cfg.ID, Kind: a.ev.Kind.String(), Cause: a.cause,
		Conn: a.ev.Conn,
		Peer: a.ev.Peer, Timer: a.ev.Timer,
	}
	switch a.ev.Kind {
	case model.FrameReceived:
		l.Label, l.Bytes, l.Sent = a.label, len(a.ev.Data), a.sent
		w.describe(l, a.ev.Data)
	case model.TimerFired:
		w.describe(l, nil)
	case model.Commanded:
		if w.traced() {
			l.Text = a.ev.Command.String()
		}
	default:
		l.Text = a.ev.Text
	}
	w.writeLine(l)
	if a.ev.Kind == model.Started && w.onNote != nil {
		w.onNote(l)
	}
}

// note traces what a process reports of itself.
func (w *World) note(n *node, note model.Note, seq uint64) {
	w.digest.sum = note.Sum(w.digest.sum)
	if !w.traced() && w.onNote == nil {
		return
	}
	l := &w.trace.line
	*l = model.TraceLine{
		At:   w.kernel.now,
		Seq:  seq,
		Node: n.cfg.ID,
		Kind: note.KindName(),
		Note: note,
	}
	w.writeLine(l)
	if w.onNote != nil {
		w.onNote(l)
	}
}

// Fault traces something that is done to the world: by the world itself, or by the runner beyond
// what the world knows of.
func (w *World) Fault(f model.Fault) {
	if f.Until == 0 {
		f.Until = w.until
	}
	w.faultLine(model.TraceFault, &f)
}

// FaultEnded traces the end of a Fault.
func (w *World) FaultEnded(f model.Fault) { w.faultLine(model.TraceHeal, &f) }

// Until says when the faults that do makes are planned to end. It only goes into the trace.
func (w *World) Until(end model.Time, do func()) {
	w.until = end
	do()
	w.until = 0
}

// End writes the trace's last line.
func (w *World) End() {
	w.digest.sum = model.SumString(w.digest.sum^uint64(w.kernel.now), "")
	w.worldLine(&model.TraceLine{Kind: model.TraceEnd})
}

func (w *World) faultLine(kind string, f *model.Fault) {
	w.digest.sum = f.Sum(w.digest.sum ^ uint64(w.kernel.now))
	if !w.traced() && w.onNote == nil {
		return
	}
	w.worldLine(&model.TraceLine{
		Node: f.Node, Peer: f.Peer, Kind: kind, Fault: f, Text: f.Words(),
	})
}

func (w *World) worldLine(l *model.TraceLine) {
	l.At, l.Seq = w.kernel.now, w.events
	w.writeLine(l)
	if w.onNote != nil {
		w.onNote(l)
	}
}

// lost traces a frame that will never arrive.
func (w *World) lost(p *packet, to *end) { w.orphaned(model.TraceLost, p, to) }

// orphaned traces a frame that does not arrive, or not yet.
func (w *World) orphaned(kind string, p *packet, to *end) {
	if !w.traced() {
		return
	}
	l := &model.TraceLine{
		At: w.kernel.now, Seq: w.events, Node: to.node.cfg.ID, Kind: kind, Cause: p.cause,
		Conn: to.id,
		Peer: p.from.node.cfg.ID, Label: p.label, Bytes: len(p.data), Sent: p.sent,
	}
	w.describe(l, p.data)
	w.writeLine(l)
}

// describe has the line of a frame or of a timer completed by who knows what they mean.
func (w *World) describe(l *model.TraceLine, frame []byte) {
	if w.cfg.Describe != nil && w.traced() {
		w.cfg.Describe(l, frame)
	}
}
