package measure

import (
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// OfHistory measures a history, under the names of kafka.MeasureKinds: operations by their
// outcomes, records read, and how sends and readers got on. end is that of the workload.
func OfHistory(h kafka.Operations, end model.Time) map[string]int64 {
	type outcome struct {
		f   kafka.Function
		t   kafka.OpType
		why string
	}
	outcomes := map[outcome]int64{}
	sends, reads := newSends(), newReads(end)
	var read, final int64
	kafka.Each(h, func(op *kafka.Op) {
		if began, ok := sends.observe(op); ok {
			reads.acked(op.Value[0].Key, op.Value[0].Offset, began, op.Time)
		}
		reads.observe(op)
		outcomes[outcome{op.F, op.Type, ""}]++
		if op.Error != "" {
			outcomes[outcome{op.F, op.Type, "." + op.Error}]++
		}
		for j := range op.Value {
			for k := range op.Value[j].Polled {
				n := int64(len(op.Value[j].Polled[k].Records))
				read += n
				if op.Final {
					final += n
				}
			}
		}
	})
	counters := map[string]int64{"records.read": read, "records.read.final": final}
	for o, n := range outcomes { //unordered: it fills another map
		counters[string(o.f)+"."+string(o.t)+o.why] = n
	}
	sends.add(counters)
	reads.add(counters)
	return counters
}
