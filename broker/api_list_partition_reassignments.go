// ListPartitionReassignments (key 46): v0. Does: the reassignments in progress (KIP-455). State:
// controller/reassignment.go.   Lessons: replication/*.

package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/model"
)

func (b *Broker) handleListPartitionReassignments(now model.Time, out *model.Effects, r *request) {
	req := r.Body.(*kmsg.ListPartitionReassignmentsRequest)
	b.controller.HandleListPartitionReassignments(now, out, req, b.replier(r))
}
