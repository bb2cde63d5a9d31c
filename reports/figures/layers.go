package figures

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"sandcastle/reports/palette"
)

// inkSet holds the inks' colours, ready for gonum.
type inkSet struct {
	colour [palette.Count]color.Color
}

func newInkSet() inkSet {
	var s inkSet
	for i := range s.colour {
		s.colour[i] = palette.Ink(i).RGBA()
	}
	return s
}

func (s *inkSet) line(i palette.Ink, width vg.Length, dashes ...vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: s.colour[i], Width: width, Dashes: dashes}
}

// xy is a point of data: seconds, and the panel's unit.
type xy struct{ x, y float64 }

// lineLayer draws lines; a gap in the data is a new line. With step, a value holds until the next.
type lineLayer struct {
	lines [][]xy
	style draw.LineStyle
	step  bool
}

// Plot implements plot.Plotter.
func (l lineLayer) Plot(c draw.Canvas, p *plot.Plot) {
	xOf, yOf := p.Transforms(&c)
	for _, line := range l.lines {
		pts := make([]vg.Point, 0, 2*len(line))
		for i, d := range line {
			at := vg.Point{X: xOf(d.x), Y: yOf(d.y)}
			if l.step && i > 0 {
				pts = append(pts, vg.Point{X: at.X, Y: pts[len(pts)-1].Y})
			}
			pts = append(pts, at)
		}
		c.StrokeLines(l.style, simplify(pts))
	}
}

// linePoints is how many points one line of a figure has at most, so that a figure stays small.
const linePoints = 500

// simplify leaves out points that lie within a third of a unit of the line between their
// neighbours, so that a staircase of a thousand small steps becomes the slope that the eye sees
// anyway. Lines that are too wild for that lose more.
func simplify(pts []vg.Point) []vg.Point {
	near := 0.34
	out := thinned(pts, near)
	for len(out) > linePoints {
		near *= 2
		out = thinned(pts, near)
	}
	return out
}

// thinned keeps, from one kept point on, the cone of directions that come close enough to
// everything skipped.
func thinned(pts []vg.Point, near float64) []vg.Point {
	if len(pts) < 3 {
		return pts
	}
	out := []vg.Point{pts[0]}
	a, last := pts[0], pts[0]
	low, high := -1e18, 1e18
	for _, p := range pts[1:] {
		dx, dy := float64(p.X-a.X), float64(p.Y-a.Y)
		if dx < 0.01 && dy < near && dy > -near {
			last = p
			continue
		}
		if dx < 0.01 || dy/dx < low || dy/dx > high {
			if last != a {
				out = append(out, last)
			}
			a, low, high = last, -1e18, 1e18
			dx, dy = float64(p.X-a.X), float64(p.Y-a.Y)
		}
		if dx < 0.01 {
			out = append(out, p)
			a, last, low, high = p, p, -1e18, 1e18
			continue
		}
		low, high = max(low, (dy-near)/dx), min(high, (dy+near)/dx)
		last = p
	}
	if last != a {
		out = append(out, last)
	}
	return out
}

// bar is a stretch of time in a lane.
type bar struct {
	from, to    float64 // seconds
	low, high   float64 // in the panel's unit
	text, short string  // the second where the first has no room
	fill        palette.Ink
	// hatch: there is nobody behind it; striped: a look of a later round; open: only an outline.
	hatch, striped, open bool
}

// barLayer draws bars and writes in those that have room.
type barLayer struct {
	bars []bar
	inks *inkSet
	face font.Face
}

// Plot implements plot.Plotter.
func (l barLayer) Plot(c draw.Canvas, p *plot.Plot) {
	xOf, yOf := p.Transforms(&c)
	for _, b := range l.bars {
		x0, x1, y0, y1 := xOf(b.from), xOf(b.to), yOf(b.low), yOf(b.high)
		x1 = max(x1-1, x0+1) // two bars of one colour are two
		l.box(&c, &b, x0, y0, x1, y1)
		text := palette.OnBar
		switch {
		case b.hatch:
			continue
		case b.open:
			text = palette.Muted
		}
		for _, words := range []string{b.text, b.short} {
			if words != "" && l.face.Width(words)+8 <= x1-x0 {
				c.SetColor(l.inks.colour[text])
				c.FillString(l.face, vg.Point{X: x0 + 5, Y: (y0+y1)/2 - 4.5}, words)
				break
			}
		}
	}
}

// box draws a bar without its writing.
func (l barLayer) box(c *draw.Canvas, b *bar, x0, y0, x1, y1 vg.Length) {
	if b.open {
		outline(c, l.inks.line(palette.Hatch, 1, 3, 2), x0+0.5, y0+0.5, x1-0.5, y1-0.5)
		return
	}
	fillRect(c, l.inks.colour[b.fill], x0, y0, x1, y1)
	if b.striped { // at its edges, where no writing is
		for _, y := range []vg.Length{y0 + 2, y1 - 2} {
			c.StrokeLine2(l.inks.line(palette.OnBar, 1.4, 4, 2), x0+1, y, x1-1, y)
		}
	}
	outline(c, l.inks.line(palette.Muted, 0.8), x0+0.4, y0+0.4, x1-0.4, y1-0.4)
	if b.hatch {
		hatch(c, l.inks.line(palette.Hatch, 1), x0, y0, x1, y1)
	}
}

func fillRect(c *draw.Canvas, colour color.Color, x0, y0, x1, y1 vg.Length) {
	c.FillPolygon(colour, []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}})
}

func outline(c *draw.Canvas, st draw.LineStyle, x0, y0, x1, y1 vg.Length) {
	c.StrokeLines(st, []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1},
		{X: x0, Y: y0}})
}

// hatch draws slanted lines inside a rectangle.
func hatch(c *draw.Canvas, st draw.LineStyle, x0, y0, x1, y1 vg.Length) {
	h := y1 - y0
	for x := x0 - h; x < x1; x += 6 {
		from, to := vg.Point{X: x, Y: y0}, vg.Point{X: x + h, Y: y1}
		if from.X < x0 {
			from = vg.Point{X: x0, Y: y0 + x0 - x}
		}
		if to.X > x1 {
			to = vg.Point{X: x1, Y: y1 - (x + h - x1)}
		}
		if to.X > from.X {
			c.StrokeLines(st, []vg.Point{from, to})
		}
	}
}
