// DeleteTopics (key 20): v0–v6.
// Does: deletes topics by name, or by id (v6, KIP-516), and waits until this broker's metadata has
// dropped them; delete.topic.enable.
// Does not: policies; quotas. A broker that is not the controller answers NOT_CONTROLLER.
// State: controller/topic_deletion.go.   Lessons: log/*.

package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/model"
)

func (b *Broker) handleDeleteTopics(out *model.Effects, r *request) {
	b.controller.HandleDeleteTopics(out, r.Body.(*kmsg.DeleteTopicsRequest), b.replier(r))
}
