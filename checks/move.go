package checks

import (
	"sandcastle/checks/order"
	"sandcastle/model/kafka"
)

// move notes the operation that ends at position i if a consumer may go on somewhere else after it
// than behind what it read last: it was assigned something, it subscribed, its application moved it
// (seek), auto.offset.reset did, it is a new one in the place of one that crashed, or partitions
// changed hands. A pause moves nothing.
func (g *gatherer) move(i int) {
	op := g.history.At(i)
	switch op.F {
	case kafka.FCrash, kafka.FAssign, kafka.FSubscribe, kafka.FSeek:
	case kafka.FReset:
		g.reset(i, op)
	default:
		if op.Rebalance == nil {
			return
		}
	}
	g.all.moves = append(g.all.moves, order.Move{Op: int32(i), Invoke: int32(g.invoke)})
}

// reset notes where auto.offset.reset moved a reader.
func (g *gatherer) reset(i int, op *kafka.Op) {
	if op.Type != kafka.OK {
		return
	}
	offsets := g.offsetsOf(i)
	if len(offsets) == 0 {
		g.all.unnamed.resets++
	}
	for _, o := range offsets {
		p := g.partition(o.Key)
		p.resets = append(p.resets, reset{int32(i), readerOf(op), o.Offset, op.Why})
	}
}
