package replica_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/broker"
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
		c := startOn(t, slowDisks(t), 2)
		c.CreateTopic("safe", [][]int32{{1, 2}}, "flush.messages=1")
		c.CreateTopic("fast", [][]int32{{1, 2}})
		safe, fast := tp("safe", 0), tp("fast", 0)
		require.Less(t, c.timeOf(acks, fast), slowFlush)
		took := c.timeOf(acks, safe)
		require.GreaterOrEqual(t, took, slowFlush)
		if acks == -1 {
			require.GreaterOrEqual(t, took, slowFlush)
			require.EqualValues(t, 1, c.View(1, safe).HighWatermark)
		}
		for id := 1; id <= 2; id++ {
			c.Sim.PowerLossNothingKept(node(id))
		}
		for id := 1; id <= 2; id++ {
			c.Sim.Start(node(id))
		}
		c.Eventually(2*time.Minute, "both are back", func() bool {
			return c.Leader(safe) != 0 && c.Leader(fast) != 0
		})
		require.EqualValues(t, 1, c.View(c.Leader(safe), safe).LogEnd)
		require.EqualValues(t, 0, c.View(c.Leader(fast), fast).LogEnd, "only the page caches had it")
	}
}

// The next append need not wait for an earlier flush, but its answer waits for its own.
func TestFlushMessagesInTheWindow(t *testing.T) {
	c := startOn(t, slowDisks(t), 1)
	c.CreateTopic("safe", [][]int32{{1}}, "flush.messages=1")
	safe := tp("safe", 0)
	a, b := c.Dial(1), c.Dial(1)
	a.Send(produceRequest(1, safe, batch("a")))
	c.Run(slowFlush / 2)
	b.Send(produceRequest(-1, safe, batch("b")))
	c.Run(time.Millisecond)
	require.EqualValues(t, 2, c.View(1, safe).LogEnd)
	require.EqualValues(t, 0, c.View(1, safe).HighWatermark)
	c.Eventually(time.Second, "the first is answered", func() bool { return len(a.Replies) == 1 })
	require.EqualValues(t, 1, c.View(1, safe).HighWatermark)
	require.Empty(t, b.Replies)
	c.Eventually(time.Second, "the second is answered", func() bool { return len(b.Replies) == 1 })
	require.EqualValues(t, 2, part(c.Broker(1), safe).Log().RecoveryPoint())
}

// A follower with flush.messages=1 asks for more only when what it got is durable; a leader that
// waits for its flush goes on copying other partitions.
func TestFlushMessagesHoldsTheFetcher(t *testing.T) {
	c := startOn(t, slowDisks(t), 2)
	c.CreateTopic("safe", [][]int32{{1, 2}}, "flush.messages=1")
	c.CreateTopic("other", [][]int32{{2, 1}})
	safe, other := tp("safe", 0), tp("other", 0)
	c.Run(time.Second)
	c.Dial(1).Send(produceRequest(1, safe, batch("a")))
	c.Eventually(time.Second, "the follower has it", func() bool { return c.View(2, safe).LogEnd == 1 })
	require.EqualValues(t, 1, c.Broker(2).Replicas().FetchersHeld())
	require.Zero(t, c.Broker(1).Replicas().FetchersHeld())
	c.Dial(2).Send(produceRequest(1, other, batch("b")))
	at := c.Sim.Now()
	c.Eventually(time.Second, "broker 1 copies", func() bool { return c.View(1, other).LogEnd == 1 })
	require.Less(t, c.Sim.Now().Sub(at), slowFlush)
	c.Eventually(time.Second, "the follower goes on", func() bool {
		return c.Broker(2).Replicas().FetchersHeld() == 0 && c.View(1, safe).HighWatermark == 1
	})
}

// flush.ms alone does nothing: the flusher has to run.
func TestFlushMs(t *testing.T) {
	for setting, flushes := range map[string]bool{
		"log.flush.scheduler.interval.ms=500": true, "replica.fetch.wait.max.ms=500": false,
	} {
		c := startCluster(t, 1, setting, quickTasks)
		c.CreateTopic("orders", [][]int32{{1}}, "flush.ms=1000")
		orders := tp("orders", 0)
		c.MustProduce(orders, "a")
		c.Run(5 * time.Second)
		l := part(c.Broker(1), orders).Log()
		require.Equal(t, flushes, l.RecoveryPoint() == l.LogEnd(), setting)
	}
}

// A truncation below the recovery point is written down before the log may grow again.
func TestTruncationLowersTheRecoveryPoint(t *testing.T) {
	c := startOn(t, slowDisks(t), 2, quickTasks, "log.flush.scheduler.interval.ms=500",
		"log.flush.offset.checkpoint.interval.ms=500")
	c.CreateTopic("orders", [][]int32{{1, 2}}, "flush.ms=100")
	orders := tp("orders", 0)
	c.MustProduce(orders, "a")
	c.MustProduce(orders, "b")
	c.Run(5 * time.Second)
	follower := c.Broker(2)
	require.EqualValues(t, 2, follower.Replicas().RecoveryPoint(orders))
	c.Inside(2, func(b *broker.Broker, out *model.Effects) {
		require.NoError(t, part(b, orders).TruncateTo(out, 1, "test"))
	})
	c.Run(time.Millisecond)
	require.EqualValues(t, 1, follower.Replicas().RecoveryPoint(orders))
	require.EqualValues(t, 1, follower.Replicas().FetchersHeld())
	c.Run(slowFlush / 2)
	require.EqualValues(t, 1, c.View(2, orders).LogEnd)
	c.Eventually(time.Second, "it has fetched again", func() bool {
		return c.View(2, orders).LogEnd == 2
	})
	require.Zero(t, follower.Replicas().FetchersHeld())
}

// timeOf is how long one produce takes.
func (c *cluster) timeOf(acks int16, tp kafka.TopicPartition) time.Duration {
	l := c.Dial(1)
	c.Run(time.Second)
	l.Send(produceRequest(acks, tp, batch("a")))
	at := c.Sim.Now()
	c.Eventually(5*time.Second, "it is answered", func() bool { return len(l.Replies) > 0 })
	return c.Sim.Now().Sub(at)
}

func slowDisks(t require.TestingT) sim.Hardware {
	hardware, ok := sim.Profile("ideal")
	require.True(t, ok)
	hardware.Flush = slowFlush
	return hardware
}
