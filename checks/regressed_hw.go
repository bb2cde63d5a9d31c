package checks

import (
	"fmt"
	"maps"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// replica names one replica of one partition.
type replica struct {
	tp     kafka.TopicPartition
	broker kafka.BrokerID
}

// mark is how high a leader's high watermark was, and when.
type mark struct {
	epoch kafka.Epoch
	high  kafka.Offset
	at    model.Time
}

// inspectMarks compares each leader's high watermark with the highest seen before in its epoch:
// what a leader once called committed stays so. A new epoch may begin lower, since a follower
// learns of the high watermark a fetch late, and so may a broker that was started again.
func (w *Watcher) inspectMarks(v *look) (list []violation) {
	for i := range v.Replicas {
		r := &v.Replicas[i]
		if !r.Leading {
			continue
		}
		key := replica{r.TP, r.Broker}
		before, known := w.marks[key]
		if known && before.epoch == r.LeaderEpoch && r.HighWatermark < before.high {
			text := fmt.Sprintf("%s: high watermark %%d in epoch %d", r.TP, r.LeaderEpoch)
			list = append(list, violation{
				anomaly:  kafka.RegressedHW,
				identity: fmt.Sprint(r.TP, r.Broker, r.LeaderEpoch),
				explanation: fmt.Sprintf("broker %d took the high watermark of %s back from %d to %d while "+
					"it led in epoch %d", r.Broker, r.TP, before.high, r.HighWatermark, r.LeaderEpoch),
				witnesses: []kafka.Witness{
					brokerWitness(before.at, r, fmt.Sprintf(text, before.high)),
					brokerWitness(v.At, r, fmt.Sprintf(text, r.HighWatermark)),
				},
			})
			continue
		}
		w.marks[key] = mark{r.LeaderEpoch, r.HighWatermark, v.At}
	}
	return list
}

// observeMarks drops the marks of a broker that was started again, which begins with its
// checkpoint, and of a topic that was deleted.
func (w *Watcher) observeMarks(line *kafka.TraceLine) []violation {
	if id, ok := brokerID(line.Node); ok && startedNode(line) {
		maps.DeleteFunc(w.marks, func(k replica, _ mark) bool { return k.broker == id })
	}
	if n := &line.Note; n.Kind == kafka.TopicDeleted {
		maps.DeleteFunc(w.marks, func(k replica, _ mark) bool { return k.tp.Topic == n.Topic })
	}
	return nil
}
