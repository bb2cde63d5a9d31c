package replica_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"
	"pgregory.net/rapid"

	"sandcastle/model"
)

// modelProgress is what a leader knows of a follower of one partition by the rule of
// Replica.updateFetchState (3.9), applied to each fetch for each partition.
type modelProgress struct {
	from, leaderEndThen     int64
	lastCaughtUp, lastFetch model.Time
}

func (m *modelProgress) fetched(now model.Time, leaderEnd int64) {
	switch {
	case m.from >= leaderEnd:
		m.lastCaughtUp = max(m.lastCaughtUp, now)
	case m.from >= m.leaderEndThen:
		m.lastCaughtUp = max(m.lastCaughtUp, m.lastFetch)
	}
	m.lastFetch, m.leaderEndThen = now, leaderEnd
}

// A fetch that names few partitions of a session counts as progress in all of them, though the
// leader does not look at those where nothing happened.
func TestFetchProgressOfASession(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const partitions = 4
		c := startCluster(t, 2, "replica.lag.time.max.ms=600000")
		c.CreateTopic("orders", [][]int32{{1, 2}, {1, 2}, {1, 2}, {1, 2}})
		c.Run(time.Second)
		c.Sim.Kill(node(2)) // from now on this test is replica 2
		progress := make([]modelProgress, partitions)
		var id, epoch int32
		for range rapid.IntRange(2, 30).Draw(t, "steps") {
			c.Run(time.Duration(rapid.IntRange(1, 50).Draw(t, "ms")) * time.Millisecond)
			if epoch != initialEpoch && rapid.Bool().Draw(t, "append") {
				at := rapid.IntRange(0, partitions-1).Draw(t, "partition")
				c.Produce(1, 1, tp("orders", at), "a")
				f := part(c.Broker(1), tp("orders", at)).Follower(2)
				require.False(t, f.Piggybacks())
				require.Equal(t, progress[at].lastCaughtUp, f.LastCaughtUp(), "as of the last fetch")
				continue
			}
			req := sessionFetch(id, epoch)
			req.ReplicaID = 2
			for i := range progress {
				end := int64(c.View(1, tp("orders", i)).LogEnd)
				if epoch != initialEpoch && rapid.IntRange(0, 3).Draw(t, "named") > 0 {
					continue
				}
				progress[i].from = rapid.Int64Range(progress[i].from, end).Draw(t, "offset")
				part := fetchPartition(int32(i), progress[i].from)
				part.LastFetchedEpoch = -1
				addFetch(req, "orders", part)
			}
			resp := c.Request(1, req).(*kmsg.FetchResponse)
			require.Zero(t, resp.ErrorCode)
			id, epoch = resp.SessionID, epoch+1
			now := c.Broker(1).Replicas().LastFetch(id)
			for i := range progress {
				p := part(c.Broker(1), tp("orders", i))
				m := &progress[i]
				if m.fetched(now, int64(p.Log().LogEnd())); epoch == 1 {
					// What the real replica 2 had fetched before is not the model's to know.
					m.lastCaughtUp = p.Follower(2).CaughtUpAt()
				}
				f := p.Follower(2)
				require.EqualValues(t, m.from, f.LogEnd(), "partition %d", i)
				require.Equal(t, m.lastCaughtUp, f.CaughtUpAt(), "partition %d", i)
			}
		}
		end := c.Sim.Now()
		for i := range progress {
			p := part(c.Broker(1), tp("orders", i))
			behind := progress[i].from < int64(p.Log().LogEnd())
			require.Equal(t, !behind, p.Follower(2).Piggybacks(), "who is at the end")
			require.LessOrEqual(t, p.Follower(2).CaughtUpAt(), end)
		}
	})
}
