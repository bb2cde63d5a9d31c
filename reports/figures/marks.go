package figures

import (
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"sandcastle/reports/palette"
)

// markLayer writes short marks on lines, such as 1 to 10 on those of ten groups. Each has places of
// its own along the axis, so that lines which lie on each other are still told apart: there the
// marks of all of them follow each other.
type markLayer struct {
	lines []markedLine
	inks  *inkSet
	face  font.Face
}

type markedLine struct {
	lineLook
	pieces [][]xy
}

const (
	markApart = vg.Length(34) // between two marks along the axis, about
	markHigh  = vg.Length(13)
)

// Plot implements plot.Plotter.
func (l markLayer) Plot(c draw.Canvas, p *plot.Plot) {
	if len(l.lines) == 0 {
		return
	}
	xOf, yOf := p.Transforms(&c)
	wide, n := c.Max.X-c.Min.X, len(l.lines)
	places := n * max(1, int(wide/(markApart*vg.Length(n))))
	var taken []vg.Rectangle
	drawn := make([]bool, n)
	place := func(k int, x float64) {
		y, there := valueOf(l.lines[k].pieces, x)
		if !there {
			return
		}
		box := l.box(l.lines[k].mark, xOf(x), yOf(y))
		if box.Min.X < c.Min.X || box.Max.X > c.Max.X || touches(taken, box) {
			return
		}
		taken, drawn[k] = append(taken, box), true
		l.mark(c, &l.lines[k], box)
	}
	across := func(part float64) float64 { return p.X.Min + part*(p.X.Max-p.X.Min) }
	for j := range places {
		place(j%n, across((float64(j)+0.5)/float64(places)))
	}
	for k := range l.lines { // a line that is not there in its own places has any that is free
		const tries = 100
		for j := 0; j < tries && !drawn[k]; j++ {
			place(k, across((float64(j)+0.5)/tries))
		}
	}
}

// box is where a mark stands on a point of its line.
func (l markLayer) box(mark string, x, y vg.Length) vg.Rectangle {
	w := l.face.Width(mark) + 6
	return vg.Rectangle{Min: vg.Point{X: x - w/2, Y: y - markHigh/2},
		Max: vg.Point{X: x + w/2, Y: y + markHigh/2}}
}

func (l markLayer) mark(c draw.Canvas, line *markedLine, box vg.Rectangle) {
	fillRect(&c, l.inks.colour[palette.Paper], box.Min.X, box.Min.Y, box.Max.X, box.Max.Y)
	outline(&c, l.inks.line(line.ink, 1.4), box.Min.X, box.Min.Y, box.Max.X, box.Max.Y)
	c.SetColor(l.inks.colour[palette.Text])
	c.FillString(l.face, vg.Point{X: box.Min.X + 3, Y: (box.Min.Y+box.Max.Y)/2 - 4.5}, line.mark)
}

func touches(taken []vg.Rectangle, box vg.Rectangle) bool {
	return slices.ContainsFunc(taken, func(t vg.Rectangle) bool {
		return box.Min.X < t.Max.X+1 && box.Max.X > t.Min.X-1 &&
			box.Min.Y < t.Max.Y+1 && box.Max.Y > t.Min.Y-1
	})
}

// valueOf is what a staircase has at x, and whether it has anything there.
func valueOf(pieces [][]xy, x float64) (y float64, there bool) {
	for _, piece := range pieces {
		if len(piece) == 0 || x < piece[0].x || x > piece[len(piece)-1].x {
			continue
		}
		for _, p := range piece {
			if p.x > x {
				break
			}
			y = p.y
		}
		return y, true
	}
	return 0, false
}
