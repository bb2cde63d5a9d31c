package log

import (
	"sort"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// recentBatches is how many batches a segment remembers; a power of two.
const recentBatches = 256

// recent remembers where the last batches of a segment stand, since nearly every read is at the
// tail.
type recent struct {
	// ring holds the last min(count, recentBatches) batches; the next goes to
	// ring[count%recentBatches].
	ring  []batchAt
	count int
}

// batchAt is where a batch stands in a segment.
type batchAt struct {
	base, last kafka.Offset
	pos        int64
}

func (r *recent) add(h *wire.BatchHeader, pos int64) {
	at := batchAt{h.BaseOffset, h.LastOffset(), pos}
	if len(r.ring) < recentBatches {
		r.ring = append(r.ring, at)
	} else {
		r.ring[r.count%recentBatches] = at
	}
	r.count++
}

// position is where the first batch stands that ends at or behind offset; false when that may be an
// older one than is remembered, or there is none.
func (r *recent) position(offset kafka.Offset) (int64, bool) {
	n := len(r.ring)
	if n == 0 || r.ring[(r.count-1)%recentBatches].last < offset {
		return 0, false
	}
	if last := r.ring[(r.count-1)%recentBatches]; last.base <= offset {
		return last.pos, true
	}
	oldest := r.count - n
	i := sort.Search(n, func(i int) bool { return r.ring[(oldest+i)%recentBatches].last >= offset })
	at := r.ring[(oldest+i)%recentBatches]
	return at.pos, i > 0 || at.base <= offset
}

func (r *recent) clear() { *r = recent{} }
