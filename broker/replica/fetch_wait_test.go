package replica_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker"
	"sandcastle/broker/brokertest"
	"sandcastle/broker/wire"
	"sandcastle/model"
)

// waiting is a fetch that has had a second to be answered and was not.
type waiting struct {
	c   *cluster
	l   *brokertest.Line
	req *kmsg.FetchRequest
	id  int32
}

func (c *cluster) waits(id int, req *kmsg.FetchRequest) *waiting {
	c.T.Helper()
	w := &waiting{c: c, l: c.Dial(id), req: req}
	w.id = w.l.Send(req)
	c.Run(time.Second)
	require.Empty(c.T, w.l.Replies, "it should wait")
	return w
}

// answer is what it gets within a millisecond.
func (w *waiting) answer() *kmsg.FetchResponse {
	w.c.T.Helper()
	w.c.Run(time.Millisecond)
	require.Len(w.c.T, w.l.Replies, 1, "it should be answered")
	return w.l.Receive(w.req, w.id).(*kmsg.FetchResponse)
}

// What ends the wait of a fetch that wants more bytes than there will be, by the letters of
// DelayedFetch (3.9).
func TestFetchThatWaitsIsAnswered(t *testing.T) {
	orders, bills := tp("orders", 0), tp("bills", 0)
	start := func(t *testing.T) (*cluster, *waiting) {
		c := startCluster(t, 2)
		c.CreateTopic("orders", [][]int32{{1, 2}}, "segment.bytes=300")
		c.CreateTopic("bills", [][]int32{{1, 2}})
		c.MustProduce(orders, "a")
		req := patient(orders, 0, 1<<19)
		req.Topics[0].Partitions[0].CurrentLeaderEpoch = 0
		addFetch(req, "bills", fetchPartition(0, 0))
		return c, c.waits(1, req)
	}
	first := func(resp *kmsg.FetchResponse) wire.Code {
		return wire.Code(resp.Topics[0].Partitions[0].ErrorCode)
	}
	t.Run("A: it does not lead any longer", func(t *testing.T) {
		c, w := start(t)
		c.becomeFollower(1, orders, 2)
		require.Equal(t, wire.FencedLeaderEpoch, first(w.answer()))
	})
	t.Run("B: the replica is gone", func(t *testing.T) {
		c, w := start(t)
		require.Equal(t, wire.None, c.deleteTopic("bills"))
		c.Eventually(time.Second, "it is answered", func() bool { return len(w.l.Replies) == 1 })
		resp := w.answer()
		require.Equal(t, wire.None, first(resp))
		require.NotZero(t, resp.Topics[1].Partitions[0].ErrorCode)
	})
	t.Run("E: its epoch is fenced", func(t *testing.T) {
		c, w := start(t)
		c.Inside(1, func(b *broker.Broker, out *model.Effects) {
			p := part(b, orders)
			require.NoError(t, p.LeadAgain(out, 1))
		})
		require.Equal(t, wire.FencedLeaderEpoch, first(w.answer()))
	})
	t.Run("F: the log rolls", func(t *testing.T) {
		c, w := start(t)
		c.MustProduce(orders, "b")
		c.MustProduce(orders, "c")
		c.MustProduce(orders, "d")
		c.Run(time.Second)
		require.Empty(t, w.l.Replies, "all is in one segment")
		c.MustProduce(orders, "e")
		require.Equal(t, []string{"a", "b", "c", "d"}, c.Values(w.answer().Topics[0].Partitions[0]))
	})
	t.Run("F: the log is cut", func(t *testing.T) {
		c, w := start(t)
		req := patient(orders, 1, 1<<19)
		behind := c.waits(1, req)
		c.Inside(1, func(b *broker.Broker, out *model.Effects) {
			require.NoError(t, part(b, orders).TruncateTo(out, 0, "test"))
			part(b, orders).CompleteFetches(out)
		})
		require.Equal(t, wire.OffsetOutOfRange, first(behind.answer()))
		require.Empty(t, w.l.Replies, "this one asks for what is there")
	})
	t.Run("the log starts later", func(t *testing.T) {
		c, w := start(t)
		c.deleteRecords(1, orders, 1)
		c.MustProduce(bills, "b")
		require.Equal(t, wire.OffsetOutOfRange, first(w.answer()))
	})
	t.Run("G: there are bytes enough, in all partitions together", func(t *testing.T) {
		c, w := start(t)
		for range 3 {
			c.MustProduce(bills, string(make([]byte, 150_000)))
		}
		c.Run(time.Second)
		require.Empty(t, w.l.Replies)
		c.MustProduce(bills, string(make([]byte, 150_000)))
		resp := w.answer()
		require.Len(t, c.Values(resp.Topics[0].Partitions[0]), 1)
		require.Len(t, c.Values(resp.Topics[1].Partitions[0]), 4)
	})
	t.Run("by the timer", func(t *testing.T) {
		c, w := start(t)
		c.Run(9 * time.Second)
		require.Equal(t, []string{"a"}, c.Values(w.answer().Topics[0].Partitions[0]))
	})
}

// A partition that is not to be found makes no fetch urgent: the others are waited for.
func TestFetchOfUnknownPartitionsWaits(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("orders", [][]int32{{1}})
	req := patient(tp("orders", 0), 0, 1)
	addFetch(req, "nothing", fetchPartition(0, 0))
	w := c.waits(1, req)
	c.MustProduce(tp("orders", 0), "a")
	resp := w.answer()
	require.Equal(t, []string{"a"}, c.Values(resp.Topics[0].Partitions[0]))
	require.Equal(t, wire.UnknownTopicOrPartition, wire.Code(resp.Topics[1].Partitions[0].ErrorCode))
}

// What MinBytes counts is bounded by what the fetch may take: by its own limit for the whole, by
// that of each partition for its part. The first read of all counts the first batch whole.
func TestFetchMinBytesWithinLimits(t *testing.T) {
	c := startCluster(t, 1)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1}})
	c.MustProduce(orders, "a")
	size := int32(len(batch("a")))
	for _, row := range []struct {
		name                             string
		minBytes, maxBytes, partitionMax int32
		waits                            bool
	}{
		{"all that there is", size, 1 << 20, 1 << 20, false},
		{"more than there is", size + 1, 1 << 20, 1 << 20, true},
		{"more than it may take", 1 << 20, size, 1 << 20, false},
		{"more than its part", size, 1 << 20, 1, false},
		{"none", 0, 1 << 20, 1 << 20, false},
		{"less than none", -1, 1 << 20, 1 << 20, false},
		{"nothing may be taken", 1 << 20, 0, 1 << 20, false},
		{"less than nothing", 1 << 20, -1 << 31, -1 << 31, false},
		{"a part of nothing", size + 1, 1 << 20, 0, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			req := patient(orders, 0, row.minBytes)
			req.MaxWaitMillis, req.MaxBytes = 100, row.maxBytes
			req.Topics[0].Partitions[0].PartitionMaxBytes = row.partitionMax
			resp, took := c.timed(1, req)
			require.Equal(t, row.waits, took >= 100*time.Millisecond)
			require.Equal(t, []string{"a"}, c.Values(fetchedPart(resp)), "the first batch comes in any case")
		})
	}
}

// A request of a session that comes while another waits takes its place (FetchSession.scala,
// IncrementalFetchContext.updateAndGenerateResponseData, 3.9). A session that ends lets the one that
// waits have its answer.
func TestFetchSessionWithTwoRequests(t *testing.T) {
	c := startCluster(t, 1)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1}})
	open := sessionFetch(0, initialEpoch)
	addFetch(open, "orders", fetchPartition(0, 0))
	id := c.Request(1, open).(*kmsg.FetchResponse).SessionID
	next := func(epoch int32) *kmsg.FetchRequest {
		req := sessionFetch(id, epoch)
		req.MaxWaitMillis = 10_000
		return req
	}
	one := c.waits(1, next(1))
	two := c.waits(1, next(2))
	require.Equal(t, wire.InvalidFetchSessionEpoch, wire.Code(one.answer().ErrorCode))
	closing := sessionFetch(id, finalEpoch)
	require.Zero(t, c.Request(1, closing).(*kmsg.FetchResponse).ErrorCode)
	require.Zero(t, c.Broker(1).Replicas().Sessions())
	c.MustProduce(orders, "a")
	require.Equal(t, []string{"a"}, c.Values(fetchedPart(two.answer())))
	require.Zero(t, part(c.Broker(1), orders).Watchers(), "nothing is left of either")
}

// One partition with much to read does not keep the others from being read (KIP-227).
func TestFetchSessionIsFair(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("orders", [][]int32{{1}, {1}, {1}})
	req := sessionFetch(0, initialEpoch)
	req.MaxBytes = 1 // a batch at a time
	for p := range 3 {
		addFetch(req, "orders", fetchPartition(int32(p), 0))
		for _, v := range []string{"a", "b"} {
			c.MustProduce(tp("orders", p), v)
		}
	}
	var order []int32
	from := make([]int64, 3)
	for range 6 {
		resp := c.Request(1, req).(*kmsg.FetchResponse)
		for i := range resp.Topics {
			for _, part := range resp.Topics[i].Partitions {
				if len(part.RecordBatches) > 0 {
					order = append(order, part.Partition)
				}
			}
		}
		last := order[len(order)-1]
		from[last]++
		req = sessionFetch(resp.SessionID, req.SessionEpoch+1)
		req.MaxBytes = 1
		addFetch(req, "orders", fetchPartition(last, from[last]))
	}
	require.Equal(t, []int32{0, 1, 2, 0, 1, 2}, order)
}
