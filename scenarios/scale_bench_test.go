package scenarios

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// scalePoint is a size of cluster at which the cost of an event is measured.
type scalePoint struct{ brokers, partitions int }

// scaleCurve goes from 3 to 100 brokers at 10 partitions a broker's share, and from 10 to 10,000
// partitions on three brokers.
func scaleCurve() []scalePoint {
	return []scalePoint{
		{3, 10}, {10, 10}, {30, 10}, {100, 10},
		{3, 100}, {3, 1000}, {3, 10000},
	}
}

// Cost of one simulated event, in wall nanoseconds, while a producer writes 1,000 records a second
// to ten partitions: with more brokers, and with more partitions that are idle.
func BenchmarkEventCost(b *testing.B) {
	for _, at := range scaleCurve() {
		b.Run(fmt.Sprintf("brokers=%d/partitions=%d", at.brokers, at.partitions), func(b *testing.B) {
			p := scaled(b, at)
			b.ReportAllocs()
			b.ResetTimer()
			from, events := time.Now(), p.world.Events()
			target := events + uint64(b.N)
			for p.world.Events() < target {
				p.world.Run(p.world.Now().Add(10 * time.Millisecond))
			}
			n := p.world.Events() - events
			b.ReportMetric(float64(time.Since(from).Nanoseconds())/float64(n), "ns/event")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// scaled is a cluster of that size in the middle of its work.
func scaled(t require.TestingT, at scalePoint) *player {
	yaml := fmt.Sprintf(`
claim: It works.
duration: 1h
cluster: {brokers: %d, hardware: datacenter}
topics:
  - {name: busy, partitions: 10, replicas: 3}
`, at.brokers)
	if idle := at.partitions - 10; idle > 0 {
		yaml += fmt.Sprintf("  - {name: idle, partitions: %d, replicas: 3}\n", idle)
	}
	yaml += "producers:\n  - {name: p1, topic: busy, rate: 1000/s, keys: 1000, retries: 0}\n"
	s, err := Parse("scale.yaml", []byte(yaml))
	require.NoError(t, err)
	p, err := newPlayer(s, Options{})
	require.NoError(t, err)
	require.True(t, p.world.RunUntil(p.topicsReady, model.Time(time.Minute)))
	p.startWorkloads()
	p.world.Run(p.world.Now().Add(5 * time.Second))
	return p
}

// Cost of a whole scenario in which one consumer, or one group, reads many partitions that take 100
// records a second together. It grows with the partitions and with the members, and no faster.
func BenchmarkManyPartitions(b *testing.B) {
	for _, at := range []struct{ partitions, members int }{
		{100, 1}, {1000, 1}, {3000, 1}, {10000, 1}, {1000, 100}, {1000, 1000}, {10000, 1000},
	} {
		b.Run(fmt.Sprintf("partitions=%d/members=%d", at.partitions, at.members), func(b *testing.B) {
			s, err := Parse("many.yaml", fmt.Appendf(nil, `
claim: A group reads every partition.
duration: 10s
cluster: {brokers: 1}
topics: [{name: orders, partitions: %d, replicas: 1}]
producers: [{name: p1, topic: orders, rate: 100/s}]
consumers: [{group: billing, members: %d, topics: [orders]}]
expect: {findings: none}
`, at.partitions, at.members))
			require.NoError(b, err)
			b.ReportAllocs()
			for b.Loop() {
				result, err := Play(s, Options{})
				require.NoError(b, err)
				require.Equal(b, kafka.VerdictOK, result.Run.Verdict)
			}
		})
	}
}
