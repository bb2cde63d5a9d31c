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

// A group that begins at the latest offset passes over what was sent to new partitions before it saw
// them: no anomaly, but said and counted.
func TestResetsPassOverRecords(t *testing.T) {
	r := playYAML(t, `claim: A group misses what was sent to new partitions before it saw them.
seed: 12
duration: 60s
cluster: {brokers: 3}
topics: [{name: bills, partitions: 1, replicas: 3}]
producers: [{name: p1, topic: bills, rate: 50/s, keys: 50, until: 50s, metadata_age: 2s}]
consumers: [{group: g, topics: [bills], from: latest, commit: after, metadata_age: 20s}]
timeline: [{at: 15s, add-partitions: bills, partitions: 4}]
expect: {findings: none, counts: {records.passed-over.g: ">= 50"}}
`)
	require.Equal(t, kafka.VerdictOK, r.Run.Verdict, r.Run.Reason)
	require.Len(t, r.Run.PassedOver, 3, "%v", r.Run.PassedOver)
	require.Equal(t, r.Run.Counters["records.passed-over.g"], r.Run.Counters["records.passed-over"])
	for _, p := range r.Run.PassedOver {
		require.NotEqual(t, "bills-0", p.Key, "where it begins is its own affair")
		require.Equal(t, "NO_OFFSET_FOR_PARTITION", p.Why)
	}
}

// A run in which nothing could be wrong does not hold its claim.
func TestARunOfNothingIsNotWell(t *testing.T) {
	const yaml = `claim: All is well.
duration: 5s
cluster: {brokers: 1}
topics: [{name: t, partitions: 1, replicas: 1}]
`
	r := playYAML(t, yaml+"expect: {findings: none}\n")
	require.Equal(t, kafka.VerdictEmpty, r.Run.Verdict)
	require.Contains(t, r.Run.Reason, "no record was acknowledged, and none was read; say in expect.sometimes")
	r = playYAML(t, yaml+"expect: {findings: none, sometimes: [topic-created]}\n")
	require.Equal(t, kafka.VerdictOK, r.Run.Verdict)
}
