package broker

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/config"
	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

func TestProduceWithAcks(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1, 2}})
	code, base := c.produce(1, 1, orders, "a", "b")
	require.Equal(t, wire.None, code)
	require.EqualValues(t, 0, base)
	code, base = c.produce(1, -1, orders, "c")
	require.Equal(t, wire.None, code)
	require.EqualValues(t, 2, base)
	require.EqualValues(t, 3, c.view(1, orders).HighWatermark, "acknowledged means replicated")
	require.EqualValues(t, 3, c.view(2, orders).LogEnd)
}

// acks=0 gets no reply at all; the next request of the connection gets the next one.
func TestProduceWithoutAcks(t *testing.T) {
	c := startCluster(t, 1)
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1}})
	l := c.dial(1)
	l.send(produceRequest(0, orders, batch("a")))
	l.call(kmsg.NewPtrApiVersionsRequest())
	require.EqualValues(t, 1, c.view(1, orders).LogEnd)

	l.send(produceRequest(0, tp("nothing", 0), batch("a")))
	c.eventually(time.Second, "an error shows as a closed connection", func() bool { return l.closed })
	require.Empty(t, l.replies)
}

func TestProduceRefused(t *testing.T) {
	c := startCluster(t, 2, "offsets.topic.num.partitions=1", "offsets.topic.replication.factor=1")
	orders, offsets := tp("orders", 0), tp(offsetsTopic, 0)
	c.createTopic("orders", [][]int32{{1, 2}}, "max.message.bytes=1000")
	c.findCoordinator("billing")
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
		{"acks 2, unknown topic", 1, 2, tp("nothing", 0), good, wire.InvalidRequiredAcks},
		{"unknown topic", 1, 1, tp("nothing", 0), good, wire.UnknownTopicOrPartition},
		{"unknown partition", 1, 1, tp("orders", 1), good, wire.UnknownTopicOrPartition},
		{"negative partition", 1, 1, tp("orders", -1), good, wire.UnknownTopicOrPartition},
		{"follower", 2, 1, orders, good, wire.NotLeaderOrFollower},
		{"internal topic", c.leader(offsets), 1, offsets, good, wire.InvalidTopicException},
		{"CRC", 1, 1, orders, crc, wire.CorruptMessage},
		{"no records", 1, 1, orders, nil, wire.CorruptMessage},
		{"too large", 1, 1, orders, batch(string(make([]byte, 1000))), wire.MessageTooLarge},
		{"two batches", 1, 1, orders, append(batch("a"), batch("b")...), wire.InvalidRecord},
	} {
		t.Run(row.name, func(t *testing.T) {
			req := produceRequest(row.acks, row.tp, row.records)
			part := produced(c.request(row.broker, req))
			require.Equal(t, row.code, wire.Code(part.ErrorCode))
			require.EqualValues(t, -1, part.BaseOffset)
		})
	}
	require.Zero(t, c.view(1, orders).LogEnd)
}

// One request may succeed in one partition and fail in others.
func TestProduceToManyPartitions(t *testing.T) {
	c := startCluster(t, 2)
	c.createTopic("orders", [][]int32{{1, 2}, {2, 1}, {1, 2}})
	req := latest(kmsg.NewPtrProduceRequest())
	req.Acks, req.TimeoutMillis = -1, 5000
	topic := kmsg.NewProduceRequestTopic()
	topic.Topic = "orders"
	for _, n := range []int32{0, 1, 2, 3, 0} {
		part := kmsg.NewProduceRequestTopicPartition()
		part.Partition, part.Records = n, batch("a")
		topic.Partitions = append(topic.Partitions, part)
	}
	req.Topics = append(req.Topics, topic)
	var codes []wire.Code
	var bases []int64
	for _, part := range c.request(1, req).(*kmsg.ProduceResponse).Topics[0].Partitions {
		codes = append(codes, wire.Code(part.ErrorCode))
		bases = append(bases, part.BaseOffset)
	}
	require.Equal(t, []wire.Code{
		wire.None, wire.NotLeaderOrFollower, wire.None, wire.UnknownTopicOrPartition, wire.None,
	}, codes)
	require.Equal(t, []int64{0, -1, 0, -1, 1}, bases)
}

// Below min.insync.replicas acks=all is refused before anything is written; acks=1 is not.
func TestProduceWithTooFewReplicas(t *testing.T) {
	c := startCluster(t, 2, "replica.lag.time.max.ms=2000")
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1, 2}}, "min.insync.replicas=2")
	c.cut(node(2), node(1))
	code, _ := c.produce(1, 1, orders, "a")
	require.Equal(t, wire.None, code)
	c.eventually(10*time.Second, "the ISR shrinks", func() bool { return len(c.isr(orders)) == 1 })
	code, base := c.produce(1, -1, orders, "b")
	require.Equal(t, wire.NotEnoughReplicas, code)
	require.EqualValues(t, -1, base)
	require.EqualValues(t, 1, c.view(1, orders).LogEnd)
	code, _ = c.produce(1, 1, orders, "c")
	require.Equal(t, wire.None, code)
	require.Zero(t, c.view(1, orders).HighWatermark, "nothing is committed by less than two")
}

// The ISR shrinks below min.insync.replicas while a write waits: the high watermark stands still
// from then on (KAFKA-15583), so the write ends with its timeout, its record in the log all the
// same.
func TestProduceTimesOutWhenTheISRShrinks(t *testing.T) {
	c := startCluster(t, 2, "replica.lag.time.max.ms=2000")
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1, 2}}, "min.insync.replicas=2")
	c.cut(node(2), node(1))
	start := c.world.Now()
	code, base := c.produce(1, -1, orders, "a")
	require.Equal(t, wire.RequestTimedOut, code)
	require.EqualValues(t, -1, base)
	require.Equal(t, 5*time.Second, c.world.Now().Sub(start).Truncate(time.Second))
	require.Equal(t, []int32{1}, c.isr(orders))
	require.EqualValues(t, 1, c.view(1, orders).LogEnd)
	require.Empty(t, c.broker(1).partitions[orders].produces)
}

// A write whose offset the high watermark has reached, while fewer are in sync than must be, says
// NOT_ENOUGH_REPLICAS_AFTER_APPEND. Since the watermark stands still meanwhile (KAFKA-15583), only
// the rule itself can be shown, not a story that leads there.
func TestOutcomeOfAWrite(t *testing.T) {
	p := &Partition{
		role: roleLeader, highWatermark: 5, replicas: []kafka.BrokerID{1, 2, 3},
		cfg: config.Topic{MinInSyncReplicas: 2},
	}
	for _, row := range []struct {
		name               string
		role               role
		required           kafka.Offset
		committed, pending []kafka.BrokerID
		code               wire.Code
		settled            bool
	}{
		{"reached", roleLeader, 5, []kafka.BrokerID{1, 2}, nil, wire.None, true},
		{"not reached", roleLeader, 6, []kafka.BrokerID{1, 2}, nil, wire.None, false},
		{"reached by one", roleLeader, 5, []kafka.BrokerID{1}, nil,
			wire.NotEnoughReplicasAfterAppend, true},
		{"one is about to join", roleLeader, 5, []kafka.BrokerID{1}, []kafka.BrokerID{1, 2},
			wire.None, true},
		{"not reached by one", roleLeader, 6, []kafka.BrokerID{1}, nil, wire.None, false},
		{"not the leader", roleFollower, 5, []kafka.BrokerID{1, 2}, nil,
			wire.NotLeaderOrFollower, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			p.role, p.isr = row.role, isrState{committed: row.committed, pending: row.pending}
			code, settled := (&producePart{p: p, required: row.required}).outcome()
			require.Equal(t, row.code, code)
			require.Equal(t, row.settled, settled)
		})
	}
}

// When a follower falls out and enough are left, the write that waited for it is acknowledged.
func TestProduceIsReleasedByAShrink(t *testing.T) {
	c := startCluster(t, 3, "replica.lag.time.max.ms=2000")
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1, 2, 3}}, "min.insync.replicas=2")
	c.cut(node(3), node(1))
	code, base := c.produce(1, -1, orders, "a")
	require.Equal(t, wire.None, code)
	require.Zero(t, base)
	require.Equal(t, []int32{1, 2}, c.isr(orders))
}

// A leader that is told to follow tells those who wait.
func TestProduceAtALeaderThatIsDeposed(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1, 2}})
	c.cut(node(2), node(1)) // a broker that is the controller talks to itself without a network
	l := c.dial(1)
	req := produceRequest(-1, orders, batch("a"))
	id := l.send(req)
	c.run(100 * time.Millisecond)
	require.Empty(t, l.replies)
	c.becomeFollower(1, orders, 2)
	part := produced(l.receive(req, id))
	require.Equal(t, wire.NotLeaderOrFollower, wire.Code(part.ErrorCode))
}

// becomeFollower tells broker id, as a controller would, that leader leads tp from now on.
func (c *cluster) becomeFollower(id int, tp kafka.TopicPartition, leader int32) {
	c.t.Helper()
	b := c.broker(id)
	req := leaderAndIsrRequest(b, tp, leader, int32(b.partitions[tp].leaderEpoch)+1)
	resp := c.dial(id).call(req).(*kmsg.LeaderAndISRResponse)
	require.Zero(c.t, resp.ErrorCode)
	require.Zero(c.t, resp.Topics[0].Partitions[0].ErrorCode)
}

// leaderAndIsrRequest is what the controller that b knows would say of tp.
func leaderAndIsrRequest(b *Broker, tp kafka.TopicPartition, leader, epoch int32,
) *kmsg.LeaderAndISRRequest {
	req := latest(kmsg.NewPtrLeaderAndISRRequest())
	req.ControllerID, req.ControllerEpoch = int32(b.metadata.controller), int32(b.controllerEpoch)
	req.BrokerEpoch = b.registered.epoch
	ps := kmsg.NewLeaderAndISRRequestTopicPartition()
	ps.Partition, ps.Leader, ps.LeaderEpoch = tp.Partition, leader, epoch
	ps.ControllerEpoch = req.ControllerEpoch
	ps.Replicas = []int32{int32(b.cfg.ID), leader}
	if p := b.partitions[tp]; p != nil {
		ps.Replicas = ints(p.replicas)
		ps.ZKVersion = p.isr.version + 1
	}
	ps.ISR = ps.Replicas
	topic := kmsg.NewLeaderAndISRRequestTopicState()
	topic.Topic, topic.PartitionStates = tp.Topic, []kmsg.LeaderAndISRRequestTopicPartition{ps}
	req.TopicStates = append(req.TopicStates, topic)
	return req
}
