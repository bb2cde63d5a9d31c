package scenarios

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// watched is 20 virtual seconds in which most of what the checks of logs look at happens: small
// segments, retention, idempotent producers with keys, a kill and a partition.
const watched = `claim: Nothing is lost.
seed: 5
duration: 20s
cluster:
  brokers: 3
  config:
    auto.create.topics.enable: false
    log.initial.task.delay.ms: 500
    log.retention.check.interval.ms: 1000
topics:
  - name: t
    partitions: 3
    replicas: 3
    config: {min.insync.replicas: 2, segment.bytes: 8192, retention.ms: 8000, index.interval.bytes: 500}
producers:
  - {name: p1, topic: t, rate: 100/s, keys: 20, batch: 1000B, linger: 20ms, size: 100B}
  - {name: p2, topic: t, rate: 50/s, in_flight: 1}
consumers:
  - {group: g1, topics: [t]}
  - {group: g1, topics: [t]}
timeline:
  - {at: 5s, kill: leader(t-0), for: 3s}
  - {at: 11s, cut: follower(t-1), to: leader(t-1), for: 4s}
`

// What it costs to look inside after every event.
func BenchmarkParanoid(b *testing.B) {
	for _, paranoid := range []bool{false, true} {
		name := "now-and-then"
		if paranoid {
			name = "every-event"
		}
		b.Run(name, func(b *testing.B) {
			s, err := Parse("watched.yaml", []byte(watched))
			require.NoError(b, err)
			b.ReportAllocs()
			for b.Loop() {
				r, err := Play(s, Options{Paranoid: paranoid})
				require.NoError(b, err)
				require.Empty(b, r.Run.Findings)
				b.ReportMetric(float64(r.Run.Events), "events/op")
			}
		})
	}
}
