package order

import (
	"fmt"

	"sandcastle/model/kafka"
)

// eachOp calls f with the reads of each operation, from..to-1.
func (l *Log) eachOp(f func(from, to int32)) {
	for from := int32(0); int(from) < len(l.Reads); {
		to := from + 1
		for int(to) < len(l.Reads) && l.Reads[to].Op == l.Reads[from].Op {
			to++
		}
		f(from, to)
		from = to
	}
}

// place is a record of a read.
type place struct{ read, record int32 }

func (l *Log) at(p place) Record { return l.Records[l.Reads[p.read].Start+p.record] }

func (l *Log) witness(p place) kafka.Witness { return l.Tell.Record(p.read, p.record) }

// jump is two records that one consumer read one after the other, and whose ranks are not.
type jump struct {
	from, to place
}

// jumps finds those within single operations: Jepsen lets polls of a partition that changed hands
// meanwhile go anywhere.
func (l *Log) jumps(found func(j jump, from, to int32)) {
	l.eachOp(func(from, to int32) {
		before := place{read: -1}
		last := Unknown
		for i := from; i < to; i++ {
			r := &l.Reads[i]
			if r.Rebalanced {
				return
			}
			for n, rec := range l.Records[r.Start:r.End] {
				now := place{i, int32(n)}
				if last != Unknown && rec.Rank != Unknown && rec.Rank != last+1 {
					found(jump{before, now}, last, rec.Rank)
				}
				before, last = now, rec.Rank
			}
		}
	})
}

// passed says what lies between two places, of which n records had to be read.
func (l *Log) passed(from int32, r *Read, n int32) string {
	first := l.first(from, r)
	text := fmt.Sprintf("the record at offset %d", l.Offsets[first])
	if n > 1 {
		text = fmt.Sprintf("the %d records between them, the first at offset %d", n, l.Offsets[first])
	}
	return text
}
