package broker

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
)

// Every version that is advertised is answered, in the form of that version: the reply decodes.
func TestEveryServedVersionIsAnswered(t *testing.T) {
	c := startCluster(t, 1)
	c.createTopic("orders", [][]int32{{1}})
	for _, a := range apiTable() {
		for v := a.min; v <= a.max; v++ {
			req := kmsg.RequestForKey(a.key)
			req.SetVersion(v)
			l := c.dial(1)
			if a.key == int16(kmsg.Produce) {
				req.(*kmsg.ProduceRequest).Acks = 1
			}
			l.call(req)
			require.False(t, l.closed, "%s v%d", kmsg.NameForKey(a.key), v)
			l.close()
		}
	}
}

// The same with something to say in each: a topic, a partition, a group.
func TestEveryServedVersionIsAnsweredForATopic(t *testing.T) {
	c := startCluster(t, 1)
	c.createTopic("orders", [][]int32{{1}})
	for v := int16(3); v <= 11; v++ {
		req := produceRequest(-1, tp("orders", 0), batch("a"))
		req.SetVersion(v)
		require.EqualValues(t, v-3, produced(c.request(1, req)).BaseOffset)
	}
	for v := int16(4); v <= 12; v++ {
		req := fetchRequest(tp("orders", 0), 8)
		req.SetVersion(v)
		require.Equal(t, []string{"a"}, c.values(fetchedPart(c.request(1, req))))
	}
	for v := int16(0); v <= 12; v++ {
		req := kmsg.NewPtrMetadataRequest()
		req.SetVersion(v)
		require.Len(t, c.request(1, req).(*kmsg.MetadataResponse).Topics, 1)
	}
	for v := int16(1); v <= 9; v++ {
		req := listOffsetsRequest(tp("orders", 0), -1)
		req.SetVersion(v)
		resp := c.request(1, req).(*kmsg.ListOffsetsResponse)
		require.EqualValues(t, 9, resp.Topics[0].Partitions[0].Offset, "v%d", v)
	}
}

func TestApiVersionsListsTheTable(t *testing.T) {
	c := startCluster(t, 1)
	resp := c.request(1, latest(kmsg.NewPtrApiVersionsRequest())).(*kmsg.ApiVersionsResponse)
	require.Zero(t, resp.ErrorCode)
	require.Len(t, resp.ApiKeys, len(apiTable()))
	for i, a := range apiTable() {
		key := resp.ApiKeys[i]
		require.Equal(t, a.key, key.ApiKey)
		require.Equal(t, a.max, key.MaxVersion)
		require.Equal(t, a.min, key.MinVersion)
	}
	require.Zero(t, resp.ApiKeys[0].MinVersion, "librdkafka compresses only if Produce is advertised from 0 (KAFKA-18659)")
}

// A client that is newer than the broker must be able to read the answer, so it comes in v0, and
// the connection stays (KIP-511).
func TestApiVersionsOfAnUnknownVersion(t *testing.T) {
	c := startCluster(t, 1)
	for _, v := range []int16{-1, 5, 99} {
		l := c.dial(1)
		l.sendFrame([]byte{0, 18, byte(v >> 8), byte(v), 0, 0, 0, 7, 0, 1, 'x', 1, 2, 3})
		c.eventually(time.Second, "an answer", func() bool { return len(l.replies) > 0 })
		resp := kmsg.NewPtrApiVersionsResponse()
		correlation, err := wire.DecodeResponse(l.take(), resp)
		require.NoError(t, err)
		require.EqualValues(t, 7, correlation)
		require.Equal(t, wire.UnsupportedVersion, wire.Code(resp.ErrorCode))
		require.Len(t, resp.ApiKeys, len(apiTable()))
		l.call(kmsg.NewPtrApiVersionsRequest())
	}
}

func TestUnknownRequestsLoseTheirConnection(t *testing.T) {
	c := startCluster(t, 1)
	for _, row := range []struct{ key, version int16 }{
		{0, -1}, {0, 12}, {1, -1}, {1, 17}, {3, 13}, {3, -1}, {7, 0}, {22, 0}, {24, 0}, {999, 0}, {-1, 0},
	} {
		l := c.dial(1)
		l.sendFrame([]byte{
			byte(row.key >> 8), byte(row.key), byte(row.version >> 8), byte(row.version), 0, 0, 0, 1, 0, 0, 0,
		})
		c.eventually(time.Second, "the connection closes", func() bool { return l.closed })
		require.Empty(t, l.replies, "key %d version %d", row.key, row.version)
	}
}
