package checks

import (
	"cmp"
	"slices"

	"sandcastle/model/kafka"
)

// move is a consumer that goes on somewhere else than behind what it read last, and may: it was
// assigned the partition, it subscribed, its application moved it (seek), auto.offset.reset did, or
// it is a new one in the place of one that crashed. A pause moves nothing.
type move struct {
	op     int32 // position in the history
	client string
}

// move adds what moves by the operation that ends at position i.
func (g *gatherer) move(i int) {
	op := g.history.At(i)
	m := move{int32(i), who(op)}
	switch {
	case op.F == kafka.FCrash, op.F == kafka.FSubscribe && op.Type == kafka.OK:
		g.restarts = append(g.restarts, m)
	case op.Type != kafka.OK:
	case op.F == kafka.FAssign:
		for _, key := range op.Keys {
			p := g.partition(kafka.ParseKey(key))
			p.moves = append(p.moves, m)
		}
	case op.F == kafka.FSeek, op.F == kafka.FReset:
		for _, o := range g.offsetsOf(i) {
			p := g.partition(o.Key)
			p.moves = append(p.moves, m)
			if op.F == kafka.FReset {
				p.resets = append(p.resets, reset{int32(i), readerOf(op), o.Offset, op.Why})
			}
		}
	}
}

// mergedMoves are the moves of a partition and those in all, in the order of the history.
func mergedMoves(here, everywhere []move) []move {
	if len(everywhere) == 0 {
		return here
	}
	all := slices.Concat(here, everywhere)
	slices.SortStableFunc(all, func(a, b move) int { return cmp.Compare(a.op, b.op) })
	return all
}
