package log

import (
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Dirt is what the cleaner would find in a log (LogToClean, 3.9).
type Dirt struct {
	// First is the first dirty offset: below it every key has at most one record, and up to End what
	// is newer has not been looked at.
	First kafka.Offset
	// End is the first offset that must not be cleaned; a segment begins there.
	End kafka.Offset
	// CleanBytes and DirtyBytes are the segments before and behind First; the one that it is in is
	// counted in both.
	CleanBytes, DirtyBytes int64
	// Overdue says that something has been dirty for longer than max.compaction.lag.ms.
	Overdue bool
}

// Ratio is the dirty part of what can be cleaned, in parts of LoadUnit. The broker cleans the log
// with the largest first.
func (d *Dirt) Ratio() int {
	total := d.CleanBytes + d.DirtyBytes
	if total == 0 {
		return 0
	}
	return int(d.DirtyBytes * LoadUnit / total)
}

// Cleanable tells what a cleaner would find that got to checkpoint the last time, and whether it
// should begin: more than min.cleanable.dirty.ratio of the log is dirty, or some of it has been for
// too long (LogCleanerManager.grabFilthiestCompactedLog, 3.9). The end is before upTo, the last
// stable offset, before the active segment, and before what is younger than min.compaction.lag.ms.
// A checkpoint outside the log, and NoOffset, is none: the whole log is dirty.
func (l *Log) Cleanable(now model.Time, upTo, checkpoint kafka.Offset) (Dirt, bool) {
	d := Dirt{First: checkpoint}
	if checkpoint < l.logStart || checkpoint > l.LogEnd() {
		d.First = l.logStart
	}
	first, sealed := l.segmentFor(d.First), len(l.segments)-1
	limit := min(upTo, l.ActiveBase())
	oldest := int64(-1)
	for i := first; i < sealed; i++ {
		s := l.segments[i]
		if s.firstTime > 0 && (oldest < 0 || s.firstTime < oldest) {
			oldest = s.firstTime
		}
		if l.cfg.MinCompactionLag > 0 && s.age(now) < l.cfg.MinCompactionLag {
			limit = min(limit, s.base)
		}
	}
	end := l.segmentFor(max(d.First, limit))
	d.End = l.segments[end].base
	for i, s := range l.segments[:end] {
		if s.base < d.First {
			d.CleanBytes += s.size
		}
		if i >= first {
			d.DirtyBytes += s.size
		}
	}
	d.Overdue = oldest >= 0 && d.DirtyBytes > 0 &&
		now.Millis()-oldest > l.cfg.MaxCompactionLag.Milliseconds()
	total := d.CleanBytes + d.DirtyBytes
	return d, d.Overdue || d.DirtyBytes*LoadUnit > int64(l.cfg.MinCleanableDirtyRatio)*total
}
