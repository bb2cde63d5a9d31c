package replica

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// refusedWhole is why nothing of a request is looked at further (KafkaApis.handleProduceRequest,
// 3.9): the records of one partition begin with what is nothing at all, or are part of a
// transaction while the request has no transactional id.
func refusedWhole(req *kmsg.ProduceRequest) *refusal {
	for i := range req.Topics {
		for j := range req.Topics[i].Partitions {
			transactional, err := wire.BeginsTransactional(req.Topics[i].Partitions[j].Records)
			switch {
			case err != nil:
				return refuse(err)
			case transactional && req.TransactionID == nil:
				return &refusal{code: wire.TransactionalIDNotAuthorized}
			case transactional:
				return nil
			}
		}
	}
	return nil
}

// unverifiedTransaction is what a producer is told whose transaction cannot be looked up, because
// there are no transaction coordinators (ReplicaManager.handleProduceAppend, 3.9).
const unverifiedTransaction = "the partition cannot be verified to have been added to the " +
	"transaction: COORDINATOR_NOT_AVAILABLE"

// transactional tells whether a batch that requested has let pass is part of a transaction.
func transactional(records []byte) bool {
	is, err := wire.BeginsTransactional(records)
	return is && err == nil
}

// refuseProduce answers every partition of a request with one error (ProduceRequest.
// getErrorResponse, 3.9).
func refuseProduce(out *model.Effects, req *kmsg.ProduceRequest, from Requester, r *refusal) {
	if req.Acks == 0 {
		from.HangUp(out)
		return
	}
	resp := kmsg.NewPtrProduceResponse()
	for _, t := range produceTopics(req) {
		rt := kmsg.NewProduceResponseTopic()
		rt.Topic = t.Topic
		for j := range t.Partitions {
			part := kmsg.NewProduceResponseTopicPartition()
			part.Partition, part.ErrorCode = t.Partitions[j].Partition, int16(r.code)
			part.BaseOffset, part.LogStartOffset = -1, -1
			if r.message != "" {
				part.ErrorMessage = &r.message
			}
			rt.Partitions = append(rt.Partitions, part)
		}
		resp.Topics = append(resp.Topics, rt)
	}
	from.Reply(out, resp)
}

// produceTopics are the topics of a request, each once. Of a partition that is named more than once
// the last records alone count, and it is answered once: Kafka puts what a request asks into a map
// (KafkaApis.handleProduceRequest, 3.9).
func produceTopics(req *kmsg.ProduceRequest) []kmsg.ProduceRequestTopic {
	if len(req.Topics) == 1 && len(req.Topics[0].Partitions) == 1 {
		return req.Topics // nearly every request
	}
	var places wire.Places
	var once []kmsg.ProduceRequestTopic
	for i := range req.Topics {
		t := &req.Topics[i]
		at, known := places.Topic(t.Topic)
		if !known {
			once = append(once, kmsg.ProduceRequestTopic{Topic: t.Topic})
		}
		for _, part := range t.Partitions {
			tp := kafka.TopicPartition{Topic: t.Topic, Partition: part.Partition}
			if in, known := places.Partition(tp); known {
				once[at].Partitions[in] = part
			} else {
				once[at].Partitions = append(once[at].Partitions, part)
			}
		}
	}
	return once
}
