package figures

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot"
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
func drawOffsets(s *digest.Story, _ format) (*drawing, string) {
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
	for i, node := range nodes {
		ink, width := replicaStyle(i, len(nodes))
		d.legend = append(d.legend, entry{text: string(node) + " log end", ink: ink, width: width})
	}
	d.legend = append(d.legend, entry{text: "high watermark", ink: palette.Text,
		width: 1.5, dashes: highWatermarkDashes()})
	d.legend = append(d.legend, offsetExtras(s)...)
	alt := "Offsets of every replica over virtual time."
	inks := newInkSet()
	for _, tp := range tps {
		p, words := offsetPanel(s, tp, nodes, &inks)
		if len(tps) > 2 {
			p.height = 130
		}
		d.panels = append(d.panels, p)
		alt += words
	}
	return d, alt
}

// offsetExtras name the lines that only some runs have.
func offsetExtras(s *digest.Story) []entry {
	var out []entry
	if len(s.Lags) > 0 {
		out = append(out, entry{text: "committed by a group", ink: palette.Muted, width: 1.6,
			dashes: committedDashes()})
	}
	for i := range s.Replicas {
		if len(s.Replicas[i].LogStart.Points) > 0 {
			return append(out, entry{text: "log start", ink: palette.Muted, width: 1.2})
		}
	}
	return out
}

// replicaStyle draws the first broker's line widest and the next ones inside it, so that replicas
// that agree, as they should, can all be seen.
func replicaStyle(i, n int) (palette.Ink, vg.Length) {
	inks := palette.Lines()
	widths := [...]vg.Length{8, 5, 2}
	return inks[i%len(inks)], widths[(i+max(len(widths)-n, 0))%len(widths)]
}

func highWatermarkDashes() []vg.Length { return []vg.Length{1.5, 6} }

func committedDashes() []vg.Length { return []vg.Length{6, 3} }

func offsetPanel(
	s *digest.Story, tp kafka.TopicPartition, nodes []model.NodeID, inks *inkSet,
) (panel, string) {
	var layers []plot.Plotter
	var marks, starts []*digest.Staircase
	var high int64
	words := fmt.Sprintf(" %s:", tp)
	for i := range s.Replicas {
		r := &s.Replicas[i]
		if r.TP != tp {
			continue
		}
		ink, width := replicaStyle(slices.Index(nodes, r.Node), len(nodes))
		layers = append(layers, lineLayer{lines: pieces(&r.LogEnd, s.End), step: true,
			style: inks.line(ink, width)})
		marks, starts = append(marks, &r.HighWatermark), append(starts, &r.LogStart)
		high = max(high, r.LogEnd.Max(), r.HighWatermark.Max())
		words += fmt.Sprintf(" the log of %s reaches %s, its high watermark %s;", r.Node,
			prose.Grouped(r.LogEnd.Max()), prose.Grouped(r.HighWatermark.Max()))
	}
	ticks, to := countTicks(float64(max(high, 1)), 5)
	mark := digest.Highest(marks)
	layers = append(layers, lineLayer{lines: pieces(&mark, s.End), step: true,
		style: inks.line(palette.Text, 1.5, highWatermarkDashes()...)})
	start := digest.Highest(starts)
	layers = append(layers, lineLayer{lines: pieces(&start, s.End), step: true,
		style: inks.line(palette.Muted, 1.2)})
	for i := range s.Lags {
		if l := &s.Lags[i]; l.TP == tp {
			layers = append(layers, lineLayer{lines: pieces(&l.Committed, s.End), step: true,
				style: inks.line(palette.Muted, 1.6, committedDashes()...)})
			words += fmt.Sprintf(" group %s has committed %s;", l.Group, prose.Grouped(l.Committed.Max()))
		}
	}
	if len(start.Points) > 0 {
		words += fmt.Sprintf(" the log begins at %s at last;", prose.Grouped(start.Max()))
	}
	return panel{title: tp.String(), height: 200, to: to * 1.03, ticks: ticks, layers: layers},
		words[:len(words)-1] + "."
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
