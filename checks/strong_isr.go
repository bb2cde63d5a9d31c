package checks

import (
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
				list = append(list, lackingMember(kafka.StrongIsr, "the cluster's ISR", v.At, leader, r, at))
			}
		}
	}
	return list
}
