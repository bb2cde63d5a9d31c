// ListOffsets (key 2): v1–v7.
// Does: earliest (−2), latest (−1), the record with the largest timestamp (−3, KIP-734), by
// timestamp, epoch fencing (v4); a replica's latest is the log end, a consumer's the high watermark.
// Does not: read_committed (nothing is transactional yet). State: partition.go.   Lessons:
// groups/*.

package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

const (
	latestTimestamp   = -1
	earliestTimestamp = -2
	maxTimestamp      = -3
)

func (b *Broker) handleListOffsets(now model.Time, out *model.Effects, r *request) {
	req := r.Body.(*kmsg.ListOffsetsRequest)
	resp := kmsg.NewPtrListOffsetsResponse()
	for i := range req.Topics {
		t := &req.Topics[i]
		rt := kmsg.NewListOffsetsResponseTopic()
		rt.Topic = t.Topic
		for j := range t.Partitions {
			rt.Partitions = append(rt.Partitions, b.listOffset(req.ReplicaID, t.Topic, &t.Partitions[j]))
		}
		resp.Topics = append(resp.Topics, rt)
	}
	b.reply(now, out, r, resp)
}

func (b *Broker) listOffset(replica int32, topic string, req *kmsg.ListOffsetsRequestTopicPartition,
) kmsg.ListOffsetsResponseTopicPartition {
	part := kmsg.NewListOffsetsResponseTopicPartition()
	part.Partition, part.Offset, part.Timestamp, part.LeaderEpoch = req.Partition, -1, -1, -1
	tp := model.TopicPartition{Topic: topic, Partition: req.Partition}
	p, code := b.leading(tp, req.CurrentLeaderEpoch)
	part.ErrorCode = int16(code)
	if code != wire.None {
		return part
	}
	end := p.highWatermark
	if replica >= 0 {
		end = p.log.LogEnd()
	}
	switch req.Timestamp {
	case latestTimestamp:
		part.Offset, part.LeaderEpoch = int64(end), int32(p.leaderEpoch)
	case earliestTimestamp:
		part.Offset = int64(p.log.LogStart())
		part.LeaderEpoch = int32(p.log.EpochAt(p.log.LogStart()))
	default:
		lookup := p.log.OffsetForTimestamp
		if req.Timestamp == maxTimestamp {
			lookup = func(int64) (model.Offset, int64, bool, error) { return p.log.MaxTimestamp() }
		}
		offset, timestamp, found, err := lookup(req.Timestamp)
		switch {
		case err != nil:
			part.ErrorCode = int16(wire.KafkaStorageError)
		case found && offset < end:
			part.Offset, part.Timestamp = int64(offset), timestamp
			part.LeaderEpoch = int32(p.log.EpochAt(offset))
		}
	}
	return part
}
