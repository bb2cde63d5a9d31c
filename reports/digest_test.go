package reports

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"
	"pgregory.net/rapid"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// However long a staircase grows it stays small, ends where it ended, and forgets no fall.
func TestStaircaseStaysSmall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s staircase
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
			s.add(at, v)
			high = max(high, v)
		}
		require.Less(t, len(s.points), staircaseLimit)
		for i := 1; i < len(s.points); i++ {
			require.GreaterOrEqual(t, s.points[i].at, s.points[i-1].at)
			if s.points[i].v < s.points[i-1].v {
				kept++
			}
		}
		require.Equal(t, falls, kept)
		require.Equal(t, high, s.max())
		if n > 0 {
			require.Equal(t, point{at, v}, s.points[len(s.points)-1])
		}
	})
}

// A coarse staircase has as few points as are asked for, and ends where the fine one ends; the fine
// one stays as it is.
func TestStaircaseCoarse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s staircase
		at := model.Time(0)
		for range rapid.IntRange(0, 900).Draw(t, "steps") {
			at += model.Time(rapid.IntRange(1, 2_000_000).Draw(t, "wait"))
			s.add(at, rapid.Int64Range(-1, 1_000_000).Draw(t, "value"))
		}
		before := slices.Clone(s.points)
		most := rapid.IntRange(2, 300).Draw(t, "most")
		got := s.coarse(most)
		require.Equal(t, before, s.points)
		require.LessOrEqual(t, len(got.points), max(most, 2))
		if n := len(s.points); n > 0 {
			require.Equal(t, s.points[n-1], got.points[len(got.points)-1])
		}
		for i := 1; i < len(got.points); i++ {
			require.GreaterOrEqual(t, got.points[i].at, got.points[i-1].at)
		}
	})
}

func TestRatesKeepTheirTotals(t *testing.T) {
	r := newRates()
	for i := range 1000 {
		r.add(model.Time(i)*700*ms, outcomeOK, 3) // 700 s: more than the slots of 10 ms hold
	}
	require.Equal(t, int64(3000), r.totals[outcomeOK])
	require.LessOrEqual(t, len(r.slots), rateSlots)
	window := windowFor(700_000*ms, r.slot, 100)
	require.Zero(t, window%r.slot)
	var sum float64
	for _, rate := range r.perSecond(outcomeOK, window, 700_000*ms) {
		sum += rate * inSeconds(window)
	}
	require.InDelta(t, 3000, sum, 30)
}

func TestQuantilesAreNearestRank(t *testing.T) {
	var samples []latency
	for i := range 100 {
		samples = append(samples, latency{at: 10 * ms, took: model.Time(100 - i)})
	}
	samples = append(samples, latency{at: 250 * ms, took: 7})
	require.Equal(t, []quantiles{{0, 50, 95, 99, 100}, {200 * ms, 7, 7, 7, 7}},
		quantileWindows(samples, 100*ms))
}

func TestQuantileLinesBreakAtGaps(t *testing.T) {
	rows := []quantiles{{max: 100}, {from: 200 * ms, max: 7}}
	pieces := quantileLines(rows, 100*ms, func(q quantiles) model.Time { return q.max })
	require.Len(t, pieces, 2, "a gap of a window breaks the line")
	require.Equal(t, 1.0, pieces[0][0].y, "nothing below a microsecond on a logarithmic axis")
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
	require.Equal(t, "9.003 s producers get no acknowledgement for 2.99 s", s.Moments[0].String(),
		"a refusal is no acknowledgement")
}

func TestTicksAreRound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		end := model.Time(rapid.Int64Range(1_000_000, 1e14).Draw(t, "end"))
		n := rapid.IntRange(2, 20).Draw(t, "steps")
		ticks := timeTicks(end, n)
		require.LessOrEqual(t, len(ticks), n+1)
		requireRound(t, ticks)

		high := rapid.Float64Range(1, 1e9).Draw(t, "high")
		counts, to := countTicks(high, 5)
		require.GreaterOrEqual(t, to, high)
		require.LessOrEqual(t, len(counts), 7)
		requireRound(t, counts)

		low := rapid.Float64Range(1, 1e8).Draw(t, "low")
		marks, from, to := latencyTicks(low, low*rapid.Float64Range(1, 1e4).Draw(t, "times"))
		require.LessOrEqual(t, from, low)
		require.GreaterOrEqual(t, to, low)
		require.GreaterOrEqual(t, len(marks), 2)
	})
}

func requireRound(t *rapid.T, ticks []tick) {
	labels := map[string]bool{}
	for i, tick := range ticks {
		require.False(t, labels[tick.label], "label %s twice", tick.label)
		labels[tick.label] = true
		if i > 1 {
			require.InDelta(t, ticks[1].at-ticks[0].at, tick.at-ticks[i-1].at, 1e-6*math.Max(1, tick.at))
		}
	}
}

// Labels never cover each other, and those that found room point at their place without crossing
// a text.
func TestLabelsDoNotCollide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 14).Draw(t, "labels")
		labels := make([]label, n)
		for i := range labels {
			labels[i].x = vg.Length(rapid.IntRange(40, 840).Draw(t, "x"))
			labels[i].width = vg.Length(rapid.IntRange(20, 180).Draw(t, "width"))
		}
		slices.SortStableFunc(labels, func(a, b label) int { return int(a.x - b.x) })
		lanes := placeLabels(labels, 856, 4)
		require.LessOrEqual(t, lanes, 4)
		for i, a := range labels {
			for _, b := range labels[i+1:] {
				if a.lane < 0 || b.lane < 0 {
					continue
				}
				require.False(t, a.lane == b.lane && overlap(a, b), "%v %v", a, b)
				require.False(t, a.lane > b.lane && a.x > b.left && a.x < b.left+b.width, "%v %v", a, b)
				require.False(t, b.lane > a.lane && b.x > a.left && b.x < a.left+a.width, "%v %v", a, b)
			}
		}
	})
}

// What simplify leaves out cannot be seen.
func TestSimplifyStaysClose(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pts := []vg.Point{{}}
		for range rapid.IntRange(1, 200).Draw(t, "points") {
			last := pts[len(pts)-1]
			dx := vg.Length(rapid.IntRange(0, 300).Draw(t, "dx")) / 100
			dy := vg.Length(rapid.IntRange(-200, 200).Draw(t, "dy")) / 100
			pts = append(pts, vg.Point{X: last.X + dx, Y: last.Y + dy})
		}
		got := simplify(pts)
		require.Equal(t, pts[0], got[0])
		require.LessOrEqual(t, len(got), len(pts))
		for _, p := range pts {
			require.LessOrEqual(t, distance(got, p), 0.75, fmt.Sprint(p))
		}
	})
}

// distance is how far p is from the polyline.
func distance(line []vg.Point, p vg.Point) float64 {
	best := math.Inf(1)
	for i := range line {
		a, b := line[max(i-1, 0)], line[i]
		dx, dy := float64(b.X-a.X), float64(b.Y-a.Y)
		along := 0.0
		if l := dx*dx + dy*dy; l > 0 {
			along = (float64(p.X-a.X)*dx + float64(p.Y-a.Y)*dy) / l
		}
		along = math.Min(math.Max(along, 0), 1)
		x, y := float64(a.X)+along*dx, float64(a.Y)+along*dy
		best = math.Min(best, math.Hypot(float64(p.X)-x, float64(p.Y)-y))
	}
	return best
}

func TestNumbersForPeople(t *testing.T) {
	require.Equal(t, "1,234,567", grouped(1234567))
	require.Equal(t, "-1,234", grouped(-1234))
	require.Equal(t, "999", grouped(999))
	require.Equal(t, "4.003 s", seconds(4_003_999_999, 3))
	require.Equal(t, "4 s", seconds(4_003_999_999, 0))
	require.Equal(t, "1 record", counted(1, "record"))
}

// A backlog that drains in a moment is written above the axis, so that the rest can be seen.
func TestPeaksAreCutOff(t *testing.T) {
	steady := slices.Repeat([]float64{0, 200, 210}, 20)
	high, cut := ceiling(steady)
	require.False(t, cut)
	require.Equal(t, 210.0, high)
	high, cut = ceiling(append(slices.Clone(steady), 2800, 3200))
	require.True(t, cut)
	require.Equal(t, 420.0, high)
	high, cut = ceiling(make([]float64, 9))
	require.False(t, cut)
	require.Equal(t, 1.0, high)

	lines := []rateLine{{name: "read", rate: []float64{0, 10, 900, 1000, 10, 800, 0, 700, 0, 600}}}
	require.Equal(t, []peak{{3000 * ms, "1,000/s read"}, {5500 * ms, "800/s read"},
		{7500 * ms, "700/s read"}}, peaksOf(lines, 1000*ms, 500))
	lines[0].rare = true
	require.Len(t, lines[0].steps(1000*ms, 500), 3, "a rare outcome is drawn where there is some")
}

func TestHighestOfStaircases(t *testing.T) {
	a := staircase{points: []point{{1, 5}, {4, 9}, {6, noValue}}}
	b := staircase{points: []point{{2, 7}, {4, 8}, {8, noValue}}}
	got := highest([]*staircase{&a, &b})
	require.Equal(t, []point{{1, 5}, {2, 7}, {4, 9}, {6, 8}, {8, noValue}}, got.points)
	require.Empty(t, highest(nil).points)
}

func TestStripsDoNotOverlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bands := make([]Band, rapid.IntRange(0, 12).Draw(t, "bands"))
		at := model.Time(0)
		for i := range bands {
			at += model.Time(rapid.IntRange(0, 9).Draw(t, "later"))
			bands[i].From, bands[i].To = at, at+model.Time(rapid.IntRange(0, 30).Draw(t, "lasts"))
		}
		level, levels := placeStrips(bands)
		require.LessOrEqual(t, levels, stripLevels)
		for i := range bands {
			for j := range i {
				if level[i] >= 0 && level[i] == level[j] {
					require.GreaterOrEqual(t, bands[i].From, bands[j].To)
				}
			}
		}
	})
}
