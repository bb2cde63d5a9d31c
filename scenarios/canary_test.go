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
