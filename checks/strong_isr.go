package checks

import (
	"slices"

	"sandcastle/model/kafka"
)

// strongISRs checks what the elections rest on (StrongIsr in KafkaReplication.tla): whatever any
// broker that leads, if only by its own account, calls committed, every running member of the ISR
// in the metadata store holds too, for out of that ISR the next leader is chosen.
func strongISRs(v *look, replicas []kafka.ReplicaView) (list []violation) {
	state, known := v.States[replicas[0].TP]
	if !known {
		return nil
	}
	for i := range replicas {
		leader := &replicas[i]
		if !leader.Leading {
			continue
		}
		for _, r := range members(replicas, leader, state.ISR) {
			if at := lacking(leader, r); at >= 0 {
				lacks := lackingMember(kafka.StrongIsr, "the cluster's ISR", v.At, leader, r, at)
				if lacks.cause == "" && leader.LeaderEpoch == newestEpoch(replicas) &&
					slices.Contains(leader.ISR, r.Broker) {
					lacks.cause = kafka.WeakIsr // the leader's own ISR is no better
				}
				list = append(list, lacks)
			}
		}
	}
	return list
}
