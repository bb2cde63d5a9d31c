package reports

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"sandcastle/model"
)

// drawLatency shows quantiles of the time from a send to its acknowledgement, on a logarithmic
// axis.
func drawLatency(s *Story, f format) (*drawing, string) {
	if len(s.latencies) == 0 {
		return nil, ""
	}
	window := windowFor(s.End, s.rates.slot, windows(len(s.latencies), f, 14))
	rows := quantileWindows(s.latencies, window)
	lines := []struct {
		name   string
		of     func(quantiles) model.Time
		ink    ink
		width  vg.Length
		dashes []vg.Length
	}{
		{"p50 (half are faster)", func(q quantiles) model.Time { return q.p50 }, inkBlue, 2, nil},
		{"p95", func(q quantiles) model.Time { return q.p95 }, inkOrange, 3.2, nil},
		{"p99", func(q quantiles) model.Time { return q.p99 }, inkVermillion, 1.4, nil},
		{"slowest", func(q quantiles) model.Time { return q.max }, inkText, 1.2, []vg.Length{1.5, 2.5}},
	}
	d := &drawing{caption: "time from send to acknowledgement, by " + duration(window) + " of run"}
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
	whole := quantileWindows(s.latencies, model.Never)[0]
	return d, fmt.Sprintf("Latency of %s acknowledged sends over virtual time, logarithmic. Over the "+
		"whole run half took at most %s, 99 %% at most %s, the slowest %s.",
		grouped(int64(len(s.latencies))), latencyText(whole.p50), latencyText(whole.p99),
		latencyText(whole.max))
}

// quantileLines splits at windows without a sample. A window alone becomes a short line.
func quantileLines(rows []quantiles, window model.Time, of func(quantiles) model.Time) [][]xy {
	var pieces [][]xy
	for i, q := range rows {
		micros := float64(max(int64(of(q))/1000, 1))
		if i == 0 || rows[i-1].from+window != q.from {
			pieces = append(pieces, []xy{{inSeconds(q.from), micros}})
		}
		last := len(pieces) - 1
		pieces[last] = append(pieces[last], xy{inSeconds(q.from + window/2), micros})
		if i == len(rows)-1 || rows[i+1].from != q.from+window {
			pieces[last] = append(pieces[last], xy{inSeconds(q.from + window), micros})
		}
	}
	return pieces
}

// latencyText prints a latency with the precision that it deserves.
func latencyText(t model.Time) string {
	switch micros := int64(t) / 1000; {
	case micros >= 1_000_000:
		return seconds(t, 2)
	case micros >= 10_000:
		return fmt.Sprintf("%d ms", micros/1000)
	case micros >= 1000:
		return fmt.Sprintf("%d.%d ms", micros/1000, micros%1000/100)
	default:
		return fmt.Sprintf("%d µs", micros)
	}
}
