package replica_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/brokertest"
	"sandcastle/broker/log"
	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/model/kafka"
)

// The fences of the controller's three requests: its epoch, the broker's, and the leader's.
func TestControllerRequestsAreFenced(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	b := c.Broker(1)
	for _, row := range []struct {
		name        string
		epoch       int32 // added to the controller's
		brokerEpoch int64 // added to the broker's
		code        wire.Code
	}{
		{"old controller", -1, 0, wire.StaleControllerEpoch},
		{"meant for a previous incarnation", 0, -1, wire.StaleBrokerEpoch},
		{"both", -1, -1, wire.StaleControllerEpoch},
		{"as it should be", 0, 0, wire.None},
		{"broker epoch ahead of what the broker has heard", 0, 1, wire.None},
	} {
		t.Run(row.name, func(t *testing.T) {
			id, epoch := int32(b.Replicas().Peers().Controller()), int32(b.Replicas().ControllerEpoch())+row.epoch
			brokerEpoch := b.Replicas().Membership().BrokerEpoch() + row.brokerEpoch
			lead := leaderAndIsrRequest(b, orders, 2, 0)
			lead.ControllerEpoch, lead.BrokerEpoch = epoch, brokerEpoch
			require.Equal(t, row.code,
				wire.Code(c.Request(1, lead).(*kmsg.LeaderAndISRResponse).ErrorCode))
			stop := latest(kmsg.NewPtrStopReplicaRequest())
			stop.ControllerID, stop.ControllerEpoch, stop.BrokerEpoch = id, epoch, brokerEpoch
			require.Equal(t, row.code,
				wire.Code(c.Request(1, stop).(*kmsg.StopReplicaResponse).ErrorCode))
			update := latest(kmsg.NewPtrUpdateMetadataRequest())
			update.ControllerID, update.ControllerEpoch, update.BrokerEpoch = id, epoch, brokerEpoch
			update.LiveBrokers = liveBrokers(2)
			require.Equal(t, row.code,
				wire.Code(c.Request(1, update).(*kmsg.UpdateMetadataResponse).ErrorCode))
			require.True(t, b.Knows(2))
			require.True(t, leads(part(b, orders)))
		})
	}
}

// A log says of which topic it is, in Kafka's own file; a log of another topic of that name is left
// alone.
func TestALogIsOfOneTopic(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1}})
	c.MustProduce(orders, "a")
	id := c.Metadata(1, false, "orders").Topics[0].TopicID
	require.Equal(t, "version: 0\ntopic_id: "+znode.TopicID(id).String(),
		c.File(1, "orders-0/partition.metadata"))

	tell := func(topicID [16]byte, tp kafka.TopicPartition) wire.Code {
		req := leaderAndIsrRequest(c.Broker(1), tp, 1, 5)
		req.TopicStates[0].TopicID = topicID
		resp := c.Request(1, req).(*kmsg.LeaderAndISRResponse)
		return wire.Code(resp.Topics[0].Partitions[0].ErrorCode)
	}
	other := [16]byte{1, 2, 3}
	require.Equal(t, wire.InconsistentTopicID, tell(other, orders))
	_, got := c.Fetch(1, orders, 0)
	require.Equal(t, []string{"a"}, got)
	require.Equal(t, wire.None, tell(id, orders))

	// What the disk says counts when the replica is not held, as after a start.
	old := tp("old", 0)
	disk := c.Sim.Disk(node(1))
	require.NoError(t, log.WriteFile(disk, "old-0/partition.metadata",
		"version: 0\ntopic_id: "+znode.TopicID(other).String()))
	require.Equal(t, wire.InconsistentTopicID, tell(id, old))
	require.Equal(t, wire.None, tell(other, old))
	unnamed := tp("unnamed", 0)
	require.Equal(t, wire.None, tell([16]byte{}, unnamed))
	known, err := log.TopicID(disk, unnamed)
	require.NoError(t, err)
	require.Empty(t, known)
}

func liveBrokers(n int) []kmsg.UpdateMetadataRequestLiveBroker {
	var out []kmsg.UpdateMetadataRequestLiveBroker
	for id := 1; id <= n; id++ {
		lb := kmsg.NewUpdateMetadataRequestLiveBroker()
		lb.ID = int32(id)
		e := kmsg.NewUpdateMetadataRequestLiveBrokerEndpoint()
		e.Host, e.Port, e.ListenerName = string(node(id)), 9092, "PLAINTEXT"
		lb.Endpoints = append(lb.Endpoints, e)
		out = append(out, lb)
	}
	return out
}

func TestLeaderEpochFences(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	b := c.Broker(1)
	lead := func(leader, epoch int32) wire.Code {
		resp := c.Request(1, leaderAndIsrRequest(b, orders, leader, epoch)).(*kmsg.LeaderAndISRResponse)
		require.Zero(t, resp.ErrorCode)
		return wire.Code(resp.Topics[0].Partitions[0].ErrorCode)
	}
	require.Equal(t, wire.None, lead(1, 5))
	require.EqualValues(t, 5, part(b, orders).Epoch())
	require.Equal(t, wire.StaleControllerEpoch, lead(2, 5), "the same epoch again")
	require.Equal(t, wire.StaleControllerEpoch, lead(2, 4))
	require.True(t, leads(part(b, orders)))
	require.Equal(t, wire.None, lead(-1, 6), "nobody leads")
	require.True(t, part(b, orders).Follows())

	stop := latest(kmsg.NewPtrStopReplicaRequest())
	stop.ControllerID = int32(b.Replicas().Peers().Controller())
	stop.ControllerEpoch = int32(b.Replicas().ControllerEpoch())
	stop.BrokerEpoch = b.Replicas().Membership().BrokerEpoch()
	state := kmsg.NewStopReplicaRequestTopicPartitionState()
	state.LeaderEpoch, state.Delete = 5, true
	stop.Topics = []kmsg.StopReplicaRequestTopic{{
		Topic: "orders", PartitionStates: []kmsg.StopReplicaRequestTopicPartitionState{state},
	}}
	resp := c.Request(1, stop).(*kmsg.StopReplicaResponse)
	require.Equal(t, wire.FencedLeaderEpoch, wire.Code(resp.Partitions[0].ErrorCode))
	require.NotNil(t, part(b, orders))
	stop.Topics[0].PartitionStates[0].LeaderEpoch = wire.EpochDuringDelete
	resp = c.Request(1, stop).(*kmsg.StopReplicaResponse)
	require.Zero(t, resp.Partitions[0].ErrorCode)
	require.Nil(t, part(b, orders))
}

// A broker that is none of the replicas refuses the role.
func TestLeaderAndIsrForAnother(t *testing.T) {
	c := startCluster(t, 1)
	req := leaderAndIsrRequest(c.Broker(1), tp("orders", 0), 1, 0)
	req.TopicStates[0].PartitionStates[0].Replicas = []int32{7}
	resp := c.Request(1, req).(*kmsg.LeaderAndISRResponse)
	require.Equal(t, wire.UnknownTopicOrPartition, wire.Code(resp.Topics[0].Partitions[0].ErrorCode))
	require.Zero(t, c.Broker(1).Replicas().Len())
}

// LeaderAndIsr waits for a topic's configuration. Meanwhile another connection may bring a newer
// controller: then the older one's word no longer counts. The topic that was known when the request
// came, and is deleted while it waits, is looked up again.
func TestLeaderAndIsrThatWaited(t *testing.T) {
	for _, newer := range []bool{false, true} {
		c := startCluster(t, 1)
		known := tp("known", 0)
		c.CreateTopic("known", [][]int32{{1}})
		b := c.Broker(1)
		c.Cut(node(1), brokertest.ZooKeeper)
		l := c.Dial(1)
		req := leaderAndIsrRequest(b, known, 1, 1)
		more := leaderAndIsrRequest(b, tp("fresh", 0), 1, 0)
		more.TopicStates[0].PartitionStates[0].Replicas = []int32{1}
		req.TopicStates = append(req.TopicStates, more.TopicStates...)
		id := l.Send(req)
		c.Run(time.Second)
		require.Empty(t, l.Replies)

		epoch := req.ControllerEpoch
		if newer {
			epoch++
		}
		c.deleteReplica(1, known, epoch)
		require.False(t, b.Replicas().Settings().Loaded("known"))
		c.Sim.HealAll()
		resp := l.Receive(req, id).(*kmsg.LeaderAndISRResponse)
		if newer {
			require.Equal(t, wire.StaleControllerEpoch, wire.Code(resp.ErrorCode))
			require.Zero(t, b.Replicas().Len())
		} else {
			require.Equal(t, wire.None, wire.Code(resp.ErrorCode))
			require.Equal(t, 2, b.Replicas().Len())
		}
	}
}

// deleteReplica has broker id delete its replica of tp and forget the topic.
func (c *cluster) deleteReplica(id int, tp kafka.TopicPartition, controllerEpoch int32) {
	c.T.Helper()
	b := c.Broker(id)
	stop := latest(kmsg.NewPtrStopReplicaRequest())
	stop.ControllerID, stop.ControllerEpoch, stop.BrokerEpoch = 1, controllerEpoch, b.Replicas().Membership().BrokerEpoch()
	state := kmsg.NewStopReplicaRequestTopicPartitionState()
	state.Partition, state.LeaderEpoch, state.Delete = tp.Partition, wire.EpochDuringDelete, true
	stop.Topics = []kmsg.StopReplicaRequestTopic{{
		Topic: tp.Topic, PartitionStates: []kmsg.StopReplicaRequestTopicPartitionState{state},
	}}
	require.Zero(c.T, c.Request(id, stop).(*kmsg.StopReplicaResponse).ErrorCode)
	update := latest(kmsg.NewPtrUpdateMetadataRequest())
	update.ControllerID, update.ControllerEpoch, update.BrokerEpoch = 1, controllerEpoch,
		b.Replicas().Membership().BrokerEpoch()
	update.LiveBrokers = liveBrokers(len(c.Brokers))
	gone := kmsg.NewUpdateMetadataRequestTopicPartition()
	gone.Partition, gone.Leader = tp.Partition, wire.LeaderDuringDelete
	topic := kmsg.NewUpdateMetadataRequestTopicState()
	topic.Topic, topic.PartitionStates = tp.Topic, []kmsg.UpdateMetadataRequestTopicPartition{gone}
	update.TopicStates = append(update.TopicStates, topic)
	require.Zero(c.T, c.Request(id, update).(*kmsg.UpdateMetadataResponse).ErrorCode)
}
