package scenarios

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

// failover is the lesson of the leader's death at 1,000 records a second, as the budget has it.
const failover = `claim: The leader dies at 1,000 records a second.
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

// hundredThousand sends 100,000 records as fast as three brokers with hardware that costs nothing
// take them.
func hundredThousand(producer string) string {
	return `claim: 100,000 records arrive.
seed: 1
duration: 30s
cluster: {brokers: 3, hardware: ideal}
topics:
  - {name: orders, partitions: 1, replicas: 3, config: {min.insync.replicas: 2}}
producers:
  - {name: p1, topic: orders, count: 100000, size: 100B, acks: all, ` + producer + `}
`
}

func benchmarkScenario(b *testing.B, yaml string, records int) {
	s, err := Parse("benchmark.yaml", []byte(yaml))
	require.NoError(b, err)
	b.ReportAllocs()
	var events uint64
	for b.Loop() {
		r, err := Play(s, Options{})
		require.NoError(b, err)
		require.Equal(b, kafka.VerdictOK, r.Run.Verdict, r.Run.Reason)
		require.GreaterOrEqual(b, r.Run.Counters["send.ok"], int64(records))
		events = r.Run.Events
	}
	perRun := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
	b.ReportMetric(float64(events), "events/run")
	b.ReportMetric(perRun/float64(records), "ns/record")
	b.ReportMetric(float64(events)/perRun*1e3, "Mevents/s")
}

// BenchmarkFailover plays and checks 30 virtual seconds: budget 0.5 s on one core.
func BenchmarkFailover(b *testing.B) { benchmarkScenario(b, failover, 20_000) }

// BenchmarkFailoverRead is the same with a consumer group that reads along, a poll for each record.
func BenchmarkFailoverRead(b *testing.B) {
	benchmarkScenario(b, failover+"consumers: [{group: billing, topics: [orders]}]\n", 20_000)
}

// BenchmarkBatched is Kafka's default batching, linger 0 and 16 KiB: budget 0.3 s on one core.
func BenchmarkBatched(b *testing.B) {
	benchmarkScenario(b, hundredThousand("rate: 100/ms"), 100_000)
}

// BenchmarkOneByOne is one record a request: budget 0.8 s on one core, 2 allocations an event.
func BenchmarkOneByOne(b *testing.B) {
	benchmarkScenario(b, hundredThousand("rate: 4/ms, batch: 1B"), 100_000)
}

// aSeed is what a sweep plays again and again: three brokers, 20 virtual seconds, 100 records a
// second, a group of two, the death of a leader.
const aSeed = `claim: A seed of a sweep.
seed: 1
duration: 20s
cluster: {brokers: 3}
topics: [{name: orders, partitions: 3, replicas: 3, config: {min.insync.replicas: 2}}]
producers: [{name: p1, topic: orders, rate: 100/s, acks: all, until: 20s}]
consumers: [{group: g, members: 2, topics: [orders]}]
timeline:
  - {at: 8s, kill: leader(orders-0)}
  - {at: 14s, restart: all}
expect: {findings: none}
`

// BenchmarkSeed plays and judges a seed: budget 60 seeds/s on two cores, so 33 ms on one.
func BenchmarkSeed(b *testing.B) { benchmarkSeeds(b, aSeed, 20*time.Second) }

// idleCluster is 100 brokers with a topic that nobody uses, from their start on.
const idleCluster = `claim: Nobody uses it.
seed: 1
duration: 60s
cluster: {brokers: 100}
topics: [{name: t}]
expect: {findings: none, sometimes: [controller-elected]}
`

// BenchmarkIdle plays a minute of 100 idle brokers: budget 1,000 times real time on one core.
func BenchmarkIdle(b *testing.B) { benchmarkSeeds(b, idleCluster, time.Minute) }

// benchmarkSeeds plays seed after seed.
func benchmarkSeeds(b *testing.B, yaml string, virtual time.Duration) {
	s, err := Parse("benchmark.yaml", []byte(yaml))
	require.NoError(b, err)
	b.ReportAllocs()
	var seed, events uint64
	for b.Loop() {
		seed++
		r, err := Play(s, Options{Seed: seed, HasSeed: true})
		require.NoError(b, err)
		require.Equal(b, kafka.VerdictOK, r.Run.Verdict, r.Run.Reason)
		events += r.Run.Events
	}
	b.ReportMetric(float64(events)/float64(b.N), "events/run")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "seeds/s")
	b.ReportMetric(virtual.Seconds()*float64(b.N)/b.Elapsed().Seconds(), "times-real")
}
