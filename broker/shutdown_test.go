package broker_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/broker"
	"sandcastle/broker/brokertest"
	"sandcastle/broker/log"
	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
	"sandcastle/sim"
)

func (c *cluster) shutDown(id int) {
	c.T.Helper()
	c.Sim.Command(node(id), broker.Shutdown{})
	c.Eventually(time.Minute, "the broker has ended", func() bool { return c.Broker(id) == nil })
}

// Even a power loss right after a clean shutdown takes nothing: all is flushed, and the marker with
// it, so the next start scans no log.
func TestCleanShutdown(t *testing.T) {
	c := startCluster(t, 2, "controlled.shutdown.retry.backoff.ms=100")
	c.CreateTopic("orders", [][]int32{{1, 2}})
	orders := tp("orders", 0)
	c.MustProduce(orders, "a", "b", "c")
	c.Run(time.Second)
	epoch := c.Broker(1).Epoch()
	at := c.Sim.Now()
	c.shutDown(1)
	require.Less(t, c.Sim.Now().Sub(at), 5*time.Second)
	c.Eventually(time.Second, "its node is gone at once, not when the session expires", func() bool {
		return !c.Broker(2).Alive(1)
	})
	c.Sim.PowerLossNothingKept(node(1))
	require.JSONEq(t, `{"version":0,"brokerEpoch":`+strconv.FormatInt(epoch, 10)+`}`,
		c.File(1, log.CleanShutdownFile))
	require.Equal(t, "0\n1\norders 0 3\n", c.File(1, log.RecoveryPointCheckpoint))

	c.Sim.Start(node(1))
	c.Eventually(time.Minute, "it is back", func() bool {
		b := c.Broker(1)
		_, holds := b.Replicas().Position(orders)
		return holds && b.Registered()
	})
	require.EqualValues(t, 3, c.View(1, orders).LogEnd)
	names, err := c.Sim.Disk(node(1)).List("")
	require.NoError(t, err)
	require.NotContains(t, names, log.CleanShutdownFile, "what says so is gone as soon as it is read")
}

// The marker does not come back with a power loss: what was written since is checked.
func TestMarkerIsGoneForGood(t *testing.T) {
	c := startCluster(t, 1, "controlled.shutdown.retry.backoff.ms=100")
	c.CreateTopic("orders", [][]int32{{1}})
	orders := tp("orders", 0)
	c.MustProduce(orders, "a")
	c.shutDown(1)
	c.Sim.Start(node(1))
	c.Eventually(time.Minute, "it leads", func() bool { return c.Leader(orders) == 1 })
	c.MustProduce(orders, "b")
	c.Sim.PowerLossNothingKept(node(1))
	names, err := c.Sim.Disk(node(1)).List("")
	require.NoError(t, err)
	require.NotContains(t, names, log.CleanShutdownFile)
	c.Sim.Start(node(1))
	c.Eventually(time.Minute, "it leads", func() bool { return c.Leader(orders) == 1 })
	require.EqualValues(t, 1, c.View(1, orders).LogEnd)
}

// A log that this incarnation never opened may be damaged: the marker would vouch for it.
func TestNoMarkerForLogsThatWereNotOpened(t *testing.T) {
	c := startCluster(t, 1, "controlled.shutdown.enable=false")
	c.CreateTopic("orders", [][]int32{{1}})
	c.MustProduce(tp("orders", 0), "a")
	_, err := c.Sim.Disk(node(1)).Open("stray-0/00000000000000000000.log")
	require.NoError(t, err)
	c.shutDown(1)
	names, err := c.Sim.Disk(node(1)).List("")
	require.NoError(t, err)
	require.NotContains(t, names, log.CleanShutdownFile)
}

// A broker whose ZooKeeper does not answer shuts down all the same.
func TestShutdownWithoutZooKeeper(t *testing.T) {
	c := startCluster(t, 1, "controlled.shutdown.retry.backoff.ms=100",
		"controller.socket.timeout.ms=1000") // the controller is cut off too, and does not answer
	c.Cut(node(1), brokertest.ZooKeeper)
	c.Run(15 * time.Second)
	c.shutDown(1)
}

// The first error of the disk ends the broker; requests that met it hear of it first.
func TestDiskFailureEndsTheBroker(t *testing.T) {
	for _, fault := range []sim.DiskFault{sim.DiskFailing, sim.DiskFull} {
		c := startCluster(t, 2)
		c.CreateTopic("orders", [][]int32{{1, 2}})
		orders := tp("orders", 0)
		c.MustProduce(orders, "a")
		c.Sim.BreakDisk(node(1), fault)
		code, _ := c.Produce(1, 1, orders, "b")
		require.Equal(t, wire.KafkaStorageError, code, fault.String())
		require.Nil(t, c.Broker(1))
		require.Equal(t, 1, c.Noted(kafka.LogDirFailed, node(1), kafka.TopicPartition{}))
		c.Eventually(time.Minute, "the other leads", func() bool { return c.Leader(orders) == 2 })
		c.Sim.MendDisk(node(1))
		c.Sim.Start(node(1))
		c.Eventually(time.Minute, "it follows", func() bool {
			return c.Broker(1).Replicas().Follows(orders)
		})
	}
}

// A flush that fails has made nothing durable: whoever waits for it is never told that it has.
func TestFlushFailureEndsTheBroker(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("orders", [][]int32{{1}}, "flush.messages=1")
	orders := tp("orders", 0)
	c.MustProduce(orders, "a")
	c.Sim.BreakDisk(node(1), sim.FlushFailing)
	l := c.Dial(1)
	l.Send(produceRequest(1, orders, batch("b")))
	c.Eventually(time.Second, "the broker ends", func() bool { return c.Broker(1) == nil })
	require.Empty(t, l.Replies)
}

// A disk that fails at the start ends the broker at once, and one that has been mended does not.
func TestDiskFailureAtTheStart(t *testing.T) {
	c := startCluster(t, 1)
	c.Sim.Kill(node(1))
	c.Sim.BreakDisk(node(1), sim.DiskFailing)
	c.Sim.Start(node(1))
	c.Run(time.Second)
	require.Nil(t, c.Broker(1))
	c.Sim.MendDisk(node(1))
	c.Sim.Start(node(1))
	c.Eventually(time.Minute, "it serves", func() bool { return c.Broker(1).Registered() })
}

// What is known of idempotent producers is written down, so that the next start need not read the
// log for it; producers that are silent for long are forgotten.
func TestProducersAtShutdownAndExpiry(t *testing.T) {
	c := startCluster(t, 1, "controlled.shutdown.enable=false", "producer.id.expiration.ms=120000",
		"producer.id.expiration.check.interval.ms=60000")
	c.CreateTopic("orders", [][]int32{{1}})
	orders := tp("orders", 0)
	records := batch("a")
	wire.RewriteProducer(records, wire.BatchProducer{ID: 7, Epoch: 0, BaseSequence: 0})
	c.Request(1, produceRequest(1, orders, records))
	c.shutDown(1)
	names, err := c.Sim.Disk(node(1)).List("orders-0")
	require.NoError(t, err)
	require.Contains(t, names, "orders-0/00000000000000000001.snapshot")
	c.Sim.Start(node(1))
	c.Eventually(time.Minute, "it leads", func() bool { return c.Leader(orders) == 1 })
	p, _ := c.Broker(1).Replicas().Find(orders)
	require.Len(t, p.ActiveProducers(), 1)
	c.Run(4 * time.Minute)
	require.Empty(t, p.ActiveProducers())
}
