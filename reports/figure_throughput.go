package reports

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"sandcastle/model"
)

// drawThroughput shows records per second, sends by outcome and reads.
func drawThroughput(s *Story, f format) (*drawing, string) {
	lines := []struct {
		o      outcome
		name   string
		ink    ink
		width  vg.Length
		dashes []vg.Length
	}{
		{outcomeFail, "failed", inkVermillion, 2, nil},
		{outcomeUnknown, "outcome unknown", inkOrange, 2, nil},
		{outcomeOK, "acknowledged", inkBlue, 2.4, nil},
		{outcomeRead, "read", inkGreen, 1.6, []vg.Length{4, 3}},
	}
	window := windowFor(s.End, s.rates.slot, int(f.width/7))
	d := &drawing{caption: "records per second, counted every " + duration(window)}
	inks := newInkSet()
	var layers []plot.Plotter
	var high float64
	alt := ""
	var total int64
	for _, l := range lines {
		n := s.rates.totals[l.o]
		total += n
		name := fmt.Sprintf("%s (%s)", l.name, grouped(n))
		alt += fmt.Sprintf("%s records %s. ", grouped(n), l.name)
		d.legend = append(d.legend, entry{text: name, ink: l.ink, width: l.width, dashes: l.dashes})
		if n == 0 {
			continue
		}
		rate := s.rates.perSecond(l.o, window, s.End)
		line := make([]xy, len(rate))
		for i, v := range rate {
			line[i] = xy{inSeconds(model.Time(i)*window + window/2), v}
			high = max(high, v)
		}
		style := inks.line(l.ink, l.width, l.dashes...)
		layers = append(layers, lineLayer{lines: [][]xy{line}, style: style})
	}
	if total == 0 {
		return nil, ""
	}
	ticks, to := countTicks(max(high, 1), 5)
	d.panels = []panel{{height: 190, to: to * 1.05, ticks: ticks, layers: layers}}
	return d, "Records per second over virtual time. " + alt[:len(alt)-1]
}

// duration prints a round width of time in its natural unit.
func duration(t model.Time) string {
	switch {
	case t%1_000_000_000 == 0:
		return seconds(t, 0)
	case t%1_000_000 == 0:
		return fmt.Sprintf("%d ms", t/1_000_000)
	default:
		return fmt.Sprintf("%d µs", t/1000)
	}
}
