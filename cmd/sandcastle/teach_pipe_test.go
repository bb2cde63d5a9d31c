package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/scenarios"
)

// Where there is no terminal, teach tells what run --story tells. What is wrong is said as by run.
func TestTeachInAPipe(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	told, stderr, code := cli("teach", "lost-ack-no-idempotence", "--out", dir)
	require.Zero(t, code, stderr)
	story, _, _ := cli("run", "--story", "lost-ack-no-idempotence", "--out", dir)
	require.Equal(t, story, told)

	told, stderr, code = cli("teach", "lost-ack", "--ascii", "--set", "producers[0].idempotence=off", "--out", dir)
	require.Zero(t, code, stderr)
	require.Contains(t, told, "set       producers[0].idempotence=off")
	require.NotContains(t, told, "predict", "the question is of the lesson as it is written")
	require.NotContains(t, told, "\nanswer")
	require.Contains(t, told, "verdict   not judged.")
	for _, r := range told {
		require.Less(t, r, rune(128), "%q", r)
	}
	_, stderr, code = cli("teach", "lost-ack", "--set", "producers[0].ack=1")
	require.Equal(t, exitInput, code)
	require.Contains(t, stderr, "acks")

	_, stderr, code = cli("teach", "lost-akc")
	require.Equal(t, exitInput, code)
	require.Contains(t, stderr, `did you mean "lost-ack"?`)
	_, stderr, code = cli("teach")
	require.Equal(t, exitInput, code)
	require.Contains(t, stderr, "name one lesson")
}

// The lessons that differ in a setting are named from either side.
func TestKinOfALesson(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"producers/lost-ack", "producers/lost-ack-no-idempotence"} {
		s, err := scenarios.Lesson(name)
		require.NoError(t, err)
		kin := kinOf(s)
		require.Len(t, kin, 1)
		require.Contains(t, kin[0], "sandcastle teach producers/lost-ack")
		require.Contains(t, kin[0], "producers[0].idempotence: off)")
	}
}
