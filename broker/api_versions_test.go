package broker_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker"
	"sandcastle/broker/brokertest"
	"sandcastle/broker/wire"
)

// Every version that is advertised is answered, in the form of that version: the reply decodes.
func TestEveryServedVersionIsAnswered(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("orders", [][]int32{{1}})
	for _, a := range broker.APIs() {
		for v := a.Min; v <= a.Max; v++ {
			req := kmsg.RequestForKey(a.Key)
			req.SetVersion(v)
			l := c.Dial(1)
			switch req := req.(type) {
			case *kmsg.ProduceRequest:
				req.Acks = 1
			case *kmsg.DescribeACLsRequest:
				req.ResourceType, req.Operation, req.PermissionType = 1, 1, 1
			}
			l.Call(req)
			require.False(t, l.Closed, "%s v%d", kmsg.NameForKey(a.Key), v)
			l.Close()
		}
	}
}

// The same with something to say in each: a topic, a partition, a group.
func TestEveryServedVersionIsAnsweredForATopic(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("orders", [][]int32{{1}})
	for v := int16(3); v <= 11; v++ {
		req := produceRequest(-1, tp("orders", 0), batch("a"))
		req.SetVersion(v)
		require.EqualValues(t, v-3, produced(c.Request(1, req)).BaseOffset)
	}
	for v := int16(4); v <= 12; v++ { // by name; from v13 on by id
		req := fetchRequest(tp("orders", 0), 8)
		req.SetVersion(v)
		require.Equal(t, []string{"a"}, c.Values(fetchedPart(c.Request(1, req))))
	}
	for v := int16(0); v <= 12; v++ {
		req := kmsg.NewPtrMetadataRequest()
		req.SetVersion(v)
		require.Len(t, c.Request(1, req).(*kmsg.MetadataResponse).Topics, 1)
	}
	for v := int16(0); v <= 9; v++ {
		req := brokertest.ListOffsetsRequest(tp("orders", 0), -1)
		req.SetVersion(v)
		resp := c.Request(1, req).(*kmsg.ListOffsetsResponse)
		if v == 0 {
			require.Equal(t, []int64{9}, resp.Topics[0].Partitions[0].OldStyleOffsets)
			continue
		}
		require.EqualValues(t, 9, resp.Topics[0].Partitions[0].Offset, "v%d", v)
	}
}

func TestApiVersionsListsTheTable(t *testing.T) {
	c := startCluster(t, 1)
	req := latest(kmsg.NewPtrApiVersionsRequest())
	req.ClientSoftwareName, req.ClientSoftwareVersion = "some.client-lib", "1.0"
	resp := c.Request(1, req).(*kmsg.ApiVersionsResponse)
	require.Zero(t, resp.ErrorCode)
	require.Len(t, resp.ApiKeys, len(broker.APIs()))
	for i, a := range broker.APIs() {
		key := resp.ApiKeys[i]
		require.Equal(t, a.Key, key.ApiKey)
		require.Equal(t, a.Max, key.MaxVersion)
		require.Equal(t, a.Min, key.MinVersion)
	}
	require.Zero(t, resp.ApiKeys[0].MinVersion, "librdkafka compresses only if Produce is advertised from 0 (KAFKA-18659)")
}

// A client that is newer than the broker must be able to read the answer, so it comes in v0, and
// the connection stays (KIP-511).
func TestApiVersionsOfAnUnknownVersion(t *testing.T) {
	c := startCluster(t, 1)
	for _, v := range []int16{-1, 5, 99} {
		l := c.Dial(1)
		l.SendFrame([]byte{0, 18, byte(v >> 8), byte(v), 0, 0, 0, 7, 0, 1, 'x', 1, 2, 3})
		c.Eventually(time.Second, "an answer", func() bool { return len(l.Replies) > 0 })
		resp := kmsg.NewPtrApiVersionsResponse()
		correlation, err := wire.DecodeResponse(l.Take(), resp)
		require.NoError(t, err)
		require.EqualValues(t, 7, correlation)
		require.Equal(t, wire.UnsupportedVersion, wire.Code(resp.ErrorCode))
		require.Len(t, resp.ApiKeys, 1)
		require.EqualValues(t, kmsg.ApiVersions, resp.ApiKeys[0].ApiKey)
		require.EqualValues(t, 4, resp.ApiKeys[0].MaxVersion)
		l.Call(kmsg.NewPtrApiVersionsRequest())
	}
}

// What a client may call itself and its version (KIP-511): letters and digits, with dots and dashes
// within.
func TestNamesOfClients(t *testing.T) {
	c := startCluster(t, 1)
	for _, row := range []struct {
		name, version string
		code          wire.Code
	}{
		{"a.b-c", "1.0-x", wire.None},
		{"bad name!", "1.0", wire.InvalidRequest}, {"", "1", wire.InvalidRequest},
		{"a", "", wire.InvalidRequest}, {"-a", "1", wire.InvalidRequest},
		{"a-", "1", wire.InvalidRequest}, {".", "1", wire.InvalidRequest},
		{"a_b", "1", wire.InvalidRequest}, {"ä", "1", wire.InvalidRequest},
		{"a", "1 0", wire.InvalidRequest},
	} {
		req := latest(kmsg.NewPtrApiVersionsRequest())
		req.ClientSoftwareName, req.ClientSoftwareVersion = row.name, row.version
		resp := c.Request(1, req).(*kmsg.ApiVersionsResponse)
		require.Equal(t, row.code, wire.Code(resp.ErrorCode), "%q %q", row.name, row.version)
		require.Equal(t, row.code == wire.None, len(resp.ApiKeys) > 0)
		req.SetVersion(2) // which has no names
		require.Zero(t, c.Request(1, req).(*kmsg.ApiVersionsResponse).ErrorCode)
	}
}

func TestUnknownRequestsLoseTheirConnection(t *testing.T) {
	c := startCluster(t, 1)
	for _, row := range []struct{ key, version int16 }{
		{0, -1}, {0, 12}, {1, -1}, {1, 18}, {3, 13}, {3, -1}, {7, 0}, {22, 0}, {24, 0}, {999, 0}, {-1, 0},
	} {
		l := c.Dial(1)
		l.SendFrame([]byte{
			byte(row.key >> 8), byte(row.key), byte(row.version >> 8), byte(row.version), 0, 0, 0, 1, 0, 0, 0,
		})
		c.Eventually(time.Second, "the connection closes", func() bool { return l.Closed })
		require.Empty(t, l.Replies, "key %d version %d", row.key, row.version)
	}
}
