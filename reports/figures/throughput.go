package figures

import (
	"cmp"
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"sandcastle/model"
	"sandcastle/reports/digest"
	"sandcastle/reports/palette"
	"sandcastle/reports/prose"
)

// rateLine is one line of the figure of throughput.
type rateLine struct {
	o      digest.Outcome
	name   string
	ink    palette.Ink
	width  vg.Length
	dashes []vg.Length
	// rare lines are drawn only where they are not zero.
	rare bool
	rate []float64
}

// drawThroughput shows records per second, sends by outcome and reads.
func drawThroughput(s *digest.Story, f format) (*drawing, string) {
	lines := []rateLine{
		{digest.OutcomeRead, "read", palette.Green, 1.6, []vg.Length{4, 3}, false, nil},
		{digest.OutcomeFail, "failed", palette.Vermillion, 2, nil, true, nil},
		{digest.OutcomeUnknown, "outcome unknown", palette.Orange, 2, nil, true, nil},
		{digest.OutcomeOK, "acknowledged", palette.Blue, 2.4, nil, false, nil},
	}
	t := s.Rates.Totals
	most := max(t[digest.OutcomeOK], t[digest.OutcomeRead])
	window := digest.WindowFor(s.End, s.Rates.Slot, windows(int(most), f, 10))
	d := &drawing{caption: "records per second, counted every " + prose.Duration(window)}
	var all []float64
	alt := ""
	var total int64
	for i := range lines {
		l := &lines[i]
		n := t[l.o]
		total += n
		alt = fmt.Sprintf("%s records %s. ", prose.Grouped(n), l.name) + alt
		if n == 0 && l.o != digest.OutcomeOK {
			continue
		}
		text := fmt.Sprintf("%s (%s)", l.name, prose.Grouped(n))
		named := entry{text: text, ink: l.ink, width: l.width, dashes: l.dashes}
		d.legend = slices.Insert(d.legend, 0, named)
		l.rate = s.Rates.PerSecond(l.o, window, s.End)
		all = append(all, l.rate...)
	}
	if total == 0 {
		return nil, ""
	}
	high, cut := ceiling(all)
	ticks, to := countTicks(high, 5)
	if to *= 1.05; cut {
		d.peaks = peaksOf(lines, window, to)
		d.caption += "; peaks run off the top"
	}
	inks := newInkSet()
	p := panel{height: 190, to: to, ticks: ticks}
	for _, l := range lines {
		p.layers = append(p.layers, plot.Plotter(lineLayer{lines: l.steps(window, to), step: true,
			style: inks.line(l.ink, l.width, l.dashes...)}))
	}
	d.panels = []panel{p}
	return d, "Records per second over virtual time. " + alt[:len(alt)-1]
}

// windows is into how many windows a figure cuts the run: one for every few units of its width,
// but fewer when there is little to count.
func windows(n int, f format, units int) int { return min(int(f.width)/units, max(n/4, 15)) }

// steps draws each window's rate as a flat stretch, cut off at to.
func (l *rateLine) steps(window model.Time, to float64) [][]xy {
	var out [][]xy
	open := false
	for i, v := range l.rate {
		if l.rare && v == 0 {
			open = false
			continue
		}
		if !open {
			out = append(out, nil)
			open = true
		}
		last := len(out) - 1
		begin, end := inSeconds(model.Time(i)*window), inSeconds(model.Time(i+1)*window)
		out[last] = append(out[last], xy{begin, min(v, to)}, xy{end, min(v, to)})
	}
	return out
}

// ceiling is how high the axis must reach. A few windows in which a backlog drains at full speed
// would press all the others flat; then it is lower, and cut is true.
func ceiling(all []float64) (high float64, cut bool) {
	var busy []float64
	for _, v := range all {
		if v > 0 {
			busy = append(busy, v)
		}
	}
	if len(busy) == 0 {
		return 1, false
	}
	slices.Sort(busy)
	high = busy[len(busy)-1]
	usual := busy[len(busy)*4/5]
	if high <= 4*usual {
		return high, false
	}
	return 2 * usual, true
}

// peaksOf are the highest three of the stretches above to.
func peaksOf(lines []rateLine, window model.Time, to float64) []peak {
	const most = 3
	type stretch struct {
		from, n int
		top     float64
		name    string
	}
	var found []stretch
	for _, l := range lines {
		for i, v := range l.rate {
			last := len(found) - 1
			switch {
			case v <= to:
			case i > 0 && l.rate[i-1] > to:
				found[last].n++
				found[last].top = max(found[last].top, v)
			default:
				found = append(found, stretch{i, 1, v, l.name})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b stretch) int { return cmp.Compare(b.top, a.top) })
	var out []peak
	for _, f := range found[:min(len(found), most)] {
		middle := model.Time(f.from)*window + model.Time(f.n)*window/2
		text := fmt.Sprintf("%s/s %s", prose.Grouped(int64(f.top)), f.name)
		out = append(out, peak{middle, text})
	}
	return out
}
