package replica_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/brokertest"
	"sandcastle/broker/config"
	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// startRacks starts brokers in racks a, b, b and c, with a topic on all but the last, led by the
// first.
func startRacks(t brokertest.Reporter, settings ...string) (*cluster, kafka.TopicPartition) {
	c := startCluster(t, 4, append(settings, "broker-1 broker.rack=a", "broker-2 broker.rack=b",
		"broker-3 broker.rack=b", "broker-4 broker.rack=c")...)
	c.CreateTopic("orders", [][]int32{{1, 2, 3}})
	c.MustProduce(tp("orders", 0), "a")
	c.Run(time.Second)
	return c, tp("orders", 0)
}

const rackAware = "replica.selector.class=" + config.RackAwareSelector

func rackFetch(tp kafka.TopicPartition, from int64, rack string) *kmsg.FetchRequest {
	req := patient(tp, from, 1)
	req.Rack = rack
	return req
}

// A leader sends a consumer to a replica in its rack, and tells it at once, without records.
func TestPreferredReadReplica(t *testing.T) {
	c, orders := startRacks(t, rackAware)
	for _, row := range []struct {
		name     string
		rack     string
		from     int64
		version  int16
		replica  int32
		prefers  int32
		received []string
	}{
		{"in the leader's rack", "a", 0, 12, -1, -1, []string{"a"}},
		{"in a follower's rack, the higher id of two alike", "b", 0, 12, -1, 3, []string{}},
		{"at the end of the log", "b", 1, 12, -1, 3, []string{}},
		{"in a rack of a broker without a replica", "c", 0, 12, -1, -1, []string{"a"}},
		{"in no rack", "", 0, 12, -1, -1, []string{"a"}},
		{"in an unknown rack", "z", 0, 12, -1, -1, []string{"a"}},
		{"before KIP-392", "b", 0, 10, -1, -1, []string{"a"}},
		{"a follower", "b", 0, 12, 2, -1, []string{"a"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			req := rackFetch(orders, row.from, row.rack)
			req.SetVersion(row.version)
			req.ReplicaID = row.replica
			resp, took := c.timed(1, req)
			part := fetchedPart(resp)
			require.Zero(t, part.ErrorCode)
			require.Equal(t, row.prefers, part.PreferredReadReplica)
			require.Equal(t, row.received, c.Values(part))
			require.EqualValues(t, 1, part.HighWatermark)
			require.Less(t, took, 10*time.Millisecond)
		})
	}
	racks := map[int32]string{}
	for _, lb := range c.Metadata(2, false).Brokers {
		racks[lb.NodeID] = *lb.Rack
	}
	require.Equal(t, map[int32]string{1: "a", 2: "b", 3: "b", 4: "c"}, racks)
}

// Only members of the ISR are preferred, the one that is further ahead first; a session hears of it
// when a member comes back. Without a selector nobody is preferred.
func TestPreferredReadReplicaIsInSync(t *testing.T) {
	c, orders := startRacks(t, rackAware)
	prefers := func() int32 {
		return fetchedPart(c.Request(1, rackFetch(orders, 0, "b"))).PreferredReadReplica
	}
	c.Cut(node(1), node(3))
	code, _ := c.Produce(1, 1, orders, "b")
	require.Equal(t, wire.None, code)
	c.Run(time.Second)
	require.EqualValues(t, 2, prefers(), "it is ahead")
	c.Cut(node(1), node(2))
	code, _ = c.Produce(1, 1, orders, "c")
	require.Equal(t, wire.None, code)
	c.Eventually(time.Minute, "both fall out", func() bool { return len(c.ISR(orders)) == 1 })
	require.EqualValues(t, -1, prefers())

	req := sessionFetch(0, initialEpoch)
	req.Rack = "b"
	addFetch(req, "orders", fetchPartition(0, 3))
	resp := c.Request(1, req).(*kmsg.FetchResponse)
	require.EqualValues(t, -1, fetchedPart(resp).PreferredReadReplica)
	c.Sim.HealAll()
	c.Eventually(time.Minute, "both are back", func() bool { return len(c.ISR(orders)) == 3 })
	again := sessionFetch(resp.SessionID, 1)
	again.Rack = "b"
	require.EqualValues(t, 3, fetchedPart(c.Request(1, again)).PreferredReadReplica)

	c, orders = startRacks(t)
	require.EqualValues(t, -1, prefers())
}

// A consumer reads from a follower up to what that knows to be committed, and is woken when it
// learns more. Beyond its log end it is sent away.
func TestFetchFromAFollower(t *testing.T) {
	c, orders := startRacks(t)
	fetch := func(from int64) kmsg.FetchResponseTopicPartition {
		return fetchedPart(c.Request(2, fetchRequest(orders, from)))
	}
	require.Equal(t, []string{"a"}, c.Values(fetch(0)))
	require.Equal(t, wire.OffsetOutOfRange, wire.Code(fetch(2).ErrorCode))

	l := c.Dial(2)
	req := patient(orders, 1, 1)
	id := l.Send(req)
	c.Run(time.Second)
	require.Empty(t, l.Replies)
	c.Cut(node(1), node(3))
	code, _ := c.Produce(1, 1, orders, "b")
	require.Equal(t, wire.None, code)
	c.Run(time.Second)
	require.EqualValues(t, 2, c.View(2, orders).LogEnd)
	require.Empty(t, l.Replies, "it holds the record, but that is not committed")
	require.Zero(t, fetch(2).ErrorCode, "its log end may be asked for")
	c.Sim.HealAll()
	require.Equal(t, []string{"b"}, c.Values(fetchedPart(l.Receive(req, id))))

	diverged := fetchRequest(orders, 2)
	diverged.Topics[0].Partitions[0].LastFetchedEpoch = 0
	diverged.Topics[0].Partitions[0].FetchOffset = 3
	part := fetchedPart(c.Request(2, diverged))
	require.EqualValues(t, 2, part.DivergingEpoch.EndOffset)
	fenced := fetchRequest(orders, 0)
	fenced.Topics[0].Partitions[0].CurrentLeaderEpoch = 9
	require.Equal(t, wire.UnknownLeaderEpoch, wire.Code(fetchedPart(c.Request(2, fenced)).ErrorCode))
}
