package broker

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

const quickTasks = "log.initial.task.delay.ms=1000"

// Retention of the leader and of the follower is each one's own; the log start of both moves.
func TestRetentionByBytes(t *testing.T) {
	c := startCluster(t, 2, quickTasks, "log.retention.check.interval.ms=1000")
	c.createTopic("orders", [][]int32{{1, 2}}, "segment.bytes=100", "retention.bytes=250")
	orders := tp("orders", 0)
	for range 10 {
		c.mustProduce(orders, "a")
	}
	c.eventually(5*time.Second, "old segments go", func() bool {
		return c.view(1, orders).LogStart > 0 && c.view(2, orders).LogStart > 0
	})
	require.Positive(t, c.noted(kafka.SegmentDeleted, node(1), orders))
	require.Positive(t, c.noted(kafka.LogStart, node(2), orders))
	require.Positive(t, c.noted(kafka.SegmentRolled, node(1), orders))
	start := c.view(1, orders).LogStart
	code, _ := c.fetch(1, orders, int64(start)-1)
	require.Equal(t, wire.OffsetOutOfRange, code)
	code, got := c.fetch(1, orders, int64(start))
	require.Equal(t, wire.None, code)
	require.NotEmpty(t, got)
}

// A leader's log start reaches a follower that would keep everything itself.
func TestFollowerTakesTheLeadersLogStart(t *testing.T) {
	c := startCluster(t, 2, "log.initial.task.delay.ms=1000000")
	c.createTopic("orders", [][]int32{{1, 2}})
	orders := tp("orders", 0)
	c.mustProduce(orders, "a", "b")
	c.mustProduce(orders, "c")
	c.inside(1, func(b *Broker, out *model.Effects) {
		b.partitions[orders].incrementLogStart(out, 2, "test")
	})
	c.eventually(2*time.Second, "the follower follows", func() bool {
		return c.view(2, orders).LogStart == 2
	})
	require.EqualValues(t, 3, c.view(2, orders).LogEnd)
}

// The log start within a segment and the recovery point come back after a crash.
func TestCheckpointsSurviveACrash(t *testing.T) {
	c := startCluster(t, 1, quickTasks, "log.flush.start.offset.checkpoint.interval.ms=1000",
		"log.flush.offset.checkpoint.interval.ms=1000")
	c.createTopic("orders", [][]int32{{1}}, "segment.bytes=200")
	orders := tp("orders", 0)
	for range 9 {
		c.mustProduce(orders, "a")
	}
	require.Equal(t, wire.None, c.deleteRecords(1, orders, 7).code)
	c.run(3 * time.Second)
	sealed := c.broker(1).partitions[orders].log.ActiveBase()
	require.Positive(t, sealed)
	require.Equal(t, sealed, c.broker(1).partitions[orders].log.RecoveryPoint(), "a roll flushes")
	c.world.PowerLoss(node(1))
	c.world.Start(node(1))
	c.eventually(30*time.Second, "it leads again", func() bool { return c.leader(orders) == 1 })
	require.EqualValues(t, 7, c.view(1, orders).LogStart)
	require.GreaterOrEqual(t, c.broker(1).checkpoints.recoveryPoints.offsets[orders], sealed)
}
