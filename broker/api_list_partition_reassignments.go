// ListPartitionReassignments (key 46): v0.
// Does: the moves of replicas that are under way (KIP-455).
// State: controller/alter_partition_reassignments.go.   Lessons: replication/*.

package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/model"
)

func (b *Broker) handleListPartitionReassignments(out *model.Effects, r *request) {
	req := r.Body.(*kmsg.ListPartitionReassignmentsRequest)
	b.controller.HandleListPartitionReassignments(out, req, b.replier(r))
}
