package digest

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/recorded"
)

// What a group has not committed yet is counted from its first commit on, and a dead leader's
// records count as well.
func TestLagIsWatermarkLessCommitted(t *testing.T) {
	r := &recorded.Run{}
	mark := func(at model.Time, offset kafka.Offset) {
		r.Note(at, "broker-1", kafka.Note{Kind: kafka.HighWatermark, Topic: "orders", Offset: offset})
	}
	commit := func(at model.Time, group string, offset kafka.Offset) {
		r.Note(at, "broker-2", kafka.Note{Kind: kafka.OffsetCommitted, Topic: "orders", Group: group,
			Offset: offset})
	}
	mark(1*ms, 10)
	commit(2*ms, "billing", 4)
	mark(3*ms, 12)
	commit(3*ms, "billing", 12)
	r.Line(4*ms, "broker-1", model.TraceFault, "kill broker-1")
	commit(5*ms, "audit", 2)
	commit(6*ms, "billing", 13) // the mark is of one who is behind
	r.Line(9*ms, "", model.TraceEnd, "")
	s := story(r)
	require.Len(t, s.Lags, 2)
	require.Equal(t, "audit", s.Lags[0].Group)
	require.Equal(t, []Point{{5 * ms, 10}}, s.Lags[0].Behind.Points)
	require.Equal(t, []Point{{2 * ms, 6}, {3 * ms, 0}}, s.Lags[1].Behind.Points)
	require.Equal(t, []Point{{2 * ms, 4}, {3 * ms, 12}, {6 * ms, 13}}, s.Lags[1].Committed.Points)
}

// The difference of two staircases is, at every corner, that of their values.
func TestDifferenceOfStaircases(t *testing.T) {
	at := func(s *Staircase, when model.Time) int64 {
		v := noValue
		for _, p := range s.Points {
			if p.At <= when && p.Value >= 0 {
				v = p.Value
			}
		}
		return v
	}
	rapid.Check(t, func(t *rapid.T) {
		var a, b Staircase
		for _, s := range []*Staircase{&a, &b} {
			var when model.Time
			for range rapid.IntRange(0, 20).Draw(t, "points") {
				when += model.Time(rapid.IntRange(1, 3).Draw(t, "wait"))
				s.Add(when, rapid.Int64Range(0, 9).Draw(t, "value"))
			}
		}
		got := difference(&a, &b)
		for when := range model.Time(60) {
			x, y := at(&a, when), at(&b, when)
			if x < 0 || y < 0 {
				require.Equal(t, noValue, at(&got, when))
				continue
			}
			require.Equal(t, max(x-y, 0), at(&got, when))
		}
	})
}

// A log start is shown where it moves, and goes on where it was when a broker comes back.
func TestLogStartComesBack(t *testing.T) {
	r := &recorded.Run{}
	of := func(at model.Time, kind kafka.NoteKind, offset kafka.Offset) {
		r.Note(at, "broker-1", kafka.Note{Kind: kind, Topic: "orders", Offset: offset})
	}
	of(1*ms, kafka.LogEnd, 9)
	of(2*ms, kafka.LogStart, 5)
	r.Line(3*ms, "broker-1", model.TraceFault, "kill broker-1")
	of(4*ms, kafka.LogRecovered, 8)
	of(5*ms, kafka.LogEnd, 9)
	r.Line(9*ms, "", model.TraceEnd, "")
	s := story(r)
	require.Equal(t, []Point{{1 * ms, 0}, {2 * ms, 5}, {3 * ms, noValue}, {4 * ms, 5}},
		s.Replicas[0].LogStart.Points)
}

// The tenth group comes after the second, in the figures' legends as in the digest.
func TestGroupsAreInTheOrderOfTheirNumbers(t *testing.T) {
	c := NewCollector()
	for _, group := range []string{"reader-10", "reader-2", "audit"} {
		c.Observe(&kafka.TraceLine{TraceLine: model.TraceLine{At: 1, Node: "broker-1"},
			Note: kafka.Note{Kind: kafka.OffsetCommitted, Group: group, Topic: "t"}})
		c.Observe(&kafka.TraceLine{TraceLine: model.TraceLine{At: 2, Node: "consumer-" + model.NodeID(group)},
			Note: kafka.Note{Kind: kafka.PartitionsAssigned, Group: group, Member: group}})
	}
	s := c.Story(kafka.Run{})
	require.Equal(t, []string{"audit", "reader-2", "reader-10"}, s.GroupNames())
	require.Equal(t, "reader-10", s.Groups[2].Name)
	require.Equal(t, []model.NodeID{"consumer-audit", "consumer-reader-2", "consumer-reader-10"}, s.Readers())
}
