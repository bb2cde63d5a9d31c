package checks

import (
	"math"

	"sandcastle/checks/order"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// gathered is what the partitions of a history have in common.
type gathered struct {
	history kafka.Operations
	moves   []order.Move
	// transactions tells whether some operation did more than one thing.
	transactions bool
	unnamed      unnamed
	dependencies *order.Dependencies // when they were asked for
	timely       bool                // nothing was known too early, as far as was asked
}

// move notes the operation that ends at position i if a consumer may go on somewhere else after it
// than behind what it read last: it was assigned something, it subscribed, its application moved it
// (seek), auto.offset.reset did, it is a new one in the place of one that crashed, or partitions
// changed hands. A pause moves nothing.
func (g *gatherer) move(i int, op *kafka.Op) {
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

// ordered is the partition in the order of its log.
func (p *partition) ordered() *order.Log {
	if p.log != nil {
		return p.log
	}
	l := &order.Log{
		Key: p.key, Name: p.key.String(), Start: p.start, Offsets: p.ranks,
		Values: len(p.values), SendsOf: func(v int32) int32 { return p.values[v].sends },
		Sends: make([]order.Send, len(p.sends)),
		Reads: make([]order.Read, len(p.reads)), Records: make([]order.Record, len(p.polled)),
		Slots: p.orderedSlots, Cause: p.suffering, Stands: p.stands, Tell: teller{p},
	}
	for i := range p.sends {
		s := &p.sends[i]
		l.Sends[i] = order.Send{
			Op: s.op, Invoke: s.invoke, Value: s.value, Rank: p.sentRank(s),
			OK: s.outcome == endedOK, Failed: s.outcome == endedFail, Told: s.offset >= 0,
		}
	}
	for i := range p.reads {
		r := &p.reads[i]
		l.Reads[i] = order.Read{
			Op: r.op, Start: int32(r.start), End: int32(r.end), OK: r.ok, Final: r.final,
			Rebalanced: r.rebalanced, Committed: r.readCommitted,
			Dirty: p.from(r.op).isolation == "read_uncommitted",
		}
	}
	for i, v := range p.polled {
		l.Records[i] = order.Record{Value: v, Rank: order.Unknown}
		if at := p.offsets[i]; at >= 0 {
			l.Records[i].Rank = p.rank(at, v)
		} else if p.values[v].places == 1 {
			l.Records[i].Rank = p.values[v].low
		}
		if l.Records[i].Rank == order.Unknown {
			l.Unplaced++
		}
	}
	p.log = l
	return l
}

// sentRank is where the record of a send stands: where its client was told, or where the one place
// of its value is, when it is the one send of it.
func (p *partition) sentRank(s *send) int32 {
	v := &p.values[s.value]
	switch {
	case s.committed && s.offset >= 0:
		return p.rank(s.offset, s.value)
	case v.places == 1 && v.sends == 1:
		return v.low
	}
	return order.Unknown
}

func (p *partition) orderedSlots() []order.Slot {
	slots := make([]order.Slot, len(p.slots))
	for i, s := range p.slots {
		slots[i] = order.Slot{Value: s.value, Rank: s.rank}
	}
	return slots
}

// suffering is cause, and also that a value should not be there at all.
func (p *partition) suffering(value, rank int32) kafka.Anomaly {
	cause := p.cause(value, rank)
	if v := &p.values[value]; cause == "" && v.seen && v.fails > 0 && v.fails == v.sends {
		return kafka.G1a
	}
	return cause
}

// teller shows evidence of a partition.
type teller struct{ p *partition }

// Send implements order.Teller.
func (t teller) Send(i int32) kafka.Witness { return t.p.sendWitness(&t.p.sends[i]) }

// Record implements order.Teller.
func (t teller) Record(read, i int32) kafka.Witness {
	return t.p.readWitness(&t.p.reads[read], int(i))
}

// Value implements order.Teller.
func (t teller) Value(v int32) string { return t.p.values[v].text }

func orderedLogs(parts []*partition) []*order.Log {
	logs := make([]*order.Log, len(parts))
	for i, p := range parts {
		logs[i] = p.ordered()
	}
	return logs
}

func (t *tally) addCase(c order.Case) { t.addAllowed(c.Allowed, c.Cause, c.Evidence) }

// byOrder makes a check of one that goes through the logs.
func byOrder(f func([]*order.Log, func(order.Case))) func([]*partition, Options, *tally) {
	return func(parts []*partition, _ Options, t *tally) { f(orderedLogs(parts), t.addCase) }
}

// byConsumers makes a check of one that follows consumers.
func byConsumers(f func(*order.Consumers, []*order.Log, func(order.Case)),
) func([]*partition, Options, *tally) {
	return func(parts []*partition, o Options, t *tally) {
		if len(parts) == 0 {
			return
		}
		c := order.Consumers{
			History: parts[0].history, Moves: parts[0].all.moves, RebalancesLogged: o.RebalancesLogged,
			Whose: func(op int32) order.Origin {
				from := parts[0].from(op)
				return order.Origin{Client: from.client, Group: from.group, Process: from.process}
			},
		}
		f(&c, orderedLogs(parts), t.addCase)
	}
}

// byCycles makes a check of one that looks for a kind of cycle.
//
// Without operations that do more than one thing there are only cycles that take time, and they
// show what nonlinearizable does: in each partition operations are linearizable just when all
// together are (Herlihy and Wing 1990, locality).
func byCycles(a kafka.Anomaly, f func(*order.Dependencies, kafka.Anomaly, func(order.Case)),
) func([]*partition, Options, *tally) {
	return func(parts []*partition, _ Options, t *tally) {
		if len(parts) == 0 {
			return
		}
		all := parts[0].all
		if all.dependencies == nil {
			if !all.transactions && (all.timely || !outOfTime(parts)) {
				all.timely = true
				return
			}
			all.dependencies = order.Depend(all.history, orderedLogs(parts))
		}
		f(all.dependencies, a, func(c order.Case) {
			if !all.transactions {
				c.Cause = kafka.Nonlinearizable
			}
			t.addCase(c)
		})
	}
}

// outOfTime tells whether something at a rank or above was known before a record of the rank was
// sent.
func outOfTime(parts []*partition) bool {
	for _, p := range parts {
		if p.outOfTime() {
			return true
		}
	}
	return false
}

func (p *partition) outOfTime() bool {
	l := p.ordered()
	known := make([]model.Time, len(p.ranks)+1) // by rank, when it or a higher one was known
	for i := range known {
		known[i] = math.MaxInt64
	}
	for i := range l.Sends {
		if s := &l.Sends[i]; s.OK && s.Rank != order.Unknown {
			known[s.Rank] = min(known[s.Rank], p.sends[i].ret)
		}
	}
	for i := range l.Reads {
		r := &l.Reads[i]
		for _, rec := range l.Records[r.Start:r.End] {
			if r.OK && rec.Rank != order.Unknown {
				known[rec.Rank] = min(known[rec.Rank], p.reads[i].ret)
			}
		}
	}
	for rank := len(known) - 2; rank >= 0; rank-- {
		known[rank] = min(known[rank], known[rank+1])
	}
	for i := range l.Sends {
		if s := &l.Sends[i]; s.Rank != order.Unknown && p.sends[i].call > known[s.Rank] {
			return true
		}
	}
	return false
}
