package figures

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"sandcastle/model"
	"sandcastle/reports/digest"
	"sandcastle/reports/palette"
	"sandcastle/reports/prose"
)

type quantiles = digest.Quantiles

// drawLatency shows quantiles of the time from a send to its acknowledgement, on a logarithmic
// axis.
func drawLatency(s *digest.Story, f format) (*drawing, string) {
	if len(s.Latencies) == 0 {
		return nil, ""
	}
	window := digest.WindowFor(s.End, s.Rates.Slot, windows(len(s.Latencies), f, 14))
	rows := digest.QuantileWindows(s.Latencies, window)
	lines := []struct {
		name   string
		of     func(quantiles) model.Time
		ink    palette.Ink
		width  vg.Length
		dashes []vg.Length
	}{
		{"p50 (half are faster)", func(q quantiles) model.Time { return q.P50 }, palette.Blue, 2, nil},
		{"p95", func(q quantiles) model.Time { return q.P95 }, palette.Orange, 3.2, nil},
		{"p99", func(q quantiles) model.Time { return q.P99 }, palette.Vermillion, 1.4, nil},
		{"slowest", func(q quantiles) model.Time { return q.Max }, palette.Text, 1.2,
			[]vg.Length{1.5, 2.5}},
	}
	every := prose.Duration(window)
	d := &drawing{caption: "time from send to acknowledgement, by " + every + " of run"}
	inks := newInkSet()
	var layers []plot.Plotter
	low, high := 1e15, 1.0
	for _, l := range lines {
		named := entry{text: l.name, ink: l.ink, width: l.width, dashes: l.dashes}
		d.legend = slices.Insert(d.legend, 0, named) // from the slowest down, as they lie
		pieces := quantileLines(rows, window, l.of)
		for _, piece := range pieces {
			for _, p := range piece {
				low, high = min(low, p.y), max(high, p.y)
			}
		}
		layers = append(layers, lineLayer{lines: pieces, style: inks.line(l.ink, l.width, l.dashes...)})
	}
	ticks, from, to := latencyTicks(low, high)
	d.panels = []panel{{height: 190, from: from, to: to, log: true, ticks: ticks, layers: layers}}
	whole := digest.QuantileWindows(s.Latencies, model.Never)[0]
	return d, fmt.Sprintf("Latency of %s acknowledged sends over virtual time, logarithmic. Over the "+
		"whole run half took at most %s, 99 %% at most %s, the slowest %s.",
		prose.Grouped(int64(len(s.Latencies))), latencyText(whole.P50), latencyText(whole.P99),
		latencyText(whole.Max))
}

// quantileLines splits at windows without a sample. A window alone becomes a short line.
func quantileLines(rows []quantiles, window model.Time, of func(quantiles) model.Time) [][]xy {
	var pieces [][]xy
	for i, q := range rows {
		micros := float64(max(int64(of(q))/1000, 1))
		if i == 0 || rows[i-1].From+window != q.From {
			pieces = append(pieces, []xy{{inSeconds(q.From), micros}})
		}
		last := len(pieces) - 1
		pieces[last] = append(pieces[last], xy{inSeconds(q.From + window/2), micros})
		if i == len(rows)-1 || rows[i+1].From != q.From+window {
			pieces[last] = append(pieces[last], xy{inSeconds(q.From + window), micros})
		}
	}
	return pieces
}

// latencyText prints a latency with the precision that it deserves.
func latencyText(t model.Time) string {
	switch micros := int64(t) / 1000; {
	case micros >= 1_000_000:
		return prose.Seconds(t, 2)
	case micros >= 10_000:
		return fmt.Sprintf("%d ms", micros/1000)
	case micros >= 1000:
		return fmt.Sprintf("%d.%d ms", micros/1000, micros%1000/100)
	default:
		return fmt.Sprintf("%d µs", micros)
	}
}
