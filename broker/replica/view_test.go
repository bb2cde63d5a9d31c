package replica_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/brokertest"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// glance is what of a replica a check of the insides may depend on, apart from the records.
type glance struct {
	logStart, highWatermark, logEnd kafka.Offset
	leads                           bool
	epoch                           kafka.Epoch
	isr                             string
}

// Whatever changes of a replica, a note of the same event names its partition: whoever watches the
// notes need look at no other replica. One that was stopped no longer takes part in anything.
func TestEveryChangeIsNoted(t *testing.T) {
	c := startCluster(t, 3, "replica.lag.time.max.ms=2000", "zookeeper.session.timeout.ms=6000",
		"log.retention.check.interval.ms=3000", "log.initial.task.delay.ms=100")
	type replica struct {
		broker int
		tp     kafka.TopicPartition
	}
	before, seen, changes := map[replica]glance{}, 0, 0
	c.Sim.AfterEvent(func(model.NodeID) {
		fresh := c.Notes[seen:]
		seen = len(c.Notes)
		for i := range c.Brokers {
			b := c.Broker(i + 1)
			if b == nil {
				continue
			}
			for _, v := range b.Replicas().Views(nil) {
				now := glance{v.LogStart, v.HighWatermark, v.LogEnd, v.Leading, v.LeaderEpoch, ""}
				for _, id := range v.ISR {
					now.isr += string(rune('0' + id))
				}
				key := replica{i + 1, v.TP}
				if now == before[key] || part(b, v.TP).Stopped() {
					continue
				}
				changes++
				named := func(l kafka.TraceLine) bool {
					return l.Node == node(i+1) && l.Note.Topic == v.TP.Topic && l.Note.Partition == v.TP.Partition
				}
				require.True(t, slices.ContainsFunc(fresh, named), "%v: %v became %v", key, before[key], now)
				before[key] = now
			}
		}
	})
	c.CreateTopic("orders", [][]int32{{1, 2, 3}, {2, 3, 1}}, "min.insync.replicas=1", "segment.bytes=200",
		"retention.bytes=400")
	orders := tp("orders", 0)
	for range 10 {
		c.MustProduce(orders, "a", "b", "c")
	}
	c.Run(5 * time.Second)
	c.Cut(node(1), node(2), node(3), brokertest.ZooKeeper)
	code, _ := c.Produce(1, 1, orders, "lost")
	require.Equal(t, wire.None, code)
	c.Run(20 * time.Second)
	c.MustProduce(orders, "kept")
	c.Sim.HealAll()
	c.Run(10 * time.Second)
	c.Sim.PowerLossNothingKept(node(2))
	c.Run(10 * time.Second)
	c.Sim.Start(node(2))
	c.Eventually(time.Minute, "all is well", func() bool {
		return c.Settled(orders, 1, 2, 3) && len(c.ISR(orders)) == 3
	})
	require.Equal(t, wire.None, c.deleteTopic("orders"))
	c.Run(5 * time.Second)
	require.Greater(t, changes, 70)
}
