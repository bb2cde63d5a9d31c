package figures

import (
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"sandcastle/reports/digest"
	"sandcastle/reports/palette"
)

// storyLabels returns the labels of bands, marks and peaks, placed, and how many lanes they take.
func (sh *sheet) storyLabels(s *digest.Story, peaks []peak) ([]label, int) {
	var labels []label
	for _, p := range peaks {
		labels = append(labels, label{text: p.text, x: sh.x(p.at)})
	}
	for _, b := range s.Bands {
		labels = append(labels, label{text: b.Label, x: sh.x(b.From)})
	}
	for _, m := range s.Marks {
		labels = append(labels, label{text: m.Label, x: sh.x(m.At)})
	}
	slices.SortStableFunc(labels, func(a, b label) int {
		if a.x < b.x {
			return -1
		}
		if a.x > b.x {
			return 1
		}
		return 0
	})
	for i := range labels {
		labels[i].width = sh.textWidth(labels[i].text)
	}
	return labels, placeLabels(labels, sh.width-4, sh.lanes)
}

// drawLabels writes the labels above the data, each with a leader down to it.
func (sh *sheet) drawLabels(labels []label, lanes int) {
	bottom := sh.top + vg.Length(lanes)*rowHeight + 6
	for _, l := range labels {
		if l.lane < 0 {
			continue
		}
		base := bottom - 6 - vg.Length(l.lane)*rowHeight - 5
		sh.text(l.text, l.left, base, palette.Text)
		sh.line(l.x, base-10, l.x, bottom, sh.inks.line(palette.Axis, 0.8))
	}
	sh.top = bottom
}

// drawPanel draws bands, grid, data and marks, in this order.
func (sh *sheet) drawPanel(p *panel, s *digest.Story, last bool) {
	top := sh.top
	if p.title != "" {
		top += panelTitle
	}
	bottom := top + p.height
	under := bottom
	if !last {
		under += panelGap
	}
	sh.drawBands(s, sh.top, under)
	area := draw.Canvas{Canvas: sh.c.Canvas, Rectangle: vg.Rectangle{
		Min: vg.Point{X: sh.left, Y: sh.height - bottom},
		Max: vg.Point{X: sh.width - sh.right, Y: sh.height - top},
	}}
	plt := sh.scales(p)
	_, yOf := plt.Transforms(&area)
	for _, t := range p.ticks {
		down := sh.height - yOf(t.at)
		sh.line(sh.left, down, sh.width-sh.right, down, sh.inks.line(palette.Grid, 1))
		sh.text(t.label, sh.left-6-sh.textWidth(t.label), down+4.5, palette.Muted)
	}
	for _, t := range timeTicks(sh.end, sh.timeSteps) {
		x := area.X(plt.X.Norm(t.at))
		sh.line(x, top, x, bottom, sh.inks.line(palette.Grid, 1))
	}
	for _, m := range s.Marks {
		x := sh.x(m.At)
		sh.line(x, sh.top, x, under, sh.inks.line(palette.Text, 1, 4, 3))
	}
	if p.title != "" {
		sh.rect(sh.left+3, sh.top+2, sh.left+9+sh.textWidth(p.title), sh.top+panelTitle-2, palette.Paper)
		sh.text(p.title, sh.left+6, sh.top+panelTitle-6, palette.Muted)
	}
	plt.Draw(area)
	sh.line(sh.left, bottom, sh.width-sh.right, bottom, sh.inks.line(palette.Axis, 1))
	sh.line(sh.left, top, sh.left, bottom, sh.inks.line(palette.Axis, 1))
	sh.top = bottom + panelGap
}

// scales returns gonum's plot with the panel's axes and layers, and nothing else drawn.
func (sh *sheet) scales(p *panel) *plot.Plot {
	plt := plot.New()
	plt.BackgroundColor = nil
	plt.HideAxes()
	plt.X.Padding, plt.Y.Padding = 0, 0
	plt.Add(p.layers...)
	plt.X.Min, plt.X.Max = 0, inSeconds(sh.end)
	plt.Y.Min, plt.Y.Max = p.from, p.to
	if p.log {
		plt.Y.Scale = plot.LogScale{}
	}
	return plt
}

func (sh *sheet) drawBands(s *digest.Story, top, bottom vg.Length) {
	for _, b := range s.Bands {
		x0, x1 := sh.x(b.From), sh.x(b.To)
		sh.rect(x0, top, max(x1, x0+1), bottom, bandInk(b.Kind))
	}
	for _, b := range s.Bands {
		x0, x1 := sh.x(b.From), sh.x(b.To)
		sh.line(x0, top, x0, bottom, sh.inks.line(palette.BandEdge, 1))
		if b.To < s.End {
			sh.line(x1, top, x1, bottom, sh.inks.line(palette.BandEdge, 1))
		}
	}
}

func bandInk(k digest.BandKind) palette.Ink {
	switch k {
	case digest.BandDown:
		return palette.Down
	case digest.BandNetwork:
		return palette.Network
	default:
		return palette.Paused
	}
}

func (sh *sheet) drawTimeAxis() {
	down := sh.top - panelGap
	for _, t := range timeTicks(sh.end, sh.timeSteps) {
		x := sh.left + (sh.width-sh.left-sh.right)*vg.Length(t.at/inSeconds(sh.end))
		sh.line(x, down, x, down+5, sh.inks.line(palette.Axis, 1))
		w := sh.textWidth(t.label)
		left := min(x-w/2, sh.width-w-2)
		sh.text(t.label, left, down+19, palette.Muted)
	}
	if sh.small {
		return
	}
	const name = "virtual time (s)"
	middle := (sh.left + sh.width - sh.right) / 2
	sh.text(name, middle-sh.textWidth(name)/2, down+37, palette.Text)
}
