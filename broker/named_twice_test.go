package broker_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/brokertest"
	"sandcastle/broker/wire"
)

func byName(name string) kmsg.MetadataRequestTopic {
	t := kmsg.NewMetadataRequestTopic()
	t.Topic = &name
	return t
}

func byID(id [16]byte) kmsg.MetadataRequestTopic {
	t := kmsg.NewMetadataRequestTopic()
	t.TopicID = id
	return t
}

// A topic is told once, by whatever it is named how often; where ids are given names are not looked
// at.
func TestMetadataTellsATopicOnce(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("orders", [][]int32{{1}})
	id := c.Metadata(1, false, "orders").Topics[0].TopicID
	count := func(topics ...kmsg.MetadataRequestTopic) int {
		req := latest(kmsg.NewPtrMetadataRequest())
		req.Topics = topics
		return len(c.Request(1, req).(*kmsg.MetadataResponse).Topics)
	}
	require.Equal(t, 1, count(byName("orders"), byName("orders")))
	require.Equal(t, 2, count(byName("nothing"), byName("orders"), byName("nothing")))
	require.Equal(t, 1, count(byName("a b"), byName("a b")))
	require.Equal(t, 1, count(byID(id), byID(id)))
	require.Equal(t, 2, count(byID([16]byte{1}), byID([16]byte{1}), byID([16]byte{2})))
	require.Equal(t, 1, count(byName("orders"), byID(id)))
	require.Equal(t, 1, count(byName("nothing"), byID([16]byte{1})))
}

// A topic whose name cannot be told from another's in metrics is none that is created.
func TestMetadataCreatesNoCollidingTopic(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("col.l", [][]int32{{1}})
	code := func(create bool, name string) wire.Code {
		return wire.Code(c.Metadata(1, create, name).Topics[0].ErrorCode)
	}
	require.Equal(t, wire.InvalidTopicException, code(true, "col_l"))
	require.Equal(t, wire.UnknownTopicOrPartition, code(false, "col_l"))
	require.Equal(t, wire.None, code(true, "col.l"))
	remove := latest(kmsg.NewPtrDeleteTopicsRequest())
	topic := kmsg.NewDeleteTopicsRequestTopic()
	topic.Topic = kmsg.StringPtr("col.l")
	remove.Topics, remove.TimeoutMillis = append(remove.Topics, topic), 5000
	c.Request(1, remove)
	c.Eventually(time.Minute, "it is gone", func() bool {
		return code(false, "col.l") == wire.UnknownTopicOrPartition
	})
	require.Equal(t, wire.LeaderNotAvailable, code(true, "col_l"))
}

// An id without an epoch, or the reverse, is a mistake of the producer.
func TestInitProducerIDOfHalfAProducer(t *testing.T) {
	c := startCluster(t, 1)
	for _, row := range []struct {
		id    int64
		epoch int16
		code  wire.Code
	}{
		{-1, -1, wire.None}, {5, 0, wire.None}, {-5, 0, wire.None},
		{5, -1, wire.InvalidRequest}, {-1, 5, wire.InvalidRequest}, {-5, -1, wire.InvalidRequest},
	} {
		req := latest(kmsg.NewPtrInitProducerIDRequest())
		req.ProducerID, req.ProducerEpoch = row.id, row.epoch
		resp := c.Request(1, req).(*kmsg.InitProducerIDResponse)
		require.Equal(t, row.code, wire.Code(resp.ErrorCode), "%d %d", row.id, row.epoch)
		require.Equal(t, row.code == wire.None, resp.ProducerID >= 0)
	}
}

// What a group commits must be there: the topic alone is not enough.
func TestOffsetsOfPartitionsThatAreNotThere(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("orders", [][]int32{{1}, {1}})
	id := c.FindCoordinator("billing")
	for v := int16(2); v <= 9; v++ {
		req := kmsg.NewPtrOffsetCommitRequest()
		req.SetVersion(v)
		req.Group, req.Generation, req.RetentionTimeMillis = "billing", -1, -1
		topic := kmsg.NewOffsetCommitRequestTopic()
		topic.Topic = "orders"
		for _, n := range []int32{0, 9} {
			part := kmsg.NewOffsetCommitRequestTopicPartition()
			part.Partition, part.Offset = n, 5
			topic.Partitions = append(topic.Partitions, part)
		}
		req.Topics = append(req.Topics, topic)
		var resp *kmsg.OffsetCommitResponse
		c.Eventually(time.Minute, "the coordinator serves", func() bool {
			resp = c.Request(id, req).(*kmsg.OffsetCommitResponse)
			return wire.Code(resp.Topics[0].Partitions[0].ErrorCode) == wire.None
		})
		require.Equal(t, wire.UnknownTopicOrPartition,
			wire.Code(resp.Topics[0].Partitions[1].ErrorCode), "v%d", v)
	}
	fetch := kmsg.NewPtrOffsetFetchRequest()
	fetch.SetVersion(7)
	fetch.Group = "billing"
	fetch.Topics = []kmsg.OffsetFetchRequestTopic{{Topic: "orders", Partitions: []int32{0, 9, 0}}}
	parts := c.Request(id, fetch).(*kmsg.OffsetFetchResponse).Topics[0].Partitions
	require.Len(t, parts, 2, "each is told once")
	require.EqualValues(t, -1, parts[1].Offset)
}

// v0 knows offsets of segments alone, newest first, as many as are asked for.
func TestListOffsetsBefore(t *testing.T) {
	c := startCluster(t, 1)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1}}, "segment.bytes=200")
	for range 3 {
		c.MustProduce(orders, "a record that takes more than half of a segment, and so the next has its own")
	}
	list := func(timestamp int64, most int32) (wire.Code, []int64) {
		req := brokertest.ListOffsetsRequest(orders, timestamp)
		req.SetVersion(0)
		req.ReplicaID = -1
		part := &req.Topics[0].Partitions[0]
		part.MaxNumOffsets = most
		// A partition that is named twice is answered twice, which is an error from v1 on.
		req.Topics[0].Partitions = append(req.Topics[0].Partitions, *part)
		parts := c.Request(1, req).(*kmsg.ListOffsetsResponse).Topics[0].Partitions
		require.Equal(t, parts[0], parts[1])
		return wire.Code(parts[0].ErrorCode), parts[0].OldStyleOffsets
	}
	for _, row := range []struct {
		timestamp int64
		most      int32
		want      []int64
	}{
		{-1, 1, []int64{3}}, {-1, 2, []int64{3, 2}}, {-1, 9, []int64{3, 2, 1, 0}},
		{-2, 9, []int64{0}}, {-1, 0, nil}, {1 << 60, 2, []int64{3, 2}},
	} {
		code, got := list(row.timestamp, row.most)
		require.Equal(t, wire.None, code)
		require.ElementsMatch(t, row.want, got, "%d of %d", row.most, row.timestamp)
	}
	_, long := list(c.Sim.Now().Millis()-1000_000, 9)
	require.Empty(t, long, "nothing was written that long ago")
	code, _ := list(-3, 1)
	require.Equal(t, wire.UnsupportedVersion, code)
}
