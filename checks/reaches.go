package checks

import (
	"encoding/binary"
	"sort"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// reach says when something got to an offset.
type reach struct {
	at model.Time
	to kafka.Offset
}

// reaches are steps of something that grows, in order. There may be one for each record, so they
// are kept as differences, with every reachesApart'th whole.
type reaches struct {
	n     int
	last  reach
	whole []reach
	from  []int  // where in steps the differences behind each of whole begin
	steps []byte // varints: time, offset
}

const reachesApart = 64

// add takes in the next step.
func (r *reaches) add(next reach) {
	if r.n%reachesApart == 0 {
		r.whole, r.from = append(r.whole, next), append(r.from, len(r.steps))
	} else {
		r.steps = binary.AppendVarint(r.steps, int64(next.at-r.last.at))
		r.steps = binary.AppendVarint(r.steps, int64(next.to-r.last.to))
	}
	r.last = next
	r.n++
}

// passed is when it first got past an offset.
func (r *reaches) passed(o kafka.Offset) (model.Time, bool) {
	i := sort.Search(len(r.whole), func(i int) bool { return r.whole[i].to > o })
	if i == 0 {
		if len(r.whole) == 0 {
			return 0, false
		}
		return r.whole[0].at, true
	}
	step, at := r.whole[i-1], r.from[i-1]
	end := len(r.steps)
	if i < len(r.from) {
		end = r.from[i]
	}
	for at < end {
		time, n := binary.Varint(r.steps[at:])
		to, m := binary.Varint(r.steps[at+n:])
		at += n + m
		step = reach{step.at + model.Time(time), step.to + kafka.Offset(to)}
		if step.to > o {
			return step.at, true
		}
	}
	if i < len(r.whole) {
		return r.whole[i].at, true
	}
	return 0, false
}
