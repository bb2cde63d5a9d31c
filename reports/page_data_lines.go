package reports

import "sandcastle/model"

// offsets writes the staircases of every partition.
func (w *dataWriter) offsets(s *Story) {
	type line struct {
		name, what string
		stairs     *staircase
	}
	w.key("offsets").raw("[")
	for i := 0; i < len(s.replicas); {
		tp := s.replicas[i].tp
		var lines []line
		for ; i < len(s.replicas) && s.replicas[i].tp == tp; i++ {
			r := &s.replicas[i]
			lines = append(lines, line{string(r.node), "log-end", &r.logEnd},
				line{string(r.node), "high-watermark", &r.highWatermark})
		}
		if w.b[len(w.b)-1] != '[' {
			w.raw(",")
		}
		w.raw(`{"partition":`).quote(tp.String()).key("lines")
		w.list(len(lines), func(i int) {
			l := &lines[i]
			w.raw(`{"name":`).quote(l.name).key("what").quote(l.what)
			w.stairs(l.stairs)
			w.raw("}")
		})
		w.raw("}")
	}
	w.raw("]")
}

// stairs writes the corners of a staircase: a value that is gone is null.
func (w *dataWriter) stairs(s *staircase) {
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

// owners writes who owned which partition.
func (w *dataWriter) owners(s *Story) {
	w.key("owners")
	w.list(len(s.groups), func(i int) {
		g := &s.groups[i]
		w.raw(`{"group":`).quote(g.group).key("members")
		w.list(len(g.members), func(i int) { w.quote(string(g.members[i])) })
		w.key("spans")
		w.list(len(g.owned), func(i int) {
			o := &g.owned[i]
			tp := ""
			if o.tp.Topic != "" {
				tp = o.tp.String()
			}
			w.raw(`{"partition":`).quote(tp).key("member").quote(string(o.node))
			w.key("from").int(micros(o.from)).key("to").int(micros(o.to))
			w.key("dead").int(bit(o.dead)).raw("}")
		})
		w.raw("}")
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
