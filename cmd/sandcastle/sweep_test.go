package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

// small is a sweep of eight short runs.
func small(dir string, more ...string) []string {
	args := []string{"sweep", "names-by-partition", "--set", "producers[0].linger=0ms,5ms", "--set",
		"cluster.brokers=2,3", "--seeds", "1..2", "--measure", "ack.p50,send.ok", "--plot", "--out", dir}
	return append(args, more...)
}

// files are the names and contents of a directory.
func files(t *testing.T, dir string) map[string]string {
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	out := map[string]string{}
	for _, e := range entries {
		if e.IsDir() { // what was shrunk
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		out[e.Name()] = string(data)
	}
	return out
}

// However many runs are played at a time, in whatever parts and with whatever breaks between: what
// is printed and written is the same.
func TestSweepIsTheSameHoweverItIsPlayed(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "sweep")
	stdout, stderr, code := cli(small(dir, "--jobs", "1")...)
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "runs      8: 8 unjudged\n")
	require.Contains(t, stdout, "ack.p50: from a send to its acknowledgement")
	require.Contains(t, stdout, "\n  5ms, 3 ")
	want := files(t, dir)
	require.Len(t, want, 4, "runs.ndjson, sweep.csv, sweep.json, sweep.svg")
	require.Equal(t, 8, strings.Count(want["runs.ndjson"], "\n"))

	require.NoError(t, os.RemoveAll(dir))
	again, _, code := cli(small(dir, "--jobs", "5")...)
	require.Zero(t, code)
	require.Equal(t, stdout, again)
	require.Equal(t, want, files(t, dir))

	// It goes on where it stopped.
	lines := strings.SplitAfter(want["runs.ndjson"], "\n")
	path := filepath.Join(dir, "runs.ndjson")
	require.NoError(t, os.WriteFile(path, []byte(lines[6]+lines[1]+lines[3]), 0o644))
	again, stderr, code = cli(small(dir)...)
	require.Zero(t, code)
	require.Contains(t, stderr, "3 of 8 runs are in "+path+" already")
	require.Equal(t, stdout, again)
	require.Equal(t, want, files(t, dir))

	// What another program played is played again.
	other := strings.ReplaceAll(want["runs.ndjson"], `"send.ok":25`, `"send.ok":26`)
	require.NotEqual(t, want["runs.ndjson"], other)
	require.NoError(t, os.WriteFile(path, []byte(other), 0o644))
	again, stderr, code = cli(small(dir)...)
	require.Zero(t, code)
	require.Contains(t, stderr, "was made by another program: everything is played again")
	require.Equal(t, stdout, again)
	require.Equal(t, want, files(t, dir))

	// The shards of two machines are put together by joining their files.
	var joined string
	for _, shard := range []string{"1/2", "2/2"} {
		part := filepath.Join(t.TempDir(), "part")
		again, _, code = cli(small(part, "--shard", shard)...)
		require.Zero(t, code)
		require.Contains(t, again, "8: 4 unjudged, 4 not played")
		joined += files(t, part)["runs.ndjson"]
	}
	require.NoError(t, os.WriteFile(path, []byte(joined), 0o644))
	again, _, _ = cli(small(dir)...)
	require.Equal(t, stdout, again)
	require.Equal(t, want, files(t, dir))
}

// Shards are put together as one sweep, failures first; what is missing makes it undecided, and the
// sweep itself plays it then.
func TestSweepMerge(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sweep := func(out string, more ...string) (stdout string, code int) {
		stdout, _, code = cli(append([]string{"sweep", "names-by-partition", "--no-shrink", "--seeds", "1..4", "--set",
			"expect.counts.read.p99=<= 3100ms", "--out", filepath.Join(dir, out)}, more...)...)
		return stdout, code
	}
	whole, code := sweep("whole")
	require.Equal(t, exitViolated, code)
	for _, shard := range []string{"1/3", "2/3", "3/3"} {
		sweep(shard[:1], "--shard", shard)
	}
	merged := filepath.Join(dir, "merged")
	stdout, stderr, code := cli("sweep", "merge", filepath.Join(dir, "1"), filepath.Join(dir, "3"), "--out", merged)
	require.Equal(t, exitViolated, code, stderr)
	require.Contains(t, stdout, "missing   shard 2/3 is not among them\n")
	require.Contains(t, stdout, "expect.counts.read.p99=<= 3100ms: seeds 2 were not played\n")
	require.Less(t, strings.Index(stdout, "again with  sandcastle run"), strings.Index(stdout, "runs      4: "))

	again, _ := sweep("merged")
	require.Equal(t, strings.ReplaceAll(whole, filepath.Join(dir, "whole"), merged), again)
	require.Equal(t, files(t, filepath.Join(dir, "whole")), files(t, merged))

	stdout, _, _ = cli("sweep", "merge", filepath.Join(dir, "1"), filepath.Join(dir, "2"), filepath.Join(dir, "3"),
		"--json", "--out", filepath.Join(dir, "json"))
	require.Equal(t, files(t, merged), files(t, filepath.Join(dir, "json")))
	var verdicts []kafka.Verdict
	for line := range strings.Lines(stdout) {
		var run struct {
			Verdict kafka.Verdict
			Again   string
		}
		require.NoError(t, json.Unmarshal([]byte(line), &run))
		require.Equal(t, run.Verdict == kafka.VerdictViolated, run.Again != "")
		verdicts = append(verdicts, run.Verdict)
	}
	require.Contains(t, verdicts, kafka.VerdictOK)
	slices.Reverse(verdicts)
	require.True(t, slices.IsSorted(verdicts), "violated comes before ok")
}

// Two lines that tell of one run and differ are the program's fault, everything else is a mistake at
// the keyboard.
func TestBadSweepMerge(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one, other := filepath.Join(dir, "one"), filepath.Join(dir, "other")
	_, _, code := cli("sweep", "names-by-partition", "--seeds", "1", "--out", one)
	require.Zero(t, code)
	require.NoError(t, os.Mkdir(other, 0o755))
	for name, text := range files(t, one) {
		text = strings.Replace(text, `"send.ok":25`, `"send.ok":26`, 1)
		require.NoError(t, os.WriteFile(filepath.Join(other, name), []byte(text), 0o644))
	}
	_, stderr, code := cli("sweep", "merge", one, other, "--out", filepath.Join(dir, "out"))
	require.Equal(t, exitInternal, code)
	require.Contains(t, stderr, "one/runs.ndjson:1 and "+other+"/runs.ndjson:1 tell of the same run")
	for want, args := range map[string][]string{
		"say where to write: --out DIR": {one},
		"name the directories":          {"--out", dir},
		"holds no sweep":                {dir, "--out", filepath.Join(dir, "out")},
	} {
		_, stderr, code := cli(append([]string{"sweep", "merge"}, args...)...)
		require.Equal(t, exitInput, code, stderr)
		require.Contains(t, stderr, want)
	}
	_, stderr, code = cli("sweep", "names-by-partition", "--shard", "auto/0")
	require.Equal(t, exitInput, code)
	require.Contains(t, stderr, "--shard auto/0")
}

// An interrupt begins no further run, keeps what is done, and says how to go on.
func TestSweepInterrupted(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "sweep")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(&signalError{syscall.SIGTERM})
	var stdout, stderr bytes.Buffer
	root := newRoot(&stdout, &stderr)
	root.SetArgs(small(dir, "--jobs", "1"))
	err := root.ExecuteContext(ctx)
	require.Equal(t, 143, exitCode(err))
	require.Contains(t, stderr.String(), "interrupted; the same command goes on where it stopped")
	require.Contains(t, stdout.String(), "not played")
	require.FileExists(t, filepath.Join(dir, "runs.ndjson"))
	_, _, code := cli(small(dir)...)
	require.Zero(t, code)
	require.Equal(t, 8, strings.Count(files(t, dir)["runs.ndjson"], "\n"))
}

// Without settings the seeds are judged, and the exit code is that of the worst.
func TestSweepOfSeeds(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "sweep")
	stdout, stderr, code := cli("sweep", "names-by-partition", "--seeds", "1..3", "--json", "--out", dir)
	require.Zero(t, code, stderr)
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	require.Len(t, lines, 3)
	for i, line := range lines {
		var run struct {
			Seed     uint64
			Verdict  kafka.Verdict
			Counters map[string]int64
		}
		require.NoError(t, json.Unmarshal([]byte(line), &run))
		require.Equal(t, uint64(i+1), run.Seed)
		require.Equal(t, kafka.VerdictOK, run.Verdict)
		require.Positive(t, run.Counters["send.ok"])
	}

	// Settings of one value, with what to expect of them, are judged too.
	stdout, _, code = cli("sweep", "names-by-partition", "--seeds", "1..7", "--set", "expect.counts.send.ok=<= 3",
		"--out", filepath.Join(t.TempDir(), "bad"))
	require.Equal(t, exitViolated, code)
	require.Contains(t, stdout, "runs      7: 7 violated")
	require.Contains(t, stdout, "again with  sandcastle run log/names-by-partition --seed 1 "+
		"--set 'expect.counts.send.ok=<= 3'")
	require.Contains(t, stdout, "and 2 further runs")
	require.Regexp(t, `\ntoo-many: send.ok\n  shrunk      0 entries of the timeline to 0, 4 nodes to 3\n`+
		`  small with  sandcastle run .*/shrunk/too-many-seed-1.yaml\n`, stdout)
}

// What cannot be played is a mistake at the keyboard. The mistakes there are stand in package sweep.
func TestBadSweep(t *testing.T) {
	t.Parallel()
	_, stderr, code := cli("sweep", "names-by-partition", "--seeds", "5..1")
	require.Equal(t, exitInput, code)
	require.Contains(t, stderr, "--seeds 5..1: the last is before the first")
}
