// OffsetForLeaderEpoch (key 23): v0–v4.
// Does: the end offset of the largest epoch not above the one asked for (KIP-279), epoch fencing.
// Does not: anything for a broker that does not lead the partition.
// State: the epoch cache of broker/log.   Lessons: replication/*.

package replica

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// HandleOffsetForLeaderEpoch answers a request.
func (rs *Set) HandleOffsetForLeaderEpoch(out *model.Effects, req *kmsg.OffsetForLeaderEpochRequest,
	reply Reply,
) {
	resp := kmsg.NewPtrOffsetForLeaderEpochResponse()
	for i := range req.Topics {
		t := &req.Topics[i]
		rt := kmsg.NewOffsetForLeaderEpochResponseTopic()
		rt.Topic = t.Topic
		for j := range t.Partitions {
			asked := &t.Partitions[j]
			part := kmsg.NewOffsetForLeaderEpochResponseTopicPartition()
			part.Partition, part.LeaderEpoch, part.EndOffset = asked.Partition, -1, -1
			tp := kafka.TopicPartition{Topic: t.Topic, Partition: asked.Partition}
			p, code := rs.leading(tp, asked.CurrentLeaderEpoch)
			part.ErrorCode = int16(code)
			if code == wire.None {
				end := p.epochEndFor(kafka.Epoch(asked.LeaderEpoch))
				part.LeaderEpoch, part.EndOffset = int32(end.Epoch), int64(end.EndOffset)
			}
			rt.Partitions = append(rt.Partitions, part)
		}
		resp.Topics = append(resp.Topics, rt)
	}
	reply(out, resp)
}
