package checks

import (
	"fmt"
	"slices"

	"sandcastle/model"
)

// weakISRs checks what makes an ISR worth its name (WeakIsr in the TLA+ models of Kafka's
// replication): every member that runs holds all that the leader calls committed, below its high
// watermark. Only the leader of the newest epoch is asked: an older one does not know yet that it
// is none, and the others may already have moved on.
func weakISRs(v model.ClusterView) (list []violation) {
	for i := range v.Replicas {
		leader := &v.Replicas[i]
		if !leader.Leading || leader.LeaderEpoch < newestEpoch(v, leader.TP) {
			continue
		}
		for j := range v.Replicas {
			r := &v.Replicas[j]
			if r == leader || r.TP != leader.TP || !slices.Contains(leader.ISR, r.Broker) {
				continue
			}
			if at := lacking(leader, r); at >= 0 {
				list = append(list, violation{
					anomaly:  model.WeakIsr,
					identity: fmt.Sprint(leader.TP, leader.Broker, leader.LeaderEpoch, r.Broker),
					explanation: fmt.Sprintf("broker %d leads %s and calls everything below offset %d "+
						"committed, but broker %d of its ISR lacks offset %d", leader.Broker, leader.TP,
						leader.HighWatermark, r.Broker, at),
					witnesses: []model.Witness{
						batchWitness(v.At, leader, at), batchWitness(v.At, r, at),
					},
				})
			}
		}
	}
	return list
}

// lacking is the first offset below the leader's high watermark that r has not, −1 for none.
func lacking(leader, r *model.ReplicaView) model.Offset {
	if r.LogEnd < leader.HighWatermark {
		return max(r.LogEnd, leader.LogStart)
	}
	return difference(leader, r, leader.HighWatermark)
}

func newestEpoch(v model.ClusterView, tp model.TopicPartition) model.Epoch {
	newest := model.NoEpoch
	for i := range v.Replicas {
		if r := &v.Replicas[i]; r.TP == tp && r.Leading {
			newest = max(newest, r.LeaderEpoch)
		}
	}
	return newest
}
