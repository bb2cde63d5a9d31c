package checks

import (
	"fmt"
	"maps"

	"sandcastle/model/kafka"
)

// leadership is the office of leading a partition in one epoch.
type leadership struct {
	tp    kafka.TopicPartition
	epoch kafka.Epoch
}

// observeLeader remembers the first broker that led in an epoch: an epoch is given to one broker
// alone. Two leaders of two epochs at a time are no finding; the older one is fenced wherever it
// matters.
func (w *Watcher) observeLeader(line *kafka.TraceLine) []violation {
	n := &line.Note
	switch n.Kind {
	case kafka.TopicDeleted:
		// A topic of that name made later starts anew.
		maps.DeleteFunc(w.leaders, func(k leadership, _ kafka.Witness) bool {
			return k.tp.Topic == n.Topic
		})
		return nil
	case kafka.BecameLeader:
	default:
		return nil
	}
	key := leadership{n.TP(), n.Epoch}
	now := kafka.Witness{
		Op: -1, Seq: line.Seq, At: line.At, Who: fmt.Sprintf("broker-%d", n.Broker), Text: n.String(),
	}
	before, led := w.leaders[key]
	if !led {
		w.leaders[key] = now
		return nil
	}
	if before.Who == now.Who {
		return nil
	}
	return []violation{twoLeadersOf(key, before, now)}
}

// twoLeaders finds replicas that lead in the same epoch at the same time.
func twoLeaders(v *look, replicas []kafka.ReplicaView) (list []violation) {
	first := map[leadership]*kafka.ReplicaView{}
	for i := range replicas {
		r := &replicas[i]
		if !r.Leading {
			continue
		}
		key := leadership{r.TP, r.LeaderEpoch}
		before, led := first[key]
		switch {
		case !led:
			first[key] = r
		case before.Broker != r.Broker:
			text := fmt.Sprintf("leads %s in epoch %d", r.TP, r.LeaderEpoch)
			list = append(list, twoLeadersOf(key, brokerWitness(v.At, before, text),
				brokerWitness(v.At, r, text)))
		}
	}
	return list
}

func twoLeadersOf(key leadership, a, b kafka.Witness) violation {
	return violation{
		anomaly:  kafka.TwoLeaders,
		identity: fmt.Sprint(key.tp, key.epoch),
		explanation: fmt.Sprintf("%s and %s both led %s in epoch %d", a.Who, b.Who, key.tp,
			key.epoch),
		witnesses: []kafka.Witness{a, b},
	}
}
