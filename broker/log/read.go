package log

import (
	"sort"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// segmentFor is the index of the segment that holds offset, if any does: the last whose base is not
// above.
func (l *Log) segmentFor(offset kafka.Offset) int {
	i := sort.Search(len(l.segments), func(i int) bool { return l.segments[i].base > offset })
	return max(0, i-1)
}

// Read returns whole batches: from the one that holds offset from, up to maxBytes, and none that
// reaches to upTo or beyond. With atLeastOne the first batch is returned even when it is larger. It
// returns nothing when nothing is there to read, and an *OutOfRangeError when from is outside the
// log. Batches of one answer stand in one segment. The bytes may be the disk's own: they must not
// be changed, and are good until the log is next written to.
func (l *Log) Read(from kafka.Offset, maxBytes int, upTo kafka.Offset, atLeastOne bool,
) ([]byte, error) {
	if from < l.logStart || from > l.LogEnd() {
		return nil, &OutOfRangeError{Log: l.dir, Offset: from, Start: l.logStart, End: l.LogEnd()}
	}
	for i := l.segmentFor(from); i < len(l.segments); i++ {
		s := l.segments[i]
		if s.size == 0 || s.end <= from {
			continue // what is missing between two segments is skipped, and what was cleaned away
		}
		pos, size, err := s.find(from, maxBytes, upTo, atLeastOne, &l.scanned)
		if err != nil || size == 0 {
			return nil, err
		}
		return s.bytes(pos, size)
	}
	return nil, nil
}

// find is where the batches stand that Read returns. It adds to scanned what it had to look at to
// find the first.
func (s *segment) find(from kafka.Offset, maxBytes int, upTo kafka.Offset, atLeastOne bool,
	scanned *int64,
) (start int64, size int, err error) {
	pos, exact := s.recent.position(from)
	if !exact {
		pos = s.offsets.lookup(from - s.base)
	} else if upTo >= s.end && s.size-pos <= int64(maxBytes) {
		return pos, int(s.size - pos), nil // the tail, to its end
	}
	var h wire.BatchHeader
	for ; ; pos += int64(h.Size()) {
		if h, err = s.headerAt(pos); err != nil {
			return 0, 0, err
		}
		*scanned += int64(h.Size())
		if h.LastOffset() >= from {
			break
		}
	}
	if h.LastOffset() >= upTo || h.Size() > maxBytes && !atLeastOne {
		return pos, 0, nil
	}
	limit := pos + max(int64(maxBytes), int64(h.Size()))
	if upTo >= s.end && s.size <= limit {
		return pos, int(s.size - pos), nil
	}
	// The index leads near to where to stop, so that a large read does not look at every batch.
	end := max(pos+int64(h.Size()), s.offsets.lastWithin(upTo-s.base, limit))
	for end < s.size {
		if h, err = s.headerAt(end); err != nil {
			return 0, 0, err
		}
		if h.LastOffset() >= upTo || end+int64(h.Size()) > limit {
			break
		}
		end += int64(h.Size())
	}
	return pos, int(end - pos), nil
}

// AppendBatches appends to views what every batch is from the one that holds offset from on, for
// white-box checks. The list ends before a batch that cannot be read, which the checks then miss.
func (l *Log) AppendBatches(views []kafka.BatchView, from kafka.Offset) []kafka.BatchView {
	for i := l.segmentFor(from); i < len(l.segments); i++ {
		s := l.segments[i]
		err := s.each(s.positionFor(from), func(h *wire.BatchHeader, _ int64) bool {
			if h.LastOffset() >= from {
				views = append(views, kafka.BatchView{
					Base: h.BaseOffset, Last: h.LastOffset(), Epoch: h.LeaderEpoch,
					Sum: uint64(h.CRC)<<32 | uint64(uint32(h.Count)),
				})
			}
			return true
		})
		if err != nil {
			break
		}
	}
	return views
}
