package scenarios

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/checks"
	"sandcastle/model/kafka"
)

// checked is a scenario in which every check has something to look at.
const checked = `claim: Nothing is lost.
seed: 3
duration: 4s
cluster: {brokers: 2}
topics: [{name: orders, partitions: 1, replicas: 2, config: {min.insync.replicas: 2}}]
producers: [{name: p1, topic: orders, rate: 20/s, until: 3s}]
consumers: [{group: billing, topics: [orders]}]
`

// playCrashed plays s with a panic in the check of that name, and returns the run and all checks
// that were about to run.
func playCrashed(t *testing.T, s *Scenario, name string) (*kafka.Run, map[string]bool) {
	ran := map[string]bool{}
	r, err := Play(s, Options{BeforeCheck: func(check string) {
		ran[check] = true
		if check == name {
			panic("boom in " + name)
		}
	}})
	require.NoError(t, err)
	return &r.Run, ran
}

func parsed(t *testing.T, text string) *Scenario {
	s, err := Parse("checked.yaml", []byte(text))
	require.NoError(t, err)
	return s
}

// requireUndecided demands that one entry of the run is about the check and says why.
func requireUndecided(t *testing.T, run *kafka.Run, check string) {
	if check == "Porcupine" { // the oracle of another check
		check = "nonlinearizable: orders-0: Porcupine"
	}
	entry := kafka.Undecide(check, "the check crashed: boom in ")
	require.True(t, slices.ContainsFunc(run.Undecided, func(u string) bool {
		return len(u) > len(entry) && u[:len(entry)] == entry
	}), "%q is not in %q", entry, run.Undecided)
}

// A check that crashed says nothing, so that a run is never ok with one.
func TestCrashedCheckIsUndecided(t *testing.T) {
	s := parsed(t, checked)
	whole, ran := playCrashed(t, s, "")
	require.Equal(t, kafka.VerdictOK, whole.Verdict, whole.Reason)
	for _, name := range checks.Names() {
		require.True(t, ran[name], "%s did not run", name)
		delete(ran, name)
		run, _ := playCrashed(t, s, name)
		require.Equal(t, kafka.VerdictUndecided, run.Verdict, name)
		requireUndecided(t, run, name)
		require.Contains(t, run.Reason, name)
		require.Equal(t, whole.TraceHash, run.TraceHash, "checks only look")
	}
	require.Empty(t, ran, "checks.Names leaves them out")
}

// What another check has found stays found, and what was expected and could not be looked for is not
// missing.
func TestViolatedWithACrashedCheck(t *testing.T) {
	doubled := parsed(t, strings.Replace(checked, "rate: 20/s, until: 3s",
		"rate: 20/s, until: 3s, in_flight: 1, timeout: 500ms, idempotence: off", 1)+
		"timeline: [{at: 2s, drop: leader(orders-0), to: producer-p1, api: Produce, message: reply}]\n")
	for _, name := range checks.Names() {
		run, _ := playCrashed(t, doubled, name)
		requireUndecided(t, run, name)
		if name == string(kafka.Duplicate) || name == "reading the history" {
			require.Equal(t, kafka.VerdictUndecided, run.Verdict, name)
			continue
		}
		require.Equal(t, kafka.VerdictViolated, run.Verdict, name)
		require.Contains(t, run.Reason, "found, but not expected: duplicate; undecided: ")
		require.Contains(t, run.Reason, name)
	}

	expected := parsed(t, checked+"expect: {findings: [lost-write], counts: {lost-write: \">= 1\"}}\n")
	run, _ := playCrashed(t, expected, string(kafka.Duplicate))
	require.Equal(t, kafka.VerdictViolated, run.Verdict, "lost-write was looked for, and is not there")
	run, _ = playCrashed(t, expected, string(kafka.LostWrite))
	require.Equal(t, kafka.VerdictUndecided, run.Verdict, run.Reason)

	changed, err := Override(doubled, "cluster.brokers", "3")
	require.NoError(t, err)
	run, _ = playCrashed(t, changed, string(kafka.LostWrite))
	require.Equal(t, kafka.VerdictUndecided, run.Verdict, "with a setting changed nothing is claimed")
}
