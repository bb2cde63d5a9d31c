package log

import (
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// TruncateTo cuts off everything from offset end on. A batch that reaches beyond goes whole, so the
// log may end earlier. The error is an *OutOfRangeError when end is below the log's start, and
// otherwise the disk's. Where no record goes an epoch at the log's end still does: that of a leader
// that appended nothing before another was elected (UnifiedLog.truncateTo, 3.9). The new leader
// does not know that epoch, and a log that kept it would have to truncate for ever.
func (l *Log) TruncateTo(end kafka.Offset) error {
	if end >= l.LogEnd() {
		return l.truncateEpochs()
	}
	if end < l.logStart {
		return &OutOfRangeError{Log: l.dir, Offset: end, Start: l.logStart, End: l.LogEnd()}
	}
	l.truncations++
	keep := l.segmentFor(end)
	for i := len(l.segments) - 1; i > keep; i-- {
		if err := l.segments[i].remove(l.disk); err != nil {
			return err
		}
	}
	clear(l.segments[keep+1:])
	l.segments = l.segments[:keep+1]
	if err := l.active().truncate(end); err != nil {
		return err
	}
	l.recoveryPoint = min(l.recoveryPoint, l.LogEnd())
	l.logStart = min(l.logStart, l.LogEnd()) // the batch that it was in is gone
	if err := l.loadProducers(&Recovery{}); err != nil {
		return err
	}
	return l.truncateEpochs()
}

// truncateEpochs drops the epochs that begin at the log's end.
func (l *Log) truncateEpochs() error {
	if l.epochs.truncateFrom(l.LogEnd()) {
		return l.epochs.write(l.disk, l.dir)
	}
	return nil
}

// TruncateFullyAndStartAt empties the log; its next record has offset start.
func (l *Log) TruncateFullyAndStartAt(start kafka.Offset) error {
	l.truncations++
	for _, s := range l.segments {
		if err := s.remove(l.disk); err != nil {
			return err
		}
	}
	now := l.active().modified
	s, err := createSegment(l.disk, l.dir, start, now)
	if err != nil {
		return err
	}
	l.segments = []*segment{s}
	l.logStart, l.recoveryPoint = start, start
	l.producers = newProducers()
	if err := l.removeSnapshots(func(kafka.Offset) bool { return true }); err != nil {
		return err
	}
	l.epochs.clear()
	return l.epochs.write(l.disk, l.dir)
}

func (s *segment) remove(disk model.Disk) error {
	for _, ext := range []string{".log", ".index", ".timeindex"} {
		if err := disk.Remove(s.name + ext); err != nil {
			return err
		}
	}
	return nil
}

// truncate cuts the segment before the batch that holds offset end.
func (s *segment) truncate(end kafka.Offset) error {
	cut := s.size
	err := s.each(s.positionFor(end), func(h *wire.BatchHeader, pos int64) bool {
		if h.LastOffset() < end {
			return true
		}
		cut = pos
		return false
	})
	if err != nil {
		return err
	}
	return s.cutAt(cut)
}

// cutAt makes the segment end at a position where a batch begins.
func (s *segment) cutAt(pos int64) error {
	if err := s.file.Truncate(pos); err != nil {
		return err
	}
	if err := s.offsets.truncate(pos); err != nil {
		return err
	}
	s.size = pos
	if err := s.learn(); err != nil {
		return err
	}
	return s.times.truncate(s.end - s.base)
}

// learn finds out what the segment holds from its indexes and the few batches behind their last
// entries. The error is a *wire.BatchError where file and indexes do not fit together.
func (s *segment) learn() error {
	s.forget()
	if s.size == 0 {
		return nil
	}
	misled := false
	first, err := s.headerAt(0)
	if err != nil {
		return err
	}
	from := s.offsets.last()
	err = s.each(int64(from.position), func(h *wire.BatchHeader, pos int64) bool {
		indexed := pos > 0 && pos == int64(from.position)
		if indexed && h.LastOffset() != s.base+kafka.Offset(from.offset) {
			misled = true
			return false
		}
		s.note(h, pos)
		return true
	})
	if err == nil && misled {
		err = &wire.BatchError{Code: wire.CorruptMessage, Problem: s.name + ".index does not fit"}
	}
	s.firstTime = first.MaxTimestamp
	for i := len(s.times.entries) - 1; i >= 0; i-- {
		// An entry at the end that is yet to be truncated says too much.
		if e := s.times.entries[i]; s.base+kafka.Offset(e.offset) < s.end {
			if e.timestamp >= s.maxTime {
				s.maxTime, s.maxTimeAt = e.timestamp, s.base+kafka.Offset(e.offset)
			}
			break
		}
	}
	return err
}
