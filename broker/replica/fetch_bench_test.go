package replica_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// What a fetch of a follower costs its leader: ten partitions are written to and fetched, all others
// of the session are quiet. It must not depend on how many those are.
func BenchmarkReplicaFetch(b *testing.B) {
	for _, idle := range []int{0, 10, 1000, 10_000} {
		b.Run(fmt.Sprintf("idle=%d", idle), func(b *testing.B) { benchmarkReplicaFetch(b, idle) })
	}
}

func benchmarkReplicaFetch(b *testing.B, idle int) {
	const busy = 10
	c := startCluster(b, 2)
	replicas := make([][]int32, busy+idle)
	for i := range replicas {
		replicas[i] = []int32{1, 2}
	}
	c.CreateTopic("orders", replicas)
	leader := c.Broker(1)
	now := c.Sim.Now()
	out := &model.Effects{}
	records, err := wire.ParseBatch(batch("a"))
	require.NoError(b, err)
	fetch := func(req *kmsg.FetchRequest) {
		req.ReplicaID = 2
		req.MaxWaitMillis = 0
		leader.Replicas().HandleFetch(out.At(now), req, nobody{})
	}
	open := sessionFetch(0, initialEpoch)
	for i := range replicas {
		addFetch(open, "orders", fetchPartition(int32(i), 0))
	}
	fetch(open)
	id := leader.Replicas().LastSession()
	offset := int64(0)
	round := func() {
		now = now.Add(1000)
		for i := range busy {
			_, err := part(leader, tp("orders", i)).AppendAsLeader(out.At(now), &records)
			require.NoError(b, err)
		}
		req := sessionFetch(id, leader.Replicas().SessionEpoch(id))
		for i := range busy {
			addFetch(req, "orders", fetchPartition(int32(i), offset))
		}
		fetch(req)
		offset++
		out.Reset()
	}
	round() // the quiet ones are seen to be quiet
	round()
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		round()
	}
}

// nobody takes replies.
type nobody struct{}

func (nobody) Reply(*model.Effects, kmsg.Response) {}
func (nobody) Finish(*model.Effects)               {}
func (nobody) HangUp(*model.Effects)               {}
