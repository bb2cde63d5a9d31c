package broker

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/sim"
)

// requireEqualLogs has the replicas of tp on these brokers hold the same batches.
func (c *cluster) requireEqualLogs(tp kafka.TopicPartition, ids ...int) {
	c.t.Helper()
	first := c.view(ids[0], tp)
	for _, id := range ids[1:] {
		v := c.view(id, tp)
		require.Equal(c.t, first.Batches, v.Batches, "brokers %d and %d", ids[0], id)
		require.Equal(c.t, first.HighWatermark, v.HighWatermark)
	}
}

// settled tells whether every one of these brokers has the whole log of tp, all of it committed.
func (c *cluster) settled(tp kafka.TopicPartition, ids ...int) bool {
	leader := c.leader(tp)
	if leader == 0 {
		return false
	}
	end := c.view(leader, tp).LogEnd
	for _, id := range ids {
		at, ok := c.broker(id).Position(tp)
		if !ok || at.LogEnd != end || at.HighWatermark != end {
			return false
		}
	}
	return true
}

// A leader that is cut off goes on taking acks=1. When it comes back, it follows the new leader and
// drops what nobody else has.
func TestFollowerTruncatesAfterAFailover(t *testing.T) {
	c := startCluster(t, 3, "zookeeper.session.timeout.ms=6000")
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1, 2, 3}})
	c.mustProduce(orders, "a")
	c.eventually(time.Second, "all have it", func() bool { return c.settled(orders, 1, 2, 3) })
	c.cut(node(1), node(2), node(3), zooKeeper)
	for _, v := range []string{"lost 1", "lost 2", "lost 3"} {
		code, _ := c.produce(1, 1, orders, v)
		require.Equal(t, wire.None, code)
	}
	require.EqualValues(t, 4, c.view(1, orders).LogEnd)
	c.eventually(time.Minute, "another leads", func() bool { return c.leader(orders) > 1 })
	c.mustProduce(orders, "b")
	require.True(t, c.view(1, orders).Leading, "the old leader knows nothing of that")

	c.world.HealAll()
	c.eventually(time.Minute, "the old leader has what the others have", func() bool {
		return c.broker(1).Follows(orders) && c.settled(orders, 1, 2, 3)
	})
	c.requireEqualLogs(orders, 1, 2, 3)
	require.Equal(t, 1, c.noted(kafka.LogTruncated, node(1), orders))
	_, values := c.fetch(c.leader(orders), orders, 0)
	require.Equal(t, []string{"a", "b"}, values)
}

// Leadership goes round and round with a tail that is lost each time; the logs are equal in the
// end.
func TestLogsAgreeAfterManyFailovers(t *testing.T) {
	c := startCluster(t, 3, "zookeeper.session.timeout.ms=6000")
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1, 2, 3}})
	for round := range 6 {
		old := c.leader(orders)
		c.mustProduce(orders, fmt.Sprint("kept ", round))
		for _, id := range []int{1, 2, 3} {
			if id != old {
				c.cut(node(old), node(id))
			}
		}
		c.cut(node(old), zooKeeper)
		for i := range round + 1 {
			code, _ := c.produce(old, 1, orders, fmt.Sprint("lost ", round, i))
			require.Equal(t, wire.None, code)
		}
		c.eventually(time.Minute, "another leads", func() bool {
			id := c.leader(orders)
			return id != 0 && id != old
		})
		c.mustProduce(orders, fmt.Sprint("new ", round))
		c.world.HealAll()
		c.eventually(time.Minute, "all agree", func() bool {
			return c.settled(orders, 1, 2, 3) && len(c.isr(orders)) == 3
		})
		c.requireEqualLogs(orders, 1, 2, 3)
	}
	require.EqualValues(t, 12, c.view(1, orders).LogEnd)
}

// An unclean leader may have less than its followers, who cut back to it.
func TestFollowerOfAnUncleanLeader(t *testing.T) {
	c := startCluster(t, 2, "unclean.leader.election.enable=true", "replica.lag.time.max.ms=2000",
		"zookeeper.session.timeout.ms=6000")
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1, 2}})
	c.mustProduce(orders, "a")
	c.cut(node(1), node(2))
	for _, v := range []string{"b", "c"} { // acknowledged when the ISR is the leader alone
		c.mustProduce(orders, v)
	}
	require.Equal(t, []int32{1}, c.isr(orders))
	c.run(10 * time.Second) // the controller hears of the ISR
	c.world.Kill(node(1))
	c.eventually(time.Minute, "the lagging replica leads", func() bool { return c.leader(orders) == 2 })
	c.world.HealAll() // a reply of the old leader that is still on its way comes too late
	c.run(time.Second)
	require.EqualValues(t, 1, c.view(2, orders).LogEnd)
	c.world.Start(node(1))
	c.eventually(time.Minute, "the other follows it", func() bool {
		return c.broker(1).Follows(orders) && c.settled(orders, 1, 2) && len(c.isr(orders)) == 2
	})
	c.mustProduce(orders, "d")
	c.eventually(time.Second, "both have it", func() bool { return c.settled(orders, 1, 2) })
	c.requireEqualLogs(orders, 1, 2)
	_, values := c.fetch(2, orders, 0)
	require.Equal(t, []string{"a", "d"}, values)
}

// A follower that starts anew copies a log of many batches and segments, in requests as large as it
// may make.
func TestFollowerCatchesUp(t *testing.T) {
	c := startCluster(t, 2, "replica.fetch.max.bytes=5000", "replica.lag.time.max.ms=2000")
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1, 2}}, "segment.bytes=20000")
	c.world.Kill(node(2))
	value := string(make([]byte, 500))
	for range 100 {
		code, _ := c.produce(1, 1, orders, value, value)
		require.Equal(t, wire.None, code)
	}
	c.world.Start(node(2))
	c.eventually(time.Minute, "it has everything", func() bool {
		return c.settled(orders, 2) && len(c.isr(orders)) == 2
	})
	c.requireEqualLogs(orders, 1, 2)
	require.EqualValues(t, 200, c.view(2, orders).LogEnd)
}

// A leader that answers no more costs the follower one time-out, and then it goes on.
func TestFollowerOutlivesItsConnection(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1, 2}})
	for _, v := range []string{"a", "b", "c"} {
		c.world.Reset(node(1), node(2))
		c.mustProduce(orders, v)
	}
	c.eventually(5*time.Second, "both have all", func() bool { return c.settled(orders, 1, 2) })
	c.requireEqualLogs(orders, 1, 2)
	require.Equal(t, []int32{1, 2}, c.isr(orders))
}

// A leader whose log begins after the follower's end has it begin anew there.
func TestFollowerOfALogThatStartsLater(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1, 2}})
	c.mustProduce(orders, "a")
	c.startLater(1, orders, 10)
	c.eventually(5*time.Second, "the follower begins anew", func() bool {
		return c.view(2, orders).LogStart == 10
	})
	c.mustProduce(orders, "b")
	c.eventually(5*time.Second, "and goes on", func() bool { return c.settled(orders, 1, 2) })
	c.requireEqualLogs(orders, 1, 2)
	require.EqualValues(t, 11, c.view(2, orders).LogEnd)
	code, _ := c.fetch(1, orders, 0)
	require.Equal(t, wire.OffsetOutOfRange, code)
}

// startLater empties broker id's log of tp, which goes on at start, as if retention had been there.
func (c *cluster) startLater(id int, tp kafka.TopicPartition, start kafka.Offset) {
	c.inside(id, func(b *Broker, out *model.Effects) {
		require.NoError(c.t, b.partitions[tp].restartAt(out, start, "retention"))
	})
}

// A leader that ends before the follower, and knows nothing of the epochs in between, has it cut
// back.
func TestFollowerOfAShorterLog(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1, 2}})
	c.mustProduce(orders, "a")
	c.mustProduce(orders, "b")
	c.startLater(1, orders, 1)
	c.eventually(5*time.Second, "the follower is cut back", func() bool {
		return c.view(2, orders).LogEnd == 1
	})
	c.mustProduce(orders, "c")
	c.eventually(5*time.Second, "and goes on", func() bool { return c.settled(orders, 1, 2) })
	require.EqualValues(t, 2, c.view(2, orders).LogEnd)
}

// A replica that is deleted while it asks where the leader's log ends stays deleted.
func TestReplicaDeletedWhileItAsks(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1, 2}})
	c.mustProduce(orders, "a")
	c.mustProduce(orders, "b")
	held := false
	c.world.AddFilter(func(_, to model.NodeID, l model.Label, _ []byte) (sim.Verdict, time.Duration) {
		if l.Name == "ListOffsets" && l.Reply && to == node(2) {
			held = true
			return sim.Hold, 0
		}
		return sim.Pass, 0
	})
	c.startLater(1, orders, 0)
	c.eventually(5*time.Second, "the follower asks", func() bool { return held })
	c.deleteReplica(2, orders, int32(c.broker(2).controllerEpoch))
	require.Empty(t, c.files(2, "orders"))
	c.world.Release()
	c.run(10 * time.Second)
	require.Empty(t, c.files(2, "orders"))
}

// A leader that has forgotten the fetch session gets a full request.
func TestFollowerWhoseSessionIsForgotten(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1, 2}})
	c.mustProduce(orders, "a")
	c.inside(1, func(b *Broker, _ *model.Effects) { clear(b.sessions.byID) })
	c.mustProduce(orders, "b")
	c.eventually(time.Second, "both have all", func() bool { return c.settled(orders, 1, 2) })
}

// A follower that hears of a new leader epoch before its leader does asks again later; the other
// partitions of the same leader do not wait for it.
func TestFollowerAheadOfItsLeader(t *testing.T) {
	c := startCluster(t, 2)
	early, other := tp("orders", 0), tp("orders", 1)
	c.createTopic("orders", [][]int32{{1, 2}, {1, 2}})
	c.mustProduce(early, "a")
	c.becomeFollower(2, early, 1)
	c.run(700 * time.Millisecond)
	require.Equal(t, backedOff, c.broker(2).fetcher(1).find(early).state)
	code, _ := c.produce(1, 1, early, "b")
	require.Equal(t, wire.None, code)
	c.mustProduce(other, "c")
	require.EqualValues(t, 1, c.view(2, early).LogEnd)

	lead := leaderAndIsrRequest(c.broker(1), early, 1, 1)
	require.Zero(t, c.request(1, lead).(*kmsg.LeaderAndISRResponse).ErrorCode)
	c.eventually(5*time.Second, "it catches up", func() bool {
		return c.settled(early, 1, 2) && c.settled(other, 1, 2)
	})
	c.requireEqualLogs(early, 1, 2)
}
