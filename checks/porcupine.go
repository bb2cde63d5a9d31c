package checks

import (
	"maps"
	"math"
	"slices"

	"github.com/anishathalye/porcupine"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// question is what Porcupine is asked about one partition. It is made from what clients sent and
// polled, not from the ranks and resolved appends of the linear-time checker: offsets stay offsets,
// and which of several sends of a value put it where stays open.
type question struct {
	ops  []logOp
	base kafka.PartitionLog // what was there before
	// offsets are those of base and all at which a record is known to stand, in order. Each is
	// appended to once, so they are filled one by one: after n records comes offsets[n].
	offsets []kafka.Offset
	known   map[kafka.PolledRecord]bool // to stand somewhere; true when a send was told the offset
	acked   map[kafka.Offset]bool       // by a send that was ok
	untold  map[string]int              // by value, how many offsets hold it of which no send was told
}

// logOp is one operation: an append, or a poll.
type logOp struct {
	value  string
	offset kafka.Offset // of an append where it was put, NoOffset when nobody was told
	// turn is how many other appends of the value, of those that nobody was told an offset of, must
	// come before this one.
	turn      int
	records   []kafka.PolledRecord // of a poll; nil for an append
	jumps     bool                 // the poll may give its records in any order
	call, ret model.Time
	number    int // of the operation in a picture
}

// recordsAnOp is how many polled records cost as much as an operation.
const recordsAnOp = 16

// question states p, or is false when it has more than most operations, or polls of very many
// records.
//
// What took no effect that anybody saw is left out. A value that stands at more offsets than any
// send was told of was put there, in this order of preference, by sends whose outcome or offset is
// unknown, by sends that failed (G1a), by somebody unrecorded, at any time.
func (p *partition) question(most int) (q question, small bool) {
	if len(p.sends)+len(p.reads) > most || len(p.polled)/recordsAnOp > most {
		return q, false
	}
	q = question{
		known: map[kafka.PolledRecord]bool{}, acked: map[kafka.Offset]bool{}, untold: map[string]int{},
	}
	for i := range p.reads {
		q.addPoll(p, &p.reads[i])
	}
	for i := range p.sends {
		if s := &p.sends[i]; s.told() {
			q.addSend(p, s, 0)
			q.known[kafka.PolledRecord{Offset: s.offset, Value: p.values[s.value].text}] = true
			q.acked[s.offset] = q.acked[s.offset] || s.outcome == endedOK
		}
	}
	for rec, told := range q.known { //unordered: they are counted, and sorted below
		if !told {
			q.untold[rec.Value]++
		}
		q.offsets = append(q.offsets, rec.Offset)
	}
	slices.Sort(q.offsets)
	q.offsets = slices.Compact(q.offsets)
	q.addUntold(p)
	return q, true
}

// told tells whether the offset of s is known by itself, and that it took effect.
func (s *send) told() bool { return s.committed && s.offset >= 0 }

// addPoll notes what a poll saw, and, when it was ok, that it must be explained.
func (q *question) addPoll(p *partition, r *read) {
	op := logOp{jumps: r.rebalanced, call: min(r.call, r.ret), ret: r.ret}
	for j, o := range p.positions(r) {
		if o < 0 {
			continue
		}
		rec := kafka.PolledRecord{Offset: o, Value: p.values[p.numbers(r)[j]].text}
		q.known[rec] = false
		op.records = append(op.records, rec)
	}
	if r.ok && len(op.records) > 0 {
		q.ops = append(q.ops, op)
	}
}

// addSend adds an append that takes its turn.
func (q *question) addSend(p *partition, s *send, turn int) {
	op := logOp{
		value: p.values[s.value].text, offset: kafka.NoOffset, turn: turn, call: s.call, ret: model.Never,
	}
	if s.told() {
		op.offset = s.offset
	}
	if s.told() && s.outcome == endedOK {
		op.ret = s.ret
	}
	q.ops = append(q.ops, op)
}

// addUntold adds the appends that nobody was told an offset of.
func (q *question) addUntold(p *partition) {
	added := map[string]int{}
	for _, failed := range []bool{false, true} {
		turns := maps.Clone(added)
		for i := range p.sends {
			s := &p.sends[i]
			value := p.values[s.value].text
			if !s.told() && (s.outcome == endedFail) == failed && q.untold[value] > 0 {
				q.addSend(p, s, turns[value])
				added[value]++
			}
		}
	}
	for _, value := range slices.Sorted(maps.Keys(q.untold)) {
		for range q.untold[value] - added[value] {
			q.ops = append(q.ops, logOp{
				value: value, offset: kafka.NoOffset, turn: added[value], call: math.MinInt64,
				ret: model.Never,
			})
		}
	}
}

// next says whether op may come next when the log is as it is, and the log after it.
func (q *question) next(log kafka.PartitionLog, op *logOp) (bool, kafka.PartitionLog) {
	switch {
	case op.records != nil:
		return q.gives(log, op), log
	case log.Len() == len(q.offsets): // what is left over took no effect
		return op.offset < 0 && q.taken(log, op.value) >= q.untold[op.value], log
	}
	at := q.offsets[log.Len()]
	told, stands := q.known[kafka.PolledRecord{Offset: at, Value: op.value}]
	switch {
	case op.offset >= 0 && op.offset != at, op.offset < 0 && (!stands || told),
		op.turn > 0 && q.taken(log, op.value) < op.turn:
		return false, log
	}
	after, ok := log.AppendAt(at, op.value)
	return ok, after
}

// taken counts the records of a value in the log of which no send was told.
func (q *question) taken(log kafka.PartitionLog, value string) (n int) {
	for _, rec := range log.Read(math.MinInt64, log.Len()) {
		if rec.Value == value && !q.known[rec] {
			n++
		}
	}
	return n
}

// gives says whether a poll of the log may have returned the records of op: in order, none changed,
// and none left out that was acknowledged. What nobody acknowledged may be of a transaction that
// was aborted.
func (q *question) gives(log kafka.PartitionLog, op *logOp) bool {
	if op.jumps {
		return !slices.ContainsFunc(op.records, func(rec kafka.PolledRecord) bool {
			return !log.Gives([]kafka.PolledRecord{rec})
		})
	}
	left := op.records
	for _, rec := range log.Read(op.records[0].Offset, log.Len()) {
		switch {
		case rec == left[0]:
			if left = left[1:]; len(left) == 0 {
				return true
			}
		case q.acked[rec.Offset]:
			return false
		}
	}
	return false
}

// stepBudget counts the steps that Porcupine asks of the model.
type stepBudget struct {
	left    int
	crashed string
	before  func(check string) // Options.BeforeCheck, or nil
}

// stopped says why the search was cut short, "" when it was not.
func (b *stepBudget) stopped() string {
	if b.crashed != "" {
		return b.crashed
	}
	if b.left < 0 {
		return "the budget of model steps ran out"
	}
	return ""
}

// linearizable asks Porcupine whether some order of the operations explains them. It is false as
// well when the budget stopped the search.
func (q *question) linearizable(b *stepBudget) bool {
	if slices.ContainsFunc(q.ops, func(op logOp) bool { return op.call > op.ret }) {
		return false // there is no moment between the two
	}
	history := make([]porcupine.Operation, len(q.ops))
	for i := range q.ops {
		op := &q.ops[i]
		history[i] = porcupine.Operation{Input: op, Call: int64(op.call), Return: int64(op.ret)}
	}
	return porcupine.CheckOperationsTimeout(q.model(b), history, 0) == porcupine.Ok
}

// model is kafka.PartitionLog in Porcupine's terms. Porcupine runs the model on a goroutine of its
// own and waits for it; a panic there must be caught there.
func (q *question) model(b *stepBudget) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return q.base },
		Step: func(state, input, _ any) (ok bool, next any) {
			if b.left--; b.left < 0 || b.crashed != "" {
				return false, state
			}
			next = state
			defer b.catch()
			if b.before != nil {
				b.before(oracle)
			}
			ok, log := q.next(state.(kafka.PartitionLog), input.(*logOp))
			return ok, log
		},
		Equal: func(x, y any) (equal bool) {
			defer b.catch()
			return x.(kafka.PartitionLog).Equal(y.(kafka.PartitionLog))
		},
		Hash: func(s any) (sum uint64) {
			defer b.catch()
			return uint64(s.(kafka.PartitionLog).Len())
		},
	}
}

// catch, deferred, remembers a panic, after which the search stops. The model's functions are
// called by the million: a closure around each would cost a tenth of the search.
func (b *stepBudget) catch() {
	if r := recover(); r != nil {
		b.crashed = oracle + ": " + crashText(r)
	}
}
