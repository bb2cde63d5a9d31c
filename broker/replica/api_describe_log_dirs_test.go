package replica_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

func logDirs(c *cluster, id int, version int16, asked ...kmsg.DescribeLogDirsRequestTopic,
) kmsg.DescribeLogDirsResponseDir {
	c.T.Helper()
	req := kmsg.NewPtrDescribeLogDirsRequest()
	req.SetVersion(version)
	req.Topics = asked
	resp := c.Request(id, req).(*kmsg.DescribeLogDirsResponse)
	require.Len(c.T, resp.Dirs, 1)
	require.Zero(c.T, resp.Dirs[0].ErrorCode)
	require.Equal(c.T, "/tmp/kafka-logs", resp.Dirs[0].Dir)
	return resp.Dirs[0]
}

func TestDescribeLogDirs(t *testing.T) {
	c := startCluster(t, 2)
	c.CreateTopic("orders", [][]int32{{1}, {2}})
	c.CreateTopic("bills", [][]int32{{1}})
	c.MustProduce(tp("orders", 0), "a", "b")
	size := int64(len(batch("a", "b")))
	for v := range int16(5) {
		dir := logDirs(c, 1, v)
		require.Len(t, dir.Topics, 2)
		require.Equal(t, "bills", dir.Topics[0].Topic)
		require.Zero(t, dir.Topics[0].Partitions[0].Size)
		require.Len(t, dir.Topics[1].Partitions, 1, "broker 1 holds orders-0 alone")
		require.Equal(t, size, dir.Topics[1].Partitions[0].Size)
		require.Zero(t, dir.Topics[1].Partitions[0].OffsetLag)
		require.False(t, dir.Topics[1].Partitions[0].IsFuture)
		require.EqualValues(t, -1, dir.TotalBytes)
	}
	asked := kmsg.NewDescribeLogDirsRequestTopic()
	asked.Topic, asked.Partitions = "orders", []int32{0, 1, 9}
	dir := logDirs(c, 2, 4, asked)
	require.Len(t, dir.Topics, 1)
	require.Len(t, dir.Topics[0].Partitions, 1, "what broker 2 does not hold is left out")
	asked.Topic = "nothing"
	require.Empty(t, logDirs(c, 2, 4, asked).Topics)
}

func TestAlterReplicaLogDirs(t *testing.T) {
	c := startCluster(t, 2)
	c.CreateTopic("orders", [][]int32{{1}, {2}})
	alter := func(dir string, tp kafka.TopicPartition) wire.Code {
		req := latest(kmsg.NewPtrAlterReplicaLogDirsRequest())
		topic := kmsg.NewAlterReplicaLogDirsRequestDirTopic()
		topic.Topic, topic.Partitions = tp.Topic, []int32{tp.Partition}
		d := kmsg.NewAlterReplicaLogDirsRequestDir()
		d.Dir, d.Topics = dir, append(d.Topics, topic, topic)
		req.Dirs = append(req.Dirs, d)
		resp := c.Request(1, req).(*kmsg.AlterReplicaLogDirsResponse)
		require.Len(t, resp.Topics, 1)
		require.Len(t, resp.Topics[0].Partitions, 1, "told once")
		return wire.Code(resp.Topics[0].Partitions[0].ErrorCode)
	}
	require.Equal(t, wire.None, alter("/tmp/kafka-logs", tp("orders", 0)))
	require.Equal(t, wire.ReplicaNotAvailable, alter("/tmp/kafka-logs", tp("orders", 1)))
	require.Equal(t, wire.UnknownTopicOrPartition, alter("/tmp/kafka-logs", tp("nothing", 0)))
	require.Equal(t, wire.LogDirNotFound, alter("/mnt/other", tp("orders", 0)))
	require.Equal(t, wire.InvalidTopicException,
		alter("/tmp/kafka-logs", tp(strings.Repeat("x", 249), 0)))
}
