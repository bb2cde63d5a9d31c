package log

import (
	"math"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// loadSegment sanity-checks a segment that was flushed: it reads the indexes and the headers of the
// batches, not their records. It is false when these do not fit one another or the epochs, and then
// has learned nothing.
func (l *Log) loadSegment(s *segment, limit kafka.Offset) (bool, error) {
	ok, err := s.offsets.load(s.size)
	if err == nil && ok {
		ok, err = s.times.load()
	}
	if err != nil || !ok {
		return false, err
	}
	if ok, err = l.headersAgree(s, limit); err != nil || !ok {
		return false, diskError(err)
	}
	if limit != math.MaxInt64 {
		s.recent.clear()
	}
	return s.end <= limit, nil
}

// headersAgree learns what the segment holds, and whether the offsets of its batches follow one
// another, their epochs are those of the cache and the indexes say the same as the headers.
func (l *Log) headersAgree(s *segment, limit kafka.Offset) (bool, error) {
	offsets, times := s.offsets.entries, s.times.entries
	agree := true
	var gapErr error
	s.forget()
	err := s.each(0, func(h *wire.BatchHeader, pos int64) bool {
		agree = h.BaseOffset == s.end
		if h.BaseOffset > s.end {
			agree, gapErr = l.mayHaveGap(s, h, pos, limit)
		}
		agree = agree && h.LastOffset()-s.base <= math.MaxInt32
		if h.LastOffset() >= l.logStart {
			agree = agree && l.epochs.at(max(h.BaseOffset, l.logStart)) == h.LeaderEpoch &&
				l.epochs.at(h.LastOffset()) == h.LeaderEpoch
		}
		s.note(h, pos)
		if len(offsets) > 0 && int64(offsets[0].position) <= pos {
			e := offsetEntry{int32(h.LastOffset() - s.base), int32(pos)}
			agree = agree && offsets[0] == e
			offsets = offsets[1:]
		}
		if len(times) > 0 && times[0].timestamp <= s.maxTime {
			e := timeEntry{s.maxTime, int32(s.maxTimeAt - s.base)}
			agree = agree && times[0] == e
			times = times[1:]
		}
		return agree
	})
	if err == nil {
		err = gapErr
	}
	return agree && len(offsets) == 0 && len(times) == 0, err
}

// mayHaveGap tells whether offsets may be missing before the batch at pos: in a log that may have
// gaps, and where the batches up to there are sound and what follows confirms the offset of this
// one, for a topic may have been compacted once. A changed offset, which no CRC covers, reaches
// beyond what follows.
// The error is the disk's.
func (l *Log) mayHaveGap(s *segment, h *wire.BatchHeader, pos int64, limit kafka.Offset,
) (bool, error) {
	if l.cfg.Compacted {
		return true, nil
	}
	next := pos + int64(h.Size())
	if next < s.size {
		follows, err := s.headerAt(next)
		if err != nil || follows.BaseOffset <= h.LastOffset() {
			return false, diskError(err)
		}
	} else if limit == math.MaxInt64 || h.LastOffset() >= limit {
		return false, nil
	}
	sound, err := s.soundUpTo(next)
	l.cfg.Compacted = sound && err == nil
	return l.cfg.Compacted, err
}

// soundUpTo tells whether every batch before the position end passes its check. The error is the
// disk's.
func (s *segment) soundUpTo(end int64) (bool, error) {
	for pos := int64(0); pos < end; {
		h, err := s.headerAt(pos)
		if err != nil {
			return false, diskError(err)
		}
		batch, err := s.batchAt(pos, &h)
		if err != nil {
			return false, err
		}
		if batch.Validate() != nil {
			return false, nil
		}
		pos += int64(h.Size())
	}
	return true, nil
}
