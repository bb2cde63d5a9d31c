package page

import (
	"cmp"
	"slices"

	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/prose"
	"sandcastle/reports/text"
)

// offsetLine is one staircase of a partition: a replica's, or a group's committed offset.
type offsetLine struct {
	what, node, group string
	stairs            *digest.Staircase
}

// offsetLines are the staircases of tp: the replicas', then the groups'. There is no line of the
// last stable offset: without transactions it is the high watermark.
func offsetLines(s *digest.Story, tp kafka.TopicPartition) []offsetLine {
	var lines []offsetLine
	for i := range s.Replicas {
		r := &s.Replicas[i]
		if r.TP != tp {
			continue
		}
		node := string(r.Node)
		lines = append(lines, offsetLine{"log-end", node, "", &r.LogEnd},
			offsetLine{"high-watermark", node, "", &r.HighWatermark})
		if len(r.LogStart.Points) > 0 {
			lines = append(lines, offsetLine{"log-start", node, "", &r.LogStart})
		}
	}
	for i := range s.Lags {
		if l := &s.Lags[i]; l.TP == tp {
			lines = append(lines, offsetLine{"committed", "", l.Group, &l.Committed})
		}
	}
	return lines
}

// partitions lists the partitions whose offsets are known, in order.
func partitions(s *digest.Story) []kafka.TopicPartition {
	var tps []kafka.TopicPartition
	for i := range s.Replicas {
		tps = append(tps, s.Replicas[i].TP)
	}
	for i := range s.Lags {
		tps = append(tps, s.Lags[i].TP)
	}
	slices.SortFunc(tps, kafka.TopicPartition.Compare)
	return slices.Compact(tps)
}

// offsets writes the staircases of every partition.
func (w *dataWriter) offsets(s *digest.Story) {
	tps, share := partitions(s), shareOf(s)
	w.key("offsets")
	w.list(len(tps), func(i int) {
		lines := offsetLines(s, tps[i])
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

// shareOf is how many corners each staircase of the page has at most.
func shareOf(s *digest.Story) int {
	lines := 2*len(s.Replicas) + 2*len(s.Lags)
	return max(dataPoints/max(lines, 1), 64)
}

// stairs writes at most so many corners of a staircase: a value that is gone is null.
func (w *dataWriter) stairs(full *digest.Staircase, most int) {
	s := full.Coarse(most)
	n := len(s.Points)
	w.deltas("at", n, func(i int) int64 { return micros(s.Points[i].At) })
	w.key("value")
	before := int64(0)
	w.list(n, func(i int) {
		v := s.Points[i].Value
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
func (w *dataWriter) rates(s *digest.Story) {
	names := [...]string{digest.OutcomeOK: "acked", digest.OutcomeFail: "failed",
		digest.OutcomeUnknown: "unknown", digest.OutcomeRead: "read"}
	window := digest.WindowFor(s.End, s.Rates.Slot, dataWindows)
	w.key("rates").raw(`{"every":`).int(micros(window)).key("lines").raw("[")
	for o := range digest.Outcomes {
		if s.Rates.Totals[o] == 0 {
			continue
		}
		if w.b[len(w.b)-1] != '[' {
			w.raw(",")
		}
		counts := s.Rates.Counts(o, window, s.End)
		w.raw(`{"name":`).quote(names[o]).key("what").quote(names[o])
		w.column("counts", len(counts), func(i int) int64 { return counts[i] })
		w.raw("}")
	}
	w.raw("]}")
	q := digest.QuantileWindows(s.Latencies, window)
	w.key("latency").raw(`{"every":`).int(micros(window)).key("lines").raw(`[{"name":"acked"`)
	w.deltas("at", len(q), func(i int) int64 { return micros(q[i].From) })
	w.column("p50", len(q), func(i int) int64 { return micros(q[i].P50) })
	w.column("p99", len(q), func(i int) int64 { return micros(q[i].P99) })
	w.column("max", len(q), func(i int) int64 { return micros(q[i].Max) })
	w.raw("}]}")
}

// findings writes what the checks found.
func (w *dataWriter) findings(s *digest.Story) {
	w.key("findings")
	w.list(len(s.Run.Findings), func(i int) {
		f := &s.Run.Findings[i]
		w.raw(`{"anomaly":`).quote(string(f.Anomaly)).key("count").int(int64(f.Count))
		w.key("meaning").quote(text.AnomalyMeaning(f.Anomaly))
		w.key("explanation").quote(prose.AsSentence(f.Explanation))
		w.key("witnesses")
		w.list(len(f.Witnesses), func(i int) {
			x := &f.Witnesses[i]
			w.raw(`{"at":`).int(micros(x.At)).key("who").quote(x.Who).key("text").quote(x.Text)
			w.key("event").int(int64(s.Diagram.EventOfWitness(x))).raw("}")
		})
		w.raw("}")
	})
}
