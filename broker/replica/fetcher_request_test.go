package replica_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker"
	"sandcastle/broker/replica"
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
	c.CreateTopic("orders", replicas)
	for i := range 10 {
		c.MustProduce(tp("orders", i), "a")
	}
	c.Run(2 * time.Second)
	c.Inside(2, func(b *broker.Broker, out *model.Effects) {
		f := b.Replicas().Fetcher(1)
		require.Equal(t, 50, f.Fetching())
		_, epoch := f.Session()
		require.NotZero(t, epoch)
		ask := func() (named, forgotten []int32) {
			req := f.Request(out.Now)
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

		part(b, tp("orders", 7)).Touch() // nothing that the leader need know
		require.NoError(t, part(b, tp("orders", 9)).TruncateTo(out, 0, "test"))
		require.NoError(t, part(b, tp("orders", 3)).TruncateTo(out, 0, "test"))
		f.Find(tp("orders", 5)).BackOff(out.Now)
		require.Equal(t, 49, f.Fetching())
		named, forgotten = ask()
		require.Equal(t, []int32{3, 9}, named)
		require.Equal(t, []int32{5}, forgotten)

		due := f.ResumeDue(out.Now.Add(b.Replicas().Config().ReplicaFetchBackoff) - 1)
		require.Equal(t, out.Now.Add(b.Replicas().Config().ReplicaFetchBackoff), due)
		named, _ = ask()
		require.Empty(t, named)
		require.Equal(t, model.Never, f.ResumeDue(due))
		b.Replicas().Unfollow(part(b, tp("orders", 8)))
		named, forgotten = ask()
		require.Equal(t, []int32{5}, named)
		require.Equal(t, []int32{8}, forgotten)

		f.Find(tp("orders", 5)).BackOff(out.Now)
		f.ResetSession()
		named, forgotten = ask()
		require.Len(t, named, 48)
		require.NotContains(t, named, int32(5))
		require.Empty(t, forgotten)
	})
	c.Run(time.Second)
}

// What an answer says of one partition holds up no other.
func TestFetchAnswerPartByPart(t *testing.T) {
	c := startCluster(t, 2)
	c.CreateTopic("orders", [][]int32{{1, 2}, {1, 2}, {1, 2}, {1, 2}})
	c.Run(time.Second)
	c.Inside(2, func(b *broker.Broker, out *model.Effects) {
		f := b.Replicas().Fetcher(1)
		resp := kmsg.NewPtrFetchResponse()
		resp.SessionID, _ = f.Session()
		topic := kmsg.NewFetchResponseTopic()
		topic.Topic = "orders"
		for i, code := range []wire.Code{wire.FencedLeaderEpoch, wire.UnknownLeaderEpoch, wire.None} {
			part := kmsg.NewFetchResponseTopicPartition()
			part.Partition, part.ErrorCode = int32(i), int16(code)
			topic.Partitions = append(topic.Partitions, part)
		}
		resp.Topics = append(resp.Topics, topic)
		f.OnFetched(out, resp)
		for i, state := range []replica.FetchState{fenced, backedOff, fetching, fetching} {
			require.Equal(t, state, f.Find(tp("orders", i)).State(), "partition %d", i)
		}
		require.Equal(t, 2, f.Fetching())
	})
}
