// DescribeProducers (key 61): v0.
// Does: the idempotent producers that any replica of a partition knows: epoch, last sequence
// number, time of the last batch (KIP-664).
// Does not: open transactions, for there are none yet.
// State: broker/log/producers.go.   Lessons: duplicates/*.

package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/controller"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

func (b *Broker) handleDescribeProducers(out *model.Effects, r *request) {
	req := r.Body.(*kmsg.DescribeProducersRequest)
	resp := kmsg.NewPtrDescribeProducersResponse()
	for i := range req.Topics {
		t := &req.Topics[i]
		rt := kmsg.NewDescribeProducersResponseTopic()
		rt.Topic = t.Topic
		for _, n := range t.Partitions {
			tp := kafka.TopicPartition{Topic: t.Topic, Partition: n}
			rt.Partitions = append(rt.Partitions, b.describeProducers(tp))
		}
		resp.Topics = append(resp.Topics, rt)
	}
	r.Reply(out, resp)
}

// describeProducers is Partition.activeProducerState (3.9).
func (b *Broker) describeProducers(tp kafka.TopicPartition,
) kmsg.DescribeProducersResponseTopicPartition {
	part := kmsg.NewDescribeProducersResponseTopicPartition()
	part.Partition = tp.Partition
	if why := controller.InvalidTopicName(tp.Topic); why != "" {
		part.ErrorCode, part.ErrorMessage = int16(wire.InvalidTopicException), &why
		return part
	}
	p, code := b.replicas.Find(tp)
	if code != wire.None {
		part.ErrorCode = int16(code)
		if b.metadata.topics[tp.Topic] == nil {
			why := "there is no topic " + tp.Topic
			part.ErrorMessage = &why
		}
		return part
	}
	for _, known := range p.ActiveProducers() {
		active := kmsg.NewDescribeProducersResponseTopicPartitionActiveProducer()
		active.ProducerID, active.ProducerEpoch = known.ID, int32(known.Epoch)
		active.LastSequence, active.LastTimestamp = known.LastSequence, known.LastTimestamp
		active.CoordinatorEpoch, active.CurrentTxnStartOffset = -1, -1
		part.ActiveProducers = append(part.ActiveProducers, active)
	}
	return part
}
