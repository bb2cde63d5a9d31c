package replica_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// timed calls req on a connection of its own and tells how long the answer took.
func (c *cluster) timed(id int, req kmsg.Request) (kmsg.Response, time.Duration) {
	c.T.Helper()
	start := c.Sim.Now()
	resp := c.Dial(id).Call(req)
	return resp, c.Sim.Now().Sub(start)
}

// patient is a Fetch that waits for up to 10 s for so many bytes.
func patient(tp kafka.TopicPartition, from int64, minBytes int32) *kmsg.FetchRequest {
	req := fetchRequest(tp, from)
	req.MaxWaitMillis, req.MinBytes = 10_000, minBytes
	return req
}

func TestFetchLongPoll(t *testing.T) {
	c := startCluster(t, 1)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1}})
	c.MustProduce(orders, "a")

	resp, took := c.timed(1, patient(orders, 0, 1))
	require.Less(t, took, 10*time.Millisecond, "there is data")
	require.Equal(t, []string{"a"}, c.Values(fetchedPart(resp)))

	resp, took = c.timed(1, patient(orders, 1, 1))
	require.Equal(t, 10*time.Second, took.Truncate(10*time.Millisecond), "there is none")
	require.Empty(t, fetchedPart(resp).RecordBatches)
	require.EqualValues(t, 1, fetchedPart(resp).HighWatermark)

	_, took = c.timed(1, patient(orders, 1, 0))
	require.Less(t, took, 10*time.Millisecond, "nothing is enough")
	now := patient(orders, 1, 1)
	now.MaxWaitMillis = 0
	_, took = c.timed(1, now)
	require.Less(t, took, 10*time.Millisecond, "it will not wait")
	now.MaxWaitMillis = -5
	_, took = c.timed(1, now)
	require.Less(t, took, 10*time.Millisecond, "nor before now")
}

// An append wakes the fetch that waits; with MinBytes, the append that makes it enough.
func TestFetchWakesOnAppend(t *testing.T) {
	c := startCluster(t, 1)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1}})
	one, two := c.Dial(1), c.Dial(1)
	size := int32(len(batch("a")))
	reqOne, reqTwo := patient(orders, 0, 1), patient(orders, 0, 2*size)
	idOne, idTwo := one.Send(reqOne), two.Send(reqTwo)
	c.Run(time.Second)
	require.Empty(t, one.Replies)
	c.MustProduce(orders, "a")
	c.Run(time.Millisecond)
	require.Len(t, one.Replies, 1)
	require.Empty(t, two.Replies)
	require.Equal(t, []string{"a"}, c.Values(fetchedPart(one.Receive(reqOne, idOne))))
	c.MustProduce(orders, "b")
	c.Run(time.Millisecond)
	require.Equal(t, []string{"a", "b"}, c.Values(fetchedPart(two.Receive(reqTwo, idTwo))))
	require.Zero(t, part(c.Broker(1), orders).Watchers())
}

// A consumer sees no record that is not committed, and is woken when it is, not when it is written.
func TestFetchReadsUpToTheHighWatermark(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	c.MustProduce(orders, "a")
	c.Cut(node(1), node(2))
	code, _ := c.Produce(1, 1, orders, "b")
	require.Equal(t, wire.None, code)
	_, values := c.Fetch(1, orders, 0)
	require.Equal(t, []string{"a"}, values)
	code, values = c.Fetch(1, orders, 2)
	require.Equal(t, wire.None, code, "the log end may be asked for")
	require.Empty(t, values)

	l := c.Dial(1)
	req := patient(orders, 1, 1)
	id := l.Send(req)
	c.Run(time.Second)
	require.Empty(t, l.Replies)
	c.Sim.HealAll()
	require.Equal(t, []string{"b"}, c.Values(fetchedPart(l.Receive(req, id))))
}

func TestFetchSizes(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("orders", [][]int32{{1}, {1}})
	for p := range 2 {
		for _, v := range []string{"a", "b", "c"} {
			c.MustProduce(tp("orders", p), v)
		}
	}
	size := int32(len(batch("a")))
	for _, row := range []struct {
		name                    string
		maxBytes, first, second int32
		wantFirst, wantSecond   []string
	}{
		{"room for all", 1 << 20, 1 << 20, 1 << 20, []string{"a", "b", "c"}, []string{"a", "b", "c"}},
		{"partition limit", 1 << 20, 2 * size, size, []string{"a", "b"}, []string{"a"}},
		{"request limit", 4 * size, 1 << 20, 1 << 20, []string{"a", "b", "c"}, []string{"a"}},
		{"the first batch comes whole", 1, 1, 1, []string{"a"}, []string{}},
		{"no room", 0, 0, 0, []string{"a"}, []string{}},
		{"less than no room", -1 << 31, -1 << 31, -1 << 31, []string{"a"}, []string{}},
	} {
		t.Run(row.name, func(t *testing.T) {
			req := fetchRequest(tp("orders", 0), 0)
			req.Topics[0].Partitions = append(req.Topics[0].Partitions, fetchPartition(1, 0))
			req.MaxBytes = row.maxBytes
			req.Topics[0].Partitions[0].PartitionMaxBytes = row.first
			req.Topics[0].Partitions[1].PartitionMaxBytes = row.second
			parts := c.Request(1, req).(*kmsg.FetchResponse).Topics[0].Partitions
			require.Equal(t, row.wantFirst, c.Values(parts[0]))
			require.Equal(t, row.wantSecond, c.Values(parts[1]))
		})
	}
}

func TestFetchRefused(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	c.MustProduce(orders, "a")
	for _, row := range []struct {
		name    string
		broker  int
		tp      kafka.TopicPartition
		from    int64
		epoch   int32
		replica int32
		code    wire.Code
	}{
		{"below the log", 1, orders, -1, -1, -1, wire.OffsetOutOfRange},
		{"above the log", 1, orders, 2, -1, -1, wire.OffsetOutOfRange},
		{"newer epoch", 1, orders, 0, 7, -1, wire.UnknownLeaderEpoch},
		{"follower", 2, orders, 0, -1, -1, wire.NotLeaderOrFollower},
		{"unknown topic", 1, tp("nothing", 0), 0, -1, -1, wire.UnknownTopicOrPartition},
		{"unknown partition", 1, tp("orders", 9), 0, -1, -1, wire.UnknownTopicOrPartition},
		{"a replica that is none", 1, orders, 0, -1, 9, wire.NotLeaderOrFollower},
		{"the leader as a replica", 1, orders, 0, -1, 1, wire.NotLeaderOrFollower},
	} {
		t.Run(row.name, func(t *testing.T) {
			req := patient(row.tp, row.from, 1)
			req.SetVersion(10) // before consumers could read from a follower
			req.ReplicaID = row.replica
			req.Topics[0].Partitions[0].CurrentLeaderEpoch = row.epoch
			resp, took := c.timed(row.broker, req)
			part := fetchedPart(resp)
			require.Equal(t, row.code, wire.Code(part.ErrorCode))
			require.Empty(t, part.RecordBatches)
			require.Less(t, took, 10*time.Millisecond, "an error does not wait")
		})
	}
}

// After a failover the old epoch is fenced, and a reader whose last record is of an epoch that
// ended earlier is told where.
func TestFetchAfterAFailover(t *testing.T) {
	c := startCluster(t, 3, "zookeeper.session.timeout.ms=6000")
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2, 3}})
	c.MustProduce(orders, "a")
	c.MustProduce(orders, "b")
	c.Sim.Kill(node(1))
	c.Eventually(time.Minute, "another leads", func() bool { return c.Leader(orders) > 1 })
	leader := c.Leader(orders)
	c.MustProduce(orders, "c")

	fetch := func(from int64, current, last int32) kmsg.FetchResponseTopicPartition {
		req := patient(orders, from, 1)
		part := &req.Topics[0].Partitions[0]
		part.CurrentLeaderEpoch, part.LastFetchedEpoch = current, last
		return fetchedPart(c.Request(leader, req))
	}
	epoch := int32(part(c.Broker(leader), orders).Epoch())
	require.Equal(t, wire.FencedLeaderEpoch, wire.Code(fetch(0, 0, -1).ErrorCode))
	require.Equal(t, wire.UnknownLeaderEpoch, wire.Code(fetch(0, epoch+1, -1).ErrorCode))
	require.Equal(t, []string{"a", "b", "c"}, c.Values(fetch(0, epoch, -1)))
	require.Equal(t, []string{"c"}, c.Values(fetch(2, epoch, 0)), "the logs agree")

	part := fetch(3, epoch, 0) // three records of epoch 0, where the leader has two
	require.Zero(t, part.ErrorCode)
	require.Empty(t, part.RecordBatches)
	require.EqualValues(t, 0, part.DivergingEpoch.Epoch)
	require.EqualValues(t, 2, part.DivergingEpoch.EndOffset)
	require.Equal(t, wire.OffsetOutOfRange, wire.Code(fetch(3, epoch, epoch+1).ErrorCode))
}

// A leader that is told to follow answers the fetches that wait there.
func TestFetchAtALeaderThatIsDeposed(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	l := c.Dial(1)
	old := c.Dial(1)
	req, oldReq := patient(orders, 0, 1), patient(orders, 0, 1)
	req.Topics[0].Partitions[0].CurrentLeaderEpoch = 0
	oldReq.SetVersion(10)
	id, oldID := l.Send(req), old.Send(oldReq)
	c.Run(time.Second)
	require.Empty(t, l.Replies)
	c.becomeFollower(1, orders, 2)
	part := fetchedPart(l.Receive(req, id))
	require.Equal(t, wire.FencedLeaderEpoch, wire.Code(part.ErrorCode))
	part = fetchedPart(old.Receive(oldReq, oldID))
	require.Equal(t, wire.NotLeaderOrFollower, wire.Code(part.ErrorCode))
}
