package scenarios

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// canaryCluster has what there is a canary for: groups and keys, several polls, batches, replicas.
const canaryCluster = `claim: Whatever is falsified is found.
duration: 12s
cluster: {brokers: 3}
topics: [{name: t, partitions: 2, replicas: 3}]
producers:
  - {name: p1, topic: t, rate: 50/s, keys: 3}
  - {name: p2, topic: t, rate: 30/s}
consumers:
  - {group: g, topics: [t], members: 2}
  - {group: one, topics: [t], start: 6s}
expect: {findings: none}
`

// Each check finds what is planted for it in a run that all of them passed.
func TestCanariesAreFound(t *testing.T) {
	s, err := Parse("canary.yaml", []byte(canaryCluster))
	require.NoError(t, err)
	for seed := range uint64(5) {
		r, err := Play(s, Options{Seed: seed, HasSeed: true, Canary: true, Paranoid: true})
		require.NoError(t, err)
		requireOK(t, &r.Run)
	}
}

// The world keeps what it promises while nearly everything is done to it.
func TestAuditRun(t *testing.T) {
	s, err := Parse("audit.yaml", []byte(auditCluster))
	require.NoError(t, err)
	for seed := range uint64(3) {
		r, err := Play(s, Options{Seed: seed, HasSeed: true, Paranoid: true})
		require.NoError(t, err)
		require.Empty(t, r.Run.Findings)
	}
}

const auditCluster = `claim: The world keeps its promises.
duration: 30s
cluster: {brokers: 3, config: {zookeeper.session.timeout.ms: 4000, log.flush.interval.messages: 3}}
topics: [{name: t, partitions: 2, replicas: 3, config: {min.insync.replicas: 2}}]
producers: [{name: p1, topic: t, rate: 50/s}]
consumers: [{group: g, topics: [t], members: 2}]
timeline:
  - {at: 5s, cut: broker-1, to: broker-2, for: 2s}
  - {at: 6s, drop: brokers, to: brokers, api: Fetch, message: reply, count: 3}
  - {at: 8s, duplicate: producer-p1, to: brokers, api: Produce, count: 20}
  - {at: 9s, pause: broker-3, for: 1s}
  - {at: 10s, slow: broker-1, to: broker-3, by: 80ms, for: 2s}
  - {at: 12s, power-loss: broker-2, keeps: nothing, for: 2s}
  - {at: 18s, kill: broker-1, for: 1s}
  - {at: 21s, tear: broker-3, for: 1s}
  - {at: 25s, fail-flush: broker-2, for: 1s}
  - {at: 27s, fill-disk: broker-3, for: 1s}
`

// A judge that takes no notice of something is found out.
func TestPlantedVerdicts(t *testing.T) {
	require.Empty(t, blindVerdicts())
	for _, c := range plantedVerdicts() {
		require.NotEmpty(t, c.what)
	}
}
