// AlterPartitionReassignments (key 45): v0.
// Does: begins, changes and cancels moves of replicas (KIP-455). One that would delete the last
// replica in sync is refused, as with KRaft.
// Does not: throttle; that is replication_quota.go, by the settings of topics and brokers.
// State: controller/alter_partition_reassignments.go, reassignment.go.   Lessons: replication/*.

package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/model"
)

func (b *Broker) handleAlterPartitionReassignments(out *model.Effects, r *request) {
	req := r.Body.(*kmsg.AlterPartitionAssignmentsRequest)
	b.controller.HandleAlterPartitionReassignments(out, req, b.replier(r))
}
