package figures

import (
	"cmp"
	"fmt"
	"slices"

	"gonum.org/v1/plot"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/prose"
)

// loadLines is how many partitions are drawn at most, those that get most.
const loadLines = 6

// partitionLoad is how many records one partition got.
type partitionLoad struct {
	tp    kafka.TopicPartition
	total int64
	ends  digest.Staircase // of the replica that is ahead
}

// loads are those of every partition that got a record, in order.
func loads(s *digest.Story) []partitionLoad {
	var out []partitionLoad
	for i := 0; i < len(s.Replicas); {
		load := partitionLoad{tp: s.Replicas[i].TP}
		var ends []*digest.Staircase
		for ; i < len(s.Replicas) && s.Replicas[i].TP == load.tp; i++ {
			ends = append(ends, &s.Replicas[i].LogEnd)
		}
		load.ends = digest.Highest(ends)
		if load.total = load.ends.Max(); load.total > 0 {
			out = append(out, load)
		}
	}
	return out
}

// drawLoad shows how many records each partition gets in a second: where keys are spread unevenly,
// one partition gets more than others. A single partition has the load of the whole, which is drawn
// elsewhere.
func drawLoad(s *digest.Story, f format) (*drawing, string) {
	loads := loads(s)
	if len(loads) < 2 {
		return nil, ""
	}
	d := &drawing{}
	alt := "Records that each partition gets, over virtual time."
	var sum int64
	for _, l := range loads {
		sum += l.total
	}
	if left := len(loads) - loadLines; left > 0 {
		slices.SortStableFunc(loads, func(a, b partitionLoad) int {
			return cmp.Compare(b.total, a.total)
		})
		loads = loads[:loadLines]
		slices.SortFunc(loads, func(a, b partitionLoad) int { return a.tp.Compare(b.tp) })
		d.caption = fmt.Sprintf("; the busiest %d of %d partitions", loadLines, loadLines+left)
	}
	window := digest.WindowFor(s.End, s.Rates.Slot, windows(int(sum)/len(loads), f, 20))
	d.caption = "records per second, counted every " + prose.Duration(window) + d.caption
	inks := newInkSet()
	p := panel{height: 190}
	var all []float64
	var lines []rateLine
	for i, l := range loads {
		look := partitionLook(i)
		line := rateLine{name: l.tp.String(), ink: look.ink, width: look.width, dashes: look.dashes,
			rate: l.perSecond(window, s.End)}
		lines = append(lines, line)
		all = append(all, line.rate...)
		text := fmt.Sprintf("%s (%s)", l.tp, prose.Grouped(l.total))
		d.legend = append(d.legend, look.entry(text))
		alt += fmt.Sprintf(" %s gets %s.", l.tp, prose.Counted(l.total, "record"))
	}
	high, cut := ceiling(all)
	p.ticks, p.to = countTicks(high, 5)
	if p.to *= 1.05; cut {
		d.peaks = peaksOf(lines, window, p.to)
		d.caption += "; peaks run off the top"
	}
	for _, l := range lines {
		p.layers = append(p.layers, plot.Plotter(lineLayer{lines: l.steps(window, p.to), step: true,
			style: inks.line(l.ink, l.width, l.dashes...)}))
	}
	d.panels = []panel{p}
	return d, alt
}

// perSecond is by how much the log grew in each window. What is cut off does not count.
func (l *partitionLoad) perSecond(window, end model.Time) []float64 {
	counts := make([]int64, int(end/window))
	before := int64(0)
	for _, p := range l.ends.Points {
		if p.Value < 0 {
			continue
		}
		if i := int(p.At / window); i < len(counts) && p.Value > before {
			counts[i] += p.Value - before
		}
		before = p.Value
	}
	out := make([]float64, len(counts))
	for i, n := range counts {
		out[i] = float64(n*10_000_000_000/int64(window)) / 10 // one decimal, as everywhere
	}
	return out
}
