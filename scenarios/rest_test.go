package scenarios

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

// What nobody can have is not waited for at the end.
func TestRestThatKafkaDoesNotGive(t *testing.T) {
	for name, text := range map[string]string{
		"an application that is away for too long, time and again": `
topics: [{name: orders, partitions: 2, replicas: 2}]
producers: [{name: p1, topic: orders, rate: 100/s}]
consumers: [{group: g, members: 2, topics: [orders], session: 6s, commit: each-poll, process: 50ms,
  config: {max.poll.interval.ms: 4000}}]
timeline: []
`,
		"a topic that is gone": `
topics: [{name: orders, partitions: 2, replicas: 2}, {name: bills, partitions: 1}]
producers: [{name: p1, topic: orders, rate: 20/s}]
consumers: [{assign: [bills-0], start: 7s}]
timeline: [{at: 5s, delete-topic: bills}]
`,
		"a topic whose deletion waits for a broker outside the core": `
topics: [{name: orders, partitions: 2, replicas: 2}, {name: bills, partitions: 1, replicas: 3}]
producers: [{name: p1, topic: orders, rate: 20/s}]
timeline: [{at: 4s, kill: broker-3}, {at: 5s, delete-topic: bills}, {at: 8s, restart: broker-1}]
`,
		"a leader that the controller outside the core cannot reach": `
topics: [{name: orders, partitions: 6, replicas: 3, config: {min.insync.replicas: 2}}]
producers: [{name: p1, topic: orders, rate: 20/s}]
timeline: [{at: 4s, cut-control: broker-2}, {at: 5s, kill: broker-1}]
`,
	} {
		t.Run(name, func(t *testing.T) {
			r, err := Play(parsed(t, `claim: What can be had is had.
seed: 1
duration: 12s
settle: 60s
core: [zookeeper, broker-1, broker-2]
cluster:
  brokers: 3
  config: {zookeeper.session.timeout.ms: 4000, auto.create.topics.enable: false}
expect: {findings: none}
`+text[1:]), Options{})
			require.NoError(t, err)
			require.Equal(t, kafka.VerdictOK, r.Run.Verdict, "%s %v", r.Run.Reason, r.Run.Findings)
		})
	}
}
