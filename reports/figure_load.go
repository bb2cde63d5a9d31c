package reports

import (
	"cmp"
	"fmt"
	"slices"

	"gonum.org/v1/plot"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// loadLines is how many partitions are drawn at most, those that get most.
const loadLines = 6

// partitionLoad is how many records one partition got.
type partitionLoad struct {
	tp    kafka.TopicPartition
	total int64
	ends  staircase // of the replica that is ahead
}

// loads are those of every partition that got a record, in order.
func (s *Story) loads() []partitionLoad {
	var out []partitionLoad
	for i := 0; i < len(s.replicas); {
		load := partitionLoad{tp: s.replicas[i].tp}
		var ends []*staircase
		for ; i < len(s.replicas) && s.replicas[i].tp == load.tp; i++ {
			ends = append(ends, &s.replicas[i].logEnd)
		}
		load.ends = highest(ends)
		if load.total = load.ends.max(); load.total > 0 {
			out = append(out, load)
		}
	}
	return out
}

// drawLoad shows how many records each partition gets in a second: where keys are spread unevenly,
// one partition gets more than others. A single partition has the load of the whole, which is drawn
// elsewhere.
func drawLoad(s *Story, f format) (*drawing, string) {
	loads := s.loads()
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
	window := windowFor(s.End, s.rates.slot, windows(int(sum)/len(loads), f, 20))
	d.caption = "records per second, counted every " + duration(window) + d.caption
	inks := newInkSet()
	p := panel{height: 190}
	var all []float64
	var lines []rateLine
	for i, l := range loads {
		ink, width := lagStyle(i)
		line := rateLine{name: l.tp.String(), ink: ink, width: width, rate: l.perSecond(window, s.End)}
		lines = append(lines, line)
		all = append(all, line.rate...)
		text := fmt.Sprintf("%s (%s)", l.tp, grouped(l.total))
		d.legend = append(d.legend, entry{text: text, ink: ink, width: width})
		alt += fmt.Sprintf(" %s gets %s.", l.tp, counted(l.total, "record"))
	}
	high, cut := ceiling(all)
	p.ticks, p.to = countTicks(high, 5)
	if p.to *= 1.05; cut {
		d.peaks = peaksOf(lines, window, p.to)
		d.caption += "; peaks run off the top"
	}
	for _, l := range lines {
		p.layers = append(p.layers, plot.Plotter(lineLayer{lines: l.steps(window, p.to), step: true,
			style: inks.line(l.ink, l.width)}))
	}
	d.panels = []panel{p}
	return d, alt
}

// perSecond is by how much the log grew in each window. What is cut off does not count.
func (l *partitionLoad) perSecond(window, end model.Time) []float64 {
	counts := make([]int64, int(end/window))
	before := int64(0)
	for _, p := range l.ends.points {
		if p.v < 0 {
			continue
		}
		if i := int(p.at / window); i < len(counts) && p.v > before {
			counts[i] += p.v - before
		}
		before = p.v
	}
	out := make([]float64, len(counts))
	for i, n := range counts {
		out[i] = float64(n*10_000_000_000/int64(window)) / 10 // one decimal, as everywhere
	}
	return out
}
