package figures

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/recorded/sweeps"
)

// Sweeps are kept in words, and one of them byte for byte.
func TestSweepsAreAsKept(t *testing.T) {
	for name, s := range map[string]*digest.Sweep{"saturation": sweeps.Saturation(), "batching": sweeps.Batching()} {
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
	f, _ := Sweep(sweeps.Saturation())
	require.Contains(t, f.Alt, "Median of ack.rate: 1,040 records/s at 1, 6,240 records/s at 16.")
	require.Contains(t, f.Alt, "Knee at 8: beyond it")
}

func TestSweepsWithoutAFigure(t *testing.T) {
	none := sweeps.Saturation()
	none.Measures = []string{"read.p50"}
	_, ok := Sweep(none)
	require.False(t, ok, "nobody measured it")
	none = sweeps.Saturation()
	none.Axes = nil
	_, ok = Sweep(none)
	require.False(t, ok)

	const evil = `<script>"&`
	s := sweeps.Saturation()
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
