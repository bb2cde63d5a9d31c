package replica_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker"
	"sandcastle/broker/brokertest"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/sim"
)

// A leader that is cut off goes on taking acks=1. When it comes back, it follows the new leader and
// drops what nobody else has.
func TestFollowerTruncatesAfterAFailover(t *testing.T) {
	c := startCluster(t, 3, "zookeeper.session.timeout.ms=6000")
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2, 3}})
	c.MustProduce(orders, "a")
	c.Eventually(time.Second, "all have it", func() bool { return c.Settled(orders, 1, 2, 3) })
	c.Cut(node(1), node(2), node(3), brokertest.ZooKeeper)
	for _, v := range []string{"lost 1", "lost 2", "lost 3"} {
		code, _ := c.Produce(1, 1, orders, v)
		require.Equal(t, wire.None, code)
	}
	require.EqualValues(t, 4, c.View(1, orders).LogEnd)
	c.Eventually(time.Minute, "another leads", func() bool { return c.Leader(orders) > 1 })
	c.MustProduce(orders, "b")
	require.True(t, c.View(1, orders).Leading, "the old leader knows nothing of that")

	c.Sim.HealAll()
	c.Eventually(time.Minute, "the old leader has what the others have", func() bool {
		return c.Broker(1).Replicas().Follows(orders) && c.Settled(orders, 1, 2, 3)
	})
	c.RequireEqualLogs(orders, 1, 2, 3)
	require.Equal(t, 1, c.Noted(kafka.LogTruncated, node(1), orders))
	_, values := c.Fetch(c.Leader(orders), orders, 0)
	require.Equal(t, []string{"a", "b"}, values)
}

// Leadership goes round and round with a tail that is lost each time; the logs are equal in the
// end.
func TestLogsAgreeAfterManyFailovers(t *testing.T) {
	c := startCluster(t, 3, "zookeeper.session.timeout.ms=6000")
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2, 3}})
	for round := range 6 {
		old := c.Leader(orders)
		c.MustProduce(orders, fmt.Sprint("kept ", round))
		for _, id := range []int{1, 2, 3} {
			if id != old {
				c.Cut(node(old), node(id))
			}
		}
		c.Cut(node(old), brokertest.ZooKeeper)
		for i := range round + 1 {
			code, _ := c.Produce(old, 1, orders, fmt.Sprint("lost ", round, i))
			require.Equal(t, wire.None, code)
		}
		c.Eventually(time.Minute, "another leads", func() bool {
			id := c.Leader(orders)
			return id != 0 && id != old
		})
		c.MustProduce(orders, fmt.Sprint("new ", round))
		c.Sim.HealAll()
		c.Eventually(time.Minute, "all agree", func() bool {
			return c.Settled(orders, 1, 2, 3) && len(c.ISR(orders)) == 3
		})
		c.RequireEqualLogs(orders, 1, 2, 3)
	}
	require.EqualValues(t, 12, c.View(1, orders).LogEnd)
}

// An unclean leader may have less than its followers, who cut back to it.
func TestFollowerOfAnUncleanLeader(t *testing.T) {
	c := startCluster(t, 2, "unclean.leader.election.enable=true", "replica.lag.time.max.ms=2000",
		"zookeeper.session.timeout.ms=6000")
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	c.MustProduce(orders, "a")
	c.Cut(node(1), node(2))
	for _, v := range []string{"b", "c"} { // acknowledged when the ISR is the leader alone
		c.MustProduce(orders, v)
	}
	require.Equal(t, []int32{1}, c.ISR(orders))
	c.Run(10 * time.Second) // the controller hears of the ISR
	c.Sim.Kill(node(1))
	c.Eventually(time.Minute, "the lagging replica leads", func() bool { return c.Leader(orders) == 2 })
	c.Sim.HealAll() // a reply of the old leader that is still on its way comes too late
	c.Run(time.Second)
	require.EqualValues(t, 1, c.View(2, orders).LogEnd)
	c.Sim.Start(node(1))
	c.Eventually(time.Minute, "the other follows it", func() bool {
		return c.Broker(1).Replicas().Follows(orders) && c.Settled(orders, 1, 2) && len(c.ISR(orders)) == 2
	})
	c.MustProduce(orders, "d")
	c.Eventually(time.Second, "both have it", func() bool { return c.Settled(orders, 1, 2) })
	c.RequireEqualLogs(orders, 1, 2)
	_, values := c.Fetch(2, orders, 0)
	require.Equal(t, []string{"a", "d"}, values)
}

// A follower that starts anew copies a log of many batches and segments, in requests as large as it
// may make.
func TestFollowerCatchesUp(t *testing.T) {
	c := startCluster(t, 2, "replica.fetch.max.bytes=5000", "replica.lag.time.max.ms=2000")
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}}, "segment.bytes=20000")
	c.Sim.Kill(node(2))
	value := string(make([]byte, 500))
	for range 100 {
		code, _ := c.Produce(1, 1, orders, value, value)
		require.Equal(t, wire.None, code)
	}
	c.Sim.Start(node(2))
	c.Eventually(time.Minute, "it has everything", func() bool {
		return c.Settled(orders, 2) && len(c.ISR(orders)) == 2
	})
	c.RequireEqualLogs(orders, 1, 2)
	require.EqualValues(t, 200, c.View(2, orders).LogEnd)
}

// A leader that no longer answers costs the follower one time-out, and then it goes on.
func TestFollowerOutlivesItsConnection(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	for _, v := range []string{"a", "b", "c"} {
		c.Sim.Reset(node(1), node(2))
		c.MustProduce(orders, v)
	}
	c.Eventually(5*time.Second, "both have all", func() bool { return c.Settled(orders, 1, 2) })
	c.RequireEqualLogs(orders, 1, 2)
	require.Equal(t, []int32{1, 2}, c.ISR(orders))
}

// A leader whose log begins after the follower's end has it begin anew there.
func TestFollowerOfALogThatStartsLater(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	c.MustProduce(orders, "a")
	c.startLater(1, orders, 10)
	c.Eventually(5*time.Second, "the follower begins anew", func() bool {
		return c.View(2, orders).LogStart == 10
	})
	c.MustProduce(orders, "b")
	c.Eventually(5*time.Second, "and goes on", func() bool { return c.Settled(orders, 1, 2) })
	c.RequireEqualLogs(orders, 1, 2)
	require.EqualValues(t, 11, c.View(2, orders).LogEnd)
	code, _ := c.Fetch(1, orders, 0)
	require.Equal(t, wire.OffsetOutOfRange, code)
}

// startLater empties broker id's log of tp, which goes on at start, as if retention had been there.
func (c *cluster) startLater(id int, tp kafka.TopicPartition, start kafka.Offset) {
	c.Inside(id, func(b *broker.Broker, out *model.Effects) {
		require.NoError(c.T, part(b, tp).RestartAt(out, start, "retention"))
	})
}

// A leader that ends before the follower, and knows nothing of the epochs in between, has it cut
// back.
func TestFollowerOfAShorterLog(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	c.MustProduce(orders, "a")
	c.MustProduce(orders, "b")
	c.startLater(1, orders, 1)
	c.Eventually(5*time.Second, "the follower is cut back", func() bool {
		return c.View(2, orders).LogEnd == 1
	})
	c.MustProduce(orders, "c")
	c.Eventually(5*time.Second, "and goes on", func() bool { return c.Settled(orders, 1, 2) })
	require.EqualValues(t, 2, c.View(2, orders).LogEnd)
}

// A replica that is deleted while it asks where the leader's log ends stays deleted.
func TestReplicaDeletedWhileItAsks(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	c.MustProduce(orders, "a")
	c.MustProduce(orders, "b")
	held := false
	c.Sim.AddFilter(func(_, to model.NodeID, l model.Label, _ []byte) (sim.Verdict, time.Duration) {
		if l.Name == "ListOffsets" && l.Reply && to == node(2) {
			held = true
			return sim.Hold, 0
		}
		return sim.Pass, 0
	})
	c.startLater(1, orders, 0)
	c.Eventually(5*time.Second, "the follower asks", func() bool { return held })
	c.deleteReplica(2, orders, int32(c.Broker(2).Replicas().ControllerEpoch()))
	require.Empty(t, c.files(2, "orders"))
	c.Sim.Release()
	c.Run(10 * time.Second)
	require.Empty(t, c.files(2, "orders"))
}

// A leader that has forgotten the fetch session gets a full request.
func TestFollowerWhoseSessionIsForgotten(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	c.MustProduce(orders, "a")
	c.Inside(1, func(b *broker.Broker, _ *model.Effects) { b.Replicas().ForgetSessions() })
	c.MustProduce(orders, "b")
	c.Eventually(time.Second, "both have all", func() bool { return c.Settled(orders, 1, 2) })
}

// A follower that hears of a new leader epoch before its leader does asks again later; the other
// partitions of the same leader do not wait for it.
func TestFollowerAheadOfItsLeader(t *testing.T) {
	c := startCluster(t, 2)
	early, other := tp("orders", 0), tp("orders", 1)
	c.CreateTopic("orders", [][]int32{{1, 2}, {1, 2}})
	c.MustProduce(early, "a")
	c.becomeFollower(2, early, 1)
	c.Run(700 * time.Millisecond)
	require.Equal(t, backedOff, c.Broker(2).Replicas().Fetcher(1).Find(early).State())
	code, _ := c.Produce(1, 1, early, "b")
	require.Equal(t, wire.None, code)
	c.MustProduce(other, "c")
	require.EqualValues(t, 1, c.View(2, early).LogEnd)

	lead := leaderAndIsrRequest(c.Broker(1), early, 1, 1)
	require.Zero(t, c.Request(1, lead).(*kmsg.LeaderAndISRResponse).ErrorCode)
	c.Eventually(5*time.Second, "it catches up", func() bool {
		return c.Settled(early, 1, 2) && c.Settled(other, 1, 2)
	})
	c.RequireEqualLogs(early, 1, 2)
}
