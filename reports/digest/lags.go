package digest

import (
	"cmp"
	"slices"

	"sandcastle/model/kafka"
)

// Lag is how far one group has come in one partition.
type Lag struct {
	Group string
	TP    kafka.TopicPartition
	// Committed is the group's committed offset: where it goes on after a change of owners.
	Committed Staircase
	// Behind is how many records lie between it and the high watermark.
	Behind Staircase
}

type lagKey struct {
	group string
	tp    kafka.TopicPartition
}

// lags collects what groups commit.
type lags struct {
	index map[lagKey]*Lag
}

func newLags() lags { return lags{index: map[lagKey]*Lag{}} }

func (l *lags) onCommitted(line *kafka.TraceLine) {
	n := &line.Note
	if kafka.InternalTopic(n.Topic) || n.Offset < 0 {
		return
	}
	key := lagKey{n.Group, n.TP()}
	found := l.index[key]
	if found == nil {
		found = &Lag{Group: n.Group, TP: key.tp}
		l.index[key] = found
	}
	found.Committed.Add(line.At, int64(n.Offset))
}

// finish returns the lags by group, then by partition. Of the replicas it needs the high
// watermarks.
func (l *lags) finish(replicas []Replica) []Lag {
	out := make([]Lag, 0, len(l.index))
	//unordered: sorted below
	for _, found := range l.index {
		out = append(out, *found)
	}
	slices.SortFunc(out, func(a, b Lag) int {
		if c := compareNames(a.Group, b.Group); c != 0 {
			return c
		}
		return a.TP.Compare(b.TP)
	})
	for i := range out {
		mark := watermark(replicas, out[i].TP)
		out[i].Behind = difference(&mark, &out[i].Committed)
	}
	return out
}

// watermark is the highest high watermark that any living replica of tp has.
func watermark(replicas []Replica, tp kafka.TopicPartition) Staircase {
	var marks []*Staircase
	for i := range replicas {
		if replicas[i].TP == tp {
			marks = append(marks, &replicas[i].HighWatermark)
		}
	}
	return Highest(marks)
}

// difference is how far a is above b at every moment, never below 0. It has no value before both
// have one. A gap in a counts for nothing: records that nobody serves right now are still to be
// read.
func difference(a, b *Staircase) Staircase {
	var out Staircase
	above, below := noValue, noValue
	corners := make([]corner, 0, len(a.Points)+len(b.Points))
	for i, s := range []*Staircase{a, b} {
		for _, p := range s.Points {
			corners = append(corners, corner{p, i})
		}
	}
	slices.SortStableFunc(corners, func(a, b corner) int { return cmp.Compare(a.At, b.At) })
	for i, c := range corners {
		switch {
		case c.of == 1:
			below = c.Value
		case c.Value >= 0:
			above = c.Value
		}
		last := i+1 == len(corners) || corners[i+1].At != c.At
		if last && above >= 0 && below >= 0 {
			out.Add(c.At, max(above-below, 0))
		}
	}
	return out
}
