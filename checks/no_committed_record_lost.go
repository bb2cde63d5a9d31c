package checks

import (
	"fmt"
	"slices"

	"sandcastle/model/kafka"
)

// lostGlobally checks that every committed record is on some broker, also on one that is down
// (NoCommittedRecordLostGlobally in the model of KIP-966). While a broker that was started has not
// shown what it holds, nothing can be said.
func (w *Watcher) lostGlobally(v *look, replicas []kafka.ReplicaView) (list []violation) {
	if len(w.started) > 0 {
		return nil
	}
	tp := replicas[0].TP
	c := w.committedOf(tp)
	for _, truth := range append(slices.Clone(c.previous), c) {
		if at, lost := truth.lostGlobally(); lost && !w.allowedLoss(replicas, at, truth.end) {
			list = append(list, violation{
				anomaly:  kafka.NoCommittedRecordLostGlobally,
				identity: fmt.Sprint(tp, at),
				explanation: fmt.Sprintf("what was committed at offset %d of %s is on no broker any more",
					at, tp),
				witnesses: []kafka.Witness{truth.witness(v.At, tp, at)},
			})
		}
	}
	return list
}

// lostGlobally returns the first committed offset that no broker holds.
func (c *committed) lostGlobally() (at kafka.Offset, lost bool) {
	for _, held := range c.holds { //unordered: the largest is the same in any order
		at = max(at, held)
	}
	return at, len(c.holds) > 0 && at < c.end
}
