package broker

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/log"
	"sandcastle/broker/wire"
)

func (c *cluster) deleteTopic(name string) wire.Code {
	c.t.Helper()
	req := latest(kmsg.NewPtrDeleteTopicsRequest())
	req.TimeoutMillis = 5000
	topic := kmsg.NewDeleteTopicsRequestTopic()
	topic.Topic = &name
	req.Topics = append(req.Topics, topic)
	resp := c.request(c.controller(), req).(*kmsg.DeleteTopicsResponse)
	return wire.Code(resp.Topics[0].ErrorCode)
}

// files lists what broker id's disk holds of a topic.
func (c *cluster) files(id int, topic string) []string {
	c.t.Helper()
	all, err := c.world.Disk(node(id)).List("")
	require.NoError(c.t, err)
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
	c.createTopic("orders", [][]int32{{1, 2, 3}, {2, 3, 1}})
	c.createTopic("orders-old", [][]int32{{1, 2, 3}})
	c.mustProduce(orders, "a", "b", "c")
	c.mustProduce(tp("orders-old", 0), "a")
	c.run(10 * time.Second) // the high watermarks are written down
	l := c.dial(1)
	fetch := patient(orders, 3, 1)
	parked := l.send(fetch)
	c.run(time.Second)
	require.Equal(t, wire.None, c.deleteTopic("orders"))
	part := fetchedPart(l.receive(fetch, parked))
	require.Equal(t, wire.NotLeaderOrFollower, wire.Code(part.ErrorCode))
	c.eventually(10*time.Second, "all brokers forget it", func() bool {
		for id := 1; id <= 3; id++ {
			b := c.broker(id)
			if b.metadata.topics["orders"] != nil || len(b.partitions) != 1 {
				return false
			}
		}
		return true
	})
	c.run(10 * time.Second)
	for id := 1; id <= 3; id++ {
		for _, path := range c.files(id, "orders") {
			require.True(t, strings.HasPrefix(path, "orders-old-0/"), path)
		}
		require.NotEmpty(t, c.files(id, "orders-old"))
		checkpoint, err := log.ReadCheckpoint(c.world.Disk(node(id)), log.ReplicationOffsetCheckpoint)
		require.NoError(t, err)
		require.NotContains(t, checkpoint, orders)
		require.Contains(t, checkpoint, tp("orders-old", 0))
	}
	require.Equal(t, wire.UnknownTopicOrPartition, c.deleteTopic("orders"))
	c.createTopic("orders", [][]int32{{3, 1, 2}})
	c.mustProduce(orders, "new")
	_, values := c.fetch(3, orders, 0)
	require.Equal(t, []string{"new"}, values)
}

// A replica on a dead broker goes when the broker is back.
func TestDeleteTopicWithADeadReplica(t *testing.T) {
	c := startCluster(t, 3, shortSession)
	dead := c.controller()%3 + 1
	c.createTopic("orders", [][]int32{{1, 2, 3}})
	c.mustProduce(tp("orders", 0), "a")
	c.world.Kill(node(dead))
	c.eventually(time.Minute, "the controller notices", func() bool { return c.allKnow(2) })
	c.deleteTopic("orders")
	c.run(5 * time.Second)
	c.world.Start(node(dead))
	c.eventually(time.Minute, "it is back", func() bool { return c.allKnow(3) })
	c.eventually(time.Minute, "the files are gone", func() bool {
		return len(c.files(1, "orders"))+len(c.files(2, "orders"))+len(c.files(3, "orders")) == 0
	})
	for id := 1; id <= 3; id++ {
		require.Empty(t, c.broker(id).partitions)
		require.Empty(t, c.broker(id).metadata.names)
	}
}

func TestCreateTopics(t *testing.T) {
	c := startCluster(t, 3)
	create := func(req *kmsg.CreateTopicsRequest) wire.Code {
		resp := c.request(c.controller(), req).(*kmsg.CreateTopicsResponse)
		return wire.Code(resp.Topics[0].ErrorCode)
	}
	counted := func(name string, partitions int32, replicas int16) *kmsg.CreateTopicsRequest {
		req := createTopics(name, nil)
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
		{"assigned", createTopics("assigned", [][]int32{{3, 1}, {2, 3}}), wire.None},
		{"unknown broker", createTopics("x", [][]int32{{1, 9}}), wire.InvalidReplicaAssignment},
		{"a replica twice", createTopics("x", [][]int32{{1, 1}}), wire.InvalidReplicaAssignment},
		{"too many replicas", counted("x", 1, 4), wire.InvalidReplicationFactor},
		{"no replica", counted("x", 1, 0), wire.InvalidReplicationFactor},
		{"no partition", counted("x", 0, 1), wire.InvalidPartitions},
		{"slash", counted("a/b", 1, 1), wire.InvalidTopicException},
		{"dots", counted("..", 1, 1), wire.InvalidTopicException},
		{"no name", counted("", 1, 1), wire.InvalidTopicException},
		{"setting", createTopics("x", [][]int32{{1}}, "no.such=1"), wire.InvalidConfig},
	} {
		t.Run(row.name, func(t *testing.T) { require.Equal(t, row.code, create(row.req)) })
	}
	c.run(time.Second)
	resp := c.metadata(1, false)
	require.Len(t, resp.Topics, 2)
	require.Equal(t, []int32{3, 1}, resp.Topics[0].Partitions[0].Replicas)
	require.Len(t, resp.Topics[1].Partitions, 4)

	other := c.controller()%3 + 1
	got := c.request(other, counted("x", 1, 1)).(*kmsg.CreateTopicsResponse)
	require.Equal(t, wire.NotController, wire.Code(got.Topics[0].ErrorCode))
}
