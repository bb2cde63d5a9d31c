package log

import (
	"fmt"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// TruncateTo cuts off everything from offset end on. A batch that reaches beyond goes whole, so the log
// may end earlier.
func (l *Log) TruncateTo(end model.Offset) error {
	if end >= l.LogEnd() {
		return nil
	}
	if end < l.logStart {
		return fmt.Errorf("%s: truncating to %d, before the start %d", l.dir, end, l.logStart)
	}
	keep := l.segmentFor(end)
	for i := len(l.segments) - 1; i > keep; i-- {
		if err := l.segments[i].remove(l.disk); err != nil {
			return err
		}
	}
	l.segments = l.segments[:keep+1]
	if err := l.active().truncate(end); err != nil {
		return err
	}
	l.recoveryPoint = min(l.recoveryPoint, l.LogEnd())
	if l.epochs.truncateFrom(l.LogEnd()) {
		return l.epochs.write(l.disk, l.dir)
	}
	return nil
}

// TruncateFullyAndStartAt empties the log; its next record has offset start.
func (l *Log) TruncateFullyAndStartAt(start model.Offset) error {
	for _, s := range l.segments {
		if err := s.remove(l.disk); err != nil {
			return err
		}
	}
	s, err := openSegment(l.disk, l.dir, start)
	if err != nil {
		return err
	}
	l.segments = []*segment{s}
	l.logStart, l.recoveryPoint = start, start
	l.epochs.clear()
	return l.epochs.write(l.disk, l.dir)
}

func (s *segment) remove(disk model.Disk) error {
	for _, ext := range []string{".log", ".index", ".timeindex"} {
		if err := disk.Rename(s.name+ext, ""); err != nil {
			return err
		}
	}
	return nil
}

// truncate cuts the segment before the batch that holds offset end.
func (s *segment) truncate(end model.Offset) error {
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

// cutAt makes the segment end at a position where a batch begins, and learns anew what it holds.
func (s *segment) cutAt(pos int64) error {
	if err := s.file.Truncate(pos); err != nil {
		return err
	}
	if err := s.offsets.truncate(pos); err != nil {
		return err
	}
	s.size = pos
	s.recent, s.next = nil, 0
	s.end, s.firstTime, s.maxTime, s.sinceEntry = s.base, -1, -1, 0
	var last int64
	if n := len(s.offsets.entries); n > 0 {
		last = int64(s.offsets.entries[n-1].position)
	}
	err := s.each(0, func(h *wire.BatchHeader, at int64) bool {
		if at == last {
			s.sinceEntry = 0
		}
		s.take(h, at, h.Size())
		s.size = pos
		return true
	})
	if err != nil {
		return err
	}
	return s.times.truncate(s.end - s.base)
}
