package broker

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// metadata asks broker id about topics; none is all.
func (c *cluster) metadata(id int, create bool, topics ...string) *kmsg.MetadataResponse {
	c.t.Helper()
	req := latest(kmsg.NewPtrMetadataRequest())
	req.AllowAutoTopicCreation = create
	for _, name := range topics {
		topic := kmsg.NewMetadataRequestTopic()
		topic.Topic = &name
		req.Topics = append(req.Topics, topic)
	}
	return c.request(id, req).(*kmsg.MetadataResponse)
}

func TestMetadata(t *testing.T) {
	c := startCluster(t, 3)
	c.createTopic("orders", [][]int32{{1, 2}, {3, 2}})
	c.createTopic("bills", [][]int32{{2}})
	for id := 1; id <= 3; id++ {
		resp := c.metadata(id, false)
		require.Len(t, resp.Brokers, 3)
		require.EqualValues(t, c.controller(), resp.ControllerID)
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
	named := c.metadata(2, false, "orders", "nothing", "bad name")
	require.Len(t, named.Topics, 3)
	require.Zero(t, named.Topics[0].ErrorCode)
	require.Equal(t, wire.UnknownTopicOrPartition, wire.Code(named.Topics[1].ErrorCode))
	require.Equal(t, wire.InvalidTopicException, wire.Code(named.Topics[2].ErrorCode))

	none := latest(kmsg.NewPtrMetadataRequest())
	none.Topics = []kmsg.MetadataRequestTopic{}
	require.Empty(t, c.request(1, none).(*kmsg.MetadataResponse).Topics, "an empty list is no topic")
	byID := latest(kmsg.NewPtrMetadataRequest())
	byID.Topics = []kmsg.MetadataRequestTopic{{TopicID: named.Topics[0].TopicID}, {TopicID: [16]byte{9}}}
	found := c.request(1, byID).(*kmsg.MetadataResponse).Topics
	require.Equal(t, "orders", *found[0].Topic)
	require.Equal(t, wire.UnknownTopicID, wire.Code(found[1].ErrorCode))
}

// A partition whose leader is dead has none to a client.
func TestMetadataWithoutALeader(t *testing.T) {
	c := startCluster(t, 2, shortSession)
	id := 3 - c.controller()
	c.createTopic("orders", [][]int32{{int32(id)}})
	c.world.Kill(node(id))
	c.eventually(time.Minute, "the controller notices", func() bool { return c.allKnow(1) })
	c.run(time.Second)
	part := c.metadata(3-id, false, "orders").Topics[0].Partitions[0]
	require.Equal(t, wire.LeaderNotAvailable, wire.Code(part.ErrorCode))
	require.EqualValues(t, -1, part.Leader)
	require.Equal(t, []int32{int32(id)}, part.OfflineReplicas)
}

func TestMetadataCreatesTopics(t *testing.T) {
	c := startCluster(t, 2, "num.partitions=3", "default.replication.factor=2")
	require.Equal(t, wire.UnknownTopicOrPartition,
		wire.Code(c.metadata(1, false, "orders").Topics[0].ErrorCode))
	c.run(time.Second)
	require.Empty(t, c.metadata(1, false).Topics)
	for id := 1; id <= 2; id++ { // both ask the controller; one request wins
		require.Equal(t, wire.LeaderNotAvailable,
			wire.Code(c.metadata(id, true, "orders").Topics[0].ErrorCode))
	}
	for _, name := range []string{"", "..", "a/b", "../../etc", strings.Repeat("x", 250)} {
		require.Equal(t, wire.InvalidTopicException,
			wire.Code(c.metadata(1, true, name).Topics[0].ErrorCode), name)
	}
	c.run(time.Second)
	resp := c.metadata(2, true)
	require.Len(t, resp.Topics, 1)
	require.Len(t, resp.Topics[0].Partitions, 3)
	for _, part := range resp.Topics[0].Partitions {
		require.Zero(t, part.ErrorCode)
		require.Len(t, part.Replicas, 2)
		c.mustProduce(kafka.TopicPartition{Topic: "orders", Partition: part.Partition}, "a")
	}
	require.Empty(t, c.broker(1).creator.asked)
	require.Empty(t, c.broker(2).creator.asked)
}

func TestMetadataMayNotCreateTopics(t *testing.T) {
	c := startCluster(t, 1, "auto.create.topics.enable=false")
	require.Equal(t, wire.UnknownTopicOrPartition,
		wire.Code(c.metadata(1, true, "orders").Topics[0].ErrorCode))
	c.run(time.Second)
	require.Empty(t, c.metadata(1, true).Topics)
}
