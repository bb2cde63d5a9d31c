package checks

import (
	"fmt"
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// weakISRs checks what makes an ISR worth its name (WeakIsr in the TLA+ models of Kafka's
// replication): every member that runs holds all that the leader calls committed, below its high
// watermark. Only the leader of the newest epoch is asked: an older one does not know yet that it
// is none, and the others may already have moved on.
func weakISRs(v *look, replicas []kafka.ReplicaView) (list []violation) {
	for i := range replicas {
		leader := &replicas[i]
		if !leader.Leading || leader.LeaderEpoch < newestEpoch(replicas) {
			continue
		}
		for _, r := range members(replicas, leader, leader.ISR) {
			if at := lacking(leader, r); at >= 0 {
				list = append(list, lackingMember(kafka.WeakIsr, "its ISR", v.At, leader, r, at))
			}
		}
	}
	return list
}

// members are the replicas on the brokers of isr, without the leader.
func members(replicas []kafka.ReplicaView, leader *kafka.ReplicaView, isr []kafka.BrokerID,
) (list []*kafka.ReplicaView) {
	for i := range replicas {
		if r := &replicas[i]; r != leader && slices.Contains(isr, r.Broker) {
			list = append(list, r)
		}
	}
	return list
}

// lackingMember says that r, of the ISR, has not what leader calls committed at offset at.
func lackingMember(a kafka.Anomaly, isr string, now model.Time, leader, r *kafka.ReplicaView,
	at kafka.Offset,
) violation {
	cause := kafka.Anomaly("")
	if at < r.LogEnd {
		cause = kafka.LogMatching // it has another record there, and will call that one committed
	}
	return violation{
		anomaly: a, cause: cause,
		identity: fmt.Sprint(leader.TP, leader.Broker, leader.LeaderEpoch, r.Broker),
		explanation: fmt.Sprintf("broker %d leads %s and calls everything below offset %d committed, "+
			"but broker %d of %s lacks offset %d", leader.Broker, leader.TP, leader.HighWatermark,
			r.Broker, isr, at),
		witnesses: []kafka.Witness{batchWitness(now, leader, at), batchWitness(now, r, at)},
	}
}

// lacking is the first offset below the leader's high watermark that r has not, −1 for none.
func lacking(leader, r *kafka.ReplicaView) kafka.Offset {
	if r.LogEnd < leader.HighWatermark {
		return max(r.LogEnd, leader.LogStart)
	}
	return difference(leader, r, leader.HighWatermark)
}

// newestEpoch is the highest in which a replica leads.
func newestEpoch(replicas []kafka.ReplicaView) kafka.Epoch {
	newest := kafka.NoEpoch
	for i := range replicas {
		if r := &replicas[i]; r.Leading {
			newest = max(newest, r.LeaderEpoch)
		}
	}
	return newest
}
