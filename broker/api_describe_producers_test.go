package broker_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

func describeProducers(c *cluster, id int, tp kafka.TopicPartition,
) kmsg.DescribeProducersResponseTopicPartition {
	c.T.Helper()
	req := latest(kmsg.NewPtrDescribeProducersRequest())
	req.Topics = []kmsg.DescribeProducersRequestTopic{{
		Topic: tp.Topic, Partitions: []int32{tp.Partition},
	}}
	resp := c.Request(id, req).(*kmsg.DescribeProducersResponse)
	return resp.Topics[0].Partitions[0]
}

func TestDescribeProducers(t *testing.T) {
	c := startCluster(t, 3)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	require.Empty(t, describeProducers(c, 1, orders).ActiveProducers)
	for _, id := range []int64{4000, 17} {
		var b wire.BatchBuilder
		b.SetProducer(wire.BatchProducer{ID: id, Epoch: 3, BaseSequence: 0})
		b.Append(1234, nil, []byte("a"))
		b.Append(1235, nil, []byte("b"))
		require.Zero(t, produced(c.Request(1, produceRequest(-1, orders, b.Bytes()))).ErrorCode)
	}
	for broker := 1; broker <= 2; broker++ { // leader and follower
		part := describeProducers(c, broker, orders)
		require.Zero(t, part.ErrorCode)
		require.Len(t, part.ActiveProducers, 2)
		p := part.ActiveProducers[0]
		require.EqualValues(t, 17, p.ProducerID)
		require.EqualValues(t, 3, p.ProducerEpoch)
		require.EqualValues(t, 1, p.LastSequence)
		require.EqualValues(t, 1235, p.LastTimestamp)
		require.EqualValues(t, -1, p.CurrentTxnStartOffset)
		require.EqualValues(t, -1, p.CoordinatorEpoch)
	}
	for tp, code := range map[kafka.TopicPartition]wire.Code{
		orders: wire.NotLeaderOrFollower, tp("orders", 8): wire.UnknownTopicOrPartition,
		tp("nothing", 0): wire.UnknownTopicOrPartition, tp("a/b", 0): wire.InvalidTopicException,
	} {
		require.Equal(t, code, wire.Code(describeProducers(c, 3, tp).ErrorCode), tp)
	}
}
