package figures

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
	"sandcastle/reports/digest"
	"sandcastle/reports/recorded"
)

func TestQuantileLinesBreakAtGaps(t *testing.T) {
	rows := []digest.Quantiles{{Max: 100}, {From: 200 * ms, Max: 7}}
	pieces := quantileLines(rows, 100*ms, func(q digest.Quantiles) model.Time { return q.Max })
	require.Len(t, pieces, 2, "a gap of a window breaks the line")
	require.Equal(t, 1.0, pieces[0][0].y, "nothing below a microsecond on a logarithmic axis")
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

func TestStripsDoNotOverlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bands := make([]digest.Band, rapid.IntRange(0, 12).Draw(t, "bands"))
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

// A group that lags in one partition and keeps up in another has a line for the first alone.
func TestLagOfAPartitionThatKeepsUpIsNotDrawn(t *testing.T) {
	r := &recorded.Run{}
	for p, mark := range []kafka.Offset{9, 1} {
		r.Note(ms, "broker-1", kafka.Note{Kind: kafka.HighWatermark, Topic: "orders", Partition: int32(p), Offset: mark})
		r.Note(2*ms, "broker-2", kafka.Note{Kind: kafka.OffsetCommitted, Topic: "orders", Partition: int32(p), Group: "g"})
	}
	r.Line(9*ms, "", model.TraceEnd, "")
	d, alt := drawLag(story(r), format{})
	require.Len(t, d.legend, 1)
	require.Contains(t, alt, "9 records behind in orders-0")
	require.NotContains(t, alt, "orders-1")
}
