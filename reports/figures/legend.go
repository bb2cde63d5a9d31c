package figures

import (
	"gonum.org/v1/plot/vg"

	"sandcastle/reports/palette"
)

// legendRows breaks the legend into rows that fit the width.
func (sh *sheet) legendRows(entries []entry) [][]entry {
	var rows [][]entry
	x := sh.width
	for _, e := range entries {
		w := sh.entryWidth(e)
		if x+w > sh.width-sh.right || len(rows) == 0 {
			rows = append(rows, nil)
			x = edge
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], e)
		x += w
	}
	return rows
}

func (sh *sheet) entryWidth(e entry) vg.Length { return 28 + sh.textWidth(e.text) + 18 }

func (sh *sheet) drawLegend(rows [][]entry) {
	for _, row := range rows {
		x, middle := edge, sh.top+rowHeight/2
		for _, e := range row {
			if e.width > 0 {
				sh.sampleLine(e, x, middle)
			} else {
				sh.sampleBox(e, x, middle)
			}
			sh.text(e.text, x+28, middle+4.5, palette.Text)
			x += sh.entryWidth(e)
		}
		sh.top += rowHeight
	}
}

// sampleLine draws how a line looks, 22 wide.
func (sh *sheet) sampleLine(e entry, x, middle vg.Length) {
	sh.line(x, middle, x+22, middle, sh.inks.line(e.ink, e.width, e.dashes...))
	if e.mark == "" {
		return
	}
	marks := markLayer{inks: &sh.inks, face: sh.face}
	line := markedLine{lineLook: lineLook{ink: e.ink, mark: e.mark}}
	marks.mark(sh.c, &line, marks.box(e.mark, x+11, sh.height-middle))
}

// sampleBox draws how a bar looks, as large as the sample of a line.
func (sh *sheet) sampleBox(e entry, x, middle vg.Length) {
	b := bar{fill: e.ink, hatch: e.hatch, striped: e.striped, open: e.open}
	layer := barLayer{inks: &sh.inks, face: sh.face}
	y := sh.height - middle
	layer.box(&sh.c, &b, x, y-5.5, x+22, y+5.5)
}
