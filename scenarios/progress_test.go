package scenarios

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

const cutOff = `claim: Who cannot get on has a reason.
seed: 1
duration: 60s
cluster: {brokers: 2, config: {zookeeper.session.timeout.ms: 4000, replica.lag.time.max.ms: 2000}}
topics: [{name: orders, partitions: 1, replicas: 2}]
producers: [{name: p1, topic: orders, rate: 20/s, timeout: 1s}]
consumers: [{group: billing, topics: [orders], session: 6s}]
timeline: [{at: 5s, cut: producer-p1, to: brokers}]
expect: {findings: none}
`

// playWith plays with another opinion of what is disturbed.
func playWith(t *testing.T, text string, undisturbed func(...model.NodeID) bool) *kafka.Run {
	p, err := newPlayer(parsed(t, text), Options{})
	require.NoError(t, err)
	if undisturbed != nil {
		p.progress.undisturbed = undisturbed
	}
	p.play()
	return &p.judge().Run
}

// A producer that is cut off is excused; the same one without the excuse is told of, with what it
// waits for.
func TestNoProgress(t *testing.T) {
	run := playWith(t, cutOff, nil)
	require.Empty(t, run.Findings)
	run = playWith(t, cutOff, func(...model.NodeID) bool { return true })
	require.Len(t, run.Findings, 1)
	require.Equal(t, kafka.NoProgress, run.Findings[0].Anomaly)
	require.Contains(t, run.Findings[0].Explanation,
		"producer-p1 waits for the acknowledgement of records of orders-0")
	require.Contains(t, run.Reason, "no-progress")
}
