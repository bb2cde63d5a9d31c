package replica_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/broker"
	"sandcastle/broker/log"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// writeKeys writes n records with one of three keys each.
func (c *cluster) writeKeys(tp kafka.TopicPartition, n int) {
	for i := range n {
		var b wire.BatchBuilder
		b.Append(c.Sim.Now().Millis(), []byte{'a' + byte(i%3)}, fmt.Appendf(nil, "%d", i))
		part := produced(c.Request(c.Leader(tp), produceRequest(-1, tp, b.Bytes())))
		require.Equal(c.T, wire.None, wire.Code(part.ErrorCode))
	}
}

// Leader and follower compact their logs each for itself; a consumer finds the newest record of
// every key, and the cleaner's progress survives a crash.
func TestCompaction(t *testing.T) {
	c := startCluster(t, 2, "log.cleaner.backoff.ms=1000")
	c.CreateTopic("facts", [][]int32{{1, 2}}, "cleanup.policy=compact", "segment.bytes=300")
	facts := tp("facts", 0)
	c.writeKeys(facts, 60)
	size := part(c.Broker(1), facts).Log().Size()
	c.Run(5 * time.Second)
	for id := 1; id <= 2; id++ {
		require.Positive(t, c.Noted(kafka.LogCleaned, node(id), facts))
		require.Less(t, part(c.Broker(id), facts).Log().Size(), size/3)
		require.EqualValues(t, 60, c.View(id, facts).LogEnd)
	}
	code, got := c.Fetch(1, facts, 0)
	require.Equal(t, wire.None, code)
	require.NotEmpty(t, got)
	require.NotContains(t, got, "0")
	c.Sim.PowerLossNothingKept(node(2))
	reached := c.File(2, log.CleanerOffsetCheckpoint)
	require.Contains(t, reached, "facts 0 ")
	c.Sim.Start(node(2))
	c.Eventually(time.Minute, "it has all again", func() bool {
		p := part(c.Broker(2), facts)
		return p != nil && p.Log().LogEnd() == 60
	})
}

func TestCleanerIsOff(t *testing.T) {
	c := startCluster(t, 1, "log.cleaner.backoff.ms=100", "log.cleaner.enable=false")
	c.CreateTopic("facts", [][]int32{{1}}, "cleanup.policy=compact", "segment.bytes=300")
	c.writeKeys(tp("facts", 0), 30)
	c.Run(5 * time.Second)
	require.Zero(t, c.Noted(kafka.LogCleaned, node(1), tp("facts", 0)))
}

// What lies behind a truncation is dirty again.
func TestTruncationTakesCleaningBack(t *testing.T) {
	c := startCluster(t, 2, "log.cleaner.backoff.ms=1000")
	c.CreateTopic("facts", [][]int32{{1, 2}}, "cleanup.policy=compact", "segment.bytes=300")
	facts := tp("facts", 0)
	c.writeKeys(facts, 30)
	c.Run(5 * time.Second)
	b := c.Broker(2)
	require.Greater(t, b.Replicas().Cleaned(facts), kafka.Offset(10))
	c.Inside(2, func(b *broker.Broker, out *model.Effects) {
		require.NoError(t, part(b, facts).TruncateTo(out, 5, "test"))
		require.LessOrEqual(t, b.Replicas().Cleaned(facts), kafka.Offset(5))
		require.Positive(t, b.Replicas().FetchersHeld())
	})
	c.Eventually(5*time.Second, "it has fetched again", func() bool {
		return c.View(2, facts).LogEnd == 30
	})
}
