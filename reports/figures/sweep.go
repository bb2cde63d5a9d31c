package figures

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"sandcastle/reports/digest"
	"sandcastle/reports/palette"
	"sandcastle/reports/prose"
)

// sweepPanels is how many measures one figure shows.
const sweepPanels = 4

// Sweep draws the measures of a sweep, one above the other, over the values of its first
// setting: for each the median of the seeds, with a bar from the least to the greatest. A second
// setting gives one line for each of its values. ok is false when nothing was measured, or when
// there are not one or two settings.
func Sweep(s *digest.Sweep) (f Figure, ok bool) {
	if len(s.Axes) == 0 || len(s.Axes) > 2 || len(sweptPanels(s)) == 0 {
		return Figure{}, false
	}
	head := svgHead{id: "sweep", title: "What changes with " + s.Axes[0].Name, alt: sweepAlt(s)}
	return Figure{
		Name: "sweep", Title: head.title, Alt: head.alt,
		SVG:    renderSweep(s, wideFormat(), head),
		Narrow: renderSweep(s, narrowFormat(), head),
	}, true
}

// sweptPanel is one measure of a figure.
type sweptPanel struct {
	measure string
	notes   []string // what is said above the data
	scale   sweepScale
	lines   []sweptLine
}

// sweptLine is one line of a panel.
type sweptLine struct {
	name string
	at   []digest.Spread // by value of the first axis
	knee int             // the index of the value at which it flattens, −1 for none
}

// sweptPanels are the measures of which there is something to draw.
func sweptPanels(s *digest.Sweep) []sweptPanel {
	var out []sweptPanel
	for _, name := range s.Measures {
		about, unit := digest.AboutMeasure(name)
		p := sweptPanel{measure: name}
		var all []digest.Spread
		for _, line := range s.Series() {
			l := sweptLine{name: line.Name, knee: -1}
			for _, point := range line.Points {
				l.at = append(l.at, point.Spread(name))
			}
			if at, ok := digest.Knee(s.Axes[0], line.Points, name); ok {
				l.knee = at
				p.notes = append(p.notes, s.KneeText(line, name))
			}
			all = append(all, l.at...)
			p.lines = append(p.lines, l)
		}
		p.scale = scaleFor(unit, all)
		p.notes = slices.Insert(p.notes, 0, name+p.scale.kind(unit)+": "+about)
		if p.scale.to > 0 && len(out) < sweepPanels {
			out = append(out, p)
		}
	}
	return out
}

// sweepInks are the colours of the lines of a sweep. Each has a sign of its own as well.
func sweepInk(i int) palette.Ink { return palette.Lines()[i%len(palette.Lines())] }

func sweepGlyph(i int) draw.GlyphDrawer {
	glyphs := []draw.GlyphDrawer{
		draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}, draw.RingGlyph{}, draw.SquareGlyph{},
		draw.TriangleGlyph{},
	}
	return glyphs[i%len(glyphs)]
}

// renderSweep draws the sweep as SVG.
func renderSweep(s *digest.Sweep, f format, head svgHead) []byte {
	f.left = max(f.left, 64) // "2,000 µs" has room
	sh := &sheet{format: f, face: textFace(f.font), inks: newInkSet()}
	panels := sweptPanels(s)
	knees := false
	for i := range panels {
		knees = knees || len(panels[i].notes) > 1
		var rows []string
		for _, note := range panels[i].notes {
			rows = append(rows, sh.wrap(note)...)
		}
		panels[i].notes = rows
		sh.height += vg.Length(len(rows))*rowHeight + sweepPanelHeight + 2*panelGap
	}
	caption := sh.wrap(sweepCaption(s, knees))
	var legend []entry
	if lines := panels[0].lines; len(lines) > 1 {
		for i, l := range lines {
			legend = append(legend, entry{text: l.name, ink: sweepInk(i), width: 2})
		}
	}
	rows := sh.legendRows(legend)
	sh.height += vg.Length(len(caption)+len(rows))*rowHeight + 6 + f.axisHeight()
	sh.svg = vgsvg.New(f.width, sh.height)
	sh.c = draw.NewCanvas(sh.svg, f.width, sh.height)
	sh.sentences(caption, palette.Text)
	sh.drawSweepLegend(rows)
	for i := range panels {
		sh.drawSwept(&panels[i], s.Axes[0])
	}
	sh.drawSweepAxis(s.Axes[0])
	var raw bytes.Buffer
	if _, err := sh.svg.WriteTo(&raw); err != nil {
		panic(fmt.Sprintf("reports: writing to memory: %v", err))
	}
	head.id += "-" + f.suffix
	head.w, head.h = f.width, sh.height
	return finishSVG(raw.Bytes(), head)
}

// sweepPanelHeight is the height of the data of one measure.
const sweepPanelHeight = vg.Length(170)

// sweepCaption says what the signs mean.
func sweepCaption(s *digest.Sweep, knees bool) string {
	text := fmt.Sprintf("%s, seed %d", s.Scenario, s.Seeds[0])
	if len(s.Seeds) > 1 {
		text = fmt.Sprintf("%s; the sign is the median of %d seeds, the bar goes from the least to the "+
			"greatest", s.Scenario, len(s.Seeds))
	}
	if knees {
		text += "; a ring marks a knee"
	}
	return text
}

// wrap breaks a text into rows that fit the sheet.
func (sh *sheet) wrap(text string) []string {
	return prose.Rows(text, func(row string) bool { return sh.textWidth(row) <= sh.width-2*edge })
}

// sentences writes rows of text.
func (sh *sheet) sentences(rows []string, i palette.Ink) {
	for _, row := range rows {
		sh.text(row, edge, sh.top+rowHeight-5, i)
		sh.top += rowHeight
	}
}

// drawSweepLegend draws the legend, each line with its sign.
func (sh *sheet) drawSweepLegend(rows [][]entry) {
	n := 0
	top := sh.top
	sh.drawLegend(rows)
	for r, row := range rows {
		x := edge
		for _, e := range row {
			sh.glyph(n, x+11, top+(vg.Length(r)+0.5)*rowHeight)
			x += sh.entryWidth(e)
			n++
		}
	}
	sh.top += 6
}

// glyph draws the sign of a line.
func (sh *sheet) glyph(line int, x, down vg.Length) {
	style := draw.GlyphStyle{
		Color: sh.inks.colour[sweepInk(line)], Radius: 4.5, Shape: sweepGlyph(line),
	}
	sh.c.DrawGlyph(style, vg.Point{X: x, Y: sh.height - down})
}

// column is the place of the i-th of n values on the sheet.
func (sh *sheet) column(i, n int) vg.Length {
	step := (sh.width - sh.left - sh.right) / vg.Length(n)
	return sh.left + step*(vg.Length(i)+0.5)
}

// drawSwept draws the notes, the grid and the data of one measure.
func (sh *sheet) drawSwept(p *sweptPanel, a digest.SweepAxis) {
	sh.sentences(p.notes, palette.Text)
	top := sh.top + panelGap
	bottom := top + sweepPanelHeight
	area := draw.Canvas{Canvas: sh.c.Canvas, Rectangle: vg.Rectangle{
		Min: vg.Point{X: sh.left, Y: sh.height - bottom},
		Max: vg.Point{X: sh.width - sh.right, Y: sh.height - top},
	}}
	plt := plot.New()
	plt.Y.Min, plt.Y.Max = p.scale.from, p.scale.to
	if p.scale.log {
		plt.Y.Scale = plot.LogScale{}
	}
	_, yOf := plt.Transforms(&area)
	for _, t := range p.scale.ticks {
		down := sh.height - yOf(t.at)
		sh.line(sh.left, down, sh.width-sh.right, down, sh.inks.line(palette.Grid, 1))
		sh.text(t.label, sh.left-6-sh.textWidth(t.label), down+4.5, palette.Muted)
	}
	for i := range a.Values {
		x := sh.column(i, len(a.Values))
		sh.line(x, top, x, bottom, sh.inks.line(palette.Grid, 1))
	}
	sh.line(sh.left, bottom, sh.width-sh.right, bottom, sh.inks.line(palette.Axis, 1))
	sh.line(sh.left, top, sh.left, bottom, sh.inks.line(palette.Axis, 1))
	for i := range p.lines {
		sh.drawSweptLine(p, i, a, func(v int64) vg.Length {
			return sh.height - yOf(p.scale.of(v))
		})
	}
	sh.top = bottom + panelGap
}

// drawSweptLine draws one line: bars first, then what joins the medians, then their signs. Medians
// at values that are no numbers are not joined: there is nothing between them.
func (sh *sheet) drawSweptLine(
	p *sweptPanel,
	i int,
	a digest.SweepAxis,
	down func(int64) vg.Length,
) {
	l, n := &p.lines[i], len(a.Values)
	// Lines stand side by side, so that their bars do not hide each other.
	aside := (vg.Length(i) - vg.Length(len(p.lines)-1)/2) * min(9, 40/vg.Length(len(p.lines)))
	style := sh.inks.line(sweepInk(i), 1.6)
	for at, sp := range l.at {
		if sp.N == 0 {
			continue
		}
		x := sh.column(at, n) + aside
		low, high := down(sp.Min), down(sp.Max)
		sh.line(x, low, x, high, style)
		sh.line(x-4, low, x+4, low, style)
		sh.line(x-4, high, x+4, high, style)
		if at > 0 && l.at[at-1].N > 0 && a.Quantities != nil {
			before := sh.column(at-1, n) + aside
			sh.line(before, down(l.at[at-1].Median), x, down(sp.Median),
				sh.inks.line(sweepInk(i), 1, 3, 3))
		}
		if at == l.knee {
			ring := draw.GlyphStyle{
				Color: sh.inks.colour[palette.Text], Radius: 9, Shape: draw.RingGlyph{},
			}
			sh.c.DrawGlyph(ring, vg.Point{X: x, Y: sh.height - down(sp.Median)})
		}
	}
	for at, sp := range l.at {
		if sp.N > 0 {
			sh.glyph(i, sh.column(at, n)+aside, down(sp.Median))
		}
	}
}

// drawSweepAxis names the values, as many as have room, and the setting.
func (sh *sheet) drawSweepAxis(a digest.SweepAxis) {
	down := sh.top - panelGap
	free := vg.Length(0)
	for i, v := range a.Values {
		x, words := sh.column(i, len(a.Values)), digest.ValueText(v)
		sh.line(x, down, x, down+5, sh.inks.line(palette.Axis, 1))
		w := sh.textWidth(words)
		if left := min(max(x-w/2, free), sh.width-w-2); left <= x {
			sh.text(words, left, down+19, palette.Muted)
			free = left + w + 8
		}
	}
	name := sh.wrap(a.Name)[0]
	middle := (sh.left + sh.width - sh.right) / 2
	sh.text(name, max(edge, middle-sh.textWidth(name)/2), down+37, palette.Text)
}

// sweepAlt says what there is to see.
func sweepAlt(s *digest.Sweep) string {
	a := s.Axes[0]
	first, last := digest.ValueText(a.Values[0]), digest.ValueText(a.Values[len(a.Values)-1])
	text := fmt.Sprintf("%s over %s from %s to %s, %d seeds each.",
		strings.Join(s.Measures[:min(len(s.Measures), sweepPanels)], ", "), a.Name, first, last,
		len(s.Seeds))
	for _, p := range sweptPanels(s) {
		_, unit := digest.AboutMeasure(p.measure)
		for _, l := range p.lines {
			from, to := l.at[0], l.at[len(l.at)-1]
			if from.N > 0 && to.N > 0 {
				text += fmt.Sprintf(" Median of %s%s: %s at %s, %s at %s.", p.measure,
					strings.TrimSuffix(" with "+l.name, " with "), unit.Format(from.Median), first,
					unit.Format(to.Median), last)
			}
		}
		for _, note := range p.notes[1:] {
			text += " " + strings.ToUpper(note[:1]) + note[1:] + "."
		}
	}
	return text
}
