package broker

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
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

// A follower with flush.messages=1 asks for more only when what it got is durable; a leader that
// waits for its flush goes on copying other partitions.
func TestFlushMessagesHoldsTheFetcher(t *testing.T) {
	c := startClusterOn(t, slowDisks(t), 2)
	c.createTopic("safe", [][]int32{{1, 2}}, "flush.messages=1")
	c.createTopic("other", [][]int32{{2, 1}})
	safe, other := tp("safe", 0), tp("other", 0)
	c.run(time.Second)
	c.dial(1).send(produceRequest(1, safe, batch("a")))
	c.eventually(time.Second, "the follower has it", func() bool { return c.view(2, safe).LogEnd == 1 })
	require.EqualValues(t, 1, c.broker(2).flushes.holding)
	require.Zero(t, c.broker(1).flushes.holding)
	c.dial(2).send(produceRequest(1, other, batch("b")))
	at := c.world.Now()
	c.eventually(time.Second, "broker 1 copies", func() bool { return c.view(1, other).LogEnd == 1 })
	require.Less(t, c.world.Now().Sub(at), slowFlush)
	c.eventually(time.Second, "the follower goes on", func() bool {
		return c.broker(2).flushes.holding == 0 && c.view(1, safe).HighWatermark == 1
	})
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
	c.inside(2, func(b *Broker, out *model.Effects) {
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
func (c *cluster) timeOf(acks int16, tp kafka.TopicPartition) time.Duration {
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
