package reports

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// What a group has not committed yet is counted from its first commit on, and a dead leader's
// records count as well.
func TestLagIsWatermarkLessCommitted(t *testing.T) {
	r := &recording{}
	mark := func(at model.Time, offset kafka.Offset) {
		r.note(at, "broker-1", kafka.Note{Kind: kafka.HighWatermark, Topic: "orders", Offset: offset})
	}
	commit := func(at model.Time, group string, offset kafka.Offset) {
		r.note(at, "broker-2", kafka.Note{Kind: kafka.OffsetCommitted, Topic: "orders", Group: group,
			Offset: offset})
	}
	mark(1*ms, 10)
	commit(2*ms, "billing", 4)
	mark(3*ms, 12)
	commit(3*ms, "billing", 12)
	r.line(4*ms, "broker-1", model.TraceFault, "kill broker-1")
	commit(5*ms, "audit", 2)
	commit(6*ms, "billing", 13) // the mark is of one who is behind
	r.line(9*ms, "", model.TraceEnd, "")
	s := r.story()
	require.Len(t, s.lags, 2)
	require.Equal(t, "audit", s.lags[0].group)
	require.Equal(t, []point{{5 * ms, 10}}, s.lags[0].behind.points)
	require.Equal(t, []point{{2 * ms, 6}, {3 * ms, 0}}, s.lags[1].behind.points)
	require.Equal(t, []point{{2 * ms, 4}, {3 * ms, 12}, {6 * ms, 13}}, s.lags[1].committed.points)
}

// The difference of two staircases is, at every corner, that of their values.
func TestDifferenceOfStaircases(t *testing.T) {
	at := func(s *staircase, when model.Time) int64 {
		v := noValue
		for _, p := range s.points {
			if p.at <= when && p.v >= 0 {
				v = p.v
			}
		}
		return v
	}
	rapid.Check(t, func(t *rapid.T) {
		var a, b staircase
		for _, s := range []*staircase{&a, &b} {
			var when model.Time
			for range rapid.IntRange(0, 20).Draw(t, "points") {
				when += model.Time(rapid.IntRange(1, 3).Draw(t, "wait"))
				s.add(when, rapid.Int64Range(0, 9).Draw(t, "value"))
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
	r := &recording{}
	of := func(at model.Time, kind kafka.NoteKind, offset kafka.Offset) {
		r.note(at, "broker-1", kafka.Note{Kind: kind, Topic: "orders", Offset: offset})
	}
	of(1*ms, kafka.LogEnd, 9)
	of(2*ms, kafka.LogStart, 5)
	r.line(3*ms, "broker-1", model.TraceFault, "kill broker-1")
	of(4*ms, kafka.LogRecovered, 8)
	of(5*ms, kafka.LogEnd, 9)
	r.line(9*ms, "", model.TraceEnd, "")
	s := r.story()
	require.Equal(t, []point{{1 * ms, 0}, {2 * ms, 5}, {3 * ms, noValue}, {4 * ms, 5}},
		s.replicas[0].logStart.points)
}

// The page has a line for a log start that moves.
func TestPageHasALineForTheLogStart(t *testing.T) {
	tp := kafka.TopicPartition{Topic: "orders"}
	s := &Story{replicas: []replica{{node: "broker-1", tp: tp}}}
	require.Len(t, s.offsetLines(tp), 2)
	s.replicas[0].logStart.add(1*ms, 5)
	lines := s.offsetLines(tp)
	require.Len(t, lines, 3)
	require.Equal(t, "log-start", lines[2].what)
}

// A group that lags in one partition and keeps up in another has a line for the first alone.
func TestLagOfAPartitionThatKeepsUpIsNotDrawn(t *testing.T) {
	r := &recording{}
	for p, mark := range []kafka.Offset{9, 1} {
		r.note(ms, "broker-1", kafka.Note{Kind: kafka.HighWatermark, Topic: "orders", Partition: int32(p), Offset: mark})
		r.note(2*ms, "broker-2", kafka.Note{Kind: kafka.OffsetCommitted, Topic: "orders", Partition: int32(p), Group: "g"})
	}
	r.line(9*ms, "", model.TraceEnd, "")
	d, alt := drawLag(r.story(), format{})
	require.Len(t, d.legend, 1)
	require.Contains(t, alt, "9 records behind in orders-0")
	require.NotContains(t, alt, "orders-1")
}
