package replica_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker"
	"sandcastle/broker/brokertest"
	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

func TestProduceWithAcks(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	code, base := c.Produce(1, 1, orders, "a", "b")
	require.Equal(t, wire.None, code)
	require.EqualValues(t, 0, base)
	code, base = c.Produce(1, -1, orders, "c")
	require.Equal(t, wire.None, code)
	require.EqualValues(t, 2, base)
	require.EqualValues(t, 3, c.View(1, orders).HighWatermark, "acknowledged means replicated")
	require.EqualValues(t, 3, c.View(2, orders).LogEnd)
}

// acks=0 gets no reply at all; the next request of the connection gets the next one.
func TestProduceWithoutAcks(t *testing.T) {
	c := startCluster(t, 1)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1}})
	l := c.Dial(1)
	l.Send(produceRequest(0, orders, batch("a")))
	l.Call(kmsg.NewPtrApiVersionsRequest())
	require.EqualValues(t, 1, c.View(1, orders).LogEnd)

	l.Send(produceRequest(0, tp("nothing", 0), batch("a")))
	c.Eventually(time.Second, "an error shows as a closed connection", func() bool { return l.Closed })
	require.Empty(t, l.Replies)
}

func TestProduceRefused(t *testing.T) {
	c := startCluster(t, 2, "offsets.topic.num.partitions=1", "offsets.topic.replication.factor=1")
	orders, offsets := tp("orders", 0), tp(kafka.OffsetsTopic, 0)
	c.CreateTopic("orders", [][]int32{{1, 2}}, "max.message.bytes=1000")
	c.FindCoordinator("billing")
	good := batch("a")
	crc := batch("a")
	crc[len(crc)-1] ^= 1
	for _, row := range []struct {
		name    string
		broker  int
		acks    int16
		tp      kafka.TopicPartition
		records []byte
		code    wire.Code
	}{
		{"acks 2", 1, 2, orders, good, wire.InvalidRequiredAcks},
		{"acks -2", 1, -2, orders, good, wire.InvalidRequiredAcks},
		{"acks 2, unknown topic", 1, 2, tp("nothing", 0), good, wire.UnknownTopicOrPartition},
		{"acks 2, no records", 1, 2, orders, nil, wire.InvalidRecord},
		{"follower, no records", 2, 1, orders, nil, wire.InvalidRecord},
		{"unknown topic", 1, 1, tp("nothing", 0), good, wire.UnknownTopicOrPartition},
		{"unknown partition", 1, 1, tp("orders", 1), good, wire.UnknownTopicOrPartition},
		{"negative partition", 1, 1, tp("orders", -1), good, wire.UnknownTopicOrPartition},
		{"follower", 2, 1, orders, good, wire.NotLeaderOrFollower},
		{"internal topic", c.Leader(offsets), 1, offsets, good, wire.InvalidTopicException},
		{"CRC", 1, 1, orders, crc, wire.CorruptMessage},
		{"no records", 1, 1, orders, nil, wire.InvalidRecord},
		{"too large", 1, 1, orders, batch(string(make([]byte, 1000))), wire.MessageTooLarge},
		{"two batches", 1, 1, orders, append(batch("a"), batch("b")...), wire.InvalidRecord},
	} {
		t.Run(row.name, func(t *testing.T) {
			req := produceRequest(row.acks, row.tp, row.records)
			part := produced(c.Request(row.broker, req))
			require.Equal(t, row.code, wire.Code(part.ErrorCode))
			require.EqualValues(t, -1, part.BaseOffset)
		})
	}
	require.Zero(t, c.View(1, orders).LogEnd)
}

// One request may succeed in one partition and fail in others.
func TestProduceToManyPartitions(t *testing.T) {
	c := startCluster(t, 2)
	c.CreateTopic("orders", [][]int32{{1, 2}, {2, 1}, {1, 2}})
	req := latest(kmsg.NewPtrProduceRequest())
	req.Acks, req.TimeoutMillis = -1, 5000
	topic := kmsg.NewProduceRequestTopic()
	topic.Topic = "orders"
	for _, n := range []int32{0, 1, 2, 3} {
		part := kmsg.NewProduceRequestTopicPartition()
		part.Partition, part.Records = n, batch("a")
		topic.Partitions = append(topic.Partitions, part)
	}
	req.Topics = append(req.Topics, topic)
	var codes []wire.Code
	var bases []int64
	for _, part := range c.Request(1, req).(*kmsg.ProduceResponse).Topics[0].Partitions {
		codes = append(codes, wire.Code(part.ErrorCode))
		bases = append(bases, part.BaseOffset)
	}
	require.Equal(t, []wire.Code{
		wire.None, wire.NotLeaderOrFollower, wire.None, wire.UnknownTopicOrPartition,
	}, codes)
	require.Equal(t, []int64{0, -1, 0, -1}, bases)
}

// Below min.insync.replicas acks=all is refused before anything is written; acks=1 is not.
func TestProduceWithTooFewReplicas(t *testing.T) {
	c := startCluster(t, 2, "replica.lag.time.max.ms=2000")
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}}, "min.insync.replicas=2")
	c.Cut(node(2), node(1))
	code, _ := c.Produce(1, 1, orders, "a")
	require.Equal(t, wire.None, code)
	c.Eventually(10*time.Second, "the ISR shrinks", func() bool { return len(c.ISR(orders)) == 1 })
	code, base := c.Produce(1, -1, orders, "b")
	require.Equal(t, wire.NotEnoughReplicas, code)
	require.EqualValues(t, -1, base)
	require.EqualValues(t, 1, c.View(1, orders).LogEnd)
	code, _ = c.Produce(1, 1, orders, "c")
	require.Equal(t, wire.None, code)
	require.Zero(t, c.View(1, orders).HighWatermark, "nothing is committed by less than two")
}

// The ISR shrinks below min.insync.replicas while a write waits: the high watermark stands still
// from then on (KAFKA-15583), so the write ends with its timeout, its record in the log all the
// same.
func TestProduceTimesOutWhenTheISRShrinks(t *testing.T) {
	c := startCluster(t, 2, "replica.lag.time.max.ms=2000")
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}}, "min.insync.replicas=2")
	c.Cut(node(2), node(1))
	start := c.Sim.Now()
	code, base := c.Produce(1, -1, orders, "a")
	require.Equal(t, wire.RequestTimedOut, code)
	require.EqualValues(t, -1, base)
	require.Equal(t, 5*time.Second, c.Sim.Now().Sub(start).Truncate(time.Second))
	require.Equal(t, []int32{1}, c.ISR(orders))
	require.EqualValues(t, 1, c.View(1, orders).LogEnd)
	require.Zero(t, part(c.Broker(1), orders).Waiting())
}

// When a follower falls out and enough are left, the write that waited for it is acknowledged.
func TestProduceIsReleasedByAShrink(t *testing.T) {
	c := startCluster(t, 3, "replica.lag.time.max.ms=2000")
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2, 3}}, "min.insync.replicas=2")
	c.Cut(node(3), node(1))
	code, base := c.Produce(1, -1, orders, "a")
	require.Equal(t, wire.None, code)
	require.Zero(t, base)
	require.Equal(t, []int32{1, 2}, c.ISR(orders))
}

// A leader that is told to follow tells those who wait.
func TestProduceAtALeaderThatIsDeposed(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	c.Cut(node(2), node(1)) // a broker that is the controller talks to itself without a network
	l := c.Dial(1)
	req := produceRequest(-1, orders, batch("a"))
	id := l.Send(req)
	c.Run(100 * time.Millisecond)
	require.Empty(t, l.Replies)
	c.becomeFollower(1, orders, 2)
	part := produced(l.Receive(req, id))
	require.Equal(t, wire.NotLeaderOrFollower, wire.Code(part.ErrorCode))
}

// becomeFollower tells broker id, as a controller would, that leader leads tp from now on.
func (c *cluster) becomeFollower(id int, tp kafka.TopicPartition, leader int32) {
	c.T.Helper()
	b := c.Broker(id)
	req := leaderAndIsrRequest(b, tp, leader, int32(part(b, tp).Epoch())+1)
	resp := c.Dial(id).Call(req).(*kmsg.LeaderAndISRResponse)
	require.Zero(c.T, resp.ErrorCode)
	require.Zero(c.T, resp.Topics[0].Partitions[0].ErrorCode)
}

// leaderAndIsrRequest is what the controller that b knows would say of tp.
func leaderAndIsrRequest(b *broker.Broker, tp kafka.TopicPartition, leader, epoch int32,
) *kmsg.LeaderAndISRRequest {
	held := b.Replicas()
	s := brokertest.LeaderState{
		TP: tp, Controller: int32(held.Peers().Controller()),
		ControllerEpoch: int32(held.ControllerEpoch()), BrokerEpoch: held.Membership().BrokerEpoch(),
		Leader: leader, LeaderEpoch: epoch, Replicas: []int32{int32(b.ID()), leader},
	}
	if p := part(b, tp); p != nil {
		s.Replicas, s.Version = brokertest.Ints(p.Assigned()), p.Version()+1
	}
	return brokertest.LeaderAndIsrRequest(s)
}
