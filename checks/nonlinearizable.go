package checks

import "fmt"

// nonlinearizable finds partitions for which no order of the operations explains the answers, by
// the promises of kafka.PartitionLog. The linear-time checker decides it; where the partition is
// small enough Porcupine is asked as well, which searches and knows nothing of how the other
// decides. The two never differ, or one of them is wrong: then the check is undecided and says so.
func nonlinearizable(parts []*partition, o Options, t *tally) {
	for _, p := range parts {
		before := t.total()
		order := p.logOrder()
		order.contradictions(func(c contradiction) { t.addFrom(c.cause, c.evidence) })
		p.consult(t.total() > before, o, t)
	}
}

// consult asks Porcupine for its opinion where p is small enough, and compares.
func (p *partition) consult(contradicted bool, o Options, t *tally) {
	q, small := p.question(o.OracleOps)
	if !small {
		return
	}
	budget := stepBudget{left: o.MaxSteps, before: o.before}
	if contradicted { // no order may have to be shown in all orders: the verdict needs no proof
		budget.left = min(budget.left, secondOpinionSteps)
	}
	legal := q.linearizable(&budget)
	why := budget.stopped()
	switch {
	case budget.crashed != "", why != "" && !contradicted:
	case why == "" && legal == contradicted:
		why = disagreement(legal)
	default:
		return
	}
	t.undecided = append(t.undecided, p.key.String()+": "+why)
}

// disagreement says that Porcupine came to another verdict than the linear-time checker.
func disagreement(legal bool) string {
	linear, searched := "finds no contradiction", "finds no order"
	if legal {
		linear, searched = "finds a contradiction", "finds an order"
	}
	return fmt.Sprintf("the linear-time checker %s, Porcupine %s that explains the answers: one of "+
		"the two has a bug; please report it with this history", linear, searched)
}

// secondOpinionSteps is how long Porcupine may search for what is known to be contradicted.
const secondOpinionSteps = 20_000
