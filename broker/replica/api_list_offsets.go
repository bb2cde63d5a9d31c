// ListOffsets (key 2): v0–v9.
// Does: earliest (−2, −4), latest (−1), the record with the largest timestamp (−3, v7, KIP-734), by
// timestamp, epoch fencing (v4); a consumer's latest is the high watermark, a replica's the log
// end; OFFSET_NOT_AVAILABLE while a new leader's watermark is behind its epoch (KIP-207); v0
// answers with the offsets of segments. Does not: read_committed (nothing is transactional yet).
// State: partition.go.   Lessons: groups/*.

package replica

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

const (
	latestTimestamp   = -1
	earliestTimestamp = -2
	maxTimestamp      = -3
	// Of tiered storage (KIP-405), which this broker has not: all of a log is local.
	earliestLocalTimestamp = -4
	latestTieredTimestamp  = -5
)

// timestampSince is the version of ListOffsets that came with a special timestamp
// (KafkaApis.TimestampMinSupportedVersion of ReplicaManager, 3.9).
func timestampSince(timestamp int64) int16 {
	switch {
	case timestamp >= earliestTimestamp:
		return 0
	case timestamp == maxTimestamp:
		return 7
	case timestamp == earliestLocalTimestamp:
		return 8
	case timestamp == latestTieredTimestamp:
		return 9
	default:
		return 1<<15 - 1
	}
}

// debuggingReplica is the id of a reader that may ask any replica (ListOffsetsRequest, 3.9).
const debuggingReplica = -2

// HandleListOffsets answers a request.
func (rs *Set) HandleListOffsets(out *model.Effects, req *kmsg.ListOffsetsRequest,
	reply Reply,
) {
	resp := kmsg.NewPtrListOffsetsResponse()
	times := timesNamed(req)
	for i := range req.Topics {
		t := &req.Topics[i]
		rt := kmsg.NewListOffsetsResponseTopic()
		rt.Topic = t.Topic
		for j := range t.Partitions {
			part := &t.Partitions[j]
			tp := kafka.TopicPartition{Topic: t.Topic, Partition: part.Partition}
			rp := kmsg.NewListOffsetsResponseTopicPartition()
			rp.Partition, rp.Offset, rp.Timestamp, rp.LeaderEpoch = part.Partition, -1, -1, -1
			code := wire.InvalidRequest
			switch {
			case req.Version == 0: // which is asked as often as one likes
				code = rs.listOldStyle(out, req.ReplicaID, tp, part, &rp)
			case times[tp] == 1:
				code = rs.listOffset(req.Version, req.ReplicaID, tp, part, &rp)
			}
			rp.ErrorCode = int16(code)
			rt.Partitions = append(rt.Partitions, rp)
		}
		resp.Topics = append(resp.Topics, rt)
	}
	reply(out, resp)
}

// timesNamed counts how often a request names each partition: more than once is an error.
func timesNamed(req *kmsg.ListOffsetsRequest) map[kafka.TopicPartition]int {
	times := map[kafka.TopicPartition]int{}
	for i := range req.Topics {
		for j := range req.Topics[i].Partitions {
			times[kafka.TopicPartition{
				Topic: req.Topics[i].Topic, Partition: req.Topics[i].Partitions[j].Partition,
			}]++
		}
	}
	return times
}

// listOffset fills in the answer for one partition (Partition.fetchOffsetForTimestamp, 3.9).
func (rs *Set) listOffset(
	version int16,
	replica int32,
	tp kafka.TopicPartition,
	req *kmsg.ListOffsetsRequestTopicPartition,
	resp *kmsg.ListOffsetsResponseTopicPartition,
) wire.Code {
	if version < timestampSince(req.Timestamp) {
		return wire.UnsupportedVersion
	}
	p, code := rs.listed(tp, replica, req.CurrentLeaderEpoch)
	if code != wire.None {
		return code
	}
	end, behind := p.log.LogEnd(), false
	if replica == consumerReplica {
		end = p.highWatermark
		behind = p.role == roleLeader && p.epochStart > p.highWatermark
	}
	switch {
	case req.Timestamp == latestTimestamp && behind:
		return unavailable(version)
	case req.Timestamp == latestTimestamp:
		resp.Offset, resp.LeaderEpoch = int64(end), int32(p.leaderEpoch)
		return wire.None
	case req.Timestamp == latestTieredTimestamp:
		return wire.None // nothing is tiered, and −1 says so
	case req.Timestamp == earliestTimestamp || req.Timestamp == earliestLocalTimestamp:
		resp.Offset = int64(p.log.LogStart())
		resp.LeaderEpoch = int32(p.log.EpochAt(p.log.LogStart()))
		return wire.None
	}
	offset, timestamp, found, err := p.offsetAt(req.Timestamp)
	switch {
	case err != nil:
		return wire.KafkaStorageError
	case found && offset < end:
		resp.Offset, resp.Timestamp = int64(offset), timestamp
		resp.LeaderEpoch = int32(p.log.EpochAt(offset))
	case behind:
		return unavailable(version)
	}
	return wire.None
}

// consumerReplica is the replica id of a consumer.
const consumerReplica = -1

// listOldStyle fills in the answer of v0 for one partition (Partition.
// legacyFetchOffsetsForTimestamp, 3.9). A consumer sees none above the high watermark, which stands
// for those that are.
func (rs *Set) listOldStyle(
	out *model.Effects,
	replica int32,
	tp kafka.TopicPartition,
	req *kmsg.ListOffsetsRequestTopicPartition,
	resp *kmsg.ListOffsetsResponseTopicPartition,
) wire.Code {
	if timestampSince(req.Timestamp) > 0 {
		return wire.UnsupportedVersion
	}
	p, code := rs.listed(tp, replica, -1)
	if code != wire.None {
		return code
	}
	hidden := false
	for _, offset := range p.log.OffsetsBefore(req.Timestamp, req.MaxNumOffsets, out.Wall) {
		if replica == consumerReplica && offset > p.highWatermark {
			if hidden {
				continue
			}
			hidden, offset = true, p.highWatermark
		}
		resp.OldStyleOffsets = append(resp.OldStyleOffsets, int64(offset))
	}
	return wire.None
}

// listed finds the partition to ask: its leader, or any replica to debug.
func (rs *Set) listed(tp kafka.TopicPartition, replica, epoch int32) (*Partition, wire.Code) {
	if replica != debuggingReplica {
		return rs.leading(tp, epoch)
	}
	p, code := rs.Find(tp)
	if code == wire.None {
		code = p.checkEpoch(epoch)
	}
	return p, code
}

// unavailable says that the leader does not know the offset yet, to clients before v5 in a word
// that they know (KIP-207).
func unavailable(version int16) wire.Code {
	if version < 5 {
		return wire.LeaderNotAvailable
	}
	return wire.OffsetNotAvailable
}

// offsetAt finds the first record of at least that timestamp, or of the largest.
func (p *Partition) offsetAt(timestamp int64) (kafka.Offset, int64, bool, error) {
	if timestamp == maxTimestamp {
		return p.log.MaxTimestamp()
	}
	return p.log.OffsetForTimestamp(timestamp)
}
