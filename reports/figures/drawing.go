package figures

import (
	"bytes"
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"sandcastle/model"
	"sandcastle/reports/digest"
	"sandcastle/reports/palette"
)

// drawing is what a figure wants to show: panels one above the other on one time axis. Where
// things go is the same for every figure, from the top: caption, legend strip, labels of faults
// and elections, panels, time axis. gonum's own legend and axes are not used: they cover data and
// would not line up.
type drawing struct {
	caption string // what goes up, with its unit
	legend  []entry
	panels  []panel
	// peaks are values that the panel cuts off: they are written above it instead.
	peaks []peak
}

// peak is a value that a panel is too low for.
type peak struct {
	at   model.Time
	text string
}

// panel is one area of data.
type panel struct {
	title  string // "" for none
	height vg.Length
	// from and to are the ends of the axis; log makes it logarithmic, and then from is above 0.
	from, to float64
	log      bool
	ticks    []tick
	layers   []plot.Plotter
}

// entry is one sample of the legend.
type entry struct {
	text   string
	ink    palette.Ink
	width  vg.Length // of a line; 0 stands for a box
	dashes []vg.Length
	// Of a line, what is marked on it; of a box, that it is hatched, striped or only an outline.
	mark                 string
	hatch, striped, open bool
}

// format is a width to draw for.
type format struct {
	suffix      string
	width       vg.Length
	font        vg.Length
	left, right vg.Length // margins of the data
	timeSteps   int
	lanes       int // of labels, at most
	// small is the paper of a thumbnail: what names the axis and what is labelled is left out.
	small bool
}

func wideFormat() format {
	return format{suffix: "w", width: 860, font: 13, left: 64, right: 20, timeSteps: 15, lanes: 6}
}

func narrowFormat() format {
	return format{suffix: "n", width: 360, font: 12, left: 48, right: 10, timeSteps: 6, lanes: 8}
}

// sheet is the paper that one figure is drawn on. Its y runs upwards, as gonum's does; top is how
// far down from the upper edge it is filled.
type sheet struct {
	format
	c      draw.Canvas
	svg    *vgsvg.Canvas
	face   font.Face
	inks   inkSet
	height vg.Length
	top    vg.Length
	end    model.Time
}

const (
	edge          = vg.Length(8) // of texts above the data
	captionHeight = vg.Length(22)
	rowHeight     = vg.Length(19)
	panelTitle    = vg.Length(20)
	panelGap      = vg.Length(12)
)

// axisHeight is what the time axis takes below the data.
func (f format) axisHeight() vg.Length {
	if f.small {
		return 22
	}
	return 42
}

// textFace is the font in which texts are measured. Readers see their own sans-serif; Liberation
// Sans is as wide as Arial and Helvetica.
func textFace(size vg.Length) font.Face {
	sans := font.Font{Typeface: "Liberation", Variant: "Sans"}
	return plot.DefaultTextHandler.Cache().Lookup(sans, size)
}

// render draws d, with the faults and elections of s, as SVG.
func (d *drawing) render(s *digest.Story, f format, head svgHead) []byte {
	sh := &sheet{format: f, face: textFace(f.font), inks: newInkSet(), end: s.End}
	rows := sh.legendRows(d.legend)
	labels, lanes := sh.storyLabels(s, d.peaks)
	level, levels := placeStrips(s.Bands)
	sh.height = captionHeight + vg.Length(len(rows)+lanes)*rowHeight + 6 + f.axisHeight() +
		vg.Length(levels)*stripHeight
	for _, p := range d.panels {
		sh.height += p.height + panelGap
		if p.title != "" {
			sh.height += panelTitle
		}
	}
	sh.svg = vgsvg.New(f.width, sh.height)
	sh.c = draw.NewCanvas(sh.svg, f.width, sh.height)

	sh.text(d.caption, edge, captionHeight-6, palette.Text)
	sh.top = captionHeight
	sh.drawLegend(rows)
	sh.drawLabels(labels, lanes)
	sh.drawStrips(s, d.peaks, level, levels)
	for i := range d.panels {
		sh.drawPanel(&d.panels[i], s, i == len(d.panels)-1)
	}
	sh.drawTimeAxis()

	var raw bytes.Buffer
	if _, err := sh.svg.WriteTo(&raw); err != nil {
		panic(fmt.Sprintf("reports: writing to memory: %v", err))
	}
	head.id += "-" + f.suffix
	head.w, head.h = f.width, sh.height
	return finishSVG(raw.Bytes(), head)
}

// x is the place of t on the sheet.
func (sh *sheet) x(t model.Time) vg.Length {
	t = min(max(t, 0), sh.end)
	return sh.left + (sh.width-sh.left-sh.right)*vg.Length(inSeconds(t)/inSeconds(sh.end))
}

// text writes s from x on, with its baseline at down below the upper edge.
func (sh *sheet) text(s string, x, down vg.Length, i palette.Ink) {
	sh.c.SetColor(sh.inks.colour[i])
	sh.c.FillString(sh.face, vg.Point{X: x, Y: sh.height - down}, s)
}

func (sh *sheet) textWidth(s string) vg.Length { return sh.face.Width(s) }

// line strokes a straight line between two points, their y counted from the upper edge.
func (sh *sheet) line(x0, down0, x1, down1 vg.Length, st draw.LineStyle) {
	sh.c.StrokeLine2(st, x0, sh.height-down0, x1, sh.height-down1)
}

// rect fills the area between two corners, their y counted from the upper edge.
func (sh *sheet) rect(x0, down0, x1, down1 vg.Length, i palette.Ink) {
	fillRect(&sh.c, sh.inks.colour[i], x0, sh.height-down1, x1, sh.height-down0)
}
