package reports

import (
	"cmp"
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// offsetLine is one staircase of a partition: a replica's, or a group's committed offset.
type offsetLine struct {
	what, node, group string
	stairs            *staircase
}

// offsetLines are the staircases of tp: the replicas', then the groups'. There is no line of the
// last stable offset: without transactions it is the high watermark.
func (s *Story) offsetLines(tp kafka.TopicPartition) []offsetLine {
	var lines []offsetLine
	for i := range s.replicas {
		r := &s.replicas[i]
		if r.tp != tp {
			continue
		}
		node := string(r.node)
		lines = append(lines, offsetLine{"log-end", node, "", &r.logEnd},
			offsetLine{"high-watermark", node, "", &r.highWatermark})
		if len(r.logStart.points) > 0 {
			lines = append(lines, offsetLine{"log-start", node, "", &r.logStart})
		}
	}
	for i := range s.lags {
		if l := &s.lags[i]; l.tp == tp {
			lines = append(lines, offsetLine{"committed", "", l.group, &l.committed})
		}
	}
	return lines
}

// partitions lists the partitions whose offsets are known, in order.
func (s *Story) partitions() []kafka.TopicPartition {
	var tps []kafka.TopicPartition
	for i := range s.replicas {
		tps = append(tps, s.replicas[i].tp)
	}
	for i := range s.lags {
		tps = append(tps, s.lags[i].tp)
	}
	slices.SortFunc(tps, kafka.TopicPartition.Compare)
	return slices.Compact(tps)
}

// offsets writes the staircases of every partition.
func (w *dataWriter) offsets(s *Story) {
	tps, share := s.partitions(), s.share()
	w.key("offsets")
	w.list(len(tps), func(i int) {
		lines := s.offsetLines(tps[i])
		w.raw(`{"partition":`).quote(tps[i].String()).key("lines")
		w.list(len(lines), func(i int) {
			l := &lines[i]
			w.raw(`{"name":`).quote(cmp.Or(l.node, l.group)).key("what").quote(l.what)
			w.key("node").quote(l.node).key("group").quote(l.group)
			w.stairs(l.stairs, share)
			w.raw("}")
		})
		w.raw("}")
	})
}

// dataPoints is how many corners all staircases have together, about. Each has its share of them,
// so that many partitions do not make a page that is much larger than that of a few.
const dataPoints = 40_000

// share is how many corners each staircase of the page has at most.
func (s *Story) share() int {
	lines := 2*len(s.replicas) + 2*len(s.lags)
	return max(dataPoints/max(lines, 1), 64)
}

// stairs writes at most so many corners of a staircase: a value that is gone is null.
func (w *dataWriter) stairs(full *staircase, most int) {
	s := full.coarse(most)
	n := len(s.points)
	w.deltas("at", n, func(i int) int64 { return micros(s.points[i].at) })
	w.key("value")
	before := int64(0)
	w.list(n, func(i int) {
		v := s.points[i].v
		if v < 0 {
			w.raw("null")
			return
		}
		w.int(v - before)
		before = v
	})
}

// dataWindows is into how many windows of time rates and latencies are cut at most.
const dataWindows = 600

// rates writes how many records fared how in every window of time, and how long sends took.
func (w *dataWriter) rates(s *Story) {
	names := [...]string{outcomeOK: "acked", outcomeFail: "failed", outcomeUnknown: "unknown",
		outcomeRead: "read"}
	window := windowFor(s.End, s.rates.slot, dataWindows)
	w.key("rates").raw(`{"every":`).int(micros(window)).key("lines").raw("[")
	for o := range outcomes {
		if s.rates.totals[o] == 0 {
			continue
		}
		if w.b[len(w.b)-1] != '[' {
			w.raw(",")
		}
		counts := s.rates.counts(o, window, s.End)
		w.raw(`{"name":`).quote(names[o]).key("what").quote(names[o])
		w.column("counts", len(counts), func(i int) int64 { return counts[i] })
		w.raw("}")
	}
	w.raw("]}")
	q := quantileWindows(s.latencies, window)
	w.key("latency").raw(`{"every":`).int(micros(window)).key("lines").raw(`[{"name":"acked"`)
	w.deltas("at", len(q), func(i int) int64 { return micros(q[i].from) })
	w.column("p50", len(q), func(i int) int64 { return micros(q[i].p50) })
	w.column("p99", len(q), func(i int) int64 { return micros(q[i].p99) })
	w.column("max", len(q), func(i int) int64 { return micros(q[i].max) })
	w.raw("}]}")
}

// counts sums the records of o in windows of the given width, a multiple of the slot, up to end.
func (r *rates) counts(o outcome, window, end model.Time) []int64 {
	out := make([]int64, (end+window-1)/window)
	per := int(window / r.slot)
	for i := range r.slots {
		if j := i / per; j < len(out) {
			out[j] += int64(r.slots[i][o])
		}
	}
	return out
}

// findings writes what the checks found.
func (w *dataWriter) findings(s *Story) {
	w.key("findings")
	w.list(len(s.Run.Findings), func(i int) {
		f := &s.Run.Findings[i]
		w.raw(`{"anomaly":`).quote(string(f.Anomaly)).key("count").int(int64(f.Count))
		w.key("meaning").quote(anomalyMeaning(f.Anomaly))
		w.key("explanation").quote(asSentence(f.Explanation))
		w.key("witnesses")
		w.list(len(f.Witnesses), func(i int) {
			x := &f.Witnesses[i]
			w.raw(`{"at":`).int(micros(x.At)).key("who").quote(x.Who).key("text").quote(x.Text)
			w.key("event").int(int64(s.Diagram.eventOfWitness(x))).raw("}")
		})
		w.raw("}")
	})
}
