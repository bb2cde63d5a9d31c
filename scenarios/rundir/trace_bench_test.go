package rundir

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/scenarios"
)

// busy is the lesson of the leader's death at 1,000 records a second, with nothing else.
const busy = `claim: The leader dies at 1,000 records a second.
seed: 1
duration: 30s
cluster:
  brokers: 3
  config: {zookeeper.session.timeout.ms: 6000}
topics:
  - {name: orders, partitions: 1, replicas: 3, config: {min.insync.replicas: 2}}
producers:
  - {name: p1, topic: orders, rate: 1000/s, size: 100B, acks: all, retries: 0}
timeline:
  - {at: 10s, kill: leader(orders-0), for: 10s}
expect: {sometimes: [leader-elected(orders-0)]}
`

// BenchmarkTracedFailover plays a busy scenario into its run directory: trace, history, figures and
// page.
func BenchmarkTracedFailover(b *testing.B) {
	s, err := scenarios.Parse("busy.yaml", []byte(busy))
	require.NoError(b, err)
	b.ReportAllocs()
	var dir string
	for b.Loop() {
		dir = runDirOf(b, s)
	}
	trace, err := os.Stat(filepath.Join(dir, "trace.ndjson"))
	require.NoError(b, err)
	b.ReportMetric(float64(trace.Size())/1e6, "MB-trace")
}
