package replica_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

func deleteRequest(tp kafka.TopicPartition, before int64, timeout int32) *kmsg.DeleteRecordsRequest {
	req := kmsg.NewPtrDeleteRecordsRequest()
	req.SetVersion(2)
	req.TimeoutMillis = timeout
	t := kmsg.NewDeleteRecordsRequestTopic()
	t.Topic = tp.Topic
	part := kmsg.NewDeleteRecordsRequestTopicPartition()
	part.Partition, part.Offset = tp.Partition, before
	t.Partitions = append(t.Partitions, part)
	req.Topics = append(req.Topics, t)
	return req
}

type deletion struct {
	code wire.Code
	low  int64
}

func deleted(resp kmsg.Response) deletion {
	part := resp.(*kmsg.DeleteRecordsResponse).Topics[0].Partitions[0]
	return deletion{wire.Code(part.ErrorCode), part.LowWatermark}
}

func (c *cluster) deleteRecords(id int, tp kafka.TopicPartition, before int64) deletion {
	return deleted(c.Request(id, deleteRequest(tp, before, 5000)))
}

func TestDeleteRecords(t *testing.T) {
	c := startCluster(t, 2)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	orders := tp("orders", 0)
	for range 5 {
		c.MustProduce(orders, "a")
	}
	require.Equal(t, deletion{wire.None, 3}, c.deleteRecords(1, orders, 3))
	require.EqualValues(t, 3, c.View(2, orders).LogStart, "answered when the follower has moved too")
	require.Equal(t, deletion{wire.None, 3}, c.deleteRecords(1, orders, 1), "it never moves back")
	require.Equal(t, deletion{wire.None, 5}, c.deleteRecords(1, orders, -1))
	code, got := c.Fetch(1, orders, 5)
	require.Equal(t, wire.None, code)
	require.Empty(t, got)
}

func TestDeleteRecordsRefused(t *testing.T) {
	c := startCluster(t, 2, "offsets.topic.num.partitions=1", "offsets.topic.replication.factor=1")
	c.CreateTopic("orders", [][]int32{{1, 2}})
	c.CreateTopic("facts", [][]int32{{1}}, "cleanup.policy=compact")
	c.FindCoordinator("billing")
	orders := tp("orders", 0)
	c.MustProduce(orders, "a")
	for _, row := range []struct {
		broker int
		tp     kafka.TopicPartition
		before int64
		code   wire.Code
	}{
		{1, orders, 2, wire.OffsetOutOfRange},
		{1, orders, -2, wire.OffsetOutOfRange},
		{2, orders, 1, wire.NotLeaderOrFollower},
		{1, tp("nothing", 0), 0, wire.UnknownTopicOrPartition},
		{1, tp("facts", 0), 0, wire.PolicyViolation},
		{1, tp(kafka.OffsetsTopic, 0), 0, wire.InvalidTopicException},
	} {
		require.Equal(t, deletion{row.code, -1}, c.deleteRecords(row.broker, row.tp, row.before), "%+v", row)
	}
	require.EqualValues(t, 0, c.View(1, orders).LogStart)
}

// A follower that cannot be reached is waited for, until the request's time is up or the leader is
// deposed; the records are gone here all the same.
func TestDeleteRecordsWaits(t *testing.T) {
	c := startCluster(t, 2)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	orders := tp("orders", 0)
	c.MustProduce(orders, "a", "b")
	c.Cut(node(1), node(2))
	require.Equal(t, deletion{wire.RequestTimedOut, -1},
		deleted(c.Request(1, deleteRequest(orders, 2, 1000))))
	require.EqualValues(t, 2, c.View(1, orders).LogStart)
	require.Zero(t, part(c.Broker(1), orders).Waiting())

	l := c.Dial(1)
	req := deleteRequest(orders, 2, 60_000)
	at := l.Send(req)
	c.Run(100 * time.Millisecond)
	c.becomeFollower(1, orders, 2)
	require.Equal(t, deletion{wire.NotLeaderOrFollower, -1}, deleted(l.Receive(req, at)))
}

// Of a partition that is named twice the last offset counts, and it is answered once; a topic that
// is named twice is one topic of the answer.
func TestOnePartitionTwiceInADeletion(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("orders", [][]int32{{1}, {1}})
	c.MustProduce(tp("orders", 0), "a", "b", "c")
	req := deleteRequest(tp("orders", 0), 2, 5000)
	req.Topics = append(req.Topics, deleteRequest(tp("orders", 1), 0, 0).Topics[0],
		deleteRequest(tp("orders", 0), 1, 0).Topics[0])
	resp := c.Request(1, req).(*kmsg.DeleteRecordsResponse)
	require.Len(t, resp.Topics, 1)
	require.Len(t, resp.Topics[0].Partitions, 2)
	require.Equal(t, deletion{wire.None, 1}, deleted(resp))
	require.EqualValues(t, 1, c.View(1, tp("orders", 0)).LogStart)
}
