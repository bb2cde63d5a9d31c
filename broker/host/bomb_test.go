package host

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
)

// bomb is a batch of a few kilobytes whose record has so many mebibytes of zeros.
func bomb(t *testing.T, mebibytes int) []byte {
	var b wire.BatchBuilder
	b.Append(time.Now().UnixMilli(), nil, make([]byte, mebibytes<<20))
	batch, err := wire.ParseBatch(b.Bytes())
	require.NoError(t, err)
	small, _, err := batch.Recompress(wire.Zstd, nil)
	require.NoError(t, err)
	require.Less(t, len(small.Bytes()), 1<<20)
	return small.Bytes()
}

// A request of a few kilobytes that would become half a gigabyte is opened up to a limit, and in
// pieces between which others are served.
func TestBombsOfOneRequest(t *testing.T) {
	cfg := clusterConfig(t, 1, t.TempDir())
	c, err := StartCluster(cfg)
	require.NoError(t, err)
	defer c.kill()
	require.NoError(t, c.Ready(t.Context()))
	require.NoError(t, c.CreateTopics(t.Context(), ordersTopic(9, 1)))
	small := bomb(t, 60)
	req := produceTo(-1, nil)
	req.Topics[0].Partitions = nil
	for i := range int32(8) {
		part := kmsg.NewProduceRequestTopicPartition()
		part.Partition, part.Records = i+1, small
		req.Topics[0].Partitions = append(req.Topics[0].Partitions, part)
	}
	undisturbed := standBy(t, c.Addrs()[0], 2*time.Second)
	caller, err := newCaller(c.Addrs()[0])
	require.NoError(t, err)
	defer caller.conn.Close()
	before := heapInUse()
	resp, err := caller.call(req)
	require.NoError(t, err)
	undisturbed()
	var codes []wire.Code
	for _, part := range resp.(*kmsg.ProduceResponse).Topics[0].Partitions {
		codes = append(codes, wire.Code(part.ErrorCode))
	}
	much := wire.MessageTooLarge
	require.Equal(t, []wire.Code{0, 0, 0, much, much, much, much, much}, codes)
	require.Less(t, heapInUse(), before+200<<20)
}

// A Produce without an answer that is done in pieces ends too, and its connection goes on.
func TestLongProduceWithoutAnAnswer(t *testing.T) {
	c, err := StartCluster(clusterConfig(t, 1, t.TempDir()))
	require.NoError(t, err)
	defer c.kill()
	require.NoError(t, c.Ready(t.Context()))
	require.NoError(t, c.CreateTopics(t.Context(), ordersTopic(3, 1)))
	req := produceTo(0, bomb(t, 10))
	for i := range int32(2) {
		part := req.Topics[0].Partitions[0]
		part.Partition = i + 1
		req.Topics[0].Partitions = append(req.Topics[0].Partitions, part)
	}
	caller, err := newCaller(c.Addrs()[0])
	require.NoError(t, err)
	defer caller.conn.Close()
	require.NoError(t, caller.write(req))
	end, err := caller.call(fetchFrom(0, 0, 1<<20))
	require.NoError(t, err)
	require.Equal(t, int64(1), end.(*kmsg.FetchResponse).Topics[0].Partitions[0].HighWatermark)
}
