package figures

import (
	"gonum.org/v1/plot/vg"

	"sandcastle/reports/digest"
)

// thumbFormat is the paper of a thumbnail: no labels, few ticks, writing as large as elsewhere.
func thumbFormat() format {
	return format{suffix: "s", width: 340, font: 12, left: 44, right: 10, timeSteps: 4, small: true}
}

// Thumbnail is a small picture of a run. Its SVG has no style sheet: the page that shows it has.
type Thumbnail struct {
	// Name and Title are those of the figure.
	Name, Title string
	Alt         string
	SVG         []byte
}

// DrawThumbnail draws the figure called name small, or the first one that the run has data for.
// id is unique in the page. ok is false when there is nothing to draw.
func DrawThumbnail(s *digest.Story, name, id string) (t Thumbnail, ok bool) {
	f := thumbFormat()
	for _, row := range figureTable() {
		if ok && row.name != name {
			continue
		}
		d, alt := row.draw(s, f)
		if d == nil {
			continue
		}
		d.shrink(row.title)
		head := svgHead{id: id, title: row.title, alt: alt + " " + storyAlt(s)}
		svg := WithoutStyle(d.render(s, f, head))
		t, ok = Thumbnail{Name: row.name, Title: row.title, Alt: head.alt, SVG: svg}, true
		if row.name == name {
			return t, true
		}
	}
	return t, ok
}

// shrink leaves of a drawing what a thumbnail has room for: of panels that are lanes the first few,
// of others one.
func (d *drawing) shrink(title string) {
	const (
		lanes   = 4
		entries = 4
		height  = vg.Length(120)
	)
	d.caption, d.peaks = title, nil
	if len(d.legend) > entries {
		d.legend = nil
	}
	if d.panels[0].height < laneHeight {
		d.panels = d.panels[:min(len(d.panels), lanes)]
		return
	}
	d.panels = d.panels[:1]
	d.panels[0].height = height
}
