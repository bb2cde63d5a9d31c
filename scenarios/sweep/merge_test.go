package sweep

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// swept plays a sweep of six runs, or a part of it, and returns its directory.
func swept(t *testing.T, dir string, o Options) string {
	o.Set, o.Measure, o.Plot, o.Jobs = []string{"producers[0].linger=0ms,5ms"}, []string{"ack.p50"}, true, 2
	if o.Seeds == "" {
		o.Seeds = "1..3"
	}
	o.Out = filepath.Join(dir, strings.ReplaceAll("sweep-"+o.Shard+o.Seeds, "/", "-"))
	p, err := New(lesson(t), o)
	require.NoError(t, err)
	_, err = p.Play(context.Background(), &watch{})
	require.NoError(t, err)
	return o.Out
}

// content are the names and contents of a directory.
func content(t *testing.T, dir string) map[string]string {
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	out := map[string]string{}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		out[e.Name()] = string(data)
	}
	return out
}

func write(t *testing.T, path, text string) {
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

// The parts of a sweep, whatever they were, are what one sweep writes, to the byte.
func TestMergeIsOneSweep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	whole := content(t, swept(t, dir, Options{}))
	require.Len(t, whole, 4, "runs.ndjson, sweep.csv, sweep.json, sweep.svg")

	var parts []string
	for part := 1; part <= 4; part++ {
		parts = append(parts, swept(t, dir, Options{Shard: fmt.Sprintf("%d/4", part)}))
	}
	var remarks []string
	remark := func(text string) { remarks = append(remarks, text) }
	out := filepath.Join(dir, "all")
	m, err := Merge(parts[:3], out, remark)
	require.NoError(t, err)
	require.Equal(t, []string{
		"shard 4/4 is not among them",
		"log/names-by-partition producers[0].linger=5ms: seeds 1 were not played",
	}, m.Missing)
	require.Zero(t, m.Again)

	// The last one is added, as a file, with one that is there already, and a torn line.
	runs := filepath.Join(parts[3], "runs.ndjson")
	text, err := os.ReadFile(runs)
	require.NoError(t, err)
	write(t, runs, string(text)+string(text[:100]))
	m, err = Merge([]string{runs, parts[0], parts[0]}, out, remark)
	require.NoError(t, err)
	require.Empty(t, m.Missing)
	require.Equal(t, 2, m.Again)
	require.Equal(t, []string{runs + ":2: the last line is not whole, so its run is not counted"}, remarks)
	require.Equal(t, whole, content(t, out))

	// Seeds of several sweeps are joined too.
	joined := filepath.Join(dir, "joined")
	_, err = Merge([]string{swept(t, dir, Options{Seeds: "3"}), swept(t, dir, Options{Seeds: "1..2"})}, joined, remark)
	require.NoError(t, err)
	require.Equal(t, whole, content(t, joined))
}

// What does not belong together, or is no result, is said with its place.
func TestBadMerges(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good := swept(t, dir, Options{Seeds: "1"})
	runs := content(t, good)
	first, second, _ := strings.Cut(runs["runs.ndjson"], "\n")
	made := func(name string, change ...string) string {
		path := filepath.Join(dir, name)
		write(t, filepath.Join(path, "sweep.json"), strings.NewReplacer(change...).Replace(runs["sweep.json"]))
		write(t, filepath.Join(path, "runs.ndjson"), strings.NewReplacer(change...).Replace(runs["runs.ndjson"]))
		return path
	}
	bare := filepath.Join(dir, "bare", "runs.ndjson")
	write(t, bare, runs["runs.ndjson"])
	broken := made("broken")
	write(t, filepath.Join(broken, "runs.ndjson"), first+"\n{\"seed\":\n"+second)
	verdictless := made("verdictless", `"verdict":"unjudged"`, `"verdict":"fine"`)
	recipe := made("recipe")
	write(t, filepath.Join(recipe, "sweep.json"), "{\n\"engine\": 3}\n")
	unknown := made("unknown")
	write(t, filepath.Join(unknown, "sweep.json"), "{\n\"engines\": \"x\"}\n")
	for _, row := range []struct {
		paths []string
		want  string
	}{
		{[]string{filepath.Join(dir, "nowhere")}, "nowhere: cannot be read"},
		{[]string{dir}, "holds no sweep: there is no runs.ndjson in it"},
		{[]string{bare}, "there is no sweep.json beside"},
		{[]string{broken}, "broken/runs.ndjson:2: no run of a sweep: "},
		{[]string{verdictless}, `verdictless/runs.ndjson:1: no run of a sweep: its verdict is "fine"`},
		{[]string{recipe}, "recipe/sweep.json:2: it says not what a sweep was to play"},
		{[]string{unknown}, "unknown/sweep.json:2: it says not what a sweep was to play"},
		{[]string{good, made("measures", `"ack.p50"`, `"ack.p99"`)}, `are of different sweeps: --measure is ["ack.p50"], and ["ack.p99"]`},
		{[]string{good, made("yaml", "duration", "duratiom")}, "log/names-by-partition is not the same file"},
		{[]string{good, made("engine", kafka.EngineVersion, "sandcastle-2")}, "the engine is " + kafka.EngineVersion + ", and sandcastle-2"},
		{[]string{made("old", `"engine":"`+kafka.EngineVersion+`"`, `"engine":"sandcastle-2"`)}, "old/runs.ndjson:1: its run was played by sandcastle-2"},
		{[]string{made("other", `"sum":"`, `"sum":"0`)}, "other/runs.ndjson:1: it is no run of this sweep: log/names-by-partition with seed 1"},
	} {
		_, err := Merge(row.paths, filepath.Join(dir, "out"), func(string) {})
		var input *model.InputError
		require.ErrorAs(t, err, &input, "%v", row.paths)
		require.ErrorContains(t, err, row.want)
		require.NoDirExists(t, filepath.Join(dir, "out", "sweep.csv"))
	}
	_, err := Merge([]string{good, made("hash", `"trace_hash":"`, `"trace_hash":"0`, `","events"`, `","events"`)},
		filepath.Join(dir, "out"), func(string) {})
	require.ErrorContains(t, err, "its trace_hash is")

	// One run, two ways.
	hash := first[strings.Index(first, `"trace_hash":"`)+14:][:16]
	differs := made("differs", hash, "0123456789abcdef")
	_, err = Merge([]string{good, differs}, filepath.Join(dir, "out"), func(string) {})
	var differ *DifferError
	require.ErrorAs(t, err, &differ)
	require.Equal(t, filepath.Join(good, "runs.ndjson")+":1", differ.One)
	require.Equal(t, filepath.Join(differs, "runs.ndjson")+":1", differ.Other)
}

// Runs are written down as they are done. What a sweep that was killed leaves, a torn line with it,
// is taken over, and no run is counted twice.
func TestKilledSweepGoesOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	whole := content(t, swept(t, dir, Options{}))
	lines := strings.SplitAfter(whole["runs.ndjson"], "\n")

	o := Options{
		Set: []string{"producers[0].linger=0ms,5ms"}, Measure: []string{"ack.p50"}, Plot: true, Jobs: 1,
		Seeds: "1..3", Out: filepath.Join(dir, "killed"),
	}
	runs := filepath.Join(o.Out, "runs.ndjson")
	write(t, runs, lines[4]+lines[0]+lines[0]+lines[2][:200])
	p, err := New(lesson(t), o)
	require.NoError(t, err)
	w := &growth{watch: &watch{}, t: t, runs: runs}
	_, err = p.Play(context.Background(), w)
	require.NoError(t, err)
	require.Equal(t, []int{3, 4, 5, 6}, w.lines, "two were there, four were played")
	require.Equal(t, []string{
		runs + ":4: the last line is not whole, so its run is not counted",
		"2 of 6 runs are in " + runs + " already",
	}, w.remarks)
	require.Equal(t, whole, content(t, o.Out))
}

// growth looks at runs.ndjson after each run.
type growth struct {
	*watch
	t     *testing.T
	runs  string
	lines []int
}

func (g *growth) Played(n, of int) {
	lines, torn, err := readLines(g.runs)
	require.NoError(g.t, err)
	require.Empty(g.t, torn)
	g.lines = append(g.lines, len(lines))
}

// Two sweeps never write one directory at a time.
func TestOneSweepADirectory(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "sweep")
	lock, err := directory(out).claim()
	require.NoError(t, err)
	defer lock.Close()
	p, err := New(lesson(t), Options{Jobs: 1, Out: out})
	require.NoError(t, err)
	_, err = p.Play(context.Background(), &watch{})
	require.ErrorContains(t, err, "is in use by another sweep: give each its own --out")
	_, err = Merge([]string{out}, out, func(string) {})
	require.ErrorContains(t, err, "is in use by another sweep")
}

// A shard goes to a directory of its own, and a run that did not go well says how to play it again.
func TestShardsAndFailures(t *testing.T) {
	t.Parallel()
	p, err := New(lesson(t), Options{Jobs: 1, Shard: "auto", Getenv: func(name string) string {
		return map[string]string{"CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "3"}[name]
	}})
	require.NoError(t, err)
	require.Equal(t, filepath.Join("out", "log", "names-by-partition", "sweep-2-of-3"), p.Out)

	p, err = New(lesson(t), Options{
		Jobs: 1, Set: []string{"expect.counts.send.ok=<= 3"}, Seeds: "1", Out: filepath.Join(t.TempDir(), "sweep"),
	})
	require.NoError(t, err)
	o, err := p.Play(context.Background(), &watch{})
	require.NoError(t, err)
	require.Equal(t, kafka.VerdictViolated, o.Lines[0].Verdict)
	require.Equal(t, "sandcastle run log/names-by-partition --seed 1 --set 'expect.counts.send.ok=<= 3'", o.Lines[0].Again)
}

func TestRanges(t *testing.T) {
	require.Equal(t, "1..3, 5, 7..8", ranges([]uint64{1, 2, 3, 5, 7, 8}))
	require.Empty(t, ranges(nil))
}
