package broker

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

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
	c.createTopic("orders", [][]int32{{1, 2, 3}})
	c.mustProduce(orders, "a")
	require.Equal(t, []int32{1, 2, 3}, c.isr(orders))

	c.cut(node(3), node(1))
	start := c.world.Now()
	c.mustProduce(orders, "b") // acknowledged when the ISR has shrunk
	require.Equal(t, []int32{1, 2}, c.isr(orders))
	took := c.world.Now().Sub(start)
	require.GreaterOrEqual(t, took, 1500*time.Millisecond) // its last fetch may be 500 ms old
	require.Less(t, took, 3*time.Second+100*time.Millisecond)

	c.world.HealAll()
	c.eventually(10*time.Second, "it is back", func() bool {
		return slices.Equal(c.isr(orders), []int32{1, 2, 3})
	})
	require.EqualValues(t, 2, c.view(3, orders).LogEnd)
	require.Equal(t, 1, c.noted(kafka.ISRShrunk, node(1), orders))
	require.Equal(t, 1, c.noted(kafka.ISRExpanded, node(1), orders))
	c.eventually(20*time.Second, "every broker hears of it", func() bool {
		for id := 1; id <= 3; id++ {
			if len(c.broker(id).metadata.partitions[orders].isr) != 3 {
				return false
			}
		}
		return true
	})
}

// Where nothing is written, a silent follower holds everything there is and stays in sync
// (ReplicaState.isCaughtUp, 3.9).
func TestIdlePartitionKeepsItsISR(t *testing.T) {
	c := startCluster(t, 2, "replica.lag.time.max.ms=2000")
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1, 2}})
	c.mustProduce(orders, "a")
	c.cut(node(2), node(1))
	c.run(10 * time.Second)
	require.Equal(t, []int32{1, 2}, c.isr(orders))
}

// While fewer are in sync than must be, nothing is committed; as soon as enough are, everything is.
func TestHighWatermarkStandsStillBelowMinISR(t *testing.T) {
	c := startCluster(t, 3, "replica.lag.time.max.ms=2000")
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1, 2, 3}}, "min.insync.replicas=2")
	c.mustProduce(orders, "a")
	c.cut(node(1), node(2), node(3))
	for _, v := range []string{"b", "c"} {
		code, _ := c.produce(1, 1, orders, v)
		require.Equal(t, wire.None, code)
	}
	c.eventually(10*time.Second, "the leader is alone", func() bool { return len(c.isr(orders)) == 1 })
	c.run(5 * time.Second)
	require.EqualValues(t, 1, c.view(1, orders).HighWatermark)
	require.EqualValues(t, 3, c.view(1, orders).LogEnd)
	c.world.HealAll()
	c.eventually(20*time.Second, "all is committed everywhere", func() bool {
		for id := 1; id <= 3; id++ {
			if c.view(id, orders).HighWatermark != 3 {
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
	c.createTopic("orders", [][]int32{{1, 2}})
	c.mustProduce(orders, "a")
	c.cut(node(1), node(2), zooKeeper)
	code, _ := c.produce(1, 1, orders, "b")
	require.Equal(t, wire.None, code)
	p := c.broker(1).partitions[orders]
	c.eventually(10*time.Second, "the leader wants to shrink", func() bool { return p.isr.pending != nil })
	require.Equal(t, []kafka.BrokerID{1}, p.isr.pending)
	c.run(time.Second)
	require.EqualValues(t, 1, p.highWatermark)
	require.Equal(t, []kafka.BrokerID{1, 2}, p.isr.committed)
}

// Somebody else wrote the partition's state first: the leader makes no further change before it
// knows the new version (Partition.handleAlterPartitionError, 3.9).
func TestISRChangeThatIsLostToAnother(t *testing.T) {
	c := startCluster(t, 2, "replica.lag.time.max.ms=2000", "isr=zk")
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1, 2}})
	b := c.broker(1)
	p := b.partitions[orders]
	c.writeState(2, orders, znode.PartitionState{
		Leader: 1, LeaderEpoch: p.leaderEpoch, ISR: []kafka.BrokerID{2, 1}, ControllerEpoch: 1,
	})
	c.cut(node(1), node(2))
	code, _ := c.produce(1, 1, orders, "a")
	require.Equal(t, wire.None, code)
	c.run(10 * time.Second)
	require.Equal(t, []kafka.BrokerID{1, 2}, p.isr.committed)
	require.Zero(t, p.highWatermark)
	require.Equal(t, []kafka.BrokerID{1}, p.isr.pending, "until it is told what is true, both count")

	req := leaderAndIsrRequest(b, orders, 1, int32(p.leaderEpoch)+1)
	resp := c.request(1, req).(*kmsg.LeaderAndISRResponse)
	require.Zero(t, resp.Topics[0].Partitions[0].ErrorCode)
	c.eventually(10*time.Second, "the next one succeeds", func() bool {
		return slices.Equal(p.isr.committed, []kafka.BrokerID{1})
	})
	require.EqualValues(t, 1, p.highWatermark)
}

// writeState overwrites the state of tp in ZooKeeper through broker id's session.
func (c *cluster) writeState(id int, tp kafka.TopicPartition, s znode.PartitionState) {
	done := false
	c.inside(id, func(b *Broker, out *model.Effects) {
		b.session.Set(out, znode.PartitionStatePath(tp), znode.EncodePartitionState(s), -1,
			func(_ *model.Effects, r zookeeper.Result) {
				require.Equal(c.t, zookeeper.ErrNone, r.Err)
				done = true
			})
	})
	c.eventually(time.Second, "the state is written", func() bool { return done })
}

// The reply to a change that took place is lost with the connection: the leader looks what became
// of it.
func TestISRChangeWhoseReplyIsLost(t *testing.T) {
	c := startCluster(t, 2, "replica.lag.time.max.ms=2000", "isr=zk")
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1, 2}})
	p := c.broker(1).partitions[orders]
	c.cut(node(1), node(2))
	code, _ := c.produce(1, 1, orders, "a")
	require.Equal(t, wire.None, code)
	c.eventually(5*time.Second, "the leader wants to shrink", func() bool { return p.isr.pending != nil })
	dropped := c.dropReplies("zk.setData")
	c.run(time.Second)
	require.Equal(t, 1, *dropped)
	require.NotNil(t, p.isr.pending)
	c.world.HealAll()
	c.cut(node(1), node(2))
	c.world.Reset(node(1), zooKeeper)
	c.eventually(5*time.Second, "it finds its own write", func() bool { return p.isr.pending == nil })
	require.Equal(t, []kafka.BrokerID{1}, p.isr.committed)
	require.EqualValues(t, 1, p.highWatermark)
}

// dropReplies loses every reply of that name until HealAll, and counts them.
func (c *cluster) dropReplies(name string) *int {
	n := new(int)
	c.world.AddFilter(func(_, _ model.NodeID, l model.Label, _ []byte) (sim.Verdict, time.Duration) {
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
	c.createTopic("orders", [][]int32{{1, 2}})
	p := c.broker(1).partitions[orders]
	c.cut(node(1), node(2), zooKeeper)
	code, _ := c.produce(1, 1, orders, "a")
	require.Equal(t, wire.None, code)
	c.eventually(5*time.Second, "the leader wants to shrink", func() bool { return p.isr.pending != nil })
	c.run(10 * time.Second) // too short for the session, long enough for the connection
	c.world.Heal(node(1), zooKeeper)
	c.world.Heal(zooKeeper, node(1))
	c.eventually(10*time.Second, "it succeeds", func() bool {
		return slices.Equal(p.isr.committed, []kafka.BrokerID{1})
	})
	require.EqualValues(t, 1, p.highWatermark)
}

// A leader that goes on in a new epoch knows where its followers are; a new one does not. Those
// that were not in sync hold nothing up (Replica.resetReplicaState, 3.9).
func TestFollowersAtAnElection(t *testing.T) {
	c := startCluster(t, 3)
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1, 2, 3}}, "min.insync.replicas=1")
	c.mustProduce(orders, "a")
	c.eventually(time.Second, "all have it", func() bool { return c.settled(orders, 1, 2, 3) })
	c.cut(node(1), node(2), node(3))
	lead := func(leader int32, epoch int32) {
		req := leaderAndIsrRequest(c.broker(1), orders, leader, epoch)
		req.TopicStates[0].PartitionStates[0].ISR = []int32{1, 2}
		require.Zero(t, c.request(1, req).(*kmsg.LeaderAndISRResponse).ErrorCode)
	}
	p := c.broker(1).partitions[orders]
	lead(1, 1)
	for _, f := range p.followers {
		require.EqualValues(t, 1, f.logEnd, "of broker %d", f.id)
		require.True(t, p.caughtUp(c.world.Now(), f))
	}
	code, _ := c.produce(1, 1, orders, "b")
	require.Equal(t, wire.None, code)
	require.True(t, p.caughtUp(c.world.Now(), p.follower(2)))
	require.False(t, p.caughtUp(c.world.Now(), p.follower(3)))
	lead(2, 2)
	require.Empty(t, p.followers)
	lead(1, 3)
	for _, f := range p.followers {
		require.Equal(t, kafka.NoOffset, f.logEnd)
		require.Equal(t, f.id == 2, p.caughtUp(c.world.Now(), f))
	}
}
