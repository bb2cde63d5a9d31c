package replica_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
)

// idFetch is a Fetch of a session by topic id that does not wait.
func idFetch(id, epoch int32, topics ...[16]byte) *kmsg.FetchRequest {
	req := sessionFetch(id, epoch)
	req.SetVersion(13)
	for _, topicID := range topics {
		topic := kmsg.NewFetchRequestTopic()
		topic.TopicID = topicID
		topic.Partitions = append(topic.Partitions, fetchPartition(0, 0))
		req.Topics = append(req.Topics, topic)
	}
	return req
}

// Fetches name topics by id from v13 on (KIP-516).
func TestFetchByTopicID(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("orders", [][]int32{{1}})
	c.MustProduce(tp("orders", 0), "a")
	orders := c.Metadata(1, false, "orders").Topics[0].TopicID
	none, unknown := [16]byte{}, [16]byte{9}
	codes := func(resp *kmsg.FetchResponse) map[[16]byte]wire.Code {
		all := map[[16]byte]wire.Code{}
		for i := range resp.Topics {
			all[resp.Topics[i].TopicID] = wire.Code(resp.Topics[i].Partitions[0].ErrorCode)
		}
		return all
	}
	resp := c.Request(1, idFetch(0, initialEpoch, none, unknown, orders)).(*kmsg.FetchResponse)
	require.Equal(t, map[[16]byte]wire.Code{
		orders: wire.None, unknown: wire.UnknownTopicID, none: wire.UnknownTopicID,
	}, codes(resp))
	require.Equal(t, orders, resp.Topics[0].TopicID, "what was not to be found comes last")
	require.Equal(t, []string{"a"}, c.Values(resp.Topics[0].Partitions[0]))

	// The topic is deleted, and another of its name made. The session knows the name.
	require.Equal(t, wire.None, c.deleteTopic("orders"))
	c.Run(time.Second)
	id := resp.SessionID
	resp = c.Request(1, idFetch(id, 1)).(*kmsg.FetchResponse)
	require.Equal(t, wire.UnknownTopicOrPartition, codes(resp)[orders])
	c.CreateTopic("orders", [][]int32{{1}})
	resp = c.Request(1, idFetch(id, 2)).(*kmsg.FetchResponse)
	require.Equal(t, wire.InconsistentTopicID, codes(resp)[orders])
	require.Equal(t, wire.UnknownTopicID, codes(resp)[unknown])
	resp = c.Request(1, idFetch(0, finalEpoch, orders)).(*kmsg.FetchResponse)
	require.Equal(t, wire.UnknownTopicID, codes(resp)[orders], "a new fetch does not")

	// A session stays with ids or with names.
	byName := sessionFetch(id, 3)
	resp = c.Request(1, byName).(*kmsg.FetchResponse)
	require.Equal(t, wire.FetchSessionTopicIDError, wire.Code(resp.ErrorCode))
	opening := sessionFetch(0, initialEpoch)
	addFetch(opening, "orders", fetchPartition(0, 0))
	id = c.Request(1, opening).(*kmsg.FetchResponse).SessionID
	resp = c.Request(1, idFetch(id, 1)).(*kmsg.FetchResponse)
	require.Equal(t, wire.FetchSessionTopicIDError, wire.Code(resp.ErrorCode))
	require.Zero(t, c.Request(1, sessionFetch(id, 1)).(*kmsg.FetchResponse).ErrorCode)
}

// In v10 and v11 only the answer of Metadata has topic ids.
func TestMetadataByTopicID(t *testing.T) {
	c := startCluster(t, 1)
	c.CreateTopic("orders", [][]int32{{1}})
	name := "orders"
	id := c.Metadata(1, false, name).Topics[0].TopicID
	for _, row := range []struct {
		version int16
		topic   kmsg.MetadataRequestTopic
		code    wire.Code
	}{
		{10, kmsg.MetadataRequestTopic{Topic: &name}, wire.None},
		{10, kmsg.MetadataRequestTopic{TopicID: id}, wire.InvalidRequest},
		{11, kmsg.MetadataRequestTopic{Topic: &name, TopicID: id}, wire.InvalidRequest},
		{12, kmsg.MetadataRequestTopic{Topic: &name}, wire.None},
		{12, kmsg.MetadataRequestTopic{TopicID: id}, wire.None},
		{12, kmsg.MetadataRequestTopic{Topic: &name, TopicID: [16]byte{9}}, wire.UnknownTopicID},
	} {
		req := kmsg.NewPtrMetadataRequest()
		req.SetVersion(row.version)
		req.Topics = append(req.Topics, row.topic)
		topic := c.Request(1, req).(*kmsg.MetadataResponse).Topics[0]
		require.Equal(t, row.code, wire.Code(topic.ErrorCode), "%+v", row)
		if row.code == wire.None {
			require.Equal(t, name, *topic.Topic)
			require.Equal(t, id, topic.TopicID)
		}
	}
}
