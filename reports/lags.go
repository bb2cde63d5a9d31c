package reports

import (
	"cmp"
	"slices"
	"strings"

	"sandcastle/model/kafka"
)

// lag is how far one group has come in one partition.
type lag struct {
	group string
	tp    kafka.TopicPartition
	// committed is the group's committed offset: where it goes on after a change of owners.
	committed staircase
	// behind is how many records lie between it and the high watermark.
	behind staircase
}

type lagKey struct {
	group string
	tp    kafka.TopicPartition
}

// lags collects what groups commit.
type lags struct {
	index map[lagKey]*lag
}

func newLags() lags { return lags{index: map[lagKey]*lag{}} }

func (l *lags) onCommitted(line *kafka.TraceLine) {
	n := &line.Note
	if internal(n.Topic) || n.Offset < 0 {
		return
	}
	key := lagKey{n.Group, n.TP()}
	found := l.index[key]
	if found == nil {
		found = &lag{group: n.Group, tp: key.tp}
		l.index[key] = found
	}
	found.committed.add(line.At, int64(n.Offset))
}

// finish returns the lags by group, then by partition. Of the replicas it needs the high
// watermarks.
func (l *lags) finish(replicas []replica) []lag {
	out := make([]lag, 0, len(l.index))
	//unordered: sorted below
	for _, found := range l.index {
		out = append(out, *found)
	}
	slices.SortFunc(out, func(a, b lag) int {
		if c := strings.Compare(a.group, b.group); c != 0 {
			return c
		}
		return a.tp.Compare(b.tp)
	})
	for i := range out {
		mark := watermark(replicas, out[i].tp)
		out[i].behind = difference(&mark, &out[i].committed)
	}
	return out
}

// watermark is the highest high watermark that any living replica of tp has.
func watermark(replicas []replica, tp kafka.TopicPartition) staircase {
	var marks []*staircase
	for i := range replicas {
		if replicas[i].tp == tp {
			marks = append(marks, &replicas[i].highWatermark)
		}
	}
	return highest(marks)
}

// difference is how far a is above b at every moment, never below 0. It has no value before both
// have one. A gap in a counts for nothing: records that nobody serves right now are still to be
// read.
func difference(a, b *staircase) staircase {
	var out staircase
	above, below := noValue, noValue
	corners := make([]corner, 0, len(a.points)+len(b.points))
	for i, s := range []*staircase{a, b} {
		for _, p := range s.points {
			corners = append(corners, corner{p, i})
		}
	}
	slices.SortStableFunc(corners, func(a, b corner) int { return cmp.Compare(a.at, b.at) })
	for i, c := range corners {
		switch {
		case c.of == 1:
			below = c.v
		case c.v >= 0:
			above = c.v
		}
		last := i+1 == len(corners) || corners[i+1].at != c.at
		if last && above >= 0 && below >= 0 {
			out.add(c.at, max(above-below, 0))
		}
	}
	return out
}
