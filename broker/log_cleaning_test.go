package broker

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/log"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// writeKeys writes n records with one of three keys each.
func (c *cluster) writeKeys(tp kafka.TopicPartition, n int) {
	for i := range n {
		var b wire.BatchBuilder
		b.Append(c.world.Now().Millis(), []byte{'a' + byte(i%3)}, fmt.Appendf(nil, "%d", i))
		part := produced(c.request(c.leader(tp), produceRequest(-1, tp, b.Bytes())))
		require.Equal(c.t, wire.None, wire.Code(part.ErrorCode))
	}
}

// Leader and follower compact their logs each for itself; a consumer finds the newest record of
// every key, and the cleaner's progress survives a crash.
func TestCompaction(t *testing.T) {
	c := startCluster(t, 2, "log.cleaner.backoff.ms=1000")
	c.createTopic("facts", [][]int32{{1, 2}}, "cleanup.policy=compact", "segment.bytes=300")
	facts := tp("facts", 0)
	c.writeKeys(facts, 60)
	size := c.broker(1).partitions[facts].log.Size()
	c.run(5 * time.Second)
	for id := 1; id <= 2; id++ {
		require.Positive(t, c.noted(kafka.LogCleaned, node(id), facts))
		require.Less(t, c.broker(id).partitions[facts].log.Size(), size/3)
		require.EqualValues(t, 60, c.view(id, facts).LogEnd)
	}
	code, got := c.fetch(1, facts, 0)
	require.Equal(t, wire.None, code)
	require.NotEmpty(t, got)
	require.NotContains(t, got, "0")
	c.world.PowerLossNothingKept(node(2))
	reached := c.file(2, log.CleanerOffsetCheckpoint)
	require.Contains(t, reached, "facts 0 ")
	c.world.Start(node(2))
	c.eventually(time.Minute, "it has all again", func() bool {
		p := c.broker(2).partitions[facts]
		return p != nil && p.log.LogEnd() == 60
	})
}

func TestCleanerIsOff(t *testing.T) {
	c := startCluster(t, 1, "log.cleaner.backoff.ms=100", "log.cleaner.enable=false")
	c.createTopic("facts", [][]int32{{1}}, "cleanup.policy=compact", "segment.bytes=300")
	c.writeKeys(tp("facts", 0), 30)
	c.run(5 * time.Second)
	require.Zero(t, c.noted(kafka.LogCleaned, node(1), tp("facts", 0)))
}

// What lies behind a truncation is dirty again.
func TestTruncationTakesCleaningBack(t *testing.T) {
	c := startCluster(t, 2, "log.cleaner.backoff.ms=1000")
	c.createTopic("facts", [][]int32{{1, 2}}, "cleanup.policy=compact", "segment.bytes=300")
	facts := tp("facts", 0)
	c.writeKeys(facts, 30)
	c.run(5 * time.Second)
	b := c.broker(2)
	require.Greater(t, b.cleaner.reached.offsets[facts], kafka.Offset(10))
	c.inside(2, func(b *Broker, out *model.Effects) {
		require.NoError(t, b.partitions[facts].truncateTo(out, 5, "test"))
		require.LessOrEqual(t, b.cleaner.reached.offsets[facts], kafka.Offset(5))
		require.Positive(t, b.flushes.holding)
	})
	c.eventually(5*time.Second, "it has fetched again", func() bool {
		return c.view(2, facts).LogEnd == 30
	})
}
