package checks

import (
	"fmt"
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
	ops := p.logOps(list, proofs)
	budget := stepBudget{left: o.MaxSteps, before: o.before}
	for ops.more() {
		w := ops.window(o.Window)
		legal := linearizable(w.ops, w.base, &budget)
		if budget.stopped() == "" && !legal {
			p.addSearched(w, list, budget, t)
		}
		if why := budget.stopped(); why != "" {
			t.undecided = append(t.undecided, p.key.String()+": "+why)
			return
		}
	}
}

// addSearched finds the shortest prefix of the window, by rank, that no order explains, and blames
// its last operation.
func (p *partition) addSearched(w logWindow, list []appended, b stepBudget, t *tally) {
	ops := w.ops
	n := 1 + sort.Search(len(ops)-1, func(n int) bool { return !linearizable(ops[:n+1], w.base, &b) })
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
		r := &p.reads[op.source]
		return p.readWitness(r, r.end-r.start-1)
	}
	return p.appendWitness(&list[op.source])
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
func linearizable(ops []logOp, base logBase, b *stepBudget) bool {
	history := make([]porcupine.Operation, len(ops))
	for i := range ops {
		history[i] = porcupine.Operation{
			Input: &ops[i], Call: int64(ops[i].call), Return: int64(ops[i].ret),
		}
	}
	return porcupine.CheckOperationsTimeout(logModel(base.before(ops), b), history, 0) == porcupine.Ok
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
