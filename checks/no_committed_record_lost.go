package checks

import (
	"fmt"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// lostGlobally checks that every committed record is on some broker, also on one that is down
// (NoCommittedRecordLostGlobally in the model of KIP-966). While a broker that was started has not
// shown what it holds, nothing can be said.
func (w *Watcher) lostGlobally(v *look, replicas []kafka.ReplicaView) (list []violation) {
	if len(w.started) > 0 || w.allowedLoss(replicas) {
		return nil
	}
	tp := replicas[0].TP
	c := w.committedOf(tp)
	for _, previous := range c.previous {
		list = append(list, previous.lostGlobally(v.At, tp)...)
	}
	return append(list, c.lostGlobally(v.At, tp)...)
}

func (c *committed) lostGlobally(now model.Time, tp kafka.TopicPartition) []violation {
	if len(c.holds) == 0 {
		return nil
	}
	most := kafka.Offset(0)
	for _, held := range c.holds { //unordered: the largest is the same in any order
		most = max(most, held)
	}
	if most >= c.end {
		return nil
	}
	return []violation{{
		anomaly:  kafka.NoCommittedRecordLostGlobally,
		identity: fmt.Sprint(tp, most),
		explanation: fmt.Sprintf("what was committed at offset %d of %s is on no broker any more", most,
			tp),
		witnesses: []kafka.Witness{c.witness(now, tp, most)},
	}}
}
