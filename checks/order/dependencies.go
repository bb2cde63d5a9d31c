package order

import (
	"cmp"
	"math"
	"slices"

	"sandcastle/checks/cycles"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Kinds of dependencies, by Adya's names and Elle's.
const (
	// ww: the first operation sent a record, the second one the next record of the log.
	ww cycles.Kind = 1 << iota
	// wr: the first operation sent a record, the second one read it.
	wr
	// dirty is wr where a poll at read_uncommitted read a record of a transaction.
	dirty
	// process: one process had done the first operation before it did the second one.
	process
	// realtime: the first operation had ended before the second one began.
	realtime
)

// Dependencies is what has to come before what, among operations that send or poll.
type Dependencies struct {
	history kafka.Operations
	logs    []*Log
	graph   cycles.Graph
	ops     []operation // by vertex; Op of waypoints is −1
	vertex  []int32     // by position in the history, −1 for none
	found   []Cycle
}

// operation is a vertex: when it began and ended, by the history's clock.
type operation struct {
	op        int32 // its completion's position in the history, or its invocation's without one
	invoke    int32 // −1 for none
	call, ret model.Time
	ok        bool
}

// Cycle is operations each of which has to come before the next one, and the last before the first.
type Cycle struct {
	Anomaly kafka.Anomaly
	Allowed string // who allows it, "" for nobody
	edges   []cycles.Edge
}

// shortestBudget is how many edges are looked at for the shortest cycle of a component.
const shortestBudget = 2_000_000

// Depend finds the cycles of a history, one in each component that has some.
func Depend(h kafka.Operations, logs []*Log) *Dependencies {
	d := &Dependencies{history: h, logs: logs, vertex: slices.Repeat([]int32{-1}, h.Len())}
	for _, l := range logs {
		for i := range l.Sends {
			d.add(l.Sends[i].Op, l.Sends[i].Invoke)
		}
		for i := range l.Reads {
			d.add(l.Reads[i].Op, -1)
		}
	}
	d.complete()
	for n := range logs {
		d.link(n)
	}
	d.linkProcesses()
	d.linkTime()
	d.search()
	return d
}

// add makes the operation a vertex.
func (d *Dependencies) add(op, invoke int32) {
	if d.vertex[op] >= 0 {
		return
	}
	d.vertex[op] = d.graph.Vertex()
	d.ops = append(d.ops, operation{op: op, invoke: invoke})
}

// complete finds when operations began. One whose completion stands alone took no time.
func (d *Dependencies) complete() {
	open := map[int]int32{} // by process
	for i := range d.history.Len() {
		op := d.history.At(i)
		if op.Type == kafka.Invoke {
			open[op.Process] = int32(i)
			if v := d.vertex[i]; v >= 0 { // it never ended
				d.ops[v].call, d.ops[v].ret = op.Time, math.MaxInt64
			}
			continue
		}
		at, invoked := open[op.Process]
		delete(open, op.Process)
		if v := d.vertex[i]; v >= 0 {
			x := &d.ops[v]
			x.call, x.ret, x.ok, x.invoke = op.Time, op.Time, op.Type == kafka.OK, -1
			if invoked {
				x.call, x.invoke = d.history.At(int(at)).Time, at
			}
		}
	}
}

// link adds the edges of one log.
func (d *Dependencies) link(n int) {
	l := d.logs[n]
	senders := l.senders()
	last, rank := int32(-1), Unknown // the vertex that sent the record before, and its rank
	for _, s := range l.Slots() {
		send := senders.find(Record(s))
		if send < 0 || s.Rank == rank || l.Cause(s.Value, s.Rank) != "" {
			continue // what is lost, or stands in its place, has no order
		}
		v := d.vertex[l.Sends[send].Op]
		if last >= 0 {
			d.graph.Link(last, v, ww)
		}
		last, rank = v, s.Rank
	}
	for i := range l.Reads {
		r := &l.Reads[i]
		reader, before := d.vertex[r.Op], int32(-1)
		for _, rec := range l.Records[r.Start:r.End] {
			send := senders.find(rec)
			if send < 0 || d.vertex[l.Sends[send].Op] == before {
				continue
			}
			before = d.vertex[l.Sends[send].Op]
			kind := wr
			if r.Dirty && d.history.At(int(d.ops[before].op)).F == kafka.FTxn {
				kind = dirty
			}
			d.graph.Link(before, reader, kind)
		}
	}
}

// linkProcesses adds an edge from each operation that went well to the next one of its process.
func (d *Dependencies) linkProcesses() {
	last := map[int]int32{}
	for _, v := range d.vertex {
		if v < 0 || !d.ops[v].ok {
			continue
		}
		p := d.history.At(int(d.ops[v].op)).Process
		if before, known := last[p]; known {
			d.graph.Link(before, v, process)
		}
		last[p] = v
	}
}

// linkTime adds a way from each operation that went well to all that began after its end. Elle adds
// an edge for each pair of which none lies between, which can be the square of how many are open at
// a time; here what ended meanwhile, and what began, is gathered at waypoints, two edges an
// operation.
func (d *Dependencies) linkTime() {
	n := len(d.ops)
	calls, ends := make([]int32, n), make([]int32, 0, n)
	for v := range d.ops {
		calls[v] = int32(v)
		if d.ops[v].ok {
			ends = append(ends, int32(v))
		}
	}
	slices.SortFunc(calls, func(a, b int32) int { return cmp.Compare(d.ops[a].call, d.ops[b].call) })
	slices.SortFunc(ends, func(a, b int32) int { return cmp.Compare(d.ops[a].ret, d.ops[b].ret) })
	gathered, ended := int32(-1), 0
	for _, v := range calls {
		first := ended
		for ended < len(ends) && d.ops[ends[ended]].ret < d.ops[v].call {
			ended++
		}
		if ended > first {
			w := d.graph.Waypoint()
			d.ops = append(d.ops, operation{op: -1})
			if gathered >= 0 {
				d.graph.Link(gathered, w, realtime)
			}
			for _, e := range ends[first:ended] {
				d.graph.Link(e, w, realtime)
			}
			gathered = w
		}
		if gathered >= 0 {
			d.graph.Link(gathered, v, realtime)
		}
	}
}
