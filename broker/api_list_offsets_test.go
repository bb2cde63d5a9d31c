package broker

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

func listOffsetsRequest(tp model.TopicPartition, timestamp int64) *kmsg.ListOffsetsRequest {
	req := latest(kmsg.NewPtrListOffsetsRequest())
	part := kmsg.NewListOffsetsRequestTopicPartition()
	part.Partition, part.Timestamp = tp.Partition, timestamp
	topic := kmsg.NewListOffsetsRequestTopic()
	topic.Topic, topic.Partitions = tp.Topic, []kmsg.ListOffsetsRequestTopicPartition{part}
	req.Topics = append(req.Topics, topic)
	return req
}

func TestListOffsets(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1, 2}})
	c.mustProduce(orders, "a", "b", "c") // with timestamps 0, 1, 2
	c.mustProduce(orders, "d")           // with timestamp 0
	for _, row := range []struct{ timestamp, offset, at int64 }{
		{-2, 0, -1}, {-1, 4, -1}, {0, 0, 0}, {1, 1, 1}, {2, 2, 2}, {3, -1, -1}, {-3, 2, 2},
	} {
		resp := c.request(1, listOffsetsRequest(orders, row.timestamp)).(*kmsg.ListOffsetsResponse)
		part := resp.Topics[0].Partitions[0]
		require.Zero(t, part.ErrorCode)
		require.Equal(t, row.offset, part.Offset, "timestamp %d", row.timestamp)
		require.Equal(t, row.at, part.Timestamp, "timestamp %d", row.timestamp)
	}
}

func TestListOffsetsFences(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1, 2}})
	for _, row := range []struct {
		broker int
		tp     model.TopicPartition
		epoch  int32
		code   wire.Code
	}{
		{1, orders, 0, wire.None},
		{1, orders, 1, wire.UnknownLeaderEpoch},
		{2, orders, -1, wire.NotLeaderOrFollower},
		{1, tp("orders", 9), -1, wire.UnknownTopicOrPartition},
		{1, tp("nothing", 0), -1, wire.UnknownTopicOrPartition},
	} {
		req := listOffsetsRequest(row.tp, -1)
		req.Topics[0].Partitions[0].CurrentLeaderEpoch = row.epoch
		resp := c.request(row.broker, req).(*kmsg.ListOffsetsResponse)
		require.Equal(t, row.code, wire.Code(resp.Topics[0].Partitions[0].ErrorCode), "%+v", row)
	}
}

// A consumer's latest offset is the high watermark, a replica's the log end.
func TestListOffsetsLatest(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1, 2}})
	c.mustProduce(orders, "a")
	c.cut(node(1), node(2))
	code, _ := c.produce(1, 1, orders, "b")
	require.Equal(t, wire.None, code)
	req := listOffsetsRequest(orders, -1)
	resp := c.request(1, req).(*kmsg.ListOffsetsResponse)
	require.EqualValues(t, 1, resp.Topics[0].Partitions[0].Offset)
	req.ReplicaID = 2
	resp = c.request(1, req).(*kmsg.ListOffsetsResponse)
	require.EqualValues(t, 2, resp.Topics[0].Partitions[0].Offset)
}
