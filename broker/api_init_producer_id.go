// InitProducerId (key 22): v0–v5.
// Does: a fresh producer id with epoch 0 for an idempotent producer (KIP-98). A producer that names
// its id and epoch (KIP-360, v3) gets a fresh id too, as from Apache Kafka: without a transactional
// id there is nobody to fence; one without the other is INVALID_REQUEST. Does not: transactional
// ids, which are answered COORDINATOR_NOT_AVAILABLE, since there are no transaction coordinators
// yet. State: producer_ids.go.   Lessons: producers/lost-ack, producers/retries-in-order.

package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

func (b *Broker) handleInitProducerID(out *model.Effects, r *request) {
	req := r.Body.(*kmsg.InitProducerIDRequest)
	resp := kmsg.NewPtrInitProducerIDResponse()
	resp.ProducerID, resp.ProducerEpoch = -1, -1
	const none = -1
	if (req.ProducerID == none) != (req.ProducerEpoch == none) {
		resp.ErrorCode = int16(wire.InvalidRequest)
		r.Reply(out, resp)
		return
	}
	if id := req.TransactionalID; id != nil {
		resp.ErrorCode = int16(wire.CoordinatorNotAvailable)
		if *id == "" {
			resp.ErrorCode = int16(wire.InvalidRequest)
		}
		r.Reply(out, resp)
		return
	}
	b.producerIDs.draw(out, func(out *model.Effects, id int64) {
		if id < 0 {
			resp.ErrorCode = int16(wire.UnknownServerError)
		} else {
			resp.ProducerID, resp.ProducerEpoch = id, 0
		}
		r.Reply(out, resp)
	})
}
