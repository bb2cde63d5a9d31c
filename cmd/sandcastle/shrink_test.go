package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A scenario that fails is shrunk to a file, which the printed line plays again.
func TestShrink(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sub", "small.yaml")
	args := []string{"shrink", "processing-at-least-once", "--set", "expect.findings=none", "--out", file}
	stdout, stderr, code := cli(args...)
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "times: group billing processed the record")
	require.Regexp(t, `\ntimeline +4 +[12]\n`, stdout)
	require.Regexp(t, `\nplays +[0-9]+ of at most 2000\nscenario  .*small.yaml\nagain with  sandcastle run `, stdout)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(text), "why: Shrunk from groups/processing-at-least-once, seed 25; it fails by processed-twice.")
	stdout, _, code = cli("run", file, "--json", "--out", filepath.Join(t.TempDir(), "run"))
	require.Equal(t, exitViolated, code)
	var run struct {
		Hash string `json:"trace_hash"`
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &run))

	stdout, _, code = cli(append(args, "--json", "--jobs", "3")...)
	require.Zero(t, code)
	var line shrunkLine
	require.NoError(t, json.Unmarshal([]byte(stdout), &line))
	require.Equal(t, run.Hash, line.TraceHash)
	require.Equal(t, "processed-twice", line.Failure.Kind)
	require.Equal(t, len(text), line.After.Bytes)
	again, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(text), string(again))
}

// An interrupt writes what was found so far and ends as a shell expects.
func TestShrinkInterrupted(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "small.yaml")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(&signalError{syscall.SIGINT})
	var stdout, stderr bytes.Buffer
	root := newRoot(&stdout, &stderr)
	root.SetArgs([]string{"shrink", "processing-at-least-once", "--set", "expect.findings=none", "--out", file})
	require.Equal(t, 130, exitCode(root.ExecuteContext(ctx)))
	require.Contains(t, stderr.String(), "interrupted; what was found so far is written")
	require.FileExists(t, file)
}

func TestBadShrink(t *testing.T) {
	t.Parallel()
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	require.NoError(t, os.WriteFile(bad, []byte("claim: c\ncluster: {brokers: 0}\ntopics: []\n"), 0o600))
	taken := t.TempDir()
	for want, args := range map[string]string{
		"processing-at-least-once does not fail under seed 25: it is ok": "processing-at-least-once",
		"does not fail under seed 1: it is unjudged; say what to expect": "names-by-partition --seed 1 --set producers[0].linger=5ms",
		"bad.yaml:2:20: \"0\" is no whole number from 1 to 200":          bad,
		"name one lesson or one scenario file, or give --swarm":          "",
		"--profile is for what a swarm draws: give --swarm":              "names-by-partition --profile x.yaml",
		"swarm does not fail under seed 1: it is ok":                     "--swarm --seed 1",
		"--plays 0, --jobs ":         "processing-at-least-once --plays 0",
		"is a directory: give --out": "processing-at-least-once --out " + taken,
	} {
		_, stderr, code := cli(append([]string{"shrink"}, strings.Fields(args)...)...)
		require.Equal(t, exitInput, code, "%s: %s", args, stderr)
		require.Contains(t, stderr, want)
	}
}
