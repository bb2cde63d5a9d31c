package broker

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A connection's requests are answered in their order, also when the first has to wait and the
// others could be answered at once. Another connection does not wait.
func TestRepliesComeInOrder(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1, 2}})
	c.cut(node(1), node(2))
	l := c.dial(1)
	produce, metadata := produceRequest(-1, orders, batch("a")), latest(kmsg.NewPtrMetadataRequest())
	first, second := l.send(produce), l.send(metadata)
	third := l.send(produceRequest(1, orders, batch("b")))
	c.run(200 * time.Millisecond)
	require.Empty(t, l.replies)
	require.EqualValues(t, 1, c.view(1, orders).LogEnd, "the third request is not looked at yet")
	c.dial(1).call(metadata)

	c.world.HealAll()
	c.eventually(5*time.Second, "all are answered", func() bool { return len(l.replies) == 3 })
	for _, id := range []int32{first, second, third} {
		require.Equal(t, id, correlationOf(l.take()))
	}
	require.EqualValues(t, 2, c.view(1, orders).LogEnd)
}

// A client that hangs up while its request waits leaves nothing behind but its record.
func TestClientHangsUpWhileItsRequestWaits(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1, 2}})
	c.run(time.Second)
	before := len(c.broker(1).conns)
	c.cut(node(1), node(2))
	l := c.dial(1)
	l.send(produceRequest(-1, orders, batch("a")))
	l.send(latest(kmsg.NewPtrMetadataRequest()))
	c.run(200 * time.Millisecond)
	l.close()
	c.run(200 * time.Millisecond)
	require.Len(t, c.broker(1).conns, before)
	c.world.HealAll()
	c.run(6 * time.Second)
	require.EqualValues(t, 1, c.view(1, orders).HighWatermark)
	require.Empty(t, c.broker(1).partitions[orders].produces)
}

// A client may not have the broker remember frames without end behind a request that waits.
func TestQueuedFramesAreLimited(t *testing.T) {
	c := startCluster(t, 1)
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1}})
	l := c.dial(1)
	park := fetchRequest(orders, 0)
	park.MaxWaitMillis = 60_000
	l.send(park)
	for range maxQueuedFrames {
		l.send(kmsg.NewPtrApiVersionsRequest())
	}
	c.run(time.Second)
	require.False(t, l.closed, "as many as are allowed")
	l.send(kmsg.NewPtrApiVersionsRequest())
	c.eventually(time.Second, "one more is too many", func() bool { return l.closed })
	require.Empty(t, l.replies)
	c.mustProduce(orders, "a") // wakes the fetch of the connection that is gone
	c.run(time.Second)
}

// Frames behind a refused one are not looked at: the connection is gone.
func TestNothingIsServedAfterARefusal(t *testing.T) {
	c := startCluster(t, 1)
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1}})
	l := c.dial(1)
	l.sendFrame([]byte{0, 99, 0, 0, 0, 0, 0, 1, 0, 0})
	l.send(produceRequest(1, orders, batch("a")))
	c.eventually(time.Second, "the connection closes", func() bool { return l.closed })
	c.run(time.Second)
	require.Zero(t, c.view(1, orders).LogEnd)
}

// Nor may it have the broker remember more bytes than one frame may have.
func TestQueuedBytesAreLimited(t *testing.T) {
	c := startCluster(t, 1, "socket.request.max.bytes=20000")
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1}})
	l := c.dial(1)
	park := fetchRequest(orders, 0)
	park.MaxWaitMillis = 60_000
	l.send(park)
	long := produceRequest(1, orders, batch(strings.Repeat("x", 8000)))
	l.send(long)
	l.send(long)
	c.run(time.Second)
	require.False(t, l.closed)
	l.send(long)
	c.eventually(time.Second, "24 kB are too many", func() bool { return l.closed })
	require.Zero(t, c.view(1, orders).LogEnd)

	one := c.dial(1) // what is taken up makes room again
	for range 5 {
		require.Zero(t, produced(one.call(long)).ErrorCode)
	}
}
