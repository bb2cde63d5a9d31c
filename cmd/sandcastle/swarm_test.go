package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
	"sandcastle/scenarios/sweep"
)

// What --print prints plays alone to the same hash as what it was drawn from, also in shards and several at
// a time.
func TestSwarmPrintsWhatItPlays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	yaml, stderr, code := cli("run", "--swarm", "--seed", "3", "--print")
	require.Zero(t, code, stderr)
	file := filepath.Join(dir, "drawn.yaml")
	require.NoError(t, os.WriteFile(file, []byte(yaml), 0o600))
	hash := func(args ...string) string {
		stdout, stderr, code := cli(append(args, "--json")...)
		require.Zero(t, code, stderr)
		var line struct {
			TraceHash string `json:"trace_hash"`
		}
		require.NoError(t, json.Unmarshal([]byte(stdout), &line))
		return line.TraceHash
	}
	want := hash("run", "--swarm", "--seed", "3", "--out", filepath.Join(dir, "drawn"))
	require.Equal(t, want, hash("run", file, "--out", filepath.Join(dir, "alone")))
	require.Equal(t, want, hash("sweep", "--swarm", "--seeds", "2..3", "--shard", "2/2", "--jobs", "2",
		"--out", filepath.Join(dir, "shard")))
}

// A sweep of a swarm says how many seeds came to what, and goes on where it stopped; every 100th seed is
// played twice.
func TestSwarmSweeps(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "sweep")
	stdout, stderr, code := cli("sweep", "--swarm", "--seeds", "100..103", "--jobs", "2", "--out", dir)
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "seeds     4 played, 0 failed")
	require.Regexp(t, `\n +4  leader-elected\n`, stdout)
	require.Contains(t, stdout, "never     what no seed came to")
	again, stderr, code := cli("sweep", "--swarm", "--seeds", "100..103", "--jobs", "1", "--out", dir)
	require.Zero(t, code)
	require.Equal(t, stdout, again)
	require.Contains(t, stderr, "4 of 4 runs are in")
}

// A lesson is disturbed: its clients and topics stand.
func TestSwarmOnALesson(t *testing.T) {
	t.Parallel()
	yaml, stderr, code := cli("run", "leader-failover", "--swarm", "--seed", "5", "--print")
	require.Zero(t, code, stderr)
	lesson, _, _ := cli("run", "leader-failover", "--swarm", "--seed", "6", "--print")
	require.NotEqual(t, yaml, lesson)
	for _, line := range []string{"seed: 5\n", "name: orders", "expect:\n  findings: none\n"} {
		require.Contains(t, yaml, line)
	}
	require.NotContains(t, yaml, "predict:")
}

// The ways in which seeds failed, each once, the most frequent first; a seed of each plays it again.
func TestSwarmFailures(t *testing.T) {
	run := func(seed uint64, v kafka.Verdict, reason string) *kafka.Run {
		return &kafka.Run{Scenario: "swarm", Drawn: "--swarm", Seed: seed, Verdict: v, Reason: reason}
	}
	o := &sweep.Outcome{File: "runs.ndjson", Runs: []*kafka.Run{
		run(1, kafka.VerdictOK, ""),
		run(2, kafka.VerdictCrashed, "index 7 out of range\ngoroutine 1"),
		run(3, kafka.VerdictViolated, "found, but not expected: lost-write"),
		run(4, kafka.VerdictViolated, "found, but not expected: lost-write"),
		run(5, kafka.VerdictCrashed, "index 9 out of range\ngoroutine 1"),
		run(6, kafka.VerdictUnsettled, "no rest in 4m0s: t-0 has no leader; u-1 waits"),
		run(7, kafka.VerdictCrashed, "index 7 out of range"),
	}}
	o.Lines = make([]sweep.Line, len(o.Runs))
	var out strings.Builder
	require.NoError(t, printSwarm(&out, o, o.Failures()))
	require.Contains(t, out.String(), "seeds     7 played, 6 failed, in 3 ways\n\n"+
		"crashed: index 7 out of range\n  in 3 seeds, first in 2\n")
	require.Contains(t, out.String(), "run --swarm --seed 6\n")
	for verdict, code := range map[kafka.Verdict]int{
		kafka.VerdictOK: exitOK, kafka.VerdictEmpty: exitOK, kafka.VerdictViolated: exitViolated,
		kafka.VerdictUnsettled: exitViolated, kafka.VerdictUndecided: exitUndecided,
		kafka.VerdictCrashed: exitInternal, kafka.VerdictUnequal: exitInternal,
	} {
		require.Equal(t, code, exitCode(swarmExit([]*kafka.Run{o.Runs[0], run(9, verdict, "")})), verdict)
	}
}

// Profiles and flags that are wrong are one message with its place, and exit 3.
func TestBadSwarms(t *testing.T) {
	t.Parallel()
	for profile, want := range map[string]string{
		"":                                     ":1:1: the profile is empty",
		"brokers":                              ":1:1: the profile must be a mapping",
		"brokers: 3\nbrokrs: 2\n":              `:2:1: unknown key in the profile "brokrs" (did you mean "brokers"?)`,
		"brokers: 3\nbrokers: 2\n":             `:2:1: key "brokers" stands twice in the profile`,
		"brokers: 0..3\n":                      ":1:10: 0..3 is out of range",
		"brokers: 4..3\n":                      ":1:10: 4..3 is out of range",
		"brokers: many\n":                      `:1:10: "many" is no range`,
		"duration: 10\n":                       `:1:11: "10" is no range`,
		"duration: 10s..2h\n":                  ":1:11: 10s..2h is out of range",
		"paranoid: 101\n":                      `:1:11: "101" is no percentage`,
		"faults:\n  kil: 3\n":                  `:2:3: unknown key in faults "kil" (did you mean "kill"?)`,
		"faults:\n  kill: -1\n":                `:2:9: "-1" is no weight`,
		"dangers: [none]\n":                    ":1:10: dangers must be a mapping",
		"combined:\n  zombie: {a: 1}\n":        `:2:11: "" is no weight`,
		"brokers: 3\n  bad: [\n":               "not YAML",
		strings.Repeat("x", 300) + ": 1\n":     ":1:1: unknown key in the profile",
		"faults: {kill: 1}\nfaults: {stop: 1}": `:2:1: key "faults" stands twice`,
	} {
		file := filepath.Join(t.TempDir(), "mine.yaml")
		require.NoError(t, os.WriteFile(file, []byte(profile), 0o600))
		_, stderr, code := cli("sweep", "--swarm", "--seeds", "1", "--profile", file, "--out", t.TempDir())
		require.Equal(t, exitInput, code, "%q: %s", profile, stderr)
		require.Contains(t, stderr, want, profile)
		require.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
		require.Less(t, len(stderr), 1200)
	}
	for args, want := range map[string]string{
		"sweep":                             "name one lesson or one scenario file, or give --swarm",
		"run":                               "name one lesson or one scenario file, or give --swarm",
		"run --print":                       "name one lesson",
		"run leader-failover --print":       "give --swarm",
		"sweep leader-failover --fail-fast": "give --swarm",
		"sweep leader-failover --profile x": "give --swarm",
		"sweep --swarm --plot":              "--plot compares settings of one scenario",
		"sweep --swarm --measure ack.p50":   "--measure compares settings of one scenario",
		"sweep --swarm --seeds 9..1":        "the last is before the first",
		"sweep --swarm --profile nothing":   "nothing: cannot be read",
		"sweep --swarm --set a=1":           "name a lesson or a file",
		"run --swarm no-such-lesson":        "no-such-lesson",
	} {
		_, stderr, code := cli(strings.Fields(args)...)
		require.Equal(t, exitInput, code, "%s: %s", args, stderr)
		require.Contains(t, stderr, want, args)
	}
}

// The printed profile is read back as it is.
func TestPrintedProfile(t *testing.T) {
	t.Parallel()
	text, _, code := cli("sweep", "--print-profile")
	require.Zero(t, code)
	file := filepath.Join(t.TempDir(), "mine.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	usual, _, _ := cli("run", "--swarm", "--seed", "8", "--print")
	mine, _, code := cli("run", "--swarm", "--seed", "8", "--print", "--profile", file)
	require.Zero(t, code)
	require.Equal(t, usual, mine)
}
