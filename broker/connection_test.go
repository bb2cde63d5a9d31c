package broker_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker"
	"sandcastle/broker/brokertest"
)

// A connection's requests are answered in their order, also when the first has to wait and the
// others could be answered at once. Another connection does not wait.
func TestRepliesComeInOrder(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	c.Cut(node(1), node(2))
	l := c.Dial(1)
	produce, metadata := produceRequest(-1, orders, batch("a")), latest(kmsg.NewPtrMetadataRequest())
	first, second := l.Send(produce), l.Send(metadata)
	third := l.Send(produceRequest(1, orders, batch("b")))
	c.Run(200 * time.Millisecond)
	require.Empty(t, l.Replies)
	require.EqualValues(t, 1, c.View(1, orders).LogEnd, "the third request is not looked at yet")
	c.Dial(1).Call(metadata)

	c.Sim.HealAll()
	c.Eventually(5*time.Second, "all are answered", func() bool { return len(l.Replies) == 3 })
	for _, id := range []int32{first, second, third} {
		require.Equal(t, id, brokertest.CorrelationOf(l.Take()))
	}
	require.EqualValues(t, 2, c.View(1, orders).LogEnd)
}

// A client that hangs up while its request waits leaves nothing behind but its record.
func TestClientHangsUpWhileItsRequestWaits(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	c.Run(time.Second)
	before := c.Broker(1).Connections()
	c.Cut(node(1), node(2))
	l := c.Dial(1)
	l.Send(produceRequest(-1, orders, batch("a")))
	l.Send(latest(kmsg.NewPtrMetadataRequest()))
	c.Run(200 * time.Millisecond)
	l.Close()
	c.Run(200 * time.Millisecond)
	require.Equal(t, before, c.Broker(1).Connections())
	c.Sim.HealAll()
	c.Run(6 * time.Second)
	require.EqualValues(t, 1, c.View(1, orders).HighWatermark)
}

// A client may not have the broker remember frames without end behind a request that waits.
func TestQueuedFramesAreLimited(t *testing.T) {
	c := startCluster(t, 1)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1}})
	l := c.Dial(1)
	park := fetchRequest(orders, 0)
	park.MaxWaitMillis = 60_000
	l.Send(park)
	for range broker.MaxQueuedFrames {
		l.Send(kmsg.NewPtrApiVersionsRequest())
	}
	c.Run(time.Second)
	require.False(t, l.Closed, "as many as are allowed")
	l.Send(kmsg.NewPtrApiVersionsRequest())
	c.Eventually(time.Second, "one more is too many", func() bool { return l.Closed })
	require.Empty(t, l.Replies)
	c.MustProduce(orders, "a") // wakes the fetch of the connection that is gone
	c.Run(time.Second)
}

// Frames behind a refused one are not looked at: the connection is gone.
func TestNothingIsServedAfterARefusal(t *testing.T) {
	c := startCluster(t, 1)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1}})
	l := c.Dial(1)
	l.SendFrame([]byte{0, 99, 0, 0, 0, 0, 0, 1, 0, 0})
	l.Send(produceRequest(1, orders, batch("a")))
	c.Eventually(time.Second, "the connection closes", func() bool { return l.Closed })
	c.Run(time.Second)
	require.Zero(t, c.View(1, orders).LogEnd)
}

// Nor may it have the broker remember more bytes than one frame may have.
func TestQueuedBytesAreLimited(t *testing.T) {
	c := startCluster(t, 1, "socket.request.max.bytes=20000")
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1}})
	l := c.Dial(1)
	park := fetchRequest(orders, 0)
	park.MaxWaitMillis = 60_000
	l.Send(park)
	long := produceRequest(1, orders, batch(strings.Repeat("x", 8000)))
	l.Send(long)
	l.Send(long)
	c.Run(time.Second)
	require.False(t, l.Closed)
	l.Send(long)
	c.Eventually(time.Second, "24 kB are too many", func() bool { return l.Closed })
	require.Zero(t, c.View(1, orders).LogEnd)

	one := c.Dial(1) // what is taken up makes room again
	for range 5 {
		require.Zero(t, produced(one.Call(long)).ErrorCode)
	}
}
