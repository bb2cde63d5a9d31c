package checks

import (
	"fmt"

	"sandcastle/model/kafka"
)

// handling is what a group reports of a record of the partition: that its application works on it,
// or that everything before it is committed.
type handling struct {
	op     int32 // position in the history
	group  string
	offset kafka.Offset
	commit bool
	done   bool // it certainly took effect
}

// handle adds what is reported by the operation that ends, with end, at position i.
func (g *gatherer) handle(i int, op *kafka.Op, end kafka.OpType) {
	if op.F != kafka.FProcess && op.F != kafka.FCommit || end == kafka.Fail {
		return
	}
	group := op.Group
	if group == "" && g.invoke >= 0 {
		group = g.history.At(g.invoke).Group
	}
	offsets := g.offsetsOf(op)
	if len(offsets) == 0 && op.F == kafka.FProcess {
		g.all.unnamed.processed++
	}
	for _, o := range offsets {
		p := g.partition(o.Key)
		p.handled = append(p.handled, handling{
			op: int32(i), group: group, offset: o.Offset,
			commit: op.F == kafka.FCommit, done: end == kafka.OK,
		})
	}
}

// offsetsOf are the offsets that the operation is about which op ends. A completion need not repeat
// what was asked.
func (g *gatherer) offsetsOf(op *kafka.Op) []kafka.PartitionOffset {
	if len(op.Offsets) > 0 || g.invoke < 0 {
		return op.Offsets
	}
	return g.history.At(g.invoke).Offsets
}

// handlingWitness says what h is evidence of.
func (p *partition) handlingWitness(h *handling) kafka.Witness {
	op := p.op(h.op)
	text := fmt.Sprintf("process %s offset %d", p.key, h.offset)
	if h.commit {
		text = fmt.Sprintf("commit %s → offset %d is next", p.key, h.offset)
	}
	return kafka.Witness{Op: op.Index, At: op.Time, Who: who(op), Text: text}
}
