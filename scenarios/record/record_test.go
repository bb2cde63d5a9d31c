package record

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"

	"sandcastle/model/kafka"
	"sandcastle/scenarios"
)

const planScenario = `
claim: What is acknowledged is read.
cluster: {brokers: 3}
topics: [{name: orders, partitions: 2, replicas: 3}]
timeline:
  - {at: 500ms, kill: leader(orders-0), for: 1s}
`

// After an error that leaves it open whether a record was written, nobody claims that it was not.
func TestRefusals(t *testing.T) {
	require.True(t, neverWritten(kerr.MessageTooLarge))
	for _, err := range []error{kerr.RequestTimedOut, kerr.NotEnoughReplicasAfterAppend,
		kerr.NotLeaderForPartition, kerr.NotEnoughReplicas} {
		require.False(t, neverWritten(err), "%v", err)
	}
}

// What the timeline would do is told for every lesson.
func TestPlans(t *testing.T) {
	for _, name := range scenarios.Lessons() {
		s, err := scenarios.Lesson(name)
		require.NoError(t, err)
		require.Len(t, s.Plan(), len(s.Timeline))
		for _, p := range s.Plan() {
			require.NotEmpty(t, p.Text)
		}
	}
	s, err := scenarios.Parse("live.yaml", []byte(planScenario))
	require.NoError(t, err)
	require.Equal(t, []scenarios.PlannedFault{{At: 500 * time.Millisecond,
		Text: "kill leader(orders-0) for 1s", Verb: "kill"}}, s.Plan())
	require.Equal(t, kafka.TopicPartition{Topic: "orders", Partition: 1},
		(&Recording{o: Options{Prefix: "x-"}}).key("x-orders", 1))
}
