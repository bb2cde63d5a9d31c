package figures

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/palette"
	"sandcastle/reports/prose"
)

// offsetPanels is how many partitions are drawn at most.
const offsetPanels = 6

// drawOffsets shows each replica's log end and high watermark, one panel for each partition.
func drawOffsets(s *digest.Story, f format) (*drawing, string) {
	var tps []kafka.TopicPartition
	var nodes []model.NodeID
	for i := range s.Replicas {
		r := &s.Replicas[i]
		if !slices.Contains(tps, r.TP) {
			tps = append(tps, r.TP)
		}
		if !slices.Contains(nodes, r.Node) {
			nodes = append(nodes, r.Node)
		}
	}
	if len(tps) == 0 {
		return nil, ""
	}
	slices.SortFunc(nodes, digest.CompareNodes)
	d := &drawing{caption: "offset (records since the beginning of the partition)"}
	left := len(tps) - offsetPanels
	if left > 0 {
		tps = tps[:offsetPanels]
		d.caption += fmt.Sprintf("; %d further partitions are not drawn", left)
	}
	fig := offsetFigure{story: s, nodes: nodes, groups: s.GroupNames(), cast: castOf(s),
		inks: newInkSet(), face: textFace(f.font)}
	d.legend = fig.legend()
	alt := "Offsets of every replica over virtual time."
	for _, tp := range tps {
		p, words := fig.panel(tp)
		if len(tps) > 2 {
			p.height = 130
		}
		d.panels = append(d.panels, p)
		alt += words
	}
	return d, alt
}

// offsetFigure is what the panels of the figure have in common.
type offsetFigure struct {
	story  *digest.Story
	nodes  []model.NodeID // that have a replica
	groups []string
	cast   palette.Cast
	inks   inkSet
	face   font.Face
}

// look is how the line of a broker's log end is drawn.
func (f *offsetFigure) look(node model.NodeID) lineLook {
	return replicaLook(f.cast.Of(string(node)), slices.Index(f.nodes, node), len(f.nodes))
}

func (f *offsetFigure) legend() []entry {
	var out []entry
	for _, node := range f.nodes {
		out = append(out, f.look(node).entry(string(node)+" log end"))
	}
	out = append(out, entry{text: "high watermark", ink: palette.Text, width: 1.5,
		dashes: highWatermarkDashes()})
	for _, group := range f.groups {
		out = append(out, groupLook(group, f.groups).entry("committed by "+group))
	}
	for i := range f.story.Replicas {
		if len(f.story.Replicas[i].LogStart.Points) > 0 {
			return append(out, entry{text: "log start", ink: palette.Muted, width: 1.2})
		}
	}
	return out
}

func highWatermarkDashes() []vg.Length { return []vg.Length{1.5, 6} }

// line draws a staircase.
func (f *offsetFigure) line(st *digest.Staircase, look lineLook) lineLayer {
	return lineLayer{lines: pieces(st, f.story.End), step: true,
		style: f.inks.line(look.ink, look.width, look.dashes...)}
}

// panel draws one partition, and says in words what it shows.
func (f *offsetFigure) panel(tp kafka.TopicPartition) (panel, string) {
	s := f.story
	var layers []plot.Plotter
	var marks, starts []*digest.Staircase
	var high int64
	words := fmt.Sprintf(" %s:", tp)
	for i := range s.Replicas {
		r := &s.Replicas[i]
		if r.TP != tp {
			continue
		}
		layers = append(layers, f.line(&r.LogEnd, f.look(r.Node)))
		marks, starts = append(marks, &r.HighWatermark), append(starts, &r.LogStart)
		high = max(high, r.LogEnd.Max(), r.HighWatermark.Max())
		words += fmt.Sprintf(" the log of %s reaches %s, its high watermark %s;", r.Node,
			prose.Grouped(r.LogEnd.Max()), prose.Grouped(r.HighWatermark.Max()))
	}
	ticks, to := countTicks(float64(max(high, 1)), 5)
	mark, start := digest.Highest(marks), digest.Highest(starts)
	layers = append(layers,
		f.line(&mark, lineLook{ink: palette.Text, width: 1.5, dashes: highWatermarkDashes()}),
		f.line(&start, lineLook{ink: palette.Muted, width: 1.2}))
	committed, said := f.committed(tp)
	layers = append(layers, committed...)
	words += said
	if len(start.Points) > 0 {
		words += fmt.Sprintf(" the log begins at %s at last;", prose.Grouped(start.Max()))
	}
	return panel{title: tp.String(), height: 200, to: to * 1.03, ticks: ticks, layers: layers},
		words[:len(words)-1] + "."
}

// committed draws what groups have committed in a partition, and says it in words.
func (f *offsetFigure) committed(tp kafka.TopicPartition) (layers []plot.Plotter, words string) {
	marked := markLayer{inks: &f.inks, face: f.face}
	for i := range f.story.Lags {
		l := &f.story.Lags[i]
		if l.TP != tp {
			continue
		}
		look := groupLook(l.Group, f.groups)
		line := f.line(&l.Committed, look)
		layers = append(layers, line)
		if look.mark != "" {
			marked.lines = append(marked.lines, markedLine{look, line.lines})
		}
		words += fmt.Sprintf(" group %s has committed %s;", l.Group, prose.Grouped(l.Committed.Max()))
	}
	if len(marked.lines) > 0 {
		layers = append(layers, marked)
	}
	return layers, words
}

// pieces cuts a staircase at its gaps and draws the last value out to the end.
func pieces(st *digest.Staircase, end model.Time) [][]xy {
	var out [][]xy
	broken := true
	for _, p := range st.Points {
		if p.Value < 0 {
			if n := len(out); !broken && n > 0 {
				piece := out[n-1]
				out[n-1] = append(piece, xy{inSeconds(p.At), piece[len(piece)-1].y})
			}
			broken = true
			continue
		}
		if broken {
			out = append(out, nil)
			broken = false
		}
		out[len(out)-1] = append(out[len(out)-1], xy{inSeconds(p.At), float64(p.Value)})
	}
	if n := len(out); !broken && n > 0 {
		piece := out[n-1]
		out[n-1] = append(piece, xy{inSeconds(end), piece[len(piece)-1].y})
	}
	return out
}
