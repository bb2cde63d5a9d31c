package broker_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

func TestMetadata(t *testing.T) {
	c := startCluster(t, 3)
	c.CreateTopic("orders", [][]int32{{1, 2}, {3, 2}})
	c.CreateTopic("bills", [][]int32{{2}})
	for id := 1; id <= 3; id++ {
		resp := c.Metadata(id, false)
		require.Len(t, resp.Brokers, 3)
		require.EqualValues(t, c.Controller(), resp.ControllerID)
		require.Equal(t, "sandcastle", *resp.ClusterID)
		require.Len(t, resp.Topics, 2)
		require.Equal(t, "bills", *resp.Topics[0].Topic)
		orders := resp.Topics[1]
		require.NotZero(t, orders.TopicID)
		require.False(t, orders.IsInternal)
		require.EqualValues(t, 3, orders.Partitions[1].Leader)
		require.Equal(t, []int32{3, 2}, orders.Partitions[1].Replicas)
		require.ElementsMatch(t, []int32{2, 3}, orders.Partitions[1].ISR)
		require.Zero(t, orders.Partitions[1].LeaderEpoch)
	}
	named := c.Metadata(2, false, "orders", "nothing", "bad name")
	require.Len(t, named.Topics, 3)
	require.Zero(t, named.Topics[0].ErrorCode)
	require.Equal(t, wire.UnknownTopicOrPartition, wire.Code(named.Topics[1].ErrorCode))
	require.Equal(t, wire.InvalidTopicException, wire.Code(named.Topics[2].ErrorCode))

	none := latest(kmsg.NewPtrMetadataRequest())
	none.Topics = []kmsg.MetadataRequestTopic{}
	require.Empty(t, c.Request(1, none).(*kmsg.MetadataResponse).Topics, "an empty list is no topic")
	byID := latest(kmsg.NewPtrMetadataRequest())
	byID.Topics = []kmsg.MetadataRequestTopic{{TopicID: named.Topics[0].TopicID}, {TopicID: [16]byte{9}}}
	found := c.Request(1, byID).(*kmsg.MetadataResponse).Topics
	require.Equal(t, "orders", *found[0].Topic)
	require.Equal(t, wire.UnknownTopicID, wire.Code(found[1].ErrorCode))
}

// A partition whose leader is dead has none to a client.
func TestMetadataWithoutALeader(t *testing.T) {
	c := startCluster(t, 2, shortSession)
	id := 3 - c.Controller()
	c.CreateTopic("orders", [][]int32{{int32(id)}})
	c.Sim.Kill(node(id))
	c.Eventually(time.Minute, "the controller notices", func() bool { return c.AllKnow(1) })
	c.Run(time.Second)
	part := c.Metadata(3-id, false, "orders").Topics[0].Partitions[0]
	require.Equal(t, wire.LeaderNotAvailable, wire.Code(part.ErrorCode))
	require.EqualValues(t, -1, part.Leader)
	require.Equal(t, []int32{int32(id)}, part.OfflineReplicas)
}

func TestMetadataCreatesTopics(t *testing.T) {
	c := startCluster(t, 2, "num.partitions=3", "default.replication.factor=2")
	require.Equal(t, wire.UnknownTopicOrPartition,
		wire.Code(c.Metadata(1, false, "orders").Topics[0].ErrorCode))
	c.Run(time.Second)
	require.Empty(t, c.Metadata(1, false).Topics)
	for id := 1; id <= 2; id++ { // both ask the controller; one request wins
		require.Equal(t, wire.LeaderNotAvailable,
			wire.Code(c.Metadata(id, true, "orders").Topics[0].ErrorCode))
	}
	for _, name := range []string{"", "..", "a/b", "../../etc", strings.Repeat("x", 250)} {
		require.Equal(t, wire.InvalidTopicException,
			wire.Code(c.Metadata(1, true, name).Topics[0].ErrorCode), name)
	}
	c.Run(time.Second)
	resp := c.Metadata(2, true)
	require.Len(t, resp.Topics, 1)
	require.Len(t, resp.Topics[0].Partitions, 3)
	for _, part := range resp.Topics[0].Partitions {
		require.Zero(t, part.ErrorCode)
		require.Len(t, part.Replicas, 2)
		c.MustProduce(kafka.TopicPartition{Topic: "orders", Partition: part.Partition}, "a")
	}
	require.Zero(t, c.Broker(1).Asked())
	require.Zero(t, c.Broker(2).Asked())
}

func TestMetadataMayNotCreateTopics(t *testing.T) {
	c := startCluster(t, 1, "auto.create.topics.enable=false")
	require.Equal(t, wire.UnknownTopicOrPartition,
		wire.Code(c.Metadata(1, true, "orders").Topics[0].ErrorCode))
	c.Run(time.Second)
	require.Empty(t, c.Metadata(1, true).Topics)
}
