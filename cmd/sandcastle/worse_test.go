package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

// Of several runs the exit code is that of the worst: what could not be decided is not hidden by a run
// that claimed nothing, and nothing hides a violation.
func TestWorseVerdicts(t *testing.T) {
	const (
		ok, unjudged         = kafka.VerdictOK, kafka.VerdictUnjudged
		undecided, unsettled = kafka.VerdictUndecided, kafka.VerdictUnsettled
		violated             = kafka.VerdictViolated
	)
	for _, c := range []struct{ a, b, want kafka.Verdict }{
		{ok, unjudged, unjudged}, {ok, undecided, undecided}, {ok, violated, violated}, {ok, ok, ok},
		{unjudged, ok, unjudged},
		{unjudged, undecided, undecided}, {undecided, unjudged, undecided},
		{unjudged, unsettled, unsettled}, {unsettled, unjudged, unsettled},
		{unjudged, violated, violated}, {violated, undecided, violated}, {violated, unjudged, violated},
		{undecided, violated, violated},
	} {
		require.Equal(t, c.want, worse(c.a, c.b), "%s, then %s", c.a, c.b)
	}
}
