package broker

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/log"
	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
	"sandcastle/sim"
)

func (c *cluster) shutDown(id int) {
	c.t.Helper()
	c.world.Command(node(id), Shutdown{})
	c.eventually(time.Minute, "the broker has ended", func() bool { return c.broker(id) == nil })
}

func (c *cluster) file(id int, name string) string {
	f, err := c.world.Disk(node(id)).Open(name)
	require.NoError(c.t, err)
	b := make([]byte, f.Size())
	_, _ = f.ReadAt(b, 0)
	return string(b)
}

// Even a power loss right after a clean shutdown takes nothing: all is flushed, and the marker with
// it, so the next start scans no log.
func TestCleanShutdown(t *testing.T) {
	c := startCluster(t, 2, "controlled.shutdown.retry.backoff.ms=100")
	c.createTopic("orders", [][]int32{{1, 2}})
	orders := tp("orders", 0)
	c.mustProduce(orders, "a", "b", "c")
	c.run(time.Second)
	epoch := c.broker(1).registered.epoch
	at := c.world.Now()
	c.shutDown(1)
	require.Less(t, c.world.Now().Sub(at), 5*time.Second)
	c.eventually(time.Second, "its node is gone at once, not when the session expires", func() bool {
		return !c.broker(2).metadata.alive(1)
	})
	c.world.PowerLossNothingKept(node(1))
	require.JSONEq(t, `{"version":0,"brokerEpoch":`+strconv.FormatInt(epoch, 10)+`}`,
		c.file(1, log.CleanShutdownFile))
	require.Equal(t, "0\n1\norders 0 3\n", c.file(1, log.RecoveryPointCheckpoint))

	c.world.Start(node(1))
	c.eventually(time.Minute, "it is back", func() bool {
		b := c.broker(1)
		return b.partitions[orders] != nil && b.registered.done
	})
	require.True(t, c.broker(1).shutdown.clean)
	require.EqualValues(t, 3, c.view(1, orders).LogEnd)
	names, err := c.world.Disk(node(1)).List("")
	require.NoError(t, err)
	require.NotContains(t, names, log.CleanShutdownFile, "what says so is gone as soon as it is read")
}

// The marker does not come back with a power loss: what was written since is checked.
func TestMarkerIsGoneForGood(t *testing.T) {
	c := startCluster(t, 1, "controlled.shutdown.retry.backoff.ms=100")
	c.createTopic("orders", [][]int32{{1}})
	orders := tp("orders", 0)
	c.mustProduce(orders, "a")
	c.shutDown(1)
	c.world.Start(node(1))
	c.eventually(time.Minute, "it leads", func() bool { return c.leader(orders) == 1 })
	c.mustProduce(orders, "b")
	c.world.PowerLossNothingKept(node(1))
	c.world.Start(node(1))
	require.False(t, c.broker(1).shutdown.clean)
	c.eventually(time.Minute, "it leads", func() bool { return c.leader(orders) == 1 })
	require.EqualValues(t, 1, c.view(1, orders).LogEnd)
}

// A log that this incarnation never opened may be damaged: the marker would vouch for it.
func TestNoMarkerForLogsThatWereNotOpened(t *testing.T) {
	c := startCluster(t, 1, "controlled.shutdown.enable=false")
	c.createTopic("orders", [][]int32{{1}})
	c.mustProduce(tp("orders", 0), "a")
	_, err := c.world.Disk(node(1)).Open("stray-0/00000000000000000000.log")
	require.NoError(t, err)
	c.shutDown(1)
	names, err := c.world.Disk(node(1)).List("")
	require.NoError(t, err)
	require.NotContains(t, names, log.CleanShutdownFile)
}

// A broker whose ZooKeeper does not answer shuts down all the same.
func TestShutdownWithoutZooKeeper(t *testing.T) {
	c := startCluster(t, 1, "controlled.shutdown.retry.backoff.ms=100",
		"controller.socket.timeout.ms=1000") // the controller is cut off too, and does not answer
	c.cut(node(1), zooKeeper)
	c.run(15 * time.Second)
	c.shutDown(1)
}

// The first error of the disk ends the broker; requests that met it hear of it first.
func TestDiskFailureEndsTheBroker(t *testing.T) {
	for _, fault := range []sim.DiskFault{sim.DiskFailing, sim.DiskFull} {
		c := startCluster(t, 2)
		c.createTopic("orders", [][]int32{{1, 2}})
		orders := tp("orders", 0)
		c.mustProduce(orders, "a")
		c.world.BreakDisk(node(1), fault)
		code, _ := c.produce(1, 1, orders, "b")
		require.Equal(t, wire.KafkaStorageError, code, fault.String())
		require.Nil(t, c.broker(1))
		require.Equal(t, 1, c.noted(kafka.LogDirFailed, node(1), kafka.TopicPartition{}))
		c.eventually(time.Minute, "the other leads", func() bool { return c.leader(orders) == 2 })
		c.world.MendDisk(node(1))
		c.world.Start(node(1))
		c.eventually(time.Minute, "it follows", func() bool {
			b := c.broker(1)
			return b.partitions[orders] != nil && b.partitions[orders].role == roleFollower
		})
	}
}

// A flush that fails has made nothing durable: whoever waits for it is never told that it has.
func TestFlushFailureEndsTheBroker(t *testing.T) {
	c := startCluster(t, 1)
	c.createTopic("orders", [][]int32{{1}}, "flush.messages=1")
	orders := tp("orders", 0)
	c.mustProduce(orders, "a")
	c.world.BreakDisk(node(1), sim.FlushFailing)
	l := c.dial(1)
	l.send(produceRequest(1, orders, batch("b")))
	c.eventually(time.Second, "the broker ends", func() bool { return c.broker(1) == nil })
	require.Empty(t, l.replies)
}

// A disk that fails at the start ends the broker at once, and one that has been mended does not.
func TestDiskFailureAtTheStart(t *testing.T) {
	c := startCluster(t, 1)
	c.world.Kill(node(1))
	c.world.BreakDisk(node(1), sim.DiskFailing)
	c.world.Start(node(1))
	c.run(time.Second)
	require.Nil(t, c.broker(1))
	c.world.MendDisk(node(1))
	c.world.Start(node(1))
	c.eventually(time.Minute, "it serves", func() bool { return c.broker(1).registered.done })
}

// What is known of idempotent producers is written down, so that the next start need not read the
// log for it; producers that are silent for long are forgotten.
func TestProducersAtShutdownAndExpiry(t *testing.T) {
	c := startCluster(t, 1, "controlled.shutdown.enable=false", "producer.id.expiration.ms=120000",
		"producer.id.expiration.check.interval.ms=60000")
	c.createTopic("orders", [][]int32{{1}})
	orders := tp("orders", 0)
	records := batch("a")
	wire.RewriteProducer(records, wire.BatchProducer{ID: 7, Epoch: 0, BaseSequence: 0})
	c.request(1, produceRequest(1, orders, records))
	c.shutDown(1)
	names, err := c.world.Disk(node(1)).List("orders-0")
	require.NoError(t, err)
	require.Contains(t, names, "orders-0/00000000000000000001.snapshot")
	c.world.Start(node(1))
	c.eventually(time.Minute, "it leads", func() bool { return c.leader(orders) == 1 })
	require.Equal(t, 1, c.broker(1).partitions[orders].log.Producers())
	c.run(4 * time.Minute)
	require.Zero(t, c.broker(1).partitions[orders].log.Producers())
}
