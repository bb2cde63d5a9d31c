package history

import (
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Recorder writes a history. A client may have many operations open at once; each open one gets a
// process number of its own, which the next operation of the same client takes over when it is
// free. An operation with unknown outcome keeps its number for ever, as in Jepsen.
type Recorder struct {
	history kafka.PackedHistory
	clients map[model.NodeID]*clientOps
	next    int // the next process number
	// Observe sees every line when it has its number and its process; nil for nobody.
	Observe func(*kafka.Op)
}

type clientOps struct {
	open map[uint64]int // process by operation
	free []int
}

// Record takes one line from node: it numbers the line, and gives it its process. The completion of
// an operation has the ID of its invocation. It keeps nothing of op.
func (r *Recorder) Record(node model.NodeID, now model.Time, op *kafka.Op) {
	if r.clients == nil {
		r.clients = map[model.NodeID]*clientOps{}
	}
	c := r.clients[node]
	if c == nil {
		c = &clientOps{open: map[uint64]int{}}
		r.clients[node] = c
	}
	op.Index, op.Time, op.Client = r.history.Len(), now, string(node)
	switch process, open := c.open[op.ID]; {
	case op.Type == kafka.Invoke:
		op.Process = r.process(c)
		c.open[op.ID] = op.Process
	case !open:
		panic("history: " + string(node) + " completed an operation that it did not invoke")
	default:
		op.Process = process
		delete(c.open, op.ID)
		if op.Type != kafka.Info {
			c.free = append(c.free, process)
		}
	}
	r.history.Append(op)
	if r.Observe != nil {
		r.Observe(op)
	}
}

// process is a process number that no open operation has.
func (r *Recorder) process(c *clientOps) int {
	if n := len(c.free); n > 0 {
		process := c.free[n-1]
		c.free = c.free[:n-1]
		return process
	}
	r.next++
	return r.next - 1
}

// Crash ends the open operations of a client that died: nobody will ever know how they went.
func (r *Recorder) Crash(node model.NodeID) {
	if c := r.clients[node]; c != nil {
		c.open = map[uint64]int{}
		c.free = nil
	}
}

// History is everything recorded so far.
func (r *Recorder) History() kafka.Operations { return &r.history }

// OpenSend is how many records of a partition have no outcome yet.
type OpenSend struct {
	TP      kafka.TopicPartition
	Records int
	Since   model.Time // when the oldest of them was sent
}

// OpenSends are the sends of node without an outcome, by partition, and how many there are.
func (r *Recorder) OpenSends(node model.NodeID) (list []OpenSend, total int) {
	c := r.clients[node]
	if c == nil {
		return nil, 0
	}
	open := map[int]bool{}
	for _, process := range c.open { //unordered: it fills another map
		open[process] = true
	}
	for i := r.history.Len() - 1; i >= 0 && len(open) > 0; i-- {
		op := r.history.At(i)
		if op.Type != kafka.Invoke || op.Client != string(node) || !open[op.Process] {
			continue
		}
		delete(open, op.Process)
		for j := range op.Value {
			key := op.Value[j].Key
			at := slices.IndexFunc(list, func(o OpenSend) bool { return o.TP == key })
			if at < 0 {
				at, list = len(list), append(list, OpenSend{TP: key})
			}
			list[at].Records++
			list[at].Since = op.Time // lines are read backwards
			total++
		}
	}
	slices.SortFunc(list, func(a, b OpenSend) int { return a.TP.Compare(b.TP) })
	return list, total
}
