package replica_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/brokertest"
	"sandcastle/broker/log"
	"sandcastle/broker/wire"
)

func (c *cluster) deleteTopic(name string) wire.Code {
	c.T.Helper()
	req := latest(kmsg.NewPtrDeleteTopicsRequest())
	req.TimeoutMillis = 5000
	topic := kmsg.NewDeleteTopicsRequestTopic()
	topic.Topic = &name
	req.Topics = append(req.Topics, topic)
	resp := c.Request(c.Controller(), req).(*kmsg.DeleteTopicsResponse)
	return wire.Code(resp.Topics[0].ErrorCode)
}

// files lists what broker id's disk holds of a topic.
func (c *cluster) files(id int, topic string) []string {
	c.T.Helper()
	all, err := c.Sim.Disk(node(id)).List("")
	require.NoError(c.T, err)
	var out []string
	for _, path := range all {
		if strings.HasPrefix(path, topic+"-") {
			out = append(out, path)
		}
	}
	return out
}

// A deleted topic leaves nothing: no metadata, no replica, no file, no checkpoint, and a topic of
// the same name begins at 0.
func TestDeleteTopic(t *testing.T) {
	c := startCluster(t, 3)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2, 3}, {2, 3, 1}})
	c.CreateTopic("orders-old", [][]int32{{1, 2, 3}})
	c.MustProduce(orders, "a", "b", "c")
	c.MustProduce(tp("orders-old", 0), "a")
	c.Run(10 * time.Second) // the high watermarks are written down
	l := c.Dial(1)
	fetch := patient(orders, 3, 1)
	parked := l.Send(fetch)
	c.Run(time.Second)
	require.Equal(t, wire.None, c.deleteTopic("orders"))
	part := fetchedPart(l.Receive(fetch, parked))
	require.Equal(t, wire.NotLeaderOrFollower, wire.Code(part.ErrorCode))
	c.Eventually(10*time.Second, "all brokers forget it", func() bool {
		for id := 1; id <= 3; id++ {
			b := c.Broker(id)
			if b.KnowsTopic("orders") || b.Replicas().Len() != 1 {
				return false
			}
		}
		return true
	})
	c.Run(10 * time.Second)
	for id := 1; id <= 3; id++ {
		for _, path := range c.files(id, "orders") {
			require.True(t, strings.HasPrefix(path, "orders-old-0/"), path)
		}
		require.NotEmpty(t, c.files(id, "orders-old"))
		checkpoint, err := log.ReadCheckpoint(c.Sim.Disk(node(id)), log.ReplicationOffsetCheckpoint)
		require.NoError(t, err)
		require.NotContains(t, checkpoint, orders)
		require.Contains(t, checkpoint, tp("orders-old", 0))
	}
	require.Equal(t, wire.UnknownTopicOrPartition, c.deleteTopic("orders"))
	c.CreateTopic("orders", [][]int32{{3, 1, 2}})
	c.MustProduce(orders, "new")
	_, values := c.Fetch(3, orders, 0)
	require.Equal(t, []string{"new"}, values)
}

// A replica on a dead broker goes when the broker is back.
func TestDeleteTopicWithADeadReplica(t *testing.T) {
	c := startCluster(t, 3, shortSession)
	dead := c.Controller()%3 + 1
	c.CreateTopic("orders", [][]int32{{1, 2, 3}})
	c.MustProduce(tp("orders", 0), "a")
	c.Sim.Kill(node(dead))
	c.Eventually(time.Minute, "the controller notices", func() bool { return c.AllKnow(2) })
	c.deleteTopic("orders")
	c.Run(5 * time.Second)
	c.Sim.Start(node(dead))
	c.Eventually(time.Minute, "it is back", func() bool { return c.AllKnow(3) })
	c.Eventually(time.Minute, "the files are gone", func() bool {
		return len(c.files(1, "orders"))+len(c.files(2, "orders"))+len(c.files(3, "orders")) == 0
	})
	for id := 1; id <= 3; id++ {
		require.Zero(t, c.Broker(id).Replicas().Len())
		require.Empty(t, c.Metadata(id, false).Topics)
	}
}

func TestCreateTopics(t *testing.T) {
	c := startCluster(t, 3)
	create := func(req *kmsg.CreateTopicsRequest) wire.Code {
		resp := c.Request(c.Controller(), req).(*kmsg.CreateTopicsResponse)
		return wire.Code(resp.Topics[0].ErrorCode)
	}
	counted := func(name string, partitions int32, replicas int16) *kmsg.CreateTopicsRequest {
		req := brokertest.CreateTopicsRequest(name, nil)
		req.Topics[0].NumPartitions, req.Topics[0].ReplicationFactor = partitions, replicas
		return req
	}
	for _, row := range []struct {
		name string
		req  *kmsg.CreateTopicsRequest
		code wire.Code
	}{
		{"counted", counted("orders", 4, 3), wire.None},
		{"again", counted("orders", 4, 3), wire.TopicAlreadyExists},
		{"assigned", brokertest.CreateTopicsRequest("assigned", [][]int32{{3, 1}, {2, 3}}), wire.None},
		{"unknown broker", brokertest.CreateTopicsRequest("x", [][]int32{{1, 9}}), wire.InvalidReplicaAssignment},
		{"a replica twice", brokertest.CreateTopicsRequest("x", [][]int32{{1, 1}}), wire.InvalidReplicaAssignment},
		{"too many replicas", counted("x", 1, 4), wire.InvalidReplicationFactor},
		{"no replica", counted("x", 1, 0), wire.InvalidReplicationFactor},
		{"no partition", counted("x", 0, 1), wire.InvalidPartitions},
		{"slash", counted("a/b", 1, 1), wire.InvalidTopicException},
		{"dots", counted("..", 1, 1), wire.InvalidTopicException},
		{"no name", counted("", 1, 1), wire.InvalidTopicException},
		{"setting", brokertest.CreateTopicsRequest("x", [][]int32{{1}}, "no.such=1"), wire.InvalidConfig},
	} {
		t.Run(row.name, func(t *testing.T) { require.Equal(t, row.code, create(row.req)) })
	}
	c.Run(time.Second)
	resp := c.Metadata(1, false)
	require.Len(t, resp.Topics, 2)
	require.Equal(t, []int32{3, 1}, resp.Topics[0].Partitions[0].Replicas)
	require.Len(t, resp.Topics[1].Partitions, 4)

	other := c.Controller()%3 + 1
	got := c.Request(other, counted("x", 1, 1)).(*kmsg.CreateTopicsResponse)
	require.Equal(t, wire.NotController, wire.Code(got.Topics[0].ErrorCode))
}
