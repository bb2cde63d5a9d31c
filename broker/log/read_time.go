package log

import (
	"sort"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// chain tells the segments from the i-th on what the largest timestamp before them is. Segments
// that lie below the log start do not count. So the first segment that reaches a timestamp is found
// by binary search, where Kafka looks at one after the other.
func (l *Log) chain(i int) {
	for ; i < len(l.segments); i++ {
		before := int64(-1)
		if i > 0 && l.segments[i].base > l.logStart {
			before = l.segments[i-1].timeSoFar()
		}
		l.segments[i].timeBefore = before
	}
}

// timeSoFar is the largest timestamp up to the end of the segment, −1 for none.
func (s *segment) timeSoFar() int64 { return max(s.timeBefore, s.maxTime) }

// OffsetForTimestamp finds the first record whose timestamp is at least timestamp, in milliseconds:
// its offset, its timestamp, and whether there is one.
func (l *Log) OffsetForTimestamp(timestamp int64,
) (offset kafka.Offset, at int64, found bool, err error) {
	live := l.segmentFor(l.logStart)
	i := live + sort.Search(len(l.segments)-live, func(i int) bool {
		return l.segments[live+i].timeSoFar() >= timestamp
	})
	// The segment that was found has the record, unless that lies below the log start: only then
	// the next ones are looked at.
	for ; i < len(l.segments); i++ {
		if l.segments[i].maxTime < timestamp {
			continue
		}
		offset, at, found, err = l.segments[i].firstSince(l.logStart, timestamp, &l.scanned)
		if err != nil || found {
			return offset, at, found, err
		}
	}
	return 0, 0, false, nil
}

// MaxTimestamp finds the first record that has the largest timestamp of the log (KIP-734).
func (l *Log) MaxTimestamp() (offset kafka.Offset, at int64, found bool, err error) {
	// The largest may lie below the log start, in the segment that this is in.
	for top := l.active().timeSoFar(); top >= 0; {
		offset, at, found, err = l.OffsetForTimestamp(top)
		if err != nil || found {
			return offset, at, found, err
		}
		top, err = l.largestBelow(top)
		if err != nil {
			return 0, 0, false, err
		}
	}
	return 0, 0, false, nil
}

// largestBelow is the largest timestamp of a record or segment that can still be read and is below
// limit, −1 for none.
func (l *Log) largestBelow(limit int64) (int64, error) {
	largest := int64(-1)
	note := func(timestamp int64) {
		if timestamp < limit {
			largest = max(largest, timestamp)
		}
	}
	live := l.segmentFor(l.logStart)
	for i, s := range l.segments[live:] {
		if i > 0 && s.maxTime < limit {
			note(s.maxTime)
			continue
		}
		// Its largest is hidden, or of a batch that compaction has emptied.
		if err := l.eachTimestamp(s, note); err != nil {
			return 0, err
		}
	}
	return largest, nil
}

// eachTimestamp calls f with the timestamps of a segment's records that can be read.
func (l *Log) eachTimestamp(s *segment, f func(timestamp int64)) error {
	for pos := s.positionFor(l.logStart); pos < s.size; {
		h, err := s.headerAt(pos)
		if err != nil {
			return err
		}
		if h.LastOffset() >= l.logStart {
			batch, err := s.batchAt(pos, &h)
			if err != nil {
				return err
			}
			for r, err := range batch.Records() {
				if err != nil {
					f(h.MaxTimestamp)
				} else if r.Offset >= l.logStart {
					f(r.Timestamp)
				}
			}
		}
		pos += int64(h.Size())
	}
	return nil
}

// firstSince finds the first record from offset from on whose timestamp is at least timestamp. It
// adds to scanned what it looked at.
func (s *segment) firstSince(from kafka.Offset, timestamp int64, scanned *int64,
) (kafka.Offset, int64, bool, error) {
	start := max(from, s.base+s.times.lookup(timestamp))
	for pos := s.positionFor(start); pos < s.size; {
		h, err := s.headerAt(pos)
		if err != nil {
			return 0, 0, false, err
		}
		*scanned += int64(h.Size())
		if h.MaxTimestamp >= timestamp && h.LastOffset() >= from {
			offset, at, found, err := s.recordSince(&h, pos, from, timestamp)
			if err != nil || found {
				return offset, at, found, err
			}
		}
		pos += int64(h.Size())
	}
	return 0, 0, false, nil
}

// recordSince looks into one batch. Records that cannot be opened here are passed by: the batch as
// a whole is the answer.
func (s *segment) recordSince(h *wire.BatchHeader, pos int64, from kafka.Offset, timestamp int64,
) (kafka.Offset, int64, bool, error) {
	batch, err := s.batchAt(pos, h)
	if err != nil {
		return 0, 0, false, err
	}
	for r, err := range batch.Records() {
		if err != nil {
			return max(from, h.BaseOffset), h.MaxTimestamp, true, nil
		}
		if r.Offset >= from && r.Timestamp >= timestamp {
			return r.Offset, r.Timestamp, true, nil
		}
	}
	return 0, 0, false, nil
}
