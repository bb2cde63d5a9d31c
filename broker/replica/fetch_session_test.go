package replica_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
)

// sessionFetch is a Fetch of a session that does not wait.
func sessionFetch(id, epoch int32) *kmsg.FetchRequest {
	req := kmsg.NewPtrFetchRequest()
	req.SetVersion(12) // the last that has names
	req.MinBytes, req.MaxBytes = 1, 1<<20
	req.SessionID, req.SessionEpoch = id, epoch
	return req
}

// partitions lists the partition numbers in an answer, with their values.
func (c *cluster) partitions(resp *kmsg.FetchResponse) map[int32][]string {
	c.T.Helper()
	out := map[int32][]string{}
	for i := range resp.Topics {
		for _, part := range resp.Topics[i].Partitions {
			out[part.Partition] = c.Values(part)
		}
	}
	return out
}

func TestFetchSession(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("orders", [][]int32{{1}, {1}, {1}})
	c.MustProduce(tp("orders", 0), "a")
	fetch := func(req *kmsg.FetchRequest) *kmsg.FetchResponse {
		return c.Request(1, req).(*kmsg.FetchResponse)
	}

	req := sessionFetch(0, initialEpoch)
	for _, n := range []int32{2, 0, 1} {
		addFetch(req, "orders", fetchPartition(n, 0))
	}
	resp := fetch(req)
	require.Zero(t, resp.ErrorCode)
	id := resp.SessionID
	require.NotZero(t, id)
	require.Equal(t, map[int32][]string{0: {"a"}, 1: {}, 2: {}}, c.partitions(resp),
		"the first answer names every partition")

	req = sessionFetch(id, 1)
	addFetch(req, "orders", fetchPartition(0, 1))
	resp = fetch(req)
	require.Equal(t, id, resp.SessionID)
	require.Empty(t, resp.Topics, "no news")

	c.MustProduce(tp("orders", 1), "b")
	require.Equal(t, map[int32][]string{1: {"b"}}, c.partitions(fetch(sessionFetch(id, 2))))
	require.Equal(t, map[int32][]string{1: {"b"}}, c.partitions(fetch(sessionFetch(id, 3))),
		"until it asks for what comes behind it")

	req = sessionFetch(id, 4)
	addFetch(req, "orders", fetchPartition(1, 1))
	req.ForgottenTopics = []kmsg.FetchRequestForgottenTopic{
		{Topic: "orders", Partitions: []int32{2, 7}}, {Topic: "nothing", Partitions: []int32{0}},
	}
	require.Empty(t, fetch(req).Topics)
	c.MustProduce(tp("orders", 2), "c")
	require.Empty(t, fetch(sessionFetch(id, 5)).Topics, "partition 2 is forgotten")

	req = sessionFetch(id, 6)
	addFetch(req, "orders", fetchPartition(2, 0))
	require.Equal(t, map[int32][]string{2: {"c"}}, c.partitions(fetch(req)), "and added again")
}

// A session tells its client of an error each time, and of a high watermark that moved alone.
func TestFetchSessionNews(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	c.Cut(node(1), node(2))
	code, _ := c.Produce(1, 1, orders, "a")
	require.Equal(t, wire.None, code)
	req := sessionFetch(0, initialEpoch)
	addFetch(req, "orders", fetchPartition(0, 1))
	addFetch(req, "nothing", fetchPartition(0, 0))
	resp := c.Request(1, req).(*kmsg.FetchResponse)
	require.Len(t, resp.Topics, 2)
	for epoch := int32(1); epoch < 3; epoch++ {
		resp = c.Request(1, sessionFetch(resp.SessionID, epoch)).(*kmsg.FetchResponse)
		require.Len(t, resp.Topics, 1)
		require.Equal(t, "nothing", resp.Topics[0].Topic)
		require.Equal(t, wire.UnknownTopicOrPartition,
			wire.Code(resp.Topics[0].Partitions[0].ErrorCode))
	}
	c.Sim.HealAll()
	c.Eventually(10*time.Second, "the record is committed", func() bool {
		return c.View(1, orders).HighWatermark == 1
	})
	resp = c.Request(1, sessionFetch(resp.SessionID, 3)).(*kmsg.FetchResponse)
	require.Len(t, resp.Topics, 2)
	require.EqualValues(t, 1, resp.Topics[0].Partitions[0].HighWatermark)
	require.Equal(t, "nothing", resp.Topics[1].Topic, "what was not to be found comes last")
}

func TestFetchSessionErrors(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("orders", [][]int32{{1}})
	code := func(id, epoch int32) (wire.Code, int32) {
		resp := c.Request(1, sessionFetch(id, epoch)).(*kmsg.FetchResponse)
		require.Empty(t, resp.Topics)
		return wire.Code(resp.ErrorCode), resp.SessionID
	}
	first := sessionFetch(0, initialEpoch)
	addFetch(first, "orders", fetchPartition(0, 0))
	id := c.Request(1, first).(*kmsg.FetchResponse).SessionID

	for _, row := range []struct {
		name      string
		id, epoch int32
		code      wire.Code
	}{
		{"unknown session", id + 1, 1, wire.FetchSessionIDNotFound},
		{"no session", 0, 1, wire.FetchSessionIDNotFound},
		{"epoch too new", id, 2, wire.InvalidFetchSessionEpoch},
		{"negative epoch", id, -2, wire.InvalidFetchSessionEpoch},
		{"right", id, 1, wire.None},
		{"the same again", id, 1, wire.InvalidFetchSessionEpoch},
		{"right again", id, 2, wire.None},
		{"the end", id, finalEpoch, wire.None},
		{"after the end", id, 3, wire.FetchSessionIDNotFound},
	} {
		got, gotID := code(row.id, row.epoch)
		require.Equal(t, row.code, got, row.name)
		if row.code != wire.None || row.epoch == finalEpoch {
			require.Zero(t, gotID, row.name)
		}
	}
	require.Zero(t, c.Broker(1).Replicas().Sessions())
}

// Sessions are limited. A follower's is worth more than a consumer's, and none of a consumer's is
// taken away before it is two minutes old.
func TestFetchSessionsAreLimited(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("orders", [][]int32{{1}, {1}})
	open := func(replica int32, partitions int) int32 {
		req := sessionFetch(0, initialEpoch)
		req.ReplicaID = replica
		for p := range partitions {
			addFetch(req, "orders", fetchPartition(int32(p), 0))
		}
		return c.Request(1, req).(*kmsg.FetchResponse).SessionID
	}
	use := func(id, epoch int32) wire.Code {
		return wire.Code(c.Request(1, sessionFetch(id, epoch)).(*kmsg.FetchResponse).ErrorCode)
	}
	first, second := open(-1, 1), open(-1, 2)
	for range maxFetchSessions - 2 {
		require.NotZero(t, open(-1, 2))
	}
	require.Zero(t, open(-1, 2), "all are safe from a consumer")
	require.NotZero(t, open(2, 2), "but not from a follower")
	require.Equal(t, maxFetchSessions, c.Broker(1).Replicas().Sessions())
	require.Equal(t, wire.FetchSessionIDNotFound, use(first, 1), "the smallest went")
	require.Equal(t, wire.None, use(second, 1))

	c.Run(fetchSessionSafeFor)
	require.Equal(t, wire.None, use(second, 2))
	require.NotZero(t, open(-1, 1), "one that was not used goes first")
	require.Equal(t, maxFetchSessions, c.Broker(1).Replicas().Sessions())
	for range maxFetchSessions - 2 {
		require.NotZero(t, open(-1, 1))
	}
	c.Run(time.Second)
	require.Equal(t, wire.None, use(second, 3))
	require.Zero(t, open(-1, 1), "one that is old and used goes only to one with more partitions")
	require.NotZero(t, open(-1, 2+1))
	require.Equal(t, wire.FetchSessionIDNotFound, use(second, 4))
}
