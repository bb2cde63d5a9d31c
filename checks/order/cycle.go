package order

import (
	"fmt"
	"slices"
	"strings"

	"sandcastle/checks/cycles"
	"sandcastle/model/kafka"
)

// class is a set of dependencies of which there must be no cycle.
type class struct {
	anomaly kafka.Anomaly
	kinds   cycles.Kind
	allowed string
}

const (
	// writesInterleave allows cycles of records in logs alone, or with those and reads.
	writesInterleave = "records of transactions alternate in the logs, so their orders may differ"
	readsInterleave  = "it takes the order of records in the logs, where those of transactions " +
		"alternate, or reads at read_uncommitted"
)

// classes are in the order in which they are looked for: a cycle is of the first class that it is
// in. What one log shows by itself comes before what takes the order of processes, and that before
// what takes time.
func classes() []class {
	var list []class
	for _, c := range []struct {
		g0, g1c kafka.Anomaly
		extra   cycles.Kind
	}{
		{kafka.G0, kafka.G1c, 0},
		{kafka.G0Process, kafka.G1cProcess, process},
		{kafka.G0Realtime, kafka.G1cRealtime, process | realtime},
	} {
		list = append(list,
			class{c.g1c, wr | c.extra, ""},
			class{c.g0, ww | c.extra, writesInterleave},
			class{c.g1c, ww | wr | dirty | c.extra, readsInterleave})
	}
	return list
}

// search goes through the classes. Where a component holds a cycle of an earlier class that takes
// fewer kinds of dependencies, that one says more, and the component does not count again.
func (d *Dependencies) search() {
	const all = ww | wr | dirty | process | realtime
	cyclic := d.graph.Components(all, nil)
	if len(cyclic) == 0 {
		return
	}
	within := make([]bool, len(d.ops))
	for _, c := range cyclic {
		for _, v := range slices.Concat(c.Vertices, c.Waypoints) {
			within[v] = true
		}
	}
	list := classes()
	told := make([]uint16, len(d.ops)) // by vertex, a bit for each class
	for n, class := range list {
		fewer := uint16(0)
		for m, earlier := range list[:n] {
			if earlier.kinds&^class.kinds == 0 {
				fewer |= 1 << m
			}
		}
		for _, c := range d.graph.Components(class.kinds, within) {
			if slices.ContainsFunc(c.Vertices, func(v int32) bool { return told[v]&fewer != 0 }) {
				continue
			}
			for _, v := range c.Vertices {
				told[v] |= 1 << n
			}
			edges := d.graph.Shortest(c, class.kinds, shortestBudget)
			d.found = append(d.found, Cycle{class.anomaly, class.allowed, edges})
		}
	}
}

// cycles tells those of an anomaly. They are cases of it, or, where cause is not empty, what
// follows from it.
func (d *Dependencies) cycles(a, cause kafka.Anomaly, found func(Case)) {
	for i := range d.found {
		if c := &d.found[i]; c.Anomaly == a {
			found(Case{Cause: cause, Allowed: c.Allowed, Evidence: d.evidence(c)})
		}
	}
}

const (
	// toldSteps and shownOps bound what is told of a long cycle.
	toldSteps = 6
	shownOps  = 6
)

// evidence tells the shortest cycle, step by step.
func (d *Dependencies) evidence(c *Cycle) func() (string, []kafka.Witness) {
	return func() (string, []kafka.Witness) {
		var steps []string
		for i, e := range c.edges {
			if i == toldSteps {
				steps = append(steps, fmt.Sprintf("and so on, %d steps in all", len(c.edges)))
				break
			}
			steps = append(steps, d.step(e))
		}
		text := fmt.Sprintf("a cycle of %d operations, each of which has to come before the next: %s",
			len(c.edges), strings.Join(steps, "; "))
		var witnesses []kafka.Witness
		for _, e := range c.edges {
			if len(witnesses) < shownOps {
				witnesses = append(witnesses, d.witness(e.From))
			}
		}
		return text, witnesses
	}
}

// index is how people find an operation in the history.
func (d *Dependencies) index(v int32) int { return d.history.At(int(d.ops[v].op)).Index }

// step says why one operation has to come before another.
func (d *Dependencies) step(e cycles.Edge) string {
	a, b := d.index(e.From), d.index(e.To)
	switch e.Kind {
	case process:
		return fmt.Sprintf("op %d was done by the process that did op %d next", a, b)
	case realtime:
		return fmt.Sprintf("op %d had ended before op %d began", a, b)
	}
	from, to := d.ops[e.From].op, d.ops[e.To].op
	for _, l := range d.logs {
		if text := l.step(from, to, e.Kind); text != "" {
			return fmt.Sprintf(text, a, b)
		}
	}
	panic("order: a dependency that no log shows")
}

// step finds what a log shows of a dependency: a text with a place for each operation, "" for
// nothing.
func (l *Log) step(from, to int32, kind cycles.Kind) string {
	senders := l.senders()
	if kind == ww {
		last, rank := int32(-1), Unknown
		for _, s := range l.Slots() {
			send := senders.find(Record(s))
			if send < 0 || s.Rank == rank || l.Cause(s.Value, s.Rank) != "" {
				continue
			}
			if last >= 0 && l.Sends[last].Op == from && l.Sends[send].Op == to {
				return fmt.Sprintf("op %%d sent %s to %s before op %%d sent %s (ww)",
					l.quoted(l.Sends[last].Value), verb(l.Name), l.quoted(s.Value))
			}
			last, rank = send, s.Rank
		}
		return ""
	}
	for i := range l.Reads {
		r := &l.Reads[i]
		if r.Op != to {
			continue
		}
		for _, rec := range l.Records[r.Start:r.End] {
			if send := senders.find(rec); send >= 0 && l.Sends[send].Op == from {
				return fmt.Sprintf("op %%d sent %s to %s, which op %%d read (wr)", l.quoted(rec.Value),
					verb(l.Name))
			}
		}
	}
	return ""
}

// quoted is a value in a text that still has places.
func (l *Log) quoted(v int32) string { return verb(fmt.Sprintf("%q", l.Tell.Value(v))) }

func verb(text string) string { return strings.ReplaceAll(text, "%", "%%") }

// witness shows an operation by the first thing that it did.
func (d *Dependencies) witness(v int32) kafka.Witness {
	at := d.ops[v].op
	op := d.history.At(int(at))
	w := kafka.Witness{Op: op.Index, At: op.Time, Who: who(op)}
	var did []string
	mops := op.Value
	if len(mops) == 0 && d.ops[v].invoke >= 0 {
		mops = d.history.At(int(d.ops[v].invoke)).Value
	}
	for i := range mops {
		m := &mops[i]
		if m.F == kafka.FSend {
			did = append(did, fmt.Sprintf("send %s %q", m.Key, m.Value))
			continue
		}
		for _, polled := range m.Polled {
			for _, rec := range polled.Records {
				did = append(did, fmt.Sprintf("poll %s → %q", polled.Key, rec.Value))
			}
		}
	}
	if len(did) > shownOps {
		did = append(did[:shownOps], fmt.Sprintf("… %d more", len(did)-shownOps))
	}
	w.Text = strings.Join(did, ", ")
	return w
}
