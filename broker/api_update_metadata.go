// UpdateMetadata (key 6): v6–v8.
// Does: replaces the list of live brokers, updates or deletes partitions, with what groups have
// committed of them; fenced like LeaderAndIsr.
// Does not: nothing is left out.
// State: metadata_cache.go.   Lessons: none of its own.

package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

func (b *Broker) handleUpdateMetadata(out *model.Effects, r *request) {
	req := r.Body.(*kmsg.UpdateMetadataRequest)
	resp := kmsg.NewPtrUpdateMetadataResponse()
	code := b.fence.Admit(out, req.ControllerID, req.ControllerEpoch, req.BrokerEpoch)
	resp.ErrorCode = int16(code)
	if code == wire.None {
		deleted := b.metadata.apply(req)
		for _, tp := range deleted {
			b.settings.ForgetTopic(tp.Topic)
		}
		if len(deleted) > 0 {
			b.groups.PartitionsDeleted(out, deleted)
		}
		b.replicas.OnMetadata(out)
	}
	r.Reply(out, resp)
	if code == wire.None {
		b.briefing.onMetadata(out, len(req.TopicStates) > 0)
	}
}
