// AlterPartition (key 56): v0–v3.
// Does: the leaders' changes of their ISRs, checked and written by the controller (KIP-497); topic
// ids from v2 on.
// Does not: compare the broker epochs of v3 (KIP-903), as with ZooKeeper.
// State: controller/alter_partition.go; the leader's side is isr_by_controller.go.
// Lessons: replication/*.

package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/model"
)

func (b *Broker) handleAlterPartition(out *model.Effects, r *request) {
	req := r.Body.(*kmsg.AlterPartitionRequest)
	b.controller.HandleAlterPartition(out, req, b.replier(r))
}
