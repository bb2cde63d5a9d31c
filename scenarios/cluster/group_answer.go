package cluster

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/model/kafka"
)

// answer gives the i-th exchange of a request what its response says.
func answer(x *kafka.GroupExchange, i int, response kmsg.Response) {
	switch r := response.(type) {
	case *kmsg.OffsetCommitResponse:
		codes := map[kafka.TopicPartition]int16{}
		for _, topic := range r.Topics {
			for _, p := range topic.Partitions {
				codes[kafka.TopicPartition{Topic: topic.Topic, Partition: p.Partition}] = p.ErrorCode
			}
		}
		for i := range x.Offsets {
			x.Offsets[i].Code = codes[x.Offsets[i].TP]
		}
	case *kmsg.OffsetFetchResponse:
		answerFetch(x, i, r)
	case *kmsg.JoinGroupResponse:
		x.Code = r.ErrorCode
		j := x.Join
		j.Given, j.Generation, j.Leader, j.Skip = r.MemberID, r.Generation, r.LeaderID, r.SkipAssignment
		if r.Protocol != nil {
			j.Protocol = *r.Protocol
		}
		for _, m := range r.Members {
			j.Members = append(j.Members, kafka.GroupMemberData{
				Name: m.MemberID, Instance: m.InstanceID, Data: m.ProtocolMetadata,
			})
		}
	case *kmsg.SyncGroupResponse:
		x.Code, x.Assignment, x.Owned = r.ErrorCode, r.MemberAssignment, Owned(r.MemberAssignment)
	case *kmsg.HeartbeatResponse:
		x.Code = r.ErrorCode
	case *kmsg.LeaveGroupResponse:
		if x.Code = r.ErrorCode; x.Code == 0 && i < len(r.Members) {
			x.Code = r.Members[i].ErrorCode
		}
	case *kmsg.DeleteGroupsResponse:
		for _, g := range r.Groups {
			if g.Group == x.Group {
				x.Code = g.ErrorCode
			}
		}
	case *kmsg.OffsetDeleteResponse:
		x.Code = r.ErrorCode
		codes := map[kafka.TopicPartition]int16{}
		for _, topic := range r.Topics {
			for _, p := range topic.Partitions {
				codes[kafka.TopicPartition{Topic: topic.Topic, Partition: p.Partition}] = p.ErrorCode
			}
		}
		for i := range x.Offsets {
			x.Offsets[i].Code = codes[x.Offsets[i].TP]
		}
	}
}

// answerFetch reads what was committed.
func answerFetch(x *kafka.GroupExchange, i int, r *kmsg.OffsetFetchResponse) {
	x.Code = r.ErrorCode
	add := func(topic string, partition int32, offset int64, epoch int32, metadata *string,
		code int16,
	) {
		o := kafka.GroupOffset{
			TP:     kafka.TopicPartition{Topic: topic, Partition: partition},
			Offset: kafka.Offset(offset), LeaderEpoch: kafka.Epoch(epoch), Code: code,
		}
		if metadata != nil {
			o.Metadata = *metadata
		}
		x.Offsets = append(x.Offsets, o)
	}
	if r.Version < 8 {
		for _, topic := range r.Topics {
			for _, p := range topic.Partitions {
				epoch := p.LeaderEpoch
				if r.Version < 5 {
					epoch = -1
				}
				add(topic.Topic, p.Partition, p.Offset, epoch, p.Metadata, p.ErrorCode)
			}
		}
		return
	}
	if i >= len(r.Groups) {
		return
	}
	g := &r.Groups[i]
	x.Code = g.ErrorCode
	for _, topic := range g.Topics {
		for _, p := range topic.Partitions {
			add(topic.Topic, p.Partition, p.Offset, p.LeaderEpoch, p.Metadata, p.ErrorCode)
		}
	}
}
