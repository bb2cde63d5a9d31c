package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/checks"
	"sandcastle/model/kafka"
	"sandcastle/scenarios"
)

// A run in which a check crashed ends the command with exit code 2, whichever check it was: it is
// never taken for one that went well.
func TestCrashedCheckEndsWithUndecided(t *testing.T) {
	s, err := scenarios.Parse("checked.yaml", []byte(`claim: Nothing is lost.
duration: 3s
cluster: {brokers: 2}
topics: [{name: orders, partitions: 1, replicas: 2}]
producers: [{name: p1, topic: orders, rate: 20/s, until: 2s}]
consumers: [{group: g, topics: [orders]}]
`))
	require.NoError(t, err)
	var history kafka.Operations
	play := func(name string) int {
		r, err := scenarios.Play(s, scenarios.Options{BeforeCheck: func(check string) {
			if check == name {
				panic("boom")
			}
		}})
		require.NoError(t, err)
		history = r.History
		return exitCode(verdictExit(r.Run.Verdict))
	}
	require.Equal(t, exitOK, play(""))
	for _, name := range checks.Names() {
		require.Equal(t, exitUndecided, play(name), name)
	}

	for _, name := range checks.Names() {
		crashed := false
		report := checks.Judge(history, checks.Options{BeforeCheck: func(check string) {
			if crashed = crashed || check == name; check == name {
				panic("boom")
			}
		}})
		if crashed { // the insides are no part of a history
			require.Equal(t, exitUndecided, exitCode(verdictExit(reportVerdict(report))), name)
		}
	}
}
