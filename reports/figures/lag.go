package figures

import (
	"cmp"
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/palette"
	"sandcastle/reports/prose"
)

const (
	lagGroups = 4 // panels at most
	lagLines  = 6 // partitions in each at most, those that lag most
)

// drawLag shows how many records of each partition a group has still to commit.
func drawLag(s *digest.Story, _ format) (*drawing, string) {
	var groups []string
	var tps []kafka.TopicPartition
	for i := range s.Lags {
		if l := &s.Lags[i]; l.Behind.Max() > 1 {
			groups, tps = append(groups, l.Group), append(tps, l.TP)
		}
	}
	if len(groups) == 0 {
		return nil, ""
	}
	groups = slices.Compact(groups) // lags are in order of their groups
	slices.SortFunc(tps, kafka.TopicPartition.Compare)
	tps = slices.Compact(tps)
	d := &drawing{caption: "records that a group has not committed yet"}
	if left := len(groups) - lagGroups; left > 0 {
		groups = groups[:lagGroups]
		d.caption += fmt.Sprintf("; %s not drawn", prose.Counted(int64(left), "further group"))
	}
	inks := newInkSet()
	alt := "Records that groups have not committed yet, over virtual time."
	var shown []kafka.TopicPartition
	for _, group := range groups {
		lags := worstLags(s, group)
		p := panel{title: "group " + group, height: 150}
		var high int64
		for _, l := range lags {
			ink, width := lagStyle(slices.Index(tps, l.TP))
			p.layers = append(p.layers, plot.Plotter(lineLayer{lines: pieces(&l.Behind, s.End), step: true,
				style: inks.line(ink, width)}))
			high = max(high, l.Behind.Max())
			shown = append(shown, l.TP)
			alt += fmt.Sprintf(" Group %s is at most %s behind in %s.", group,
				prose.Counted(l.Behind.Max(), "record"), l.TP)
		}
		p.ticks, p.to = countTicks(float64(max(high, 1)), 4)
		p.to *= 1.03
		d.panels = append(d.panels, p)
	}
	for i, tp := range tps {
		if slices.Contains(shown, tp) {
			ink, width := lagStyle(i)
			d.legend = append(d.legend, entry{text: tp.String(), ink: ink, width: width})
		}
	}
	return d, alt
}

// worstLags are those of a group that are drawn, in order of their partitions. A partition in which
// the group is never behind by more than a record is none of them.
func worstLags(s *digest.Story, group string) []*digest.Lag {
	var out []*digest.Lag
	for i := range s.Lags {
		if s.Lags[i].Group == group && s.Lags[i].Behind.Max() > 1 {
			out = append(out, &s.Lags[i])
		}
	}
	slices.SortStableFunc(out, func(a, b *digest.Lag) int {
		return cmp.Compare(b.Behind.Max(), a.Behind.Max())
	})
	out = out[:min(len(out), lagLines)]
	slices.SortFunc(out, func(a, b *digest.Lag) int { return a.TP.Compare(b.TP) })
	return out
}

// lagStyle gives the lines of partitions that lie on each other different widths.
func lagStyle(i int) (palette.Ink, vg.Length) {
	inks := palette.Lines()
	widths := [...]vg.Length{4, 2.6, 1.5}
	return inks[i%len(inks)], widths[i%len(widths)]
}
