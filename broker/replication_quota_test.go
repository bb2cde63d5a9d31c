package broker

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// The rate is that of the samples of the last eleven seconds, and of one second at the least.
func TestReplicationQuota(t *testing.T) {
	q := &replicationQuota{}
	at := func(d time.Duration) *replicationQuota {
		q.at = model.Time(0).Add(d)
		return q
	}
	require.False(t, at(0).exceeded(0), "nothing went through")
	at(100 * time.Millisecond).record(1000)
	require.True(t, q.exceeded(999))
	require.False(t, q.exceeded(1000))
	require.False(t, q.exceeded(math.MaxInt64))
	at(900 * time.Millisecond).record(500)
	require.True(t, q.exceeded(1499), "they fall into one sample")
	require.True(t, at(3*time.Second).exceeded(499))
	require.False(t, q.exceeded(500), "1,500 bytes in three seconds")
	q.record(300)
	require.True(t, q.exceeded(599))
	require.False(t, q.exceeded(600))
	require.True(t, at(11*time.Second).exceeded(37), "the first sample is too old: 300 bytes in 8 s")
	require.False(t, q.exceeded(38))
	require.False(t, at(14*time.Second).exceeded(0))
	for i := range 100 {
		at(time.Duration(20+i) * time.Second).record(10)
	}
	require.True(t, q.exceeded(10), "eleven samples over the ten seconds between them")
	require.False(t, q.exceeded(11))
}

// catchUpTime is what a follower takes that was down while 200 KB were written.
func catchUpTime(t *testing.T, topic string, settings ...string) time.Duration {
	c := startCluster(t, 2, append(settings, "replica.fetch.max.bytes=5000",
		"replica.lag.time.max.ms=2000", "zookeeper.session.timeout.ms=6000")...)
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1, 2}}, "min.insync.replicas=1", topic)
	c.world.Kill(node(2))
	value := string(make([]byte, 1000))
	for range 200 {
		code, _ := c.produce(1, 1, orders, value)
		require.Equal(t, wire.None, code)
	}
	c.run(20 * time.Second)
	c.world.Start(node(2))
	c.eventually(time.Minute, "it begins", func() bool {
		p := c.broker(2).partitions[orders]
		return p != nil && p.log.LogEnd() > 0
	})
	start := c.world.Now()
	c.eventually(time.Minute, "it has everything", func() bool { return c.settled(orders, 2) })
	took := c.world.Now().Sub(start)
	c.requireEqualLogs(orders, 1, 2)
	c.eventually(time.Minute, "it is in sync", func() bool { return len(c.isr(orders)) == 2 })
	start = c.world.Now()
	for range 50 { // five times the rate
		c.mustProduce(orders, value)
	}
	require.Less(t, c.world.Now().Sub(start), time.Second, "who is in sync is not throttled")
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
