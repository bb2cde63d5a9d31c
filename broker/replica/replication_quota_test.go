package replica_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/wire"
)

// catchUpTime is what a follower takes that was down while 200 KB were written.
func catchUpTime(t *testing.T, topic string, settings ...string) time.Duration {
	c := startCluster(t, 2, append(settings, "replica.fetch.max.bytes=5000",
		"replica.lag.time.max.ms=2000", "zookeeper.session.timeout.ms=6000")...)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}}, "min.insync.replicas=1", topic)
	c.Sim.Kill(node(2))
	value := string(make([]byte, 1000))
	for range 200 {
		code, _ := c.Produce(1, 1, orders, value)
		require.Equal(t, wire.None, code)
	}
	c.Run(20 * time.Second)
	c.Sim.Start(node(2))
	c.Eventually(time.Minute, "it begins", func() bool {
		p := part(c.Broker(2), orders)
		return p != nil && p.Log().LogEnd() > 0
	})
	start := c.Sim.Now()
	c.Eventually(time.Minute, "it has everything", func() bool { return c.Settled(orders, 2) })
	took := c.Sim.Now().Sub(start)
	c.RequireEqualLogs(orders, 1, 2)
	c.Eventually(time.Minute, "it is in sync", func() bool { return len(c.ISR(orders)) == 2 })
	start = c.Sim.Now()
	for range 50 { // five times the rate
		c.MustProduce(orders, value)
	}
	require.Less(t, c.Sim.Now().Sub(start), time.Second, "who is in sync is not throttled")
	return took
}

// 200 KB at 10 KB a second, throttled at either end (KIP-73).
func TestThrottledReplication(t *testing.T) {
	for _, row := range []struct {
		name, topic, rate string
		least, most       time.Duration
	}{
		{"no replica is throttled", "leader.replication.throttled.replicas=",
			"leader.replication.throttled.rate=10000", 0, time.Second},
		{"no rate is set", "leader.replication.throttled.replicas=*",
			"follower.replication.throttled.rate=10000", 0, time.Second},
		{"at the leader", "leader.replication.throttled.replicas=*",
			"leader.replication.throttled.rate=10000", 15 * time.Second, 30 * time.Second},
		{"at this leader", "leader.replication.throttled.replicas=0:1",
			"leader.replication.throttled.rate=10000", 15 * time.Second, 30 * time.Second},
		{"at another leader", "leader.replication.throttled.replicas=0:2",
			"leader.replication.throttled.rate=10000", 0, time.Second},
		{"at the follower", "follower.replication.throttled.replicas=0:2",
			"follower.replication.throttled.rate=10000", 15 * time.Second, 30 * time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			took := catchUpTime(t, row.topic, row.rate)
			require.GreaterOrEqual(t, took, row.least)
			require.LessOrEqual(t, took, row.most)
		})
	}
}
