package broker_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
)

// Whoever asks the wrong broker, a follower or one that has no replica, is told who leads and where.
func TestWhoLeadsInstead(t *testing.T) {
	c := startCluster(t, 3)
	c.CreateTopic("orders", [][]int32{{1, 2}, {1, 3}})
	id := c.Broker(1).TopicID("orders")
	for broker := 2; broker <= 3; broker++ {
		for version := int16(9); version <= 11; version++ {
			req := produceRequest(1, tp("orders", 0), batch("a"))
			part := req.Topics[0].Partitions[0]
			part.Partition = 1
			req.Topics[0].Partitions = append(req.Topics[0].Partitions, part)
			req.SetVersion(version)
			resp := c.Request(broker, req).(*kmsg.ProduceResponse)
			answer := resp.Topics[0].Partitions[0]
			require.Equal(t, wire.NotLeaderOrFollower, wire.Code(answer.ErrorCode))
			if version < 10 {
				require.EqualValues(t, -1, answer.CurrentLeader.LeaderID)
				require.Empty(t, resp.Brokers)
				continue
			}
			require.EqualValues(t, 1, answer.CurrentLeader.LeaderID)
			require.EqualValues(t, 0, answer.CurrentLeader.LeaderEpoch)
			require.Len(t, resp.Brokers, 1, "once for both partitions")
			require.Equal(t, "broker-1", resp.Brokers[0].Host)
			require.EqualValues(t, 9092, resp.Brokers[0].Port)
		}
		for version := int16(13); version <= 16; version++ {
			req := fetchRequest(tp("orders", 0), 0)
			req.SetVersion(version)
			req.Topics[0].TopicID = id
			req.Topics[0].Partitions[0].CurrentLeaderEpoch = -1
			if broker == 2 {
				req.ReplicaID, req.ReplicaState.ID = 2, 2 // a follower serves consumers
			}
			resp := c.Request(broker, req).(*kmsg.FetchResponse)
			require.Equal(t, wire.NotLeaderOrFollower, wire.Code(fetchedPart(resp).ErrorCode))
			if version < 16 {
				require.Empty(t, resp.Brokers)
				continue
			}
			require.EqualValues(t, 1, fetchedPart(resp).CurrentLeader.LeaderID)
			require.Len(t, resp.Brokers, 1)
			require.Equal(t, "broker-1", resp.Brokers[0].Host)
		}
	}
	require.Empty(t, c.Request(1, produceRequest(1, tp("orders", 7), batch("a"))).(*kmsg.ProduceResponse).Brokers)
}

// A replica says who it is in another place since v15.
func TestReplicaStateInFetch(t *testing.T) {
	c := startCluster(t, 2)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	c.Cut(node(1), node(2))
	code, _ := c.Produce(1, 1, orders, "a")
	require.Equal(t, wire.None, code)
	for version := int16(13); version <= 16; version++ {
		req := fetchRequest(orders, 0)
		req.SetVersion(version)
		req.Topics[0].TopicID = c.Broker(1).TopicID("orders")
		req.MaxWaitMillis = 0
		require.Empty(t, c.Values(fetchedPart(c.Request(1, req))), "beyond the high watermark")
		req.ReplicaID, req.ReplicaState.ID = 2, 2
		require.Equal(t, []string{"a"}, c.Values(fetchedPart(c.Request(1, req))), "v%d", version)
	}
}
