package replica_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/broker"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

const quickTasks = "log.initial.task.delay.ms=1000"

// Retention of the leader and of the follower is each one's own; the log start of both moves.
func TestRetentionByBytes(t *testing.T) {
	c := startCluster(t, 2, quickTasks, "log.retention.check.interval.ms=1000")
	c.CreateTopic("orders", [][]int32{{1, 2}}, "segment.bytes=100", "retention.bytes=250")
	orders := tp("orders", 0)
	for range 10 {
		c.MustProduce(orders, "a")
	}
	c.Eventually(5*time.Second, "old segments go", func() bool {
		return c.View(1, orders).LogStart > 0 && c.View(2, orders).LogStart > 0
	})
	require.Positive(t, c.Noted(kafka.SegmentDeleted, node(1), orders))
	require.Positive(t, c.Noted(kafka.LogStart, node(2), orders))
	require.Positive(t, c.Noted(kafka.SegmentRolled, node(1), orders))
	start := c.View(1, orders).LogStart
	code, _ := c.Fetch(1, orders, int64(start)-1)
	require.Equal(t, wire.OffsetOutOfRange, code)
	code, got := c.Fetch(1, orders, int64(start))
	require.Equal(t, wire.None, code)
	require.NotEmpty(t, got)
}

// A leader's log start reaches a follower that would keep everything itself.
func TestFollowerTakesTheLeadersLogStart(t *testing.T) {
	c := startCluster(t, 2, "log.initial.task.delay.ms=1000000")
	c.CreateTopic("orders", [][]int32{{1, 2}})
	orders := tp("orders", 0)
	c.MustProduce(orders, "a", "b")
	c.MustProduce(orders, "c")
	c.Inside(1, func(b *broker.Broker, out *model.Effects) {
		part(b, orders).IncrementLogStart(out, 2, "test")
	})
	c.Eventually(2*time.Second, "the follower follows", func() bool {
		return c.View(2, orders).LogStart == 2
	})
	require.EqualValues(t, 3, c.View(2, orders).LogEnd)
}

// The log start within a segment and the recovery point come back after a crash.
func TestCheckpointsSurviveACrash(t *testing.T) {
	c := startCluster(t, 1, quickTasks, "log.flush.start.offset.checkpoint.interval.ms=1000",
		"log.flush.offset.checkpoint.interval.ms=1000")
	c.CreateTopic("orders", [][]int32{{1}}, "segment.bytes=200")
	orders := tp("orders", 0)
	for range 9 {
		c.MustProduce(orders, "a")
	}
	require.Equal(t, wire.None, c.deleteRecords(1, orders, 7).code)
	c.Run(3 * time.Second)
	sealed := part(c.Broker(1), orders).Log().ActiveBase()
	require.Positive(t, sealed)
	require.Equal(t, sealed, part(c.Broker(1), orders).Log().RecoveryPoint(), "a roll flushes")
	c.Sim.PowerLoss(node(1))
	c.Sim.Start(node(1))
	c.Eventually(30*time.Second, "it leads again", func() bool { return c.Leader(orders) == 1 })
	require.EqualValues(t, 7, c.View(1, orders).LogStart)
	require.GreaterOrEqual(t, c.Broker(1).Replicas().RecoveryPoint(orders), sealed)
}
