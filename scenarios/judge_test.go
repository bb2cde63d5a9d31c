package scenarios

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

// playYAML plays a scenario written here.
func playYAML(t *testing.T, yaml string) *Result {
	t.Helper()
	s, err := Parse("test.yaml", []byte(yaml))
	require.NoError(t, err, yaml)
	result, err := Play(s, Options{})
	require.NoError(t, err)
	return result
}

// A consumer that is behind skips records lawfully: it is told to, or they are deleted before it
// comes to them.
func TestMovesAreNoSkips(t *testing.T) {
	for name, entry := range map[string]string{
		"seek":           "{at: 20s, seek: consumer-1, partition: m-0, offset: 900}",
		"delete-records": "{at: 20s, delete-records: m-0, before: 900}",
	} {
		t.Run(name, func(t *testing.T) {
			r := playYAML(t, `claim: It has skipped nothing by mistake.
seed: 2
duration: 40s
cluster: {brokers: 3}
topics: [{name: m, partitions: 1, replicas: 3}]
producers: [{name: p1, topic: m, rate: 50/s, until: 30s}]
consumers: [{assign: [m-0], process: 30ms}]
timeline: [`+entry+`]
expect: {findings: none}
`)
			require.Equal(t, kafka.VerdictOK, r.Run.Verdict, r.Run.Reason)
			require.Greater(t, r.Run.Counters["seek.ok"]+r.Run.Counters["reset.ok"], int64(0))
		})
	}
}
