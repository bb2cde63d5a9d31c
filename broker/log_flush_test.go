package broker

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/sim"
)

// slowFlush is how long every flush takes on slowDisks.
const slowFlush = 50 * time.Millisecond

// With flush.messages=1 neither acks=1 nor the high watermark come before the flush, and what was
// acknowledged survives a power loss of every broker at once, page caches and all.
func TestFlushMessages(t *testing.T) {
	for _, acks := range []int16{1, -1} {
		c := startClusterOn(t, slowDisks(t), 2)
		c.createTopic("safe", [][]int32{{1, 2}}, "flush.messages=1")
		c.createTopic("fast", [][]int32{{1, 2}})
		safe, fast := tp("safe", 0), tp("fast", 0)
		require.Less(t, c.timeOf(acks, fast), slowFlush)
		took := c.timeOf(acks, safe)
		require.GreaterOrEqual(t, took, slowFlush)
		if acks == -1 {
			require.GreaterOrEqual(t, took, slowFlush)
			require.EqualValues(t, 1, c.view(1, safe).HighWatermark)
		}
		for id := 1; id <= 2; id++ {
			c.world.PowerLossNothingKept(node(id))
		}
		for id := 1; id <= 2; id++ {
			c.world.Start(node(id))
		}
		c.eventually(2*time.Minute, "both are back", func() bool {
			return c.leader(safe) != 0 && c.leader(fast) != 0
		})
		require.EqualValues(t, 1, c.view(c.leader(safe), safe).LogEnd)
		require.EqualValues(t, 0, c.view(c.leader(fast), fast).LogEnd, "only the page caches had it")
	}
}

// The next append need not wait for an earlier flush, but its answer waits for its own.
func TestFlushMessagesInTheWindow(t *testing.T) {
	c := startClusterOn(t, slowDisks(t), 1)
	c.createTopic("safe", [][]int32{{1}}, "flush.messages=1")
	safe := tp("safe", 0)
	a, b := c.dial(1), c.dial(1)
	a.send(produceRequest(1, safe, batch("a")))
	c.run(slowFlush / 2)
	b.send(produceRequest(-1, safe, batch("b")))
	c.run(time.Millisecond)
	require.EqualValues(t, 2, c.view(1, safe).LogEnd)
	require.EqualValues(t, 0, c.view(1, safe).HighWatermark)
	c.eventually(time.Second, "the first is answered", func() bool { return len(a.replies) == 1 })
	require.EqualValues(t, 1, c.view(1, safe).HighWatermark)
	require.Empty(t, b.replies)
	c.eventually(time.Second, "the second is answered", func() bool { return len(b.replies) == 1 })
	require.EqualValues(t, 2, c.broker(1).partitions[safe].log.RecoveryPoint())
}

// flush.ms alone does nothing: the flusher has to run.
func TestFlushMs(t *testing.T) {
	for setting, flushes := range map[string]bool{
		"log.flush.scheduler.interval.ms=500": true, "replica.fetch.wait.max.ms=500": false,
	} {
		c := startCluster(t, 1, setting, quickTasks)
		c.createTopic("orders", [][]int32{{1}}, "flush.ms=1000")
		orders := tp("orders", 0)
		c.mustProduce(orders, "a")
		c.run(5 * time.Second)
		l := c.broker(1).partitions[orders].log
		require.Equal(t, flushes, l.RecoveryPoint() == l.LogEnd(), setting)
	}
}

// A truncation below the recovery point is written down before the log may grow again.
func TestTruncationLowersTheRecoveryPoint(t *testing.T) {
	c := startClusterOn(t, slowDisks(t), 2, quickTasks, "log.flush.scheduler.interval.ms=500",
		"log.flush.offset.checkpoint.interval.ms=500")
	c.createTopic("orders", [][]int32{{1, 2}}, "flush.ms=100")
	orders := tp("orders", 0)
	c.mustProduce(orders, "a")
	c.mustProduce(orders, "b")
	c.run(5 * time.Second)
	follower := c.broker(2)
	require.EqualValues(t, 2, follower.checkpoints.recoveryPoints.offsets[orders])
	c.inside(2, func(b *Broker, _ model.Time, out *model.Effects) {
		require.NoError(t, b.partitions[orders].truncateTo(out, 1, "test"))
	})
	c.run(time.Millisecond)
	require.EqualValues(t, 1, follower.checkpoints.recoveryPoints.offsets[orders])
	require.EqualValues(t, 1, follower.flushes.holding)
	c.run(slowFlush / 2)
	require.EqualValues(t, 1, c.view(2, orders).LogEnd)
	c.eventually(time.Second, "it has fetched again", func() bool {
		return c.view(2, orders).LogEnd == 2
	})
	require.Zero(t, follower.flushes.holding)
}

// timeOf is how long one produce takes.
func (c *cluster) timeOf(acks int16, tp model.TopicPartition) time.Duration {
	l := c.dial(1)
	c.run(time.Second)
	l.send(produceRequest(acks, tp, batch("a")))
	at := c.world.Now()
	c.eventually(5*time.Second, "it is answered", func() bool { return len(l.replies) > 0 })
	return c.world.Now().Sub(at)
}

func slowDisks(t require.TestingT) sim.Hardware {
	hardware, ok := sim.Profile("ideal")
	require.True(t, ok)
	hardware.Flush = slowFlush
	return hardware
}
