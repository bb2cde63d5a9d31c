package figures

import (
	"gonum.org/v1/plot/vg"

	"sandcastle/model"
	"sandcastle/reports/digest"
	"sandcastle/reports/palette"
)

// Strips are thin bars above the first panel, one for each fault, that say how long it lasts even
// where the shadings of several faults lie on each other.
const (
	stripHeight = vg.Length(7)
	stripLevels = 5
)

// placeStrips gives every band the first level that is free by then, or −1.
func placeStrips(bands []digest.Band) (level []int, levels int) {
	var until [stripLevels]model.Time
	for _, b := range bands {
		at := -1
		for l := range until {
			if until[l] <= b.From {
				at, until[l] = l, max(b.To, b.From+1)
				break
			}
		}
		level = append(level, at)
		levels = max(levels, at+1)
	}
	return level, levels
}

// drawStrips fills the space between labels and panels.
func (sh *sheet) drawStrips(s *digest.Story, peaks []peak, level []int, levels int) {
	bottom := sh.top + vg.Length(levels)*stripHeight
	for _, p := range peaks {
		sh.line(sh.x(p.at), sh.top, sh.x(p.at), bottom, sh.inks.line(palette.Axis, 0.8))
	}
	for i, b := range s.Bands {
		x0, x1 := sh.x(b.From), sh.x(b.To)
		sh.line(x0, sh.top, x0, bottom, sh.inks.line(palette.Axis, 0.8))
		if level[i] >= 0 {
			top := bottom - vg.Length(level[i]+1)*stripHeight
			sh.rect(x0, top, max(x1, x0+2), top+stripHeight-2, stripInk(b.Kind))
		}
	}
	for _, m := range s.Marks {
		x := sh.x(m.At)
		sh.line(x, sh.top, x, bottom, sh.inks.line(palette.Text, 1, 4, 3))
	}
	sh.top = bottom
}

func stripInk(k digest.BandKind) palette.Ink {
	switch k {
	case digest.BandDown:
		return palette.DownStrip
	case digest.BandNetwork:
		return palette.NetworkStrip
	default:
		return palette.PausedStrip
	}
}
