package replica

import (
	"sandcastle/broker/log"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// flushState is what a replica's log has asked of the disk.
type flushState struct {
	rolledAt kafka.Offset // base of the active segment when it was last looked at
	asked    kafka.Offset // end of the newest flush that was asked for
	last     model.Time   // when a flush completed last, or the log was opened
	// held are the appends whose flush is out and holds up what follows from them, oldest first. The
	// flushes of a disk complete in the order in which they were asked for.
	held []*heldAppend
}

// heldAppend is an append that waits for its flush.
type heldAppend struct {
	from kafka.Offset // its first offset
	ops  []*delayedProduce
}

// maybeFlush runs after an append to a log that ended at before: what a roll has sealed is flushed
// in the background (UnifiedLog.roll), and flush.messages makes the append itself wait
// (UnifiedLog.append, 3.9).
func (p *Partition) maybeFlush(out *model.Effects, before kafka.Offset) {
	p.flushSealed(out)
	f := &p.flush
	pending := p.log.LogEnd() - max(p.log.RecoveryPoint(), min(f.asked, before))
	if int64(pending) < p.cfg.FlushMessages {
		return
	}
	f.held = append(f.held, &heldAppend{from: before})
	fetching := p.role == roleFollower // it is a fetcher's append that waits
	if fetching {
		p.rs.fetchers.hold()
	}
	p.flushAll(out, func(out *model.Effects) {
		held := f.held[0]
		f.held = f.held[1:]
		if fetching {
			p.rs.fetchers.release(out)
		}
		if !p.gone {
			p.maybeAdvanceHighWatermark(out)
		}
		for _, op := range held.ops {
			op.onHeldFlush(out, p)
		}
	})
}

// hold keeps the answer to an append that needs no other replica until the flush that is out has
// completed. False when none is.
func (p *Partition) hold(op *delayedProduce) bool {
	if len(p.flush.held) == 0 {
		return false
	}
	last := p.flush.held[len(p.flush.held)-1]
	last.ops = append(last.ops, op)
	return true
}

// flushSealed notes that the log has rolled and flushes the segments before the active one.
func (p *Partition) flushSealed(out *model.Effects) {
	base := p.log.ActiveBase()
	rolled := base > p.flush.rolledAt
	p.flush.rolledAt = base
	if !rolled {
		return
	}
	kafka.AddNote(out, kafka.Note{
		Kind: kafka.SegmentRolled, Topic: p.tp.Topic, Partition: p.tp.Partition, Offset: base,
	})
	point, paths := p.log.SealedFlushPoint()
	for i, path := range paths {
		p.rs.dir.Flush(out, path, func(out *model.Effects) {
			if i == len(paths)-1 {
				p.onLogFlushed(out.Now, point)
			}
		})
	}
}

// flushAll makes the log durable up to its end and then calls done, unless that is nil.
func (p *Partition) flushAll(out *model.Effects, done func(*model.Effects)) {
	point := p.log.FlushPoint()
	p.flush.asked = point.End
	p.rs.dir.Flush(out, point.Path, func(out *model.Effects) {
		p.onLogFlushed(out.Now, point)
		if done != nil {
			done(out)
		}
	})
}

func (p *Partition) onLogFlushed(now model.Time, point log.FlushPoint) {
	p.log.Flushed(point)
	p.flush.last = now
}

// onHeldFlush answers the part of p that waited for nothing but its flush.
func (d *delayedProduce) onHeldFlush(out *model.Effects, p *Partition) {
	for i := range d.parts {
		if part := &d.parts[i]; part.p == p && part.local && !part.done {
			part.done = true
			d.waiting--
		}
	}
	if d.started && d.waiting == 0 && !d.done {
		d.answer(out)
	}
}

// flushedEnd is up to where the high watermark may go: while an append waits for its flush the
// log's lock is taken (UnifiedLog.maybeIncrementHighWatermark, 3.9).
func (p *Partition) flushedEnd() kafka.Offset {
	if len(p.flush.held) > 0 {
		return min(p.flush.held[0].from, p.log.LogEnd())
	}
	return p.log.LogEnd()
}

// flushDirtyLogs flushes every log whose last flush is flush.ms ago (LogManager.flushDirtyLogs,
// 3.9). It runs at log.flush.scheduler.interval.ms, which is never unless it is set: flush.ms alone
// does nothing.
func (rs *Set) flushDirtyLogs(out *model.Effects) {
	for _, p := range rs.ordered {
		if out.Now.Sub(p.flush.last) >= p.cfg.FlushMs && p.log.LogEnd() > p.log.RecoveryPoint() {
			p.flushAll(out, nil)
		}
	}
}
