package digest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/recorded"
)

func narrated(r *recorded.Run, lesson Lesson) *Story {
	c := NewCollector()
	c.Narrate(lesson)
	for i := range r.Trace {
		c.Observe(&r.Trace[i])
	}
	return c.Story(r.Run)
}

// However long a staircase grows it stays small, ends where it ended, and forgets no fall.
func TestStaircaseStaysSmall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s Staircase
		n := rapid.IntRange(0, 12_000).Draw(t, "steps")
		every := rapid.IntRange(500, 5000).Draw(t, "a fall every")
		var v, high int64
		var at model.Time
		var falls, kept int
		for i := range n {
			at += model.Time(rapid.Uint32Range(1, 3_000_000).Draw(t, "wait"))
			v += int64(i%3 + 1)
			if i%every == every-1 {
				v /= 2
				falls++
			}
			s.Add(at, v)
			high = max(high, v)
		}
		require.Less(t, len(s.Points), staircaseLimit)
		for i := 1; i < len(s.Points); i++ {
			require.GreaterOrEqual(t, s.Points[i].At, s.Points[i-1].At)
			if s.Points[i].Value < s.Points[i-1].Value {
				kept++
			}
		}
		require.Equal(t, falls, kept)
		require.Equal(t, high, s.Max())
		if n > 0 {
			require.Equal(t, Point{at, v}, s.Points[len(s.Points)-1])
		}
	})
}

// A coarse staircase has as few points as are asked for, and ends where the fine one ends; the fine
// one stays as it is.
func TestStaircaseCoarse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s Staircase
		at := model.Time(0)
		for range rapid.IntRange(0, 900).Draw(t, "steps") {
			at += model.Time(rapid.IntRange(1, 2_000_000).Draw(t, "wait"))
			s.Add(at, rapid.Int64Range(-1, 1_000_000).Draw(t, "value"))
		}
		before := slices.Clone(s.Points)
		most := rapid.IntRange(2, 300).Draw(t, "most")
		got := s.Coarse(most)
		require.Equal(t, before, s.Points)
		require.LessOrEqual(t, len(got.Points), max(most, 2))
		if n := len(s.Points); n > 0 {
			require.Equal(t, s.Points[n-1], got.Points[len(got.Points)-1])
		}
		for i := 1; i < len(got.Points); i++ {
			require.GreaterOrEqual(t, got.Points[i].At, got.Points[i-1].At)
		}
	})
}

func TestRatesKeepTheirTotals(t *testing.T) {
	r := newRates()
	for i := range 1000 {
		r.add(model.Time(i)*700*ms, OutcomeOK, 3) // 700 s: more than the slots of 10 ms hold
	}
	require.Equal(t, int64(3000), r.Totals[OutcomeOK])
	require.LessOrEqual(t, len(r.slots), rateSlots)
	window := WindowFor(700_000*ms, r.Slot, 100)
	require.Zero(t, window%r.Slot)
	var sum float64
	for _, rate := range r.PerSecond(OutcomeOK, window, 700_000*ms) {
		sum += rate * float64(window) / 1e9
	}
	require.InDelta(t, 3000, sum, 30)
}

func TestQuantilesAreNearestRank(t *testing.T) {
	var samples []latency
	for i := range 100 {
		samples = append(samples, latency{at: 10 * ms, took: model.Time(100 - i)})
	}
	samples = append(samples, latency{at: 250 * ms, took: 7})
	require.Equal(t, []Quantiles{{0, 50, 95, 99, 100}, {200 * ms, 7, 7, 7, 7}},
		QuantileWindows(samples, 100*ms))
}

func TestSilenceNeedsSomebodyWhoWaits(t *testing.T) {
	send := func(c *Collector, process int, kind kafka.OpType, at model.Time) {
		c.ObserveOp(&kafka.Op{Process: process, Type: kind, F: kafka.FSend, Time: at})
	}
	c := NewCollector()
	send(c, 1, kafka.Invoke, 1000*ms)
	send(c, 1, kafka.OK, 1002*ms)
	send(c, 1, kafka.Invoke, 9000*ms) // nobody waited in between
	send(c, 1, kafka.OK, 9002*ms)
	send(c, 1, kafka.Invoke, 9003*ms)
	send(c, 1, kafka.Fail, 9900*ms)
	send(c, 1, kafka.Invoke, 9901*ms)
	s := c.Story(kafka.Run{VirtualNS: int64(12_000 * ms)})
	require.Len(t, s.Moments, 1)
	require.Equal(t, "12.000 s producers have had no acknowledgement for 2.99 s, and have none now", s.Moments[0].String(),
		"a refusal is no acknowledgement")
}

func TestHighestOfStaircases(t *testing.T) {
	a := Staircase{Points: []Point{{1, 5}, {4, 9}, {6, noValue}}}
	b := Staircase{Points: []Point{{2, 7}, {4, 8}, {8, noValue}}}
	got := Highest([]*Staircase{&a, &b})
	require.Equal(t, []Point{{1, 5}, {2, 7}, {4, 9}, {6, 8}, {8, noValue}}, got.Points)
	require.Empty(t, Highest(nil).Points)
}

const ms = model.Time(1_000_000)

// story feeds a collector as a running simulation would.
func story(r *recorded.Run) *Story {
	c := NewCollector()
	r.Feed(c)
	return c.Story(r.Run)
}
