package broker

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// Of fifty partitions a request names those that have something new to say, forgets those that are
// not to be fetched for now, and says nothing of the others. A full one names all.
func TestFetchRequestNamesWhatHasChanged(t *testing.T) {
	c := startCluster(t, 2)
	replicas := make([][]int32, 50)
	for i := range replicas {
		replicas[i] = []int32{1, 2}
	}
	c.createTopic("orders", replicas)
	for i := range 10 {
		c.mustProduce(tp("orders", i), "a")
	}
	c.run(2 * time.Second)
	c.inside(2, func(b *Broker, out *model.Effects) {
		f := b.fetcher(1)
		require.Equal(t, 50, f.fetching)
		require.NotZero(t, f.sessionEpoch)
		ask := func() (named, forgotten []int32) {
			req := f.request(out.Now)
			for _, t := range req.Topics {
				for _, p := range t.Partitions {
					named = append(named, p.Partition)
				}
			}
			for _, t := range req.ForgottenTopics {
				forgotten = append(forgotten, t.Partitions...)
			}
			return named, forgotten
		}
		named, forgotten := ask()
		require.Empty(t, named)
		require.Empty(t, forgotten)

		b.partitions[tp("orders", 7)].touch() // nothing that the leader need know
		require.NoError(t, b.partitions[tp("orders", 9)].truncateTo(out, 0, "test"))
		require.NoError(t, b.partitions[tp("orders", 3)].truncateTo(out, 0, "test"))
		f.find(tp("orders", 5)).backOff(out.Now)
		require.Equal(t, 49, f.fetching)
		named, forgotten = ask()
		require.Equal(t, []int32{3, 9}, named)
		require.Equal(t, []int32{5}, forgotten)

		due := f.resumeDue(out.Now.Add(b.cfg.ReplicaFetchBackoff) - 1)
		require.Equal(t, out.Now.Add(b.cfg.ReplicaFetchBackoff), due)
		named, _ = ask()
		require.Empty(t, named)
		require.Equal(t, model.Never, f.resumeDue(due))
		b.unfollow(b.partitions[tp("orders", 8)])
		named, forgotten = ask()
		require.Equal(t, []int32{5}, named)
		require.Equal(t, []int32{8}, forgotten)

		f.find(tp("orders", 5)).backOff(out.Now)
		f.resetSession()
		named, forgotten = ask()
		require.Len(t, named, 48)
		require.NotContains(t, named, int32(5))
		require.Empty(t, forgotten)
	})
	c.run(time.Second)
}

// What an answer says of one partition holds up no other.
func TestFetchAnswerPartByPart(t *testing.T) {
	c := startCluster(t, 2)
	c.createTopic("orders", [][]int32{{1, 2}, {1, 2}, {1, 2}, {1, 2}})
	c.run(time.Second)
	c.inside(2, func(b *Broker, out *model.Effects) {
		f := b.fetcher(1)
		resp := kmsg.NewPtrFetchResponse()
		resp.SessionID = f.sessionID
		topic := kmsg.NewFetchResponseTopic()
		topic.Topic = "orders"
		for i, code := range []wire.Code{wire.FencedLeaderEpoch, wire.UnknownLeaderEpoch, wire.None} {
			part := kmsg.NewFetchResponseTopicPartition()
			part.Partition, part.ErrorCode = int32(i), int16(code)
			topic.Partitions = append(topic.Partitions, part)
		}
		resp.Topics = append(resp.Topics, topic)
		f.onFetched(out, resp, nil)
		for i, state := range []fetchState{fenced, backedOff, fetching, fetching} {
			require.Equal(t, state, f.find(tp("orders", i)).state, "partition %d", i)
		}
		require.Equal(t, 2, f.fetching)
	})
}
