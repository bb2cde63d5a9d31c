package checks

import "sandcastle/model/kafka"

// origin is what many lines of a history have in common: whose they are.
type origin struct {
	originKey
	// who is the client's name, of one without a name that of the process.
	who string
	// polled is the position of its first ok poll that is not a final one, −1 for none.
	polled int32
}

type originKey struct {
	process                  int
	client, group, isolation string
}

// origins are the origins of all lines, in four bytes a line: looking up the operation itself costs
// the more the further apart those that are asked for stand in the history, and the checks go
// through it a partition at a time.
type origins struct {
	of      []int32 // by position in the history, in list
	list    []origin
	last    map[int]int32 // by process, of its line before
	numbers map[originKey]int32
}

func newOrigins(lines int) *origins {
	return &origins{
		of: make([]int32, 0, lines), last: map[int]int32{}, numbers: map[originKey]int32{},
	}
}

// add takes in the next line.
func (o *origins) add(op *kafka.Op) {
	key := originKey{op.Process, op.Client, op.Group, op.Isolation}
	n, known := o.last[op.Process]
	if !known || o.list[n].originKey != key {
		if n, known = o.numbers[key]; !known {
			n = int32(len(o.list))
			o.list, o.numbers[key] = append(o.list, origin{key, who(op), -1}), n
		}
		o.last[op.Process] = n
	}
	if op.Type == kafka.OK && !op.Final && (op.F == kafka.FPoll || op.F == kafka.FTxn) &&
		o.list[n].polled < 0 {
		o.list[n].polled = int32(len(o.of))
	}
	o.of = append(o.of, n)
}

// from is the origin of the operation at a position in the history.
func (p *partition) from(op int32) *origin { return &p.origins.list[p.origins.of[op]] }
