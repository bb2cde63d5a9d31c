package log

import (
	"fmt"
	"sort"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// segmentFor is the index of the segment that holds offset, if any does: the last whose base is not above.
func (l *Log) segmentFor(offset model.Offset) int {
	i := sort.Search(len(l.segments), func(i int) bool { return l.segments[i].base > offset })
	return max(0, i-1)
}

// Read returns whole batches: from the one that holds offset from, up to maxBytes, and none that begins
// at or behind upTo. With atLeastOne the first batch is returned even when it is larger. It returns
// nothing when nothing is there to read; the caller has checked that from is within the log. The bytes
// may be the disk's own: they must not be changed, and are good until the log is next written to.
func (l *Log) Read(from model.Offset, maxBytes int, upTo model.Offset, atLeastOne bool) ([]byte, error) {
	if from < l.logStart || from > l.LogEnd() {
		return nil, fmt.Errorf("%s: offset %d is outside %d to %d", l.dir, from, l.logStart, l.LogEnd())
	}
	for i := l.segmentFor(from); i < len(l.segments); i++ {
		s := l.segments[i]
		pos, size, err := s.find(from, maxBytes, upTo, atLeastOne)
		if err != nil || size == 0 && s.end > from {
			return nil, err
		}
		if size > 0 {
			return s.bytes(pos, size)
		}
	}
	return nil, nil
}

// find is where the batches stand that Read returns.
func (s *segment) find(from model.Offset, maxBytes int, upTo model.Offset, atLeastOne bool,
) (start int64, size int, err error) {
	if at, ok := s.recentFor(from); ok && upTo >= s.end && s.size-at.pos <= int64(maxBytes) {
		return at.pos, int(s.size - at.pos), nil // everything from there to the end
	}
	start = -1
	err = s.each(s.positionFor(from), func(h *wire.BatchHeader, pos int64) bool {
		if h.LastOffset() < from {
			return true
		}
		if start < 0 {
			start = pos
		}
		if h.BaseOffset >= upTo || size+h.Size() > maxBytes && (size > 0 || !atLeastOne) {
			return false
		}
		size += h.Size()
		return size < maxBytes
	})
	return start, size, err
}

func (s *segment) bytes(pos int64, size int) ([]byte, error) {
	if b := view(s.file, pos, size); b != nil {
		return b, nil
	}
	b := make([]byte, size)
	if _, err := s.file.ReadAt(b, pos); err != nil {
		return nil, fmt.Errorf("%s.log at %d: %w", s.name, pos, err)
	}
	return b, nil
}

// OffsetForTimestamp finds the first record whose timestamp is at least timestamp, in milliseconds.
func (l *Log) OffsetForTimestamp(timestamp int64) (offset model.Offset, at int64, found bool, err error) {
	for _, s := range l.segments {
		if s.maxTime < timestamp {
			continue
		}
		pos := s.positionFor(s.base + s.times.lookup(timestamp))
		err = s.each(pos, func(h *wire.BatchHeader, pos int64) bool {
			if h.MaxTimestamp < timestamp || h.LastOffset() < l.logStart {
				return true
			}
			offset, at, found = s.firstSince(h, pos, max(l.logStart, h.BaseOffset), timestamp)
			return !found
		})
		if err != nil || found {
			return offset, at, found, err
		}
	}
	return 0, 0, false, nil
}

// firstSince looks into one batch. Compressed records cannot be opened: the batch as a whole is the answer.
func (s *segment) firstSince(h *wire.BatchHeader, pos int64, from model.Offset, timestamp int64,
) (model.Offset, int64, bool) {
	b, err := s.bytes(pos, h.Size())
	if err != nil || h.Codec() != wire.Uncompressed {
		return h.BaseOffset, h.MaxTimestamp, err == nil
	}
	for r, err := range wire.Records(b) {
		if err == nil && r.Offset >= from && r.Timestamp >= timestamp {
			return r.Offset, r.Timestamp, true
		}
	}
	return 0, 0, false
}
