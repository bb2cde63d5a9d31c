// CreateTopics (key 19): v0–v7.
// Does: topics by numbers or by an assignment of replicas, with configurations; −1 for the
// defaults (v4, KIP-464); validate_only; waits until the partitions have leaders; tells what was
// created (v5, KIP-525) and its id (v7).
// Does not: racks in the assignment; policies; quotas. A broker that is not the controller answers
// NOT_CONTROLLER.
// State: controller/topic_creation.go, topic_validation.go.   Lessons: every one.

package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/model"
)

func (b *Broker) handleCreateTopics(out *model.Effects, r *request) {
	b.controller.HandleCreateTopics(out, r.Body.(*kmsg.CreateTopicsRequest), b.replier(r))
}
