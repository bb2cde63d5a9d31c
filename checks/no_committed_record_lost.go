package checks

import (
	"fmt"

	"sandcastle/model/kafka"
)

// lostGlobally checks that every committed record is on some broker, also on one that is down
// (NoCommittedRecordLostGlobally in the model of KIP-966). While a broker that was started has not
// shown what it holds, nothing can be said.
func (w *Watcher) lostGlobally(v kafka.ClusterView, tp kafka.TopicPartition, c *committed,
) []violation {
	if len(w.started) > 0 || len(c.holds) == 0 {
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
		witnesses: []kafka.Witness{c.witness(v.At, tp, most)},
	}}
}
