package figures

import (
	"fmt"
	"strings"

	"gonum.org/v1/plot/vg"

	"sandcastle/reports/digest"
	"sandcastle/reports/palette"
)

// outlineOf is a figure in words: what stands above its panels, and of each panel the axis, the
// series with their values at the marks of the time axis, and the bars. Whoever changes a figure
// sees in it what has changed.
func outlineOf(d *drawing, s *digest.Story, f format) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  caption  %s\n", d.caption)
	for _, e := range d.legend {
		fmt.Fprintf(&b, "  legend   %s: %s\n", e.text, looks(e))
	}
	for _, band := range s.Bands {
		fmt.Fprintf(&b, "  fault    %s to %s s: %s (%s)\n", shortSeconds(inSeconds(band.From)),
			shortSeconds(inSeconds(band.To)), band.Label, className(bandInk(band.Kind)))
	}
	for _, m := range s.Marks {
		fmt.Fprintf(&b, "  mark     %s s: %s\n", shortSeconds(inSeconds(m.At)), m.Label)
	}
	for _, p := range d.peaks {
		fmt.Fprintf(&b, "  peak     %s s: %s\n", shortSeconds(inSeconds(p.at)), p.text)
	}
	times := timeTicks(s.End, f.timeSteps)
	for i := range d.panels {
		outlinePanel(&b, &d.panels[i], times)
	}
	return b.String()
}

func outlinePanel(b *strings.Builder, p *panel, times []tick) {
	title := "panel"
	if p.title != "" {
		title += " " + p.title
	}
	fmt.Fprintf(b, "  %s\n    up       %s", title, axisWords(p.from, p.to, p.log, p.ticks))
	if _, lines := p.layers[0].(lineLayer); lines {
		row := fmt.Sprintf("    %-22s", "seconds")
		for _, t := range times {
			row += fmt.Sprintf("%8s", t.label)
		}
		fmt.Fprintf(b, "%s   most\n", row)
	}
	for _, layer := range p.layers {
		switch l := layer.(type) {
		case lineLayer:
			look := looks(entry{ink: inkOf(l), width: l.style.Width, dashes: l.style.Dashes})
			row := fmt.Sprintf("    %-22s", look)
			for _, t := range times {
				row += fmt.Sprintf("%8s", l.at(t.at))
			}
			fmt.Fprintf(b, "%s   %s\n", row, l.most())
		case markLayer:
			for _, line := range l.lines {
				fmt.Fprintf(b, "    mark     %s on %s\n", line.mark, className(line.ink))
			}
		case barLayer:
			for _, bar := range l.bars {
				fmt.Fprintf(b, "    bar      %s to %s s, %g to %g up: %s\n", shortSeconds(bar.from),
					shortSeconds(bar.to), bar.low, bar.high, barWords(&bar))
			}
		}
	}
}

func axisWords(from, to float64, log bool, ticks []tick) string {
	var labels []string
	for _, t := range ticks {
		labels = append(labels, t.label)
	}
	kind := ""
	if log {
		kind = ", logarithmic"
	}
	words := fmt.Sprintf("%g to %g%s", from, to, kind)
	if len(labels) > 0 {
		words += ": " + strings.Join(labels, "; ")
	}
	return words + "\n"
}

// at is the line's value at a time: that of its last point before, "–" in a gap.
func (l lineLayer) at(x float64) string {
	if y, there := valueOf(l.lines, x); there {
		return fmt.Sprintf("%.0f", y)
	}
	return "–"
}

// most is the line's highest point, "–" for a line without one.
func (l lineLayer) most() string {
	var high xy
	found := false
	for _, piece := range l.lines {
		for _, p := range piece {
			if !found || p.y > high.y {
				high, found = p, true
			}
		}
	}
	if !found {
		return "–"
	}
	return fmt.Sprintf("%.0f at %s s", high.y, shortSeconds(high.x))
}

// inkOf finds the ink of a line by its colour.
func inkOf(l lineLayer) palette.Ink {
	for i, row := range palette.Table() {
		if row.Class != "" && l.style.Color == palette.Ink(i).RGBA() {
			return palette.Ink(i)
		}
	}
	return palette.Count
}

func className(i palette.Ink) string { return palette.Table()[i].Class }

// looks says how a line or a box is drawn: "blue 2.4 dashed 4-3".
func looks(e entry) string {
	words := className(e.ink)
	if e.width > 0 {
		words += fmt.Sprintf(" %g", float64(e.width))
	} else {
		words += " box"
	}
	if len(e.dashes) > 0 {
		words += " dashed " + dashWords(e.dashes)
	}
	if e.open {
		words = "outline"
	}
	if e.hatch {
		words += ", hatched"
	}
	if e.striped {
		words += ", striped"
	}
	if e.mark != "" {
		words += ", marked " + e.mark
	}
	return words
}

func dashWords(dashes []vg.Length) string {
	var parts []string
	for _, d := range dashes {
		parts = append(parts, fmt.Sprintf("%g", float64(d)))
	}
	return strings.Join(parts, "-")
}

func barWords(b *bar) string {
	words := className(b.fill)
	if b.open {
		words = "outline"
	}
	if b.hatch {
		words += ", hatched"
	}
	if b.striped {
		words += ", striped"
	}
	if b.text != "" {
		words += ", " + b.text
	}
	return words
}

func shortSeconds(s float64) string { return fmt.Sprintf("%.2f", s) }

// outlineOfSweep is a sweep's figure in words.
func outlineOfSweep(s *digest.Sweep) string {
	var b strings.Builder
	panels := sweptPanels(s)
	knees := false
	for _, p := range panels {
		knees = knees || len(p.notes) > 1
	}
	fmt.Fprintf(&b, "caption %s\nacross  %s: %s\n", sweepCaption(s, knees), s.Axes[0].Name,
		strings.Join(s.Axes[0].Values, " "))
	for _, p := range panels {
		fmt.Fprintf(&b, "panel %s\n", p.measure)
		for _, note := range p.notes {
			fmt.Fprintf(&b, "  note  %s\n", note)
		}
		fmt.Fprintf(&b, "  up    %s", axisWords(p.scale.from, p.scale.to, p.scale.log, p.scale.ticks))
		for i, l := range p.lines {
			fmt.Fprintf(&b, "  line  %s%s\n", className(sweepInk(i)), strings.TrimSuffix(", "+l.name, ", "))
			for at, sp := range l.at {
				ring := ""
				if at == l.knee {
					ring = ", a ring"
				}
				fmt.Fprintf(&b, "    at %-6s %s\n", s.Axes[0].Values[at], spreadWords(&p.scale, sp)+ring)
			}
		}
	}
	return b.String()
}

func spreadWords(scale *sweepScale, sp digest.Spread) string {
	if sp.N == 0 {
		return "nothing"
	}
	return fmt.Sprintf("sign at %g, bar from %g to %g", scale.of(sp.Median), scale.of(sp.Min),
		scale.of(sp.Max))
}
