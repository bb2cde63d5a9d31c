// AlterPartitionReassignments (key 45): v0. Does: begins, changes and cancels reassignments
// (KIP-455). State: controller/reassignment.go.   Lessons: replication/*.

package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/model"
)

func (b *Broker) handleAlterPartitionReassignments(now model.Time, out *model.Effects, r *request) {
	req := r.Body.(*kmsg.AlterPartitionAssignmentsRequest)
	b.controller.HandleAlterPartitionReassignments(now, out, req, b.replier(r))
}
