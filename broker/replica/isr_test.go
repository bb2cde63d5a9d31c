package replica_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker"
	"sandcastle/broker/brokertest"
	"sandcastle/broker/config"
	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/sim"
)

// A follower that does not fetch leaves the ISR after replica.lag.time.max.ms, at most half of that
// later, and is back as soon as it has caught up.
func TestISRShrinksAndExpands(t *testing.T) {
	for _, variant := range config.ISRVariants() {
		t.Run(variant, func(t *testing.T) { testISRShrinksAndExpands(t, "isr="+variant) })
	}
}

func testISRShrinksAndExpands(t *testing.T, variant string) {
	c := startCluster(t, 3, "replica.lag.time.max.ms=2000", variant)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2, 3}})
	c.MustProduce(orders, "a")
	require.Equal(t, []int32{1, 2, 3}, c.ISR(orders))

	c.Cut(node(3), node(1))
	start := c.Sim.Now()
	c.MustProduce(orders, "b") // acknowledged when the ISR has shrunk
	require.Equal(t, []int32{1, 2}, c.ISR(orders))
	took := c.Sim.Now().Sub(start)
	require.GreaterOrEqual(t, took, 1500*time.Millisecond) // its last fetch may be 500 ms old
	require.Less(t, took, 3*time.Second+100*time.Millisecond)

	c.Sim.HealAll()
	c.Eventually(10*time.Second, "it is back", func() bool {
		return slices.Equal(c.ISR(orders), []int32{1, 2, 3})
	})
	require.EqualValues(t, 2, c.View(3, orders).LogEnd)
	require.Equal(t, 1, c.Noted(kafka.ISRShrunk, node(1), orders))
	require.Equal(t, 1, c.Noted(kafka.ISRExpanded, node(1), orders))
	c.Run(20 * time.Second)
	for id := 1; id <= 3; id++ {
		require.Len(t, c.Metadata(id, false, "orders").Topics[0].Partitions[0].ISR, 3, "broker %d hears of it", id)
	}
}

// Where nothing is written, a silent follower holds everything there is and stays in sync
// (ReplicaState.isCaughtUp, 3.9).
func TestIdlePartitionKeepsItsISR(t *testing.T) {
	c := startCluster(t, 2, "replica.lag.time.max.ms=2000")
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	c.MustProduce(orders, "a")
	c.Cut(node(2), node(1))
	c.Run(10 * time.Second)
	require.Equal(t, []int32{1, 2}, c.ISR(orders))
}

// While fewer are in sync than must be, nothing is committed; as soon as enough are, everything is.
func TestHighWatermarkStandsStillBelowMinISR(t *testing.T) {
	c := startCluster(t, 3, "replica.lag.time.max.ms=2000")
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2, 3}}, "min.insync.replicas=2")
	c.MustProduce(orders, "a")
	c.Cut(node(1), node(2), node(3))
	for _, v := range []string{"b", "c"} {
		code, _ := c.Produce(1, 1, orders, v)
		require.Equal(t, wire.None, code)
	}
	c.Eventually(10*time.Second, "the leader is alone", func() bool { return len(c.ISR(orders)) == 1 })
	c.Run(5 * time.Second)
	require.EqualValues(t, 1, c.View(1, orders).HighWatermark)
	require.EqualValues(t, 3, c.View(1, orders).LogEnd)
	c.Sim.HealAll()
	c.Eventually(20*time.Second, "all is committed everywhere", func() bool {
		for id := 1; id <= 3; id++ {
			if c.View(id, orders).HighWatermark != 3 {
				return false
			}
		}
		return true
	})
}

// A change of the ISR that waits for ZooKeeper does not count yet where it would commit more: the
// high watermark waits for the member that is to go.
func TestPendingShrinkDoesNotCommit(t *testing.T) {
	c := startCluster(t, 2, "replica.lag.time.max.ms=2000")
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	c.MustProduce(orders, "a")
	c.Cut(node(1), node(2), brokertest.ZooKeeper)
	code, _ := c.Produce(1, 1, orders, "b")
	require.Equal(t, wire.None, code)
	p := part(c.Broker(1), orders)
	c.Eventually(10*time.Second, "the leader wants to shrink", func() bool { return p.Pending() != nil })
	require.Equal(t, []kafka.BrokerID{1}, p.Pending())
	c.Run(time.Second)
	require.EqualValues(t, 1, p.HighWatermark())
	require.Equal(t, []kafka.BrokerID{1, 2}, p.Committed())
}

// Somebody else wrote the partition's state first: the leader makes no further change before it
// knows the new version (Partition.handleAlterPartitionError, 3.9).
func TestISRChangeThatIsLostToAnother(t *testing.T) {
	c := startCluster(t, 2, "replica.lag.time.max.ms=2000", "isr=zk")
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	b := c.Broker(1)
	p := part(b, orders)
	c.writeState(2, orders, znode.PartitionState{
		Leader: 1, LeaderEpoch: p.Epoch(), ISR: []kafka.BrokerID{2, 1}, ControllerEpoch: 1,
	})
	c.Cut(node(1), node(2))
	code, _ := c.Produce(1, 1, orders, "a")
	require.Equal(t, wire.None, code)
	c.Run(10 * time.Second)
	require.Equal(t, []kafka.BrokerID{1, 2}, p.Committed())
	require.Zero(t, p.HighWatermark())
	require.Equal(t, []kafka.BrokerID{1}, p.Pending(), "until it is told what is true, both count")

	req := leaderAndIsrRequest(b, orders, 1, int32(p.Epoch())+1)
	resp := c.Request(1, req).(*kmsg.LeaderAndISRResponse)
	require.Zero(t, resp.Topics[0].Partitions[0].ErrorCode)
	c.Eventually(10*time.Second, "the next one succeeds", func() bool {
		return slices.Equal(p.Committed(), []kafka.BrokerID{1})
	})
	require.EqualValues(t, 1, p.HighWatermark())
}

// writeState overwrites the state of tp in ZooKeeper through broker id's session.
func (c *cluster) writeState(id int, tp kafka.TopicPartition, s znode.PartitionState) {
	done := false
	c.Inside(id, func(b *broker.Broker, out *model.Effects) {
		b.Replicas().ZooKeeper().Set(out, znode.PartitionStatePath(tp), znode.EncodePartitionState(s), -1,
			func(_ *model.Effects, r zookeeper.Result) {
				require.Equal(c.T, zookeeper.ErrNone, r.Err)
				done = true
			})
	})
	c.Eventually(time.Second, "the state is written", func() bool { return done })
}

// The reply to a change that took place is lost with the connection: the leader looks what became
// of it.
func TestISRChangeWhoseReplyIsLost(t *testing.T) {
	c := startCluster(t, 2, "replica.lag.time.max.ms=2000", "isr=zk")
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	p := part(c.Broker(1), orders)
	c.Cut(node(1), node(2))
	code, _ := c.Produce(1, 1, orders, "a")
	require.Equal(t, wire.None, code)
	c.Eventually(5*time.Second, "the leader wants to shrink", func() bool { return p.Pending() != nil })
	dropped := c.dropReplies("zk.setData")
	c.Run(time.Second)
	require.Equal(t, 1, *dropped)
	require.NotNil(t, p.Pending())
	c.Sim.HealAll()
	c.Cut(node(1), node(2))
	c.Sim.Reset(node(1), brokertest.ZooKeeper)
	c.Eventually(5*time.Second, "it finds its own write", func() bool { return p.Pending() == nil })
	require.Equal(t, []kafka.BrokerID{1}, p.Committed())
	require.EqualValues(t, 1, p.HighWatermark())
}

// dropReplies loses every reply of that name until HealAll, and counts them.
func (c *cluster) dropReplies(name string) *int {
	n := new(int)
	c.Sim.AddFilter(func(_, _ model.NodeID, l model.Label, _ []byte) (sim.Verdict, time.Duration) {
		if l.Name != name || !l.Reply {
			return sim.Pass, 0
		}
		*n++
		return sim.Drop, 0
	})
	return n
}

// The request for a change never reached ZooKeeper: it is made again.
func TestISRChangeThatIsLost(t *testing.T) {
	c := startCluster(t, 2, "replica.lag.time.max.ms=2000", "isr=zk")
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	p := part(c.Broker(1), orders)
	c.Cut(node(1), node(2), brokertest.ZooKeeper)
	code, _ := c.Produce(1, 1, orders, "a")
	require.Equal(t, wire.None, code)
	c.Eventually(5*time.Second, "the leader wants to shrink", func() bool { return p.Pending() != nil })
	c.Run(10 * time.Second) // too short for the session, long enough for the connection
	c.Sim.Heal(node(1), brokertest.ZooKeeper)
	c.Sim.Heal(brokertest.ZooKeeper, node(1))
	c.Eventually(10*time.Second, "it succeeds", func() bool {
		return slices.Equal(p.Committed(), []kafka.BrokerID{1})
	})
	require.EqualValues(t, 1, p.HighWatermark())
}

// A leader that goes on in a new epoch knows where its followers are; a new one does not. Those
// that were not in sync hold nothing up (Replica.resetReplicaState, 3.9).
func TestFollowersAtAnElection(t *testing.T) {
	c := startCluster(t, 3)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2, 3}}, "min.insync.replicas=1")
	c.MustProduce(orders, "a")
	c.Eventually(time.Second, "all have it", func() bool { return c.Settled(orders, 1, 2, 3) })
	c.Cut(node(1), node(2), node(3))
	lead := func(leader int32, epoch int32) {
		req := leaderAndIsrRequest(c.Broker(1), orders, leader, epoch)
		req.TopicStates[0].PartitionStates[0].ISR = []int32{1, 2}
		require.Zero(t, c.Request(1, req).(*kmsg.LeaderAndISRResponse).ErrorCode)
	}
	p := part(c.Broker(1), orders)
	lead(1, 1)
	for _, f := range p.Followers() {
		require.EqualValues(t, 1, f.LogEnd(), "of broker %d", f.ID())
		require.True(t, p.CaughtUp(c.Sim.Now(), f))
	}
	code, _ := c.Produce(1, 1, orders, "b")
	require.Equal(t, wire.None, code)
	require.True(t, p.CaughtUp(c.Sim.Now(), p.Follower(2)))
	require.False(t, p.CaughtUp(c.Sim.Now(), p.Follower(3)))
	lead(2, 2)
	require.Empty(t, p.Followers())
	lead(1, 3)
	for _, f := range p.Followers() {
		require.Equal(t, kafka.NoOffset, f.LogEnd())
		require.Equal(t, f.ID() == 2, p.CaughtUp(c.Sim.Now(), f))
	}
}
