package reports

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

// saturation is a sweep whose rate grows with the partitions until a CPU is busy.
func saturation() *Sweep {
	s := &Sweep{
		Scenario: "capacity/partitions",
		Axes: []SweepAxis{{
			Name: "topics[0].partitions", Values: []string{"1", "2", "4", "8", "16"},
			Quantities: []int64{1, 2, 4, 8, 16},
		}},
		Measures: []string{"ack.rate", "ack.p50"}, Seeds: []uint64{1, 2, 3},
	}
	rates, busy := []int64{1000, 1900, 3600, 6000, 6200}, []int64{20, 40, 70, 100, 100}
	for i, v := range s.Axes[0].Values {
		p := SweepPoint{Values: []string{v}}
		for seed := range int64(3) {
			p.Runs = append(p.Runs, &kafka.Run{Verdict: kafka.VerdictUnjudged, Counters: map[string]int64{
				"ack.rate": rates[i] + 40*seed*seed, "ack.p50": 800_000 + int64(i)*90_000*(1+seed),
				"cpu.most.broker-1": busy[i], "cpu.most.broker-2": busy[i] / 2,
			}})
		}
		s.Points = append(s.Points, p)
	}
	return s
}

// batching is a sweep of two settings, of which one is no number; a run of it is missing.
func batching() *Sweep {
	s := &Sweep{
		Scenario: "producers/batching",
		Axes: []SweepAxis{
			{Name: "producers[0].linger", Values: []string{"0ms", "5ms", "50ms"}, Quantities: []int64{0, 5e6, 50e6}},
			{Name: "producers[0].acks", Values: []string{"1", "all"}},
		},
		Measures: []string{"ack.p99", "requests.per.1000", "bytes.sent"}, Seeds: []uint64{7, 8},
	}
	for i, linger := range s.Axes[0].Values {
		for j, acks := range s.Axes[1].Values {
			took := []int64{300_000, 6_000_000, 60_000_000}[i] + int64(j)*300_000
			run := func(more int64) *kafka.Run {
				return &kafka.Run{Verdict: kafka.VerdictUnjudged, Counters: map[string]int64{
					"ack.p99": took + more*took/4, "requests.per.1000": []int64{1000, 420, 60}[i] + 50*more,
					"bytes.sent": 4_000_000 >> i,
				}}
			}
			s.Points = append(s.Points, SweepPoint{Values: []string{linger, acks}, Runs: []*kafka.Run{run(0), run(1)}})
		}
	}
	s.Points[5].Runs[0] = nil
	s.Points[5].Runs[1].Verdict = kafka.VerdictUnsettled
	delete(s.Points[1].Runs[0].Counters, "ack.p99")
	delete(s.Points[1].Runs[1].Counters, "ack.p99")
	return s
}

func TestSpread(t *testing.T) {
	run := func(v int64) *kafka.Run { return &kafka.Run{Counters: map[string]int64{"ack.p50": v}} }
	p := SweepPoint{Runs: []*kafka.Run{run(9), nil, run(3), {}, run(4)}}
	require.Equal(t, Spread{3, 4, 9, 3}, p.Spread("ack.p50"))
	p.Runs = append(p.Runs, run(7))
	require.Equal(t, Spread{3, 5, 9, 4}, p.Spread("ack.p50"), "between the middle two")
	require.Equal(t, Spread{0, 0, 0, 5}, p.Spread("send.ok"), "a count that is not there is 0")
	require.Zero(t, p.Spread("ack.p99").N)
}

func TestLog2(t *testing.T) {
	for _, row := range []struct{ a, b, want int64 }{
		{8, 8, 0}, {16, 8, log2One}, {1 << 40, 1 << 20, 20 * log2One}, {3, 1, 103872}, {110, 100, 9011},
		{1 << 62, 1, 32 * log2One},
	} {
		require.InDelta(t, row.want, log2(row.a, row.b), 2, "%d/%d", row.a, row.b)
	}
}

// The knee is where a measure flattens for good: less than a tenth for each doubling.
func TestKnee(t *testing.T) {
	for _, row := range []struct {
		name string
		x    []int64
		y    []int64
		at   int
		ok   bool
	}{
		{"rises and saturates", []int64{1, 2, 4, 8, 16}, []int64{10, 19, 36, 60, 62}, 3, true},
		{"falls and flattens", []int64{1, 2, 4, 8}, []int64{1000, 100, 98, 95}, 1, true},
		{"rises to the end", []int64{1, 2, 4, 8}, []int64{10, 20, 40, 80}, 0, false},
		{"flat throughout", []int64{1, 2, 4, 8}, []int64{10, 10, 10, 10}, 0, false},
		{"a plateau that ends", []int64{1, 2, 4, 8}, []int64{10, 20, 20, 40}, 0, false},
		{"8 % over a tenth of a doubling is steep", []int64{10, 20, 40, 43}, []int64{10, 20, 21, 23}, 0, false},
		{"19 % over two doublings is flat", []int64{1, 2, 8}, []int64{100, 200, 238}, 1, true},
		{"22 % over two doublings is not", []int64{1, 2, 8}, []int64{100, 200, 244}, 0, false},
		{"from nothing", []int64{0, 5, 50, 500}, []int64{100, 40, 41, 41}, 1, true},
		{"to nothing", []int64{1, 2, 4, 8}, []int64{7, 6, 0, 0}, 0, false},
		{"values that do not grow", []int64{1, 4, 2, 8}, []int64{10, 20, 20, 20}, 0, false},
		{"no numbers", nil, []int64{10, 20, 20, 20}, 0, false},
	} {
		var points []*SweepPoint
		for _, y := range row.y {
			points = append(points, &SweepPoint{Runs: []*kafka.Run{{Counters: map[string]int64{"ack.rate": y}}}})
		}
		at, ok := knee(SweepAxis{Quantities: row.x}, points, "ack.rate")
		require.Equal(t, row.ok, ok, row.name)
		if ok {
			require.Equal(t, row.at, at, row.name)
		}
	}
}

func TestSweepLines(t *testing.T) {
	text := strings.Join(SweepLines(saturation()), "\n")
	require.Equal(t, `sweep     capacity/partitions, seeds 1 to 3
runs      15: 15 unjudged
setting   topics[0].partitions = 1, 2, 4, 8, 16

ack.rate: records acknowledged, from the first send to the last acknowledgement
  partitions               min            median               max
  1            1,000 records/s   1,040 records/s   1,160 records/s
  2            1,900 records/s   1,940 records/s   2,060 records/s
  4            3,600 records/s   3,640 records/s   3,760 records/s
  8            6,000 records/s   6,040 records/s   6,160 records/s
  16           6,200 records/s   6,240 records/s   6,360 records/s
  knee at 8: beyond it ack.rate changes by less than a tenth for each
  doubling; there the CPU of broker-1 is taken for 100 % of its busiest second

ack.p50: from a send to its acknowledgement: half took at most this
  partitions      min   median      max
  1            800 µs   800 µs   800 µs
  2            890 µs   980 µs   1.1 ms
  4            980 µs   1.2 ms   1.3 ms
  8            1.1 ms   1.3 ms   1.6 ms
  16           1.2 ms   1.5 ms   1.9 ms`, text)

	lines := SweepLines(batching())
	require.Contains(t, lines, "runs      12: 10 unjudged, 1 unsettled, 1 not played")
	require.Contains(t, lines, "  0ms, all             –         –         –")
	alone := &Sweep{Scenario: "log/position", Seeds: []uint64{1, 2}, Measures: []string{"log.bytes"},
		Points: []SweepPoint{{Runs: []*kafka.Run{{Verdict: kafka.VerdictOK}, {Verdict: kafka.VerdictOK}}}}}
	require.Contains(t, strings.Join(SweepLines(alone), "\n"), "as it is written   0 B")
}

func TestLastKey(t *testing.T) {
	for name, want := range map[string]string{
		"producers[0].linger": "linger", "cluster.config.zookeeper.session.timeout.ms": "zookeeper.session.timeout.ms",
		"topics[0].partitions+consumers[0].members": "partitions+members", "duration": "duration",
	} {
		require.Equal(t, want, lastKey(name))
	}
}

func TestSweepCSV(t *testing.T) {
	lines := strings.Split(string(SweepCSV(batching())), "\n")
	require.Equal(t, "producers[0].linger,producers[0].acks,measure,unit,runs,min,median,max", lines[0])
	require.Equal(t, "0ms,1,ack.p99,ns,2,300000,337500,375000", lines[1])
	require.Equal(t, "0ms,all,ack.p99,ns,0,,,", lines[2])
	require.Len(t, lines, 1+3*6+1)
}

// Figures are kept byte for byte, as those of runs.
func TestSweepFigureGolden(t *testing.T) {
	for name, s := range map[string]*Sweep{"saturation": saturation(), "batching": batching()} {
		f, ok := SweepFigure(s)
		require.True(t, ok)
		again, _ := SweepFigure(s)
		require.Equal(t, f, again)
		for suffix, got := range map[string][]byte{"": f.SVG, "-narrow": f.Narrow} {
			requireWellFormed(t, got)
			require.NotContains(t, string(got), "style=", "a colour without a class")
			path := filepath.Join("testdata", "sweeps", name+suffix+".svg")
			if *rewrite {
				require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
				require.NoError(t, os.WriteFile(path, got, 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err, "go test ./reports -rewrite makes it")
			require.True(t, string(want) == string(got), "%s has changed", path)
		}
	}
	f, _ := SweepFigure(saturation())
	require.Contains(t, f.Alt, "Median of ack.rate: 1,040 records/s at 1, 6,240 records/s at 16.")
	require.Contains(t, f.Alt, "Knee at 8: beyond it")
}

func TestSweepsWithoutAFigure(t *testing.T) {
	none := saturation()
	none.Measures = []string{"read.p50"}
	_, ok := SweepFigure(none)
	require.False(t, ok, "nobody measured it")
	none = saturation()
	none.Axes = nil
	_, ok = SweepFigure(none)
	require.False(t, ok)

	const evil = `<script>"&`
	s := saturation()
	s.Scenario, s.Axes[0].Name, s.Axes[0].Values[0] = evil, evil, evil
	f, ok := SweepFigure(s)
	require.True(t, ok)
	requireWellFormed(t, f.SVG)
	require.NotContains(t, string(f.SVG), "<script")
}

// Many values and many lines leave every word readable: none is cut off, few are left out.
func TestSweepFigureWithManyLines(t *testing.T) {
	s := &Sweep{Scenario: "many", Measures: []string{"cpu.most"}, Seeds: []uint64{1}}
	s.Axes = []SweepAxis{{Name: "a.x"}, {Name: "b.y"}}
	for i := range 12 {
		s.Axes[0].Values = append(s.Axes[0].Values, fmt.Sprintf("%dKiB", 1<<i))
	}
	for i := range 8 {
		s.Axes[1].Values = append(s.Axes[1].Values, fmt.Sprint(i))
	}
	for _, x := range s.Axes[0].Values {
		for i, y := range s.Axes[1].Values {
			s.Points = append(s.Points, SweepPoint{Values: []string{x, y}, Runs: []*kafka.Run{
				{Counters: map[string]int64{"cpu.most": int64(10*i + len(x))}}}})
		}
	}
	f, ok := SweepFigure(s)
	require.True(t, ok)
	require.Contains(t, string(f.SVG), ">2048KiB<")
	require.Less(t, len(f.SVG), 120_000)
}
