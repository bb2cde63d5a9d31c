package replica_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker"
	"sandcastle/broker/brokertest"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

func TestListOffsets(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	c.MustProduce(orders, "a", "b", "c") // with timestamps 0, 1, 2
	c.MustProduce(orders, "d")           // with timestamp 0
	for _, row := range []struct{ timestamp, offset, at int64 }{
		{-2, 0, -1}, {-1, 4, -1}, {0, 0, 0}, {1, 1, 1}, {2, 2, 2}, {3, -1, -1}, {-3, 2, 2},
	} {
		resp := c.Request(1, brokertest.ListOffsetsRequest(orders, row.timestamp)).(*kmsg.ListOffsetsResponse)
		part := resp.Topics[0].Partitions[0]
		require.Zero(t, part.ErrorCode)
		require.Equal(t, row.offset, part.Offset, "timestamp %d", row.timestamp)
		require.Equal(t, row.at, part.Timestamp, "timestamp %d", row.timestamp)
	}
}

func TestListOffsetsFences(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	for _, row := range []struct {
		broker int
		tp     kafka.TopicPartition
		epoch  int32
		code   wire.Code
	}{
		{1, orders, 0, wire.None},
		{1, orders, 1, wire.UnknownLeaderEpoch},
		{2, orders, -1, wire.NotLeaderOrFollower},
		{1, tp("orders", 9), -1, wire.UnknownTopicOrPartition},
		{1, tp("nothing", 0), -1, wire.UnknownTopicOrPartition},
	} {
		req := brokertest.ListOffsetsRequest(row.tp, -1)
		req.Topics[0].Partitions[0].CurrentLeaderEpoch = row.epoch
		resp := c.Request(row.broker, req).(*kmsg.ListOffsetsResponse)
		require.Equal(t, row.code, wire.Code(resp.Topics[0].Partitions[0].ErrorCode), "%+v", row)
	}
}

// A consumer's latest offset is the high watermark, a replica's the log end.
func TestListOffsetsLatest(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	c.MustProduce(orders, "a")
	c.Cut(node(1), node(2))
	code, _ := c.Produce(1, 1, orders, "b")
	require.Equal(t, wire.None, code)
	req := brokertest.ListOffsetsRequest(orders, -1)
	resp := c.Request(1, req).(*kmsg.ListOffsetsResponse)
	require.EqualValues(t, 1, resp.Topics[0].Partitions[0].Offset)
	req.ReplicaID = 2
	resp = c.Request(1, req).(*kmsg.ListOffsetsResponse)
	require.EqualValues(t, 2, resp.Topics[0].Partitions[0].Offset)
}

// A new leader does not know what its predecessor had committed until its watermark has reached its
// epoch: until then it names no latest offset, nor says that there is no later record (KIP-207).
func TestListOffsetsAfterAnElection(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	c.MustProduce(orders, "a") // with timestamp 0
	c.Run(time.Second)
	c.Cut(node(1), node(2))
	code, _ := c.Produce(1, 1, orders, "b", "c") // with timestamps 0 and 1
	require.Equal(t, wire.None, code)
	c.Inside(1, func(b *broker.Broker, out *model.Effects) {
		p := part(b, orders)
		require.NoError(t, p.LeadAgain(out, 1))
	})
	ask := func(timestamp int64, version int16, replica int32) (wire.Code, int64) {
		req := brokertest.ListOffsetsRequest(orders, timestamp)
		req.SetVersion(version)
		req.ReplicaID = replica
		part := c.Request(1, req).(*kmsg.ListOffsetsResponse).Topics[0].Partitions[0]
		return wire.Code(part.ErrorCode), part.Offset
	}
	for _, row := range []struct {
		timestamp int64
		version   int16
		replica   int32
		code      wire.Code
		offset    int64
	}{
		{-1, 7, -1, wire.OffsetNotAvailable, -1},
		{-1, 4, -1, wire.LeaderNotAvailable, -1},
		{-1, 7, 2, wire.None, 3},
		{-2, 7, -1, wire.None, 0},
		{0, 7, -1, wire.None, 0},
		{1, 7, -1, wire.OffsetNotAvailable, -1},
		{1, 7, 2, wire.None, 2},
		{99, 7, -1, wire.OffsetNotAvailable, -1},
	} {
		code, offset := ask(row.timestamp, row.version, row.replica)
		require.Equal(t, row.code, code, "%+v", row)
		require.Equal(t, row.offset, offset, "%+v", row)
	}
}

// What a version does not know, a partition that is named twice, and a replica that is asked by a
// reader who says that it debugs.
func TestListOffsetsRefused(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	c.MustProduce(orders, "a")
	ask := func(id int, timestamp int64, version int16, replica int32, times int) (wire.Code, int64) {
		req := brokertest.ListOffsetsRequest(orders, timestamp)
		req.SetVersion(version)
		req.ReplicaID = replica
		parts := &req.Topics[0].Partitions
		for len(*parts) < times {
			*parts = append(*parts, (*parts)[0])
		}
		part := c.Request(id, req).(*kmsg.ListOffsetsResponse).Topics[0].Partitions[times-1]
		return wire.Code(part.ErrorCode), part.Offset
	}
	for _, row := range []struct {
		name      string
		id        int
		timestamp int64
		version   int16
		replica   int32
		times     int
		code      wire.Code
		offset    int64
	}{
		{"the largest timestamp", 1, -3, 7, -1, 1, wire.None, 0},
		{"before it was there", 1, -3, 6, -1, 1, wire.UnsupportedVersion, -1},
		{"the local log start", 1, -4, 7, -1, 1, wire.UnsupportedVersion, -1},
		{"any other", 1, -1 << 63, 7, -1, 1, wire.UnsupportedVersion, -1},
		{"named twice", 1, -1, 7, -1, 2, wire.InvalidRequest, -1},
		{"a follower", 2, -1, 7, -1, 1, wire.NotLeaderOrFollower, -1},
		{"a follower, asked by a replica", 2, -1, 7, 1, 1, wire.NotLeaderOrFollower, -1},
		{"a follower, to debug", 2, -1, 7, -2, 1, wire.None, 1},
	} {
		code, offset := ask(row.id, row.timestamp, row.version, row.replica, row.times)
		require.Equal(t, row.code, code, row.name)
		require.Equal(t, row.offset, offset, row.name)
	}
}

// Nothing is tiered: what is local begins where the log does, and nothing else is anywhere.
func TestListOffsetsOfTieredStorage(t *testing.T) {
	c := startCluster(t, 1)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1}})
	c.MustProduce(orders, "a")
	for _, row := range []struct {
		version   int16
		timestamp int64
		code      wire.Code
		offset    int64
	}{
		{9, -4, wire.None, 0}, {8, -4, wire.None, 0}, {7, -4, wire.UnsupportedVersion, -1},
		{9, -5, wire.None, -1}, {8, -5, wire.UnsupportedVersion, -1},
		{9, -6, wire.UnsupportedVersion, -1}, {6, -3, wire.UnsupportedVersion, -1},
	} {
		req := brokertest.ListOffsetsRequest(orders, row.timestamp)
		req.SetVersion(row.version)
		part := c.Request(1, req).(*kmsg.ListOffsetsResponse).Topics[0].Partitions[0]
		require.Equal(t, row.code, wire.Code(part.ErrorCode), "%+v", row)
		require.Equal(t, row.offset, part.Offset, "%+v", row)
	}
}
