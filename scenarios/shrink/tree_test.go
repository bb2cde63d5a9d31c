package shrink

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/scenarios"
)

// edited is the file after an edit, mended.
func edited(t *testing.T, text string, e edit) string {
	tree := parseTree(text)
	n := len(tree.timeline())
	tree.fired, tree.nodes = make([]model.Time, n), make([][]model.NodeID, n)
	for i := range tree.fired {
		tree.fired[i] = model.Time(i+1) * model.Time(time.Second)
	}
	require.True(t, e(tree))
	_, out, ok := tree.mend("test.yaml")
	require.True(t, ok)
	return out
}

const chained = `claim: c
cluster: {brokers: 3}
topics: [{name: t, partitions: 4, assignment: [[1, 2], [2, 3], [3, 1], [1, 3]]}, {name: u, replicas: 3}]
producers: [{name: p, topic: t}, {name: q, topic: u}]
consumers:
  - {group: g, members: 2, topics: [t, u]}
  - {group: h, topics: [u]}
timeline:
  - {at: 1s, pause: broker-1, for: 1s} # the first
  - {then: 2s, kill: [broker-2, broker-3]}
  - {then: 3s, when: leader-elected, restart: broker-2}
  - {then: 1s, hold: broker-1, to: broker-3, api: Fetch, name: held}
  - {then: 1s, when: held(held), release: held}
  - {at: 9s, pause: consumer-3, for: 1s}
`

// An entry that counts from one that goes gets the time at which that one was done.
func TestThenCountsOn(t *testing.T) {
	require.Contains(t, edited(t, chained, without(0)), "- {at: 3s, kill: [broker-2, broker-3]}")
	require.Contains(t, edited(t, chained, without(1)), "- {then: 5s, when: leader-elected, restart: broker-2}")
	require.Contains(t, edited(t, chained, without(2)), "- {at: 4s, hold: broker-1")
	out := edited(t, chained, without(3))
	require.NotContains(t, out, "held", "what waits for an entry goes with it")
	require.Contains(t, out, "# the first")
}

// What names a broker that goes, goes; those after it move up.
func TestBrokersMoveUp(t *testing.T) {
	out := edited(t, strings.Replace(chained, "partitions: 4, ", "", 1), withoutBroker(2, 3))
	require.Contains(t, out, "brokers: 2")
	require.Contains(t, out, "assignment: [[1], [2], [2], [1]]")
	require.Contains(t, out, "kill: [broker-2]")
	require.Contains(t, out, "hold: broker-1, to: broker-2")
	require.NotContains(t, out, "restart")
	require.Contains(t, out, "replicas: 2")
}

// Consumers are called by their number in the file.
func TestConsumersMoveUp(t *testing.T) {
	out := edited(t, chained, func(t *tree) bool { t.removeConsumer(0); return true })
	require.Contains(t, out, "pause: consumer-1")
	require.Contains(t, edited(t, chained, func(t *tree) bool { return t.withMembers(0, 1) }),
		"pause: consumer-2")
	require.NotContains(t, edited(t, chained, func(t *tree) bool { t.removeConsumer(1); return true }),
		"consumer-")
}

// Two entries of which one ends the other are one.
func TestEntriesAreJoined(t *testing.T) {
	text := strings.Replace(chained, "[broker-2, broker-3]", "broker-2", 1)
	require.Contains(t, edited(t, text, joined(1, true)), "- {at: 2s, kill: broker-2, for: 1s}")
	out := edited(t, text, joined(1, false))
	require.Contains(t, out, "- {at: 2s, restart: broker-2}")
	require.Equal(t, 1, strings.Count(out, "broker-2"))
}

// With a topic go its producers and who reads it alone.
func TestTopicsGoWithTheirClients(t *testing.T) {
	out := edited(t, chained, withoutTopic(1))
	require.NotContains(t, out, "name: u")
	require.NotContains(t, out, "topic: u")
	require.Contains(t, out, "topics: [t]")
	require.NotContains(t, out, "group: h")
	require.NotContains(t, out, "consumer-3")
}

// A list is left with one entry at least, and a mistake that no entry makes is the end of a candidate.
func TestMendGivesUp(t *testing.T) {
	tree := parseTree("claim: c\ncluster: {brokers: 0}\ntopics: [{name: t}]\n")
	_, _, ok := tree.mend("test.yaml")
	require.False(t, ok)
}

func TestRounder(t *testing.T) {
	for _, row := range []struct{ key, text, want string }{
		{"at", "1387ms", "1s 2s 1.5s 1s 1.4s 1.3s 1.39s 1.38s"},
		{"for", "5s", "1s 2s 3s"},
		{"for", "40ms", "1s 500ms 100ms"},
		{"timeout", "1387ms", "1s 2s 1.5s 1s 1.4s 1.3s 1.39s 1.38s"},
		{"timeout", "20s", ""},
		{"count", "73", "1 2 5 10 20 50 70 80"},
		{"in_flight", "73", "70 80"},
		{"size", "1387B", "1B 2B 5B 10B 20B 50B 100B 200B 500B 1000B 1000B 2000B 1400B 1300B"},
		{"rate", "7/s", "1/s 2/s 5/s"},
		{"acks", "1", ""},
		{"api", "Fetch", ""},
		{"at", "2m", "1s 2s 3s 5s 10s 15s 20s 25s 30s 40s 50s 1m 1m30s"},
	} {
		n := number{row.key, scalar(row.text), row.key == "timeout" || row.key == "in_flight"}
		require.Equal(t, row.want, strings.Join(n.rounder(), " "), "%s: %s", row.key, row.text)
	}
	require.Equal(t, "1h", written(time.Hour))
	require.Equal(t, "2m", written(2*time.Minute))
	require.Equal(t, "1h1m", written(time.Hour+time.Minute))
}

// Failures are told apart by what they say, not by where and when.
func TestMasked(t *testing.T) {
	names := []string{"orders", "producer-p", "billing"}
	require.Equal(t, "# was acknowledged at offset # of #, and never committed",
		masked(`"p1-1160" was acknowledged at offset 1160 of orders-0, and never committed; readers got`, names))
	require.Equal(t, "group # processed the record", masked("group billing processed the record. Of 7 more", names))
	require.Equal(t, "it did not come to rest in # after: # waits for # records of #",
		masked("it did not come to rest in 2m0s after: producer-p waits for 2 records of orders-0; broker-2 does too", names))
	require.NotEqual(t, masked("it was committed", nil), masked("it was never committed", nil))
}

// Only what should not be there is a failure, the gravest first.
func TestFailureOf(t *testing.T) {
	s, err := scenarios.Parse("s.yaml", []byte("claim: c\ncluster: {}\ntopics: [{name: t}]\nexpect: {findings: none, counts: {send.fail: \"= 0\"}}\n"))
	require.NoError(t, err)
	finding := func(a kafka.Anomaly) kafka.Finding { return kafka.Finding{Anomaly: a, Explanation: "x of t"} }
	run := &kafka.Run{Verdict: kafka.VerdictOK}
	require.True(t, FailureOf(s, run).None())
	run.Verdict, run.Counters = kafka.VerdictViolated, map[string]int64{"send.fail": 2}
	require.Equal(t, Failure{TooMany, "send.fail"}, FailureOf(s, run))
	run.Findings = []kafka.Finding{finding(kafka.LostWrite), finding(kafka.Stuck)}
	require.Equal(t, Failure{"lost-write", "x of #"}, FailureOf(s, run))
	run.Expected = []kafka.Anomaly{kafka.LostWrite}
	require.Equal(t, Failure{"stuck", "x of #"}, FailureOf(s, run))
	run = &kafka.Run{Verdict: kafka.VerdictUndecided, Undecided: []string{"lost-write: the check crashed: 7"}}
	require.Equal(t, Failure{Undecided, "lost-write: the check crashed: #"}, FailureOf(s, run))
}
