package oracle

import (
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// ptr is a pointer to a value.
func ptr[T any](v T) *T { return &v }

// A pair of name and value.
type nv [2]string

func newTopic(name string, parts int32, rf int16, conf ...nv) kmsg.CreateTopicsRequestTopic {
	t := kmsg.NewCreateTopicsRequestTopic()
	t.Topic, t.NumPartitions, t.ReplicationFactor = name, parts, rf
	for _, c := range conf {
		cfg := kmsg.NewCreateTopicsRequestTopicConfig()
		cfg.Name = c[0]
		if c[1] != "\x00" {
			cfg.Value = ptr(c[1])
		}
		t.Configs = append(t.Configs, cfg)
	}
	return t
}

func createReq(ts ...kmsg.CreateTopicsRequestTopic) *kmsg.CreateTopicsRequest {
	req := kmsg.NewPtrCreateTopicsRequest()
	req.TimeoutMillis = 30000
	req.Topics = ts
	return req
}

// topic creates a topic and waits until its partitions have a leader.
func (r *player) topic(name string, parts int32, conf ...nv) string {
	n := r.N(name)
	resp := r.quiet(createReq(newTopic(n, parts, 1, conf...)), 7)
	if c, ok := resp.(*kmsg.CreateTopicsResponse); !ok ||
		c.Topics[0].ErrorCode != 0 && c.Topics[0].ErrorCode != 36 {
		panic(fmt.Sprintf("topic %s was not made: %v", name, resp))
	}
	r.settle(n)
	return n
}

func (r *player) settle(n string) {
	for range 200 {
		m := metadata(n)
		resp, _ := r.quiet(m, 12).(*kmsg.MetadataResponse)
		ok := resp != nil && resp.Topics[0].ErrorCode == 0
		if ok {
			r.t.topicIDs[resp.Topics[0].TopicID] = n
			for _, p := range resp.Topics[0].Partitions {
				ok = ok && p.ErrorCode == 0
			}
		}
		if ok {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	panic("topic " + n + " has no leaders")
}

func (r *player) topicID(n string) [16]byte {
	for id, name := range r.t.topicIDs {
		if name == n {
			return id
		}
	}
	panic("no id of " + n)
}

func metadata(names ...string) *kmsg.MetadataRequest {
	m := kmsg.NewPtrMetadataRequest()
	m.Topics = []kmsg.MetadataRequestTopic{}
	for _, n := range names {
		t := kmsg.NewMetadataRequestTopic()
		t.Topic = ptr(n)
		m.Topics = append(m.Topics, t)
	}
	return m
}

func produceReq(topic string, part int32, acks int16, records []byte) *kmsg.ProduceRequest {
	req := kmsg.NewPtrProduceRequest()
	req.Acks, req.TimeoutMillis = acks, 10000
	t := kmsg.NewProduceRequestTopic()
	t.Topic = topic
	pt := kmsg.NewProduceRequestTopicPartition()
	pt.Partition, pt.Records = part, records
	t.Partitions = append(t.Partitions, pt)
	req.Topics = append(req.Topics, t)
	return req
}

func (r *player) put(topic string, vals ...string) {
	for _, v := range vals {
		r.putBat(topic, strs(v))
	}
}

func (r *player) putBat(topic string, b *bat) {
	for range 50 {
		resp, _ := r.quiet(produceReq(topic, 0, -1, b.encode()), 9).(*kmsg.ProduceResponse)
		if resp != nil && resp.Topics[0].Partitions[0].ErrorCode == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	panic("cannot produce to " + topic)
}

func fetchReq(topic string, part int32, offset int64) *kmsg.FetchRequest {
	req := kmsg.NewPtrFetchRequest()
	req.ReplicaID, req.MaxWaitMillis, req.MinBytes, req.MaxBytes = -1, 500, 1, 1<<20
	req.SessionEpoch = -1
	t := kmsg.NewFetchRequestTopic()
	t.Topic = topic
	pt := kmsg.NewFetchRequestTopicPartition()
	pt.Partition, pt.FetchOffset, pt.PartitionMaxBytes = part, offset, 1<<20
	pt.CurrentLeaderEpoch, pt.LogStartOffset, pt.LastFetchedEpoch = -1, -1, -1
	t.Partitions = append(t.Partitions, pt)
	req.Topics = append(req.Topics, t)
	return req
}

func listReq(topic string, part int32, ts int64) *kmsg.ListOffsetsRequest {
	req := kmsg.NewPtrListOffsetsRequest()
	req.ReplicaID = -1
	t := kmsg.NewListOffsetsRequestTopic()
	t.Topic = topic
	pt := kmsg.NewListOffsetsRequestTopicPartition()
	pt.Partition, pt.Timestamp, pt.CurrentLeaderEpoch, pt.MaxNumOffsets = part, ts, -1, 1
	t.Partitions = append(t.Partitions, pt)
	req.Topics = append(req.Topics, t)
	return req
}

func epochReq(topic string, part, current, epoch int32) *kmsg.OffsetForLeaderEpochRequest {
	req := kmsg.NewPtrOffsetForLeaderEpochRequest()
	req.ReplicaID = -1
	t := kmsg.NewOffsetForLeaderEpochRequestTopic()
	t.Topic = topic
	pt := kmsg.NewOffsetForLeaderEpochRequestTopicPartition()
	pt.Partition, pt.CurrentLeaderEpoch, pt.LeaderEpoch = part, current, epoch
	t.Partitions = append(t.Partitions, pt)
	req.Topics = append(req.Topics, t)
	return req
}

// coordinated waits until the group's coordinator serves.
func (r *player) coordinated(group string) string {
	g := r.N(group)
	for range 300 {
		fc := kmsg.NewPtrFindCoordinatorRequest()
		fc.CoordinatorKey, fc.CoordinatorType = g, 0
		resp, _ := r.quiet(fc, 3).(*kmsg.FindCoordinatorResponse)
		if resp != nil && resp.ErrorCode == 0 {
			of := kmsg.NewPtrOffsetFetchRequest()
			of.Group = g
			o, _ := r.quiet(of, 5).(*kmsg.OffsetFetchResponse)
			if o != nil && o.ErrorCode == 0 {
				return g
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	panic("no coordinator")
}

func joinReq(group, member string) *kmsg.JoinGroupRequest {
	req := kmsg.NewPtrJoinGroupRequest()
	req.Group, req.MemberID, req.ProtocolType = group, member, "consumer"
	req.SessionTimeoutMillis, req.RebalanceTimeoutMillis = 30000, 30000
	req.Protocols = []kmsg.JoinGroupRequestProtocol{{Name: "range", Metadata: subscription("x")}}
	return req
}

// subscription is a consumer's, in version 0 of the embedded protocol.
func subscription(topics ...string) []byte {
	m := kmsg.NewConsumerMemberMetadata()
	m.Topics = topics
	return m.AppendTo(nil)
}

func syncReq(group, member string, gen int32, assign ...string) *kmsg.SyncGroupRequest {
	req := kmsg.NewPtrSyncGroupRequest()
	req.Group, req.MemberID, req.Generation = group, member, gen
	for i := 0; i+1 < len(assign); i += 2 {
		req.GroupAssignment = append(
			req.GroupAssignment,
			kmsg.SyncGroupRequestGroupAssignment{MemberID: assign[i], MemberAssignment: []byte(assign[i+1])},
		)
	}
	return req
}

func beatReq(group, member string, gen int32) *kmsg.HeartbeatRequest {
	req := kmsg.NewPtrHeartbeatRequest()
	req.Group, req.MemberID, req.Generation = group, member, gen
	return req
}

func leaveReq(group string, members ...string) *kmsg.LeaveGroupRequest {
	req := kmsg.NewPtrLeaveGroupRequest()
	req.Group = group
	for _, m := range members {
		lm := kmsg.NewLeaveGroupRequestMember()
		lm.MemberID = m
		req.MemberID = m
		req.Members = append(req.Members, lm)
	}
	return req
}

// stable makes a group of one member on the connection of the case, and says nothing of it.
func (r *player) stable(group string) (g, member string, gen int32) {
	g = r.coordinated(group)
	j, _ := r.quiet(joinReq(g, ""), 5).(*kmsg.JoinGroupResponse)
	j2, _ := r.quiet(joinReq(g, j.MemberID), 5).(*kmsg.JoinGroupResponse)
	if j2.ErrorCode != 0 {
		panic("join: " + code(j2.ErrorCode))
	}
	s, _ := r.quiet(syncReq(g, j2.MemberID, j2.Generation, j2.MemberID, "assigned"), 3).(*kmsg.SyncGroupResponse)
	if s.ErrorCode != 0 {
		panic("sync: " + code(s.ErrorCode))
	}
	return g, j2.MemberID, j2.Generation
}

func commitReq(
	group, member string,
	gen int32,
	topic string,
	part int32,
	offset int64,
	meta *string,
) *kmsg.OffsetCommitRequest {
	req := kmsg.NewPtrOffsetCommitRequest()
	req.Group, req.MemberID, req.Generation = group, member, gen
	req.RetentionTimeMillis = -1
	t := kmsg.NewOffsetCommitRequestTopic()
	t.Topic = topic
	pt := kmsg.NewOffsetCommitRequestTopicPartition()
	pt.Partition, pt.Offset, pt.Metadata, pt.LeaderEpoch, pt.Timestamp = part, offset, meta, -1, -1
	t.Partitions = append(t.Partitions, pt)
	req.Topics = append(req.Topics, t)
	return req
}

func offsetsReq(group string, all bool, topic string, parts ...int32) *kmsg.OffsetFetchRequest {
	req := kmsg.NewPtrOffsetFetchRequest()
	req.Group = group
	g := kmsg.NewOffsetFetchRequestGroup()
	g.Group = group
	if !all {
		req.Topics = []kmsg.OffsetFetchRequestTopic{{Topic: topic, Partitions: parts}}
		gt := kmsg.NewOffsetFetchRequestGroupTopic()
		gt.Topic, gt.Partitions = topic, parts
		g.Topics = append(g.Topics, gt)
	}
	req.Groups = append(req.Groups, g)
	return req
}

var long250 = strings.Repeat("a", 250)

func autoMeta(names ...string) *kmsg.MetadataRequest {
	m := metadata(names...)
	m.AllowAutoTopicCreation = true
	return m
}
