package reports

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// offsetPanels is how many partitions are drawn at most.
const offsetPanels = 6

// drawOffsets shows each replica's log end and high watermark, one panel for each partition.
func drawOffsets(s *Story, _ format) (*drawing, string) {
	var tps []kafka.TopicPartition
	var nodes []model.NodeID
	for i := range s.replicas {
		r := &s.replicas[i]
		if !slices.Contains(tps, r.tp) {
			tps = append(tps, r.tp)
		}
		if !slices.Contains(nodes, r.node) {
			nodes = append(nodes, r.node)
		}
	}
	if len(tps) == 0 {
		return nil, ""
	}
	slices.SortFunc(nodes, compareNodes)
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
	d.legend = append(d.legend, entry{text: "high watermark", ink: inkText,
		width: 1.5, dashes: highWatermarkDashes()})
	d.legend = append(d.legend, s.offsetExtras()...)
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
func (s *Story) offsetExtras() []entry {
	var out []entry
	if len(s.lags) > 0 {
		out = append(out, entry{text: "committed by a group", ink: inkMuted, width: 1.6,
			dashes: committedDashes()})
	}
	for i := range s.replicas {
		if len(s.replicas[i].logStart.points) > 0 {
			return append(out, entry{text: "log start", ink: inkMuted, width: 1.2})
		}
	}
	return out
}

// replicaStyle draws the first broker's line widest and the next ones inside it, so that replicas
// that agree, as they should, can all be seen.
func replicaStyle(i, n int) (ink, vg.Length) {
	inks := lineInks()
	widths := [...]vg.Length{8, 5, 2}
	return inks[i%len(inks)], widths[(i+max(len(widths)-n, 0))%len(widths)]
}

func highWatermarkDashes() []vg.Length { return []vg.Length{1.5, 6} }

func committedDashes() []vg.Length { return []vg.Length{6, 3} }

func offsetPanel(
	s *Story, tp kafka.TopicPartition, nodes []model.NodeID, inks *inkSet,
) (panel, string) {
	var layers []plot.Plotter
	var marks, starts []*staircase
	var high int64
	words := fmt.Sprintf(" %s:", tp)
	for i := range s.replicas {
		r := &s.replicas[i]
		if r.tp != tp {
			continue
		}
		ink, width := replicaStyle(slices.Index(nodes, r.node), len(nodes))
		layers = append(layers, lineLayer{lines: pieces(&r.logEnd, s.End), step: true,
			style: inks.line(ink, width)})
		marks, starts = append(marks, &r.highWatermark), append(starts, &r.logStart)
		high = max(high, r.logEnd.max(), r.highWatermark.max())
		words += fmt.Sprintf(" the log of %s reaches %s, its high watermark %s;", r.node,
			grouped(r.logEnd.max()), grouped(r.highWatermark.max()))
	}
	ticks, to := countTicks(float64(max(high, 1)), 5)
	mark := highest(marks)
	layers = append(layers, lineLayer{lines: pieces(&mark, s.End), step: true,
		style: inks.line(inkText, 1.5, highWatermarkDashes()...)})
	start := highest(starts)
	layers = append(layers, lineLayer{lines: pieces(&start, s.End), step: true,
		style: inks.line(inkMuted, 1.2)})
	for i := range s.lags {
		if l := &s.lags[i]; l.tp == tp {
			layers = append(layers, lineLayer{lines: pieces(&l.committed, s.End), step: true,
				style: inks.line(inkMuted, 1.6, committedDashes()...)})
			words += fmt.Sprintf(" group %s has committed %s;", l.group, grouped(l.committed.max()))
		}
	}
	if len(start.points) > 0 {
		words += fmt.Sprintf(" the log begins at %s at last;", grouped(start.max()))
	}
	return panel{title: tp.String(), height: 200, to: to * 1.03, ticks: ticks, layers: layers},
		words[:len(words)-1] + "."
}

// pieces cuts a staircase at its gaps and draws the last value out to the end.
func pieces(st *staircase, end model.Time) [][]xy {
	var out [][]xy
	broken := true
	for _, p := range st.points {
		if p.v < 0 {
			if n := len(out); !broken && n > 0 {
				piece := out[n-1]
				out[n-1] = append(piece, xy{inSeconds(p.at), piece[len(piece)-1].y})
			}
			broken = true
			continue
		}
		if broken {
			out = append(out, nil)
			broken = false
		}
		out[len(out)-1] = append(out[len(out)-1], xy{inSeconds(p.at), float64(p.v)})
	}
	if n := len(out); !broken && n > 0 {
		piece := out[n-1]
		out[n-1] = append(piece, xy{inSeconds(end), piece[len(piece)-1].y})
	}
	return out
}
