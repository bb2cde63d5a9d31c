package figures

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
)

// saturation is a sweep whose rate grows with the partitions until a CPU is busy.
func saturation() *digest.Sweep {
	s := &digest.Sweep{
		Scenario: "capacity/partitions",
		Axes: []digest.SweepAxis{{
			Name: "topics[0].partitions", Values: []string{"1", "2", "4", "8", "16"},
			Quantities: []int64{1, 2, 4, 8, 16},
		}},
		Measures: []string{"ack.rate", "ack.p50"}, Seeds: []uint64{1, 2, 3},
	}
	rates, busy := []int64{1000, 1900, 3600, 6000, 6200}, []int64{20, 40, 70, 100, 100}
	for i, v := range s.Axes[0].Values {
		p := digest.SweepPoint{Values: []string{v}}
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
func batching() *digest.Sweep {
	s := &digest.Sweep{
		Scenario: "producers/batching",
		Axes: []digest.SweepAxis{
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
			s.Points = append(s.Points, digest.SweepPoint{Values: []string{linger, acks}, Runs: []*kafka.Run{run(0), run(1)}})
		}
	}
	s.Points[5].Runs[0] = nil
	s.Points[5].Runs[1].Verdict = kafka.VerdictUnsettled
	delete(s.Points[1].Runs[0].Counters, "ack.p99")
	delete(s.Points[1].Runs[1].Counters, "ack.p99")
	return s
}

// Sweeps are kept in words, and one of them byte for byte.
func TestSweepsAreAsKept(t *testing.T) {
	for name, s := range map[string]*digest.Sweep{"saturation": saturation(), "batching": batching()} {
		f, ok := Sweep(s)
		require.True(t, ok)
		again, _ := Sweep(s)
		require.Equal(t, f, again)
		for _, svg := range [][]byte{f.SVG, f.Narrow} {
			requireWellFormed(t, svg)
			require.NotContains(t, string(svg), "style=", "a colour without a class")
		}
		kept(t, "sweep-"+name+".txt", outlineOfSweep(s))
		if name == "saturation" {
			kept(t, "sweep-saturation.svg", string(f.SVG))
		}
	}
	f, _ := Sweep(saturation())
	require.Contains(t, f.Alt, "Median of ack.rate: 1,040 records/s at 1, 6,240 records/s at 16.")
	require.Contains(t, f.Alt, "Knee at 8: beyond it")
}

func TestSweepsWithoutAFigure(t *testing.T) {
	none := saturation()
	none.Measures = []string{"read.p50"}
	_, ok := Sweep(none)
	require.False(t, ok, "nobody measured it")
	none = saturation()
	none.Axes = nil
	_, ok = Sweep(none)
	require.False(t, ok)

	const evil = `<script>"&`
	s := saturation()
	s.Scenario, s.Axes[0].Name, s.Axes[0].Values[0] = evil, evil, evil
	f, ok := Sweep(s)
	require.True(t, ok)
	requireWellFormed(t, f.SVG)
	require.NotContains(t, string(f.SVG), "<script")
}

// Many values and many lines leave every word readable: none is cut off, few are left out.
func TestSweepFigureWithManyLines(t *testing.T) {
	s := &digest.Sweep{Scenario: "many", Measures: []string{"cpu.most"}, Seeds: []uint64{1}}
	s.Axes = []digest.SweepAxis{{Name: "a.x"}, {Name: "b.y"}}
	for i := range 12 {
		s.Axes[0].Values = append(s.Axes[0].Values, fmt.Sprintf("%dKiB", 1<<i))
	}
	for i := range 8 {
		s.Axes[1].Values = append(s.Axes[1].Values, fmt.Sprint(i))
	}
	for _, x := range s.Axes[0].Values {
		for i, y := range s.Axes[1].Values {
			s.Points = append(s.Points, digest.SweepPoint{Values: []string{x, y}, Runs: []*kafka.Run{
				{Counters: map[string]int64{"cpu.most": int64(10*i + len(x))}}}})
		}
	}
	f, ok := Sweep(s)
	require.True(t, ok)
	require.Contains(t, string(f.SVG), ">2048KiB<")
	require.Less(t, len(f.SVG), 120_000)
}
