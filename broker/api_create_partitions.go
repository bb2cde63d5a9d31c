// CreatePartitions (key 37): v0–v3.
// Does: adds partitions to topics (KIP-195), assigned as Kafka does or as the request says; waits
// until they have leaders.
// Does not: racks in the assignment; quotas.
// State: controller/partition_creation.go.   Lessons: log/key-affinity-more-partitions.

package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/model"
)

func (b *Broker) handleCreatePartitions(out *model.Effects, r *request) {
	req := r.Body.(*kmsg.CreatePartitionsRequest)
	b.controller.HandleCreatePartitions(out, req, b.replier(r))
}
