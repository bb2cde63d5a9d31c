package main

import (
	"fmt"

	"sandcastle/model"
)

// Kinds of operations.
const (
	write = "write"
	read  = "read"
)

// operation is a line of the history: a client asks for something (done is false), or has it. The
// kernel knows only that it is a model.Op.
type operation struct {
	kind  string
	value uint64 // of a read that begins: 0
	done  bool
}

// Sum mixes the operation into the run's hash.
func (o operation) Sum(sum uint64) uint64 {
	sum = model.SumUint(model.SumString(sum, o.kind), o.value)
	if o.done {
		sum = model.SumUint(sum, 1)
	}
	return sum
}

// entry is an operation with its client and time. A history is entries in the order of time.
type entry struct {
	at     model.Time
	client model.NodeID
	op     operation
}

func (e entry) String() string {
	what := e.op.kind + " begins"
	switch {
	case e.op.done && e.op.kind == write:
		what = fmt.Sprintf("write %d is acknowledged", e.op.value)
	case e.op.done:
		what = fmt.Sprintf("read gives %d", e.op.value)
	case e.op.kind == write:
		what = fmt.Sprintf("write %d begins", e.op.value)
	}
	return fmt.Sprintf("%s  %-8s  %s", e.at, e.client, what)
}

// check says how a history differs from that of one register that one client writes, nil if it does
// not: a read gives no value older than what was known when it began, and none that nobody has
// written yet. Known is what was acknowledged or read. With values that only grow these two are all
// that linearizability asks.
func check(history []entry) error {
	var known, written uint64
	atLeast := map[model.NodeID]uint64{} // by reader, for the read under way
	for _, e := range history {
		switch o := e.op; {
		case o.kind == write && !o.done:
			written = o.value
		case o.kind == read && !o.done:
			atLeast[e.client] = known
		case o.kind == read && o.value < atLeast[e.client]:
			return fmt.Errorf("at %s %s read %d, but %d was known when it began to read", e.at, e.client,
				o.value, atLeast[e.client])
		case o.kind == read && o.value > written:
			return fmt.Errorf("at %s %s read %d, which nobody has written", e.at, e.client, o.value)
		default:
			known = max(known, o.value)
		}
	}
	return nil
}
