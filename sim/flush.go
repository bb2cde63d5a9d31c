package sim

import "sandcastle/model"

// pendingFlush is a flush on its way to the disk.
type pendingFlush struct {
	node    *node
	starts  uint64 // which incarnation asked
	mark    flushMark
	token   uint64
	release []model.Effect
	failed  string // the disk's error; what waits for the flush is dropped then
	cause   uint64
	// For the audit: when the flush was asked for, and what it promises.
	asked    model.Time
	promised []promised
}

// flush takes note of what is written now, and completes when the disk has written it down.
func (w *World) flush(n *node, f *model.Flush, at model.Time, seq uint64) {
	if n.disk == nil {
		panic("sim: " + string(n.cfg.ID) + " flushes without a disk")
	}
	for i := range f.Release {
		if k := f.Release[i].Kind; k == model.EffectNote || k == model.EffectOp {
			panic("sim: a flush of " + string(n.cfg.ID) + " releases a note or an op: they belong to a step")
		}
	}
	mark := n.disk.mark(f.Path)
	hw := &n.cfg.Hardware
	took := hw.Flush + perSecond(mark.bytes, hw.Disk)
	n.usage.Disk += took
	n.diskBusy = max(n.diskBusy, at).Add(took)
	pending := pendingFlush{
		node: n, starts: n.starts, mark: mark, token: f.Token, release: f.Release, cause: seq,
		asked: w.kernel.now,
	}
	if w.audit != nil {
		pending.promised = w.audit.asks(n, f.Path)
	}
	w.kernel.schedule(n.diskBusy.Add(n.disk.late), itemFlush, n.index, w.flushes.put(pending))
}

// onFlush makes durable what the mark covers. A process that died meanwhile hears nothing; without
// power the flush did not happen.
func (w *World) onFlush(arg uint64) {
	f := *w.flushes.at(arg)
	w.flushes.free(arg)
	n := f.node
	if err := n.disk.failing(opFlush); err != nil {
		f.release, f.failed = nil, err.Error()
	} else {
		n.disk.settle(f.mark)
	}
	if w.audit != nil {
		w.audit.keeps(&f)
	}
	if n.process == nil || n.starts != f.starts {
		return
	}
	if n.state == paused {
		n.flushed = append(n.flushed, f)
		return
	}
	w.complete(n, &f)
}

// complete gives a running process what waited for its flush.
func (w *World) complete(n *node, f *pendingFlush) {
	if w.audit != nil {
		w.audit.releases(f)
	}
	if len(f.release) > 0 {
		w.stepping = true
		w.apply(n, f.release, stepEnd{at: max(n.busy, w.kernel.now)}, f.cause)
		w.stepping = false
	}
	if f.token != 0 {
		w.arrive(
			n,
			arrival{ev: model.Event{Kind: model.Flushed, Token: f.token, Text: f.failed}, cause: f.cause},
		)
	}
}
