package host

import (
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
)

// A client that sends thousands of requests and then reads gets every answer, in order, and the
// broker holds one of them at a time; a long poll in front makes the others wait.
func TestPipelining(t *testing.T) {
	const many = 5000
	c := startCluster(t, 1, t.TempDir())
	defer c.kill()
	undisturbed := standBy(t, c.Addrs()[0], 2*time.Second)
	for _, first := range []kmsg.Request{
		produceTo(-1, records(100)), fetchFrom(1<<40, 0, 1000), poll(500 * time.Millisecond),
	} {
		client, err := newCaller(c.Addrs()[0])
		require.NoError(t, err)
		defer client.conn.Close()
		list := []kmsg.Request{first}
		for range many {
			list = append(list, kmsg.NewPtrApiVersionsRequest())
		}
		written := make(chan error, 1)
		go func() { written <- client.write(list...) }()
		for i, req := range list {
			_, err := client.read(req, int32(i+1))
			require.NoError(t, err, "answer %d", i)
		}
		require.NoError(t, <-written)
	}
	undisturbed()
}

// poll waits at the end of orders-1, to which nobody writes.
func poll(wait time.Duration) kmsg.Request {
	req := fetchFrom(0, wait, 1000)
	req.Topics[0].Partitions[0].Partition = 1
	return req
}

// Writes that follow one another without waiting are all acknowledged, also where each waits for
// followers: librdkafka has a million of them in flight if it can.
func TestPipelinedWrites(t *testing.T) {
	t.Parallel()
	const many = 3000
	c := startCluster(t, 3, t.TempDir())
	defer c.kill()
	client, err := newCaller(leaderOf(t, c))
	require.NoError(t, err)
	defer client.conn.Close()
	var list []kmsg.Request
	for range many {
		list = append(list, produceTo(-1, records(1000)))
	}
	written := make(chan error, 1)
	go func() { written <- client.write(list...) }()
	for i, req := range list {
		resp, err := client.read(req, int32(i+1))
		require.NoError(t, err, "answer %d", i)
		part := resp.(*kmsg.ProduceResponse).Topics[0].Partitions[0]
		require.Equal(t, wire.None, wire.Code(part.ErrorCode))
		require.EqualValues(t, i+1, part.BaseOffset)
	}
	require.NoError(t, <-written)
}

// Who asks for megabytes again and again and reads nothing costs one answer, however much it asks
// for, and is cut off when nothing was read for connections.max.idle.ms.
func TestSlowReaders(t *testing.T) {
	const readers, answer = 8, 16 << 20
	cfg := clusterConfig(t, 1, t.TempDir())
	require.NoError(t, cfg.Brokers[0].Broker.Set("connections.max.idle.ms", "3000"))
	c, err := StartCluster(cfg)
	require.NoError(t, err)
	defer c.kill()
	require.NoError(t, c.Ready(t.Context()))
	require.NoError(t, c.CreateTopics(t.Context(), ordersTopic(1, 1)))
	fill(t, c.Addrs()[0], 2*answer)
	undisturbed := standBy(t, c.Addrs()[0], 2*time.Second)
	before := heapInUse()
	var all []net.Conn
	for range readers {
		client, err := newCaller(c.Addrs()[0])
		require.NoError(t, err)
		defer client.conn.Close()
		var list []kmsg.Request
		for range 200 {
			list = append(list, fetchFrom(0, time.Second, answer))
		}
		require.NoError(t, client.write(list...))
		all = append(all, client.conn)
	}
	n := c.brokers[0]
	require.Eventually(t, func() bool { return n.unread.Load() >= readers*(answer-1<<20) },
		10*time.Second, time.Millisecond)
	held := n.unread.Load()
	used := heapInUse() - before
	t.Logf("%d readers that asked for %d MiB each hold %d MiB, of a heap that grew by %d MiB",
		readers, 200*answer>>20, held>>20, used>>20)
	require.Less(t, held, int64(readers*(answer+2<<20)), "one answer for each")
	require.Less(t, used, uint64(maxUnread))
	began := time.Now()
	require.Eventually(t, func() bool { return n.unread.Load() == 0 }, 20*time.Second, time.Millisecond)
	t.Logf("cut off after %s", time.Since(began).Round(time.Millisecond))
	undisturbed()
	for _, conn := range all {
		require.Less(t, awaitEnd(t, conn), int64(answer), "the rest never comes")
	}
}

// fill writes so many bytes to orders-0.
func fill(t *testing.T, addr string, bytes int) {
	client, err := newCaller(addr)
	require.NoError(t, err)
	defer client.conn.Close()
	const size = 900 << 10
	for range bytes / size {
		resp, err := client.call(produceTo(-1, records(size)))
		require.NoError(t, err)
		require.Zero(t, resp.(*kmsg.ProduceResponse).Topics[0].Partitions[0].ErrorCode)
	}
}
