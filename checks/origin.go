package checks

import "sandcastle/model/kafka"

// origin is what many lines of a history have in common: whose they are.
type origin struct {
	process                  int
	client, group, isolation string
	// who is the client's name, of one without a name that of the process.
	who string
}

// origins are the origins of all lines, in four bytes a line: looking up the operation itself costs
// the more the further apart those that are asked for stand in the history, and the checks go
// through it a partition at a time.
type origins struct {
	of   []int32 // by position in the history, in list
	list []origin
	last map[int]int32 // by process, of its line before
}

func newOrigins(lines int) *origins {
	return &origins{of: make([]int32, 0, lines), last: map[int]int32{}}
}

// add takes in the next line.
func (o *origins) add(op *kafka.Op) {
	if n, known := o.last[op.Process]; known {
		x := &o.list[n]
		if x.client == op.Client && x.group == op.Group && x.isolation == op.Isolation {
			o.of = append(o.of, n)
			return
		}
	}
	n := int32(-1)
	for i := len(o.list) - 1; i >= max(0, len(o.list)-recentOrigins) && n < 0; i-- {
		x := &o.list[i]
		if x.process == op.Process && x.client == op.Client && x.group == op.Group &&
			x.isolation == op.Isolation {
			n = int32(i)
		}
	}
	if n < 0 {
		n = int32(len(o.list))
		o.list = append(o.list, origin{op.Process, op.Client, op.Group, op.Isolation, who(op)})
	}
	o.last[op.Process] = n
	o.of = append(o.of, n)
}

// recentOrigins is how many are searched for one that is there already: a completion may say more
// than its invocation. One that is there twice costs its place and is no mistake.
const recentOrigins = 8

// from is the origin of the operation at a position in the history.
func (p *partition) from(op int32) *origin { return &p.origins.list[p.origins.of[op]] }
