package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/scenarios"
)

// cli runs the program within the test and returns what it printed and its exit code.
func cli(args ...string) (stdout, stderr string, code int) {
	var out, errs bytes.Buffer
	code = run(args, &out, &errs)
	return out.String(), errs.String(), code
}

func runDirOf(t *testing.T, lesson string, args ...string) string {
	dir := filepath.Join(t.TempDir(), "run")
	_, stderr, code := cli(append([]string{"run", lesson, "--out", dir}, args...)...)
	require.Zero(t, code, stderr)
	return dir
}

func TestRunWritesTheWholeDirectory(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "b")
	stdout, stderr, code := cli("run", "names-by-partition", "--out", dir, "--json")
	require.Zero(t, code, stderr)
	var line struct {
		Scenario  string          `json:"scenario"`
		Seed      uint64          `json:"seed"`
		Verdict   kafka.Verdict   `json:"verdict"`
		TraceHash string          `json:"trace_hash"`
		Events    uint64          `json:"events"`
		VirtualNS int64           `json:"virtual_ns"`
		WallNS    int64           `json:"wall_ns"`
		Findings  []kafka.Finding `json:"findings"`
		RunDir    string          `json:"run_dir"`
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &line))
	require.Equal(t, "log/names-by-partition", line.Scenario)
	require.Equal(t, kafka.VerdictOK, line.Verdict)
	require.Len(t, line.TraceHash, 16)
	require.NotNil(t, line.Findings)
	require.Equal(t, dir, line.RunDir)
	for _, name := range []string{"run.json", "trace.ndjson", "history.ndjson", "findings.json", "report.html",
		"figures/throughput.svg"} {
		info, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err, name)
		require.NotZero(t, info.Size(), name)
	}
	entries, err := os.ReadDir(filepath.Dir(dir))
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing half-written is left beside it")

	// A second run takes its place; anything that is no run is left alone.
	_, _, code = cli("run", "names-by-partition", "--out", dir)
	require.Zero(t, code)
	require.NoError(t, os.Remove(filepath.Join(dir, "run.json")))
	_, stderr, code = cli("run", "names-by-partition", "--out", dir)
	require.Equal(t, exitInput, code)
	require.Contains(t, stderr, "is not empty and holds no run")
}

// copyRun is a run directory that a test may damage.
func copyRun(t *testing.T, from string) string {
	dir := filepath.Join(t.TempDir(), "run")
	require.NoError(t, os.CopyFS(dir, os.DirFS(from)))
	return dir
}

func TestReplayFindsTheDifference(t *testing.T) {
	t.Parallel()
	dir := runDirOf(t, "names-by-partition")
	stdout, _, code := cli("replay", dir)
	require.Zero(t, code, stdout)
	require.Contains(t, stdout, "identical")

	path := filepath.Join(dir, "trace.ndjson")
	trace, err := os.ReadFile(path)
	require.NoError(t, err)
	lines := bytes.Split(trace, []byte("\n"))
	alter := func(n int, line []byte) {
		changed := append([][]byte{}, lines...)
		changed[n] = line
		require.NoError(t, os.WriteFile(path, bytes.Join(changed, []byte("\n")), 0o644))
	}
	alter(99, bytes.Replace(lines[99], []byte(`"at":`), []byte(`"at":1`), 1))
	stdout, stderr, code := cli("replay", dir)
	require.Equal(t, exitInput, code, "the run has the hash that it had: the file was altered")
	require.Contains(t, stdout, "in line 100")
	require.Contains(t, stderr, "trace.ndjson:100: this is not the line that the run wrote")

	require.NoError(t, os.WriteFile(path, bytes.Join(lines[:500], []byte("\n")), 0o644))
	stdout, _, code = cli("replay", dir)
	require.Equal(t, exitInput, code)
	require.Contains(t, stdout, "in line 501")
	require.Contains(t, stdout, "the trace ends before")

	// Another run is what a nondeterministic one would look like.
	other := copyRun(t, dir)
	run, err := os.ReadFile(filepath.Join(other, "run.json"))
	require.NoError(t, err)
	run = bytes.Replace(run, []byte(`"seed": 3`), []byte(`"seed": 4`), 1)
	require.NoError(t, os.WriteFile(filepath.Join(other, "run.json"), run, 0o644))
	stdout, _, code = cli("replay", other)
	require.Equal(t, exitInternal, code)
	require.Contains(t, stdout, "the run differs from")

	_, stderr, code = cli("report", dir)
	require.Equal(t, exitInput, code)
	require.Contains(t, stderr, "trace.ndjson")
	_, stderr, code = cli("replay", t.TempDir())
	require.Equal(t, exitInput, code)
	require.Contains(t, stderr, "run.json: cannot be read")
}

func TestReportDrawsTheSameAgain(t *testing.T) {
	t.Parallel()
	dir := runDirOf(t, "names-by-partition")
	before, err := os.ReadFile(filepath.Join(dir, "report.html"))
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "figures")))
	_, stderr, code := cli("report", dir)
	require.Zero(t, code, stderr)
	after, err := os.ReadFile(filepath.Join(dir, "report.html"))
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))
	require.FileExists(t, filepath.Join(dir, "figures", "throughput.svg"))
}

// The lesson about loss holds because the loss was expected and found. The same file that expects
// nothing
// does not hold, and the first thing it prints is a counterexample of at most twelve lines.
func TestTheLossIsFoundAndExplained(t *testing.T) {
	t.Parallel()
	stdout, _, code := cli("run", "leader-failover-acks-1", "--out", filepath.Join(t.TempDir(), "run"))
	require.Zero(t, code, stdout)
	require.Contains(t, stdout, "lost-write")

	s, err := scenarios.Lesson("leader-failover-acks-1")
	require.NoError(t, err)
	at := strings.Index(s.YAML, "findings: [")
	end := at + strings.Index(s.YAML[at:], "]") + 1
	file := filepath.Join(t.TempDir(), "none.yaml")
	require.NoError(t, os.WriteFile(file, []byte(s.YAML[:at]+"findings: none"+s.YAML[end:]), 0o644))
	stdout, _, code = cli("run", file, "--out", filepath.Join(t.TempDir(), "run"))
	require.Equal(t, exitViolated, code, stdout)
	first, _, _ := strings.Cut(stdout, "\n\n")
	lines := strings.Split(first, "\n")
	require.LessOrEqual(t, len(lines), 12, first)
	require.Contains(t, lines[0], "the claim")
	require.Contains(t, lines[len(lines)-1], "sandcastle run "+file+" --seed 42")
	require.Contains(t, first, "send orders-0", "the witness is named")
}

func TestCheckJudgesAHistoryWrittenByHand(t *testing.T) {
	t.Parallel()
	const ok0 = `{"process":0,"type":"ok","f":"send","value":[["send","orders-0",[0,"a"]]]}` + "\n"
	const ok1 = `{"process":0,"type":"ok","f":"send","value":[["send","orders-0",[1,"b"]]]}` + "\n"
	for _, row := range []struct {
		name, history, anomaly string
	}{
		{"fine", ok0 + ok1 + `{"process":1,"type":"ok","f":"poll","value":[["poll",{"orders-0":[[0,"a"],[1,"b"]]}]]}`, ""},
		{"lost write", ok0 + ok1 + `{"process":1,"type":"ok","f":"poll","value":[["poll",{"orders-0":[[0,"a"],[2,"c"]]}]]}`,
			"lost-write"},
		{"duplicate", ok0 + ok1 + `{"process":1,"type":"ok","f":"poll","value":[["poll",{"orders-0":[[0,"a"],[1,"b"],[2,"a"]]}]]}`,
			"duplicate"},
		{"two values", ok0 + ok1 + `{"process":1,"type":"ok","f":"poll","value":[["poll",{"orders-0":[[0,"a"],[1,"z"]]}]]}`,
			"inconsistent-offsets"},
	} {
		file := filepath.Join(t.TempDir(), "history.ndjson")
		require.NoError(t, os.WriteFile(file, []byte(row.history), 0o644))
		stdout, stderr, code := cli("check", file)
		if row.anomaly == "" {
			require.Zero(t, code, "%s: %s%s", row.name, stdout, stderr)
			continue
		}
		require.Equal(t, exitViolated, code, "%s: %s%s", row.name, stdout, stderr)
		require.Contains(t, stdout, row.anomaly, row.name)
		stdout, _, _ = cli("check", file, "--json")
		require.Contains(t, stdout, `"verdict":"violated"`)
	}
	dir := runDirOf(t, "names-by-partition")
	stdout, _, code := cli("check", filepath.Join(dir, "history.ndjson"))
	require.Zero(t, code, stdout)
}

// Bad input: one clear message with file, line and column, exit code 3, and nothing written.
func TestBadInput(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		return path
	}
	scenario := write(
		"bad.yaml",
		"claim: x\ncluster: {brokers: 3}\ntopics:\n  - {name: a, replicas: 5}\n",
	)
	history := write(
		"bad.ndjson",
		`{"process":0,"type":"ok","f":"send","value":[["sent","a-0",[0,"x"]]]}`+"\n",
	)
	for _, row := range []struct {
		args []string
		want string
	}{
		{[]string{"run", scenario, "--out", filepath.Join(dir, "run")}, `bad.yaml:4:5: topic "a" wants 5 replicas`},
		{[]string{"run", "leader-failovr"}, `did you mean "leader-failover"?`},
		{[]string{"run", filepath.Join(dir, "none.yaml")}, "none.yaml: cannot be read: no such file or directory"},
		{[]string{"run"}, "name one lesson or one scenario file"},
		{[]string{"run", "names-by-partition", "--seed", "many"}, "invalid argument"},
		{[]string{"run", "names-by-partition", "--sede", "1"}, "unknown flag: --sede"},
		{[]string{"rnu"}, `unknown command "rnu" (did you mean "run"?)`},
		{[]string{"check", dir}, "cannot be read"},
		{[]string{"check", history}, `bad.ndjson:1:`},
		{[]string{"check", history}, `did you mean "send"?`},
		{[]string{"check", filepath.Join(dir, "none.ndjson")}, "cannot be read"},
		{[]string{"run", "names-by-partition", "--out", scenario}, "cannot be a run directory"},
	} {
		stdout, stderr, code := cli(row.args...)
		require.Equal(t, exitInput, code, "%v: %s%s", row.args, stdout, stderr)
		require.Contains(t, stderr, row.want, "%v", row.args)
		require.Empty(t, stdout)
	}
	require.NoDirExists(t, filepath.Join(dir, "run"))
}

func TestAnotherEngineIsRefused(t *testing.T) {
	t.Parallel()
	dir := runDirOf(t, "names-by-partition")
	path := filepath.Join(dir, "run.json")
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	data = bytes.Replace(data, []byte(kafka.EngineVersion), []byte("sandcastle-0"), 1)
	require.NoError(t, os.WriteFile(path, data, 0o644))
	_, stderr, code := cli("replay", dir)
	require.Equal(t, exitInput, code)
	require.Contains(t, stderr, `"sandcastle-0"`)
	require.Contains(t, stderr, kafka.EngineVersion)
}

func TestListAndSchema(t *testing.T) {
	t.Parallel()
	stdout, _, code := cli("list")
	require.Zero(t, code)
	require.Contains(t, stdout, "replication/leader-failover")
	require.Contains(t, stdout, "The leader dies under load.")
	require.NotContains(t, stdout, "loses nothing", "what is asked is not told")
	stdout, _, code = cli("list", "--claims", "--json")
	require.Zero(t, code)
	require.Contains(t, stdout, "killing the leader loses nothing that was acknowledged")
	plain, _, _ := cli("list")
	said, _, code := cli("list", "--json")
	require.Zero(t, code)
	told, lines := strings.Split(strings.TrimSpace(plain), "\n"), strings.Split(strings.TrimSpace(said), "\n")
	require.Len(t, lines, len(told))
	for i, line := range lines {
		var l listed
		require.NoError(t, json.Unmarshal([]byte(line), &l))
		require.Regexp(t, "^"+regexp.QuoteMeta(l.Scenario)+" +"+regexp.QuoteMeta(l.Question)+"$", told[i])
	}
	stdout, _, code = cli("schema")
	require.Zero(t, code)
	require.True(t, json.Valid([]byte(stdout)))
	stdout, _, code = cli("schema", "--words")
	require.Zero(t, code)
	for _, word := range []string{"  cluster *\n", "  producers[].linger\n", "  cut: NODES, to: …, [for: …]\n",
		"isr-shrunk ", "  poll-skip\n      A consumer went past records"} {
		require.Contains(t, stdout, word)
	}
}

// A shell completes lessons by their whole and their short names, for every command that plays one.
func TestCompletionKnowsLessons(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"run", "teach", "sweep", "record"} {
		stdout, _, code := cli("__complete", command, "leader-failover-a")
		require.Zero(t, code)
		require.Contains(t, stdout, "leader-failover-acks-1\n", command)
		stdout, _, _ = cli("__complete", command, "replication/leader-f")
		require.Contains(t, stdout, "replication/leader-failover\n", command)
		stdout, _, _ = cli("__complete", command, "leader-failover", "")
		require.NotContains(t, stdout, "leader", command)
	}
}

// A run prints the measure that its lesson's knob moves, with the knob turned and without.
func TestRunPrintsWhatTheKnobMoves(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"--set", "producers[0].acks=1"}} {
		stdout, _, code := cli(append([]string{"run", "acks-cost", "--out", filepath.Join(t.TempDir(), "run")},
			args...)...)
		require.Zero(t, code)
		require.Regexp(t, `\nmeasure   ack\.p50 is \S+ ms: from a send`, stdout)
	}
}

// The same lesson and seed have one hash in any process, on one processor or two; another seed has
// another.
func TestOneHashInEveryProcess(t *testing.T) {
	t.Parallel()
	bin := program(t)
	hash := func(procs, seed string) string {
		cmd := exec.Command(bin, "run", "leader-failover", "--seed", seed, "--json", "--out",
			filepath.Join(t.TempDir(), "run"))
		cmd.Env = append(os.Environ(), "GOMAXPROCS="+procs)
		out, err := cmd.Output()
		require.NoError(t, err)
		var line struct {
			TraceHash string `json:"trace_hash"`
		}
		require.NoError(t, json.Unmarshal(out, &line))
		return line.TraceHash
	}
	first := hash("1", "42")
	require.Equal(t, first, hash("2", "42"))
	require.Equal(t, first, hash("1", "42"))
	require.NotEqual(t, first, hash("1", "43"))

	// And within this process, which `make race` runs with the race detector.
	s, err := scenarios.Lesson("leader-failover")
	require.NoError(t, err)
	r, err := scenarios.Play(s, scenarios.Options{})
	require.NoError(t, err)
	require.Equal(t, first, r.Run.TraceHash)
}

// What is nobody's mistake at the keyboard is no usage error.
func TestOtherErrorsAreInternal(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		err  error
		want int
	}{
		{errors.New("disk full"), exitInternal}, {&model.InputError{Problem: "x"}, exitInput},
		{model.BadInput("x"), exitInput}, {&exitError{code: exitViolated}, exitViolated},
	} {
		require.Equal(t, row.want, exitCode(row.err), "%v", row.err)
	}
}

// A run that does not come to rest is its own verdict, neither ok nor violated.
func TestUnsettledIsUndecided(t *testing.T) {
	t.Parallel()
	s, err := scenarios.Lesson("names-by-partition")
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "hurry.yaml")
	require.NoError(t, os.WriteFile(file, []byte("settle: 1us\n"+s.YAML), 0o644))
	stdout, _, code := cli("run", file, "--out", filepath.Join(t.TempDir(), "run"))
	require.Equal(t, exitUndecided, code, stdout)
	require.Contains(t, stdout, "verdict   unsettled")
}
