package checks

import (
	"cmp"
	"fmt"
	"slices"
	"sort"

	"github.com/anishathalye/porcupine"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// logOp is one operation as Porcupine sees it, over dense ranks in place of offsets: an append that
// must land at its rank, or a poll that returned a run of records.
type logOp struct {
	rank    int32 // of the append, or the largest of the poll
	append  string
	records []kafka.PolledRecord // of a poll; nil for an append
	call    model.Time
	ret     model.Time
	source  int32 // of an append in partition.appends, of a poll in partition.reads
}

// search asks Porcupine about p, window by window.
//
// Windows are cut by rank: all appends with a rank in [a, b), the polls whose last record is there,
// and the log of ranks below a to begin with. This never raises a false alarm: in any order that
// explains the whole history, the appends stand in order of rank, so the operations of the window,
// in that same order, begin at that log and explain themselves. What a cut can hide is a wrong
// order between operations of two windows, and that is just what precedence has decided for all
// pairs before. The gain: Porcupine's memory grows with the square of what it sees at once.
func (p *partition) search(list []appended, proofs []proof, o Options, t *tally) {
	ops, base := p.logOps(list, proofs)
	budget := stepBudget{left: o.MaxSteps, before: o.before}
	for start := 0; start < len(ops); {
		end := windowEnd(ops, start, o.Window)
		window := ops[start:end]
		legal := linearizable(window, base, &budget)
		if budget.stopped() == "" && !legal {
			p.addSearched(window, list, base, budget, t)
		}
		if why := budget.stopped(); why != "" {
			t.undecided = append(t.undecided, p.key.String()+": "+why)
			return
		}
		start = end
	}
}

// addSearched finds the shortest prefix of the window, by rank, that no order explains, and blames
// its last operation.
func (p *partition) addSearched(
	ops []logOp, list []appended, base kafka.PartitionLog, b stepBudget, t *tally,
) {
	n := 1 + sort.Search(len(ops)-1, func(n int) bool { return !linearizable(ops[:n+1], base, &b) })
	t.add(func() (string, []kafka.Witness) {
		var witnesses []kafka.Witness
		for i := max(0, n-2); i < n; i++ {
			witnesses = append(witnesses, p.opWitness(&ops[i], list))
		}
		text := fmt.Sprintf("Porcupine found no order of the operations of %s up to offset %d that "+
			"explains their answers", p.key, p.ranks[ops[n-1].rank])
		return text, inOrder(witnesses...)
	})
}

// opWitness points at what stands behind op.
func (p *partition) opWitness(op *logOp, list []appended) kafka.Witness {
	if op.records != nil {
		return p.readWitness(&p.reads[op.source], len(p.reads[op.source].records)-1)
	}
	return p.appendWitness(&list[op.source])
}

// windowEnd is where the window from start ends: at a change of rank, after size operations or
// more.
func windowEnd(ops []logOp, start, size int) int {
	end := min(start+size, len(ops))
	for end < len(ops) && ops[end].rank == ops[end-1].rank {
		end++
	}
	return end
}

// logOps lists what Porcupine shall see, in order of rank, and the log that they make.
func (p *partition) logOps(list []appended, proofs []proof) ([]logOp, kafka.PartitionLog) {
	records := make([]kafka.PolledRecord, len(p.ranks))
	for i := len(p.slots) - 1; i >= 0; i-- {
		s := p.slots[i]
		records[s.rank] = kafka.PolledRecord{
			Offset: kafka.Offset(s.rank), Value: p.values[s.value].text,
		}
	}
	ops := make([]logOp, 0, len(list)+len(p.reads))
	for i := range list {
		a := &list[i]
		ops = append(ops, logOp{
			rank: a.rank, append: p.values[a.value].text, call: a.call, ret: a.ret, source: int32(i),
		})
	}
	tighten(ops, proofs)
	acked := ackedBelow(list, len(p.ranks))
	for i := range p.reads {
		if p.reads[i].ok {
			ops = p.polls(ops, int32(i), acked)
		}
	}
	slices.SortStableFunc(ops, func(a, b logOp) int { return cmp.Compare(a.rank, b.rank) })
	return ops, kafka.NewPartitionLog(records)
}

// tighten narrows the intervals of appends that nobody acknowledged, which are in order of rank:
// each came after the call of every append of a lower rank, and before the first proof of its own
// or a higher rank. Left open, each of them would be tried at every step.
func tighten(ops []logOp, proofs []proof) {
	latest := model.Time(0)
	for i := range ops {
		op := &ops[i]
		op.call = max(op.call, 0)
		if op.ret == model.Never {
			op.call = max(op.call, latest)
		}
		latest = max(latest, op.call)
	}
	earliest, rank := model.Never, int32(len(proofs))
	for i := len(ops) - 1; i >= 0; i-- {
		for rank > ops[i].rank {
			rank--
			earliest = min(earliest, proofs[rank].at)
		}
		if ops[i].ret == model.Never {
			ops[i].ret = max(earliest, ops[i].call)
		}
	}
}

// polls adds the read with that index, as one operation, or as several where its records may jump:
// over records that nobody acknowledged (an aborted transaction), or anywhere when the partition
// changed hands meanwhile.
func (p *partition) polls(ops []logOp, source int32, acked []int32) []logOp {
	r := &p.reads[source]
	op := logOp{call: r.call, ret: r.ret, source: source}
	run := make([]kafka.PolledRecord, 0, len(r.records))
	start := 0
	flush := func() {
		if op.records = run[start:]; len(op.records) > 0 {
			ops = append(ops, op)
		}
		start, op.rank = len(run), 0
	}
	numbers := p.numbers(r)
	for j, rec := range r.records {
		if rec.Offset < 0 {
			continue
		}
		rank := p.rank(rec.Offset, numbers[j])
		if len(run) > start {
			last := int32(run[len(run)-1].Offset)
			jump := rank != last+1
			if jump && (r.rebalanced || rank > last && acked[rank] == acked[last+1]) {
				flush()
			}
		}
		run = append(run, kafka.PolledRecord{Offset: kafka.Offset(rank), Value: rec.Value})
		op.rank = max(op.rank, rank)
	}
	flush()
	return ops
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

// linearizable asks Porcupine whether some order of ops, which are in order of rank, explains them.
// It is false as well when the budget stopped the search.
func linearizable(ops []logOp, base kafka.PartitionLog, b *stepBudget) bool {
	history := make([]porcupine.Operation, len(ops))
	for i := range ops {
		history[i] = porcupine.Operation{
			Input: &ops[i], Call: int64(ops[i].call), Return: int64(ops[i].ret),
		}
	}
	init := base.Prefix(firstAppend(ops, base.Len()))
	return porcupine.CheckOperationsTimeout(logModel(init, b), history, 0) == porcupine.Ok
}

// firstAppend is the rank of the first append of a window: what lies below was there before. A
// window of polls alone begins with everything.
func firstAppend(ops []logOp, length int) int {
	for i := range ops {
		if ops[i].records == nil {
			return int(ops[i].rank)
		}
	}
	return length
}

// logModel is kafka.PartitionLog in Porcupine's terms. Porcupine runs the model on a goroutine of
// its own and waits for it; a panic there must be caught there.
func logModel(init kafka.PartitionLog, b *stepBudget) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return init },
		Step: func(state, input, _ any) (ok bool, next any) {
			if b.left--; b.left < 0 || b.crashed != "" {
				return false, state
			}
			next = state
			defer b.catch()
			if b.before != nil {
				b.before(oracle)
			}
			return step(state, input.(*logOp))
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

// step says whether op may come next, and the log after it.
func step(state any, op *logOp) (bool, any) {
	log := state.(kafka.PartitionLog)
	if op.records != nil {
		return log.Gives(op.records), state
	}
	if log.End() != kafka.Offset(op.rank) {
		return false, state
	}
	next, _ := log.Append(op.append)
	return true, next
}
