package broker_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker"
	"sandcastle/broker/group"
	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

func offsetsPartition(b *broker.Broker, groupID string) kafka.TopicPartition {
	return tp(kafka.OffsetsTopic, int(group.PartitionFor(groupID, b.Config().OffsetsTopicPartitions)))
}

// join joins a new group as its only member and returns the member id and the generation.
func (c *cluster) join(id int, groupID string) (member string, generation int32) {
	c.T.Helper()
	req := latest(kmsg.NewPtrJoinGroupRequest())
	req.Group, req.ProtocolType = groupID, "consumer"
	req.SessionTimeoutMillis, req.RebalanceTimeoutMillis = 30_000, 30_000
	req.Protocols = []kmsg.JoinGroupRequestProtocol{{Name: "range", Metadata: []byte{}}}
	resp := c.Dial(id).Call(req).(*kmsg.JoinGroupResponse)
	require.Equal(c.T, wire.MemberIDRequired, wire.Code(resp.ErrorCode))
	req.MemberID = resp.MemberID
	resp = c.Dial(id).Call(req).(*kmsg.JoinGroupResponse)
	require.Equal(c.T, wire.None, wire.Code(resp.ErrorCode))
	sync := latest(kmsg.NewPtrSyncGroupRequest())
	sync.Group, sync.MemberID, sync.Generation = groupID, resp.MemberID, resp.Generation
	sync.ProtocolType, sync.Protocol = resp.ProtocolType, resp.Protocol
	sync.GroupAssignment = []kmsg.SyncGroupRequestGroupAssignment{
		{MemberID: resp.MemberID, MemberAssignment: []byte("mine")},
	}
	synced := c.Dial(id).Call(sync).(*kmsg.SyncGroupResponse)
	require.Equal(c.T, wire.None, wire.Code(synced.ErrorCode))
	require.Equal(c.T, "mine", string(synced.MemberAssignment))
	return resp.MemberID, resp.Generation
}

func (c *cluster) heartbeat(id int, groupID, member string, generation int32) wire.Code {
	c.T.Helper()
	req := latest(kmsg.NewPtrHeartbeatRequest())
	req.Group, req.MemberID, req.Generation = groupID, member, generation
	return wire.Code(c.Request(id, req).(*kmsg.HeartbeatResponse).ErrorCode)
}

func (c *cluster) commit(id int, groupID, member string, generation int32,
	tp kafka.TopicPartition, offset int64,
) wire.Code {
	c.T.Helper()
	req := kmsg.NewPtrOffsetCommitRequest()
	req.SetVersion(8)
	req.Group, req.MemberID, req.Generation = groupID, member, generation
	part := kmsg.NewOffsetCommitRequestTopicPartition()
	part.Partition, part.Offset = tp.Partition, offset
	topic := kmsg.NewOffsetCommitRequestTopic()
	topic.Topic, topic.Partitions = tp.Topic, []kmsg.OffsetCommitRequestTopicPartition{part}
	req.Topics = append(req.Topics, topic)
	resp := c.Request(id, req).(*kmsg.OffsetCommitResponse)
	return wire.Code(resp.Topics[0].Partitions[0].ErrorCode)
}

func (c *cluster) committed(id int, groupID string, tp kafka.TopicPartition) (wire.Code, int64) {
	c.T.Helper()
	req := kmsg.NewPtrOffsetFetchRequest()
	req.SetVersion(7)
	req.Group = groupID
	topic := kmsg.NewOffsetFetchRequestTopic()
	topic.Topic, topic.Partitions = tp.Topic, []int32{tp.Partition}
	req.Topics = append(req.Topics, topic)
	resp := c.Request(id, req).(*kmsg.OffsetFetchResponse)
	if resp.ErrorCode != 0 || len(resp.Topics) == 0 {
		return wire.Code(resp.ErrorCode), -1
	}
	return wire.None, resp.Topics[0].Partitions[0].Offset
}

// The first question for a coordinator creates __consumer_offsets with the broker's settings.
func TestFindCoordinatorCreatesTheTopic(t *testing.T) {
	c := startCluster(t, 3)
	req := latest(kmsg.NewPtrFindCoordinatorRequest())
	req.CoordinatorKeys = []string{"billing", "shipping"}
	resp := c.Request(2, req).(*kmsg.FindCoordinatorResponse)
	for i, key := range req.CoordinatorKeys {
		require.Equal(t, key, resp.Coordinators[i].Key)
		require.Equal(t, wire.CoordinatorNotAvailable, wire.Code(resp.Coordinators[i].ErrorCode))
	}
	for _, groupID := range req.CoordinatorKeys {
		id := c.FindCoordinator(groupID)
		_, leads := c.Broker(id).Replicas().Leads(offsetsPartition(c.Broker(id), groupID))
		require.True(t, leads)
	}
	meta := c.Metadata(1, false, kafka.OffsetsTopic).Topics[0]
	require.Len(t, meta.Partitions, 3)
	require.Len(t, meta.Partitions[0].Replicas, 3)
	require.EqualValues(t, 104857600, c.Broker(1).Settings().Topic(kafka.OffsetsTopic).SegmentBytes)

	req.CoordinatorType = 1
	resp = c.Request(2, req).(*kmsg.FindCoordinatorResponse)
	require.Equal(t, wire.CoordinatorNotAvailable, wire.Code(resp.Coordinators[0].ErrorCode),
		"there are no transaction coordinators")
	require.Equal(t, "", *resp.Coordinators[0].ErrorMessage)
	req.CoordinatorType = 2
	resp = c.Request(2, req).(*kmsg.FindCoordinatorResponse)
	require.Equal(t, wire.CoordinatorNotAvailable, wire.Code(resp.Coordinators[0].ErrorCode))
	req.SetVersion(5) // which is older than share groups
	resp = c.Request(2, req).(*kmsg.FindCoordinatorResponse)
	require.Equal(t, wire.InvalidRequest, wire.Code(resp.Coordinators[0].ErrorCode))
	req.CoordinatorType = 9
	resp = c.Request(2, req).(*kmsg.FindCoordinatorResponse)
	require.Equal(t, wire.InvalidRequest, wire.Code(resp.Coordinators[0].ErrorCode))
	require.NotEmpty(t, *resp.Coordinators[0].ErrorMessage)

	old := kmsg.NewPtrFindCoordinatorRequest()
	old.CoordinatorKey = "billing"
	for v := int16(1); v < 4; v++ {
		old.SetVersion(v)
		one := c.Request(1, old).(*kmsg.FindCoordinatorResponse)
		require.Zero(t, one.ErrorCode)
		require.Equal(t, "NONE", *one.ErrorMessage, "v%d", v)
	}
}

func TestGroupOverTheWire(t *testing.T) {
	c := startCluster(t, 3)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2, 3}})
	id := c.FindCoordinator("billing")
	member, generation := c.join(id, "billing")
	require.EqualValues(t, 1, generation)
	require.Equal(t, wire.None, c.heartbeat(id, "billing", member, generation))
	require.Equal(t, wire.IllegalGeneration, c.heartbeat(id, "billing", member, generation+1))
	require.Equal(t, wire.None, c.commit(id, "billing", member, generation, orders, 7))
	require.Equal(t, wire.IllegalGeneration, c.commit(id, "billing", member, generation-1, orders, 3))
	code, offset := c.committed(id, "billing", orders)
	require.Equal(t, wire.None, code)
	require.EqualValues(t, 7, offset)
	for other := 1; other <= 3; other++ {
		if other != id {
			require.Equal(t, wire.NotCoordinator, c.heartbeat(other, "billing", member, generation))
		}
	}
}

// The coordinator's memory is its log: the next leader of the partition knows the committed offset,
// the generation and the member, who goes on without joining again.
func TestCoordinatorFailsOver(t *testing.T) {
	c := startCluster(t, 3, "zookeeper.session.timeout.ms=6000")
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2, 3}})
	old := c.FindCoordinator("billing")
	member, generation := c.join(old, "billing")
	require.Equal(t, wire.None, c.commit(old, "billing", member, generation, orders, 7))
	c.Sim.Kill(node(old))

	id := c.FindCoordinator("billing")
	require.NotEqual(t, old, id)
	require.Equal(t, wire.None, c.heartbeat(id, "billing", member, generation))
	code, offset := c.committed(id, "billing", orders)
	require.Equal(t, wire.None, code)
	require.EqualValues(t, 7, offset)
	require.Equal(t, wire.None, c.commit(id, "billing", member, generation, orders, 9))

	c.Sim.Start(node(old))
	c.Eventually(time.Minute, "the old one is back", func() bool { return c.AllKnow(3) })
	c.Run(10 * time.Second)
	require.Equal(t, wire.NotCoordinator, c.heartbeat(old, "billing", member, generation))
}

// The only copy of the coordinator's log is read again by the next incarnation.
func TestCoordinatorRestarts(t *testing.T) {
	c := startCluster(t, 1, "zookeeper.session.timeout.ms=6000")
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1}})
	id := c.FindCoordinator("billing")
	member, generation := c.join(id, "billing")
	require.Equal(t, wire.None, c.commit(id, "billing", member, generation, orders, 7))
	c.Sim.Restart(node(1))
	c.Eventually(time.Minute, "it is back", func() bool { return c.AllKnow(1) })
	require.Equal(t, 1, c.FindCoordinator("billing"))
	_, offset := c.committed(1, "billing", orders)
	require.EqualValues(t, 7, offset)
	require.Equal(t, wire.None, c.heartbeat(1, "billing", member, generation))
}

// A commit that the in-sync replicas do not take in time is not acknowledged, and cannot be read.
func TestCommitWithoutReplicas(t *testing.T) {
	c := startCluster(t, 2, "min.insync.replicas=2", "replica.lag.time.max.ms=2000")
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	id := c.FindCoordinator("billing")
	member, generation := c.join(id, "billing")
	c.Cut(node(1), node(2))
	code := c.commit(id, "billing", member, generation, orders, 7)
	require.Contains(t, []wire.Code{wire.CoordinatorNotAvailable, wire.RequestTimedOut}, code)
	_, offset := c.committed(id, "billing", orders)
	require.EqualValues(t, -1, offset)
}

// A topic that is deleted and comes back under its name has no committed offsets.
func TestDeletedTopicsTakeTheirOffsetsAlong(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("orders", [][]int32{{1}})
	c.FindCoordinator("billing")
	commit := latest(kmsg.NewPtrOffsetCommitRequest())
	commit.Group, commit.Generation = "billing", -1
	part := kmsg.NewOffsetCommitRequestTopicPartition()
	part.Offset = 7
	commit.Topics = []kmsg.OffsetCommitRequestTopic{{
		Topic: "orders", Partitions: []kmsg.OffsetCommitRequestTopicPartition{part},
	}}
	fetch := kmsg.NewPtrOffsetFetchRequest()
	fetch.SetVersion(7)
	fetch.Group = "billing"
	fetch.Topics = []kmsg.OffsetFetchRequestTopic{{Topic: "orders", Partitions: []int32{0}}}
	committed := func() int64 {
		return c.Request(1, fetch).(*kmsg.OffsetFetchResponse).Topics[0].Partitions[0].Offset
	}
	require.Zero(t, c.Request(1, commit).(*kmsg.OffsetCommitResponse).Topics[0].Partitions[0].ErrorCode)
	require.EqualValues(t, 7, committed())

	remove := latest(kmsg.NewPtrDeleteTopicsRequest())
	remove.TimeoutMillis = 5000
	name := "orders"
	remove.Topics = []kmsg.DeleteTopicsRequestTopic{{Topic: &name}}
	require.Zero(t, c.Request(1, remove).(*kmsg.DeleteTopicsResponse).Topics[0].ErrorCode)
	require.EqualValues(t, -1, committed())
	c.CreateTopic("orders", [][]int32{{1}})
	require.EqualValues(t, -1, committed())
}
