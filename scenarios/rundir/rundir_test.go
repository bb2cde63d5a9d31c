package rundir

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/scenarios"
)

// nobody removes half-written directories here: the test's are removed with all they hold.
type nobody struct{}

func (nobody) Add(string)    {}
func (nobody) Remove(string) {}

// runDirOf plays a lesson, or a scenario file, into a directory.
func runDirOf(t testing.TB, s *scenarios.Scenario) string {
	dir := filepath.Join(t.TempDir(), "run")
	_, err := Play(s, scenarios.Options{}, dir, nobody{})
	require.NoError(t, err)
	return dir
}

func lesson(t testing.TB, name string) *scenarios.Scenario {
	s, err := scenarios.Lesson(name)
	require.NoError(t, err)
	return s
}

// copyRun is a run directory that a test may damage.
func copyRun(t *testing.T, from string) string {
	dir := filepath.Join(t.TempDir(), "run")
	require.NoError(t, os.CopyFS(dir, os.DirFS(from)))
	return dir
}

// damage changes one file of a run directory.
type damage struct {
	name, file string
	do         func(data []byte) []byte // nil takes the file away
	// What report, replay and check say of it; "" for nothing, as they do not need what is damaged.
	report, replay, check string
}

func damages() []damage {
	half := func(b []byte) []byte { return b[:len(b)/2] }
	lines := func(change func(l [][]byte) [][]byte) func([]byte) []byte {
		return func(b []byte) []byte { return bytes.Join(change(bytes.SplitAfter(b, []byte("\n"))), nil) }
	}
	replace := func(from, to string) func([]byte) []byte {
		return func(b []byte) []byte { return regexp.MustCompile(from).ReplaceAll(b, []byte(to)) }
	}
	const noRun, noFile = "run.json: cannot be read", "cannot be read: no such file"
	return []damage{
		{"no run", "run.json", nil, noRun, noRun, noRun},
		{"half a run", "run.json", half, "no run: unexpected end", "no run: unexpected end", "no run: unexpected end"},
		{"no JSON", "run.json", func([]byte) []byte { return []byte("{\n\"engine\": 7}") },
			"run.json:2: no run", "run.json:2: no run", "run.json:2: no run"},
		{"another engine", "run.json", replace(kafka.EngineVersion, "sandcastle-0"),
			`"sandcastle-0", this is "` + kafka.EngineVersion, `"sandcastle-0", this is "`, `"sandcastle-0", this is "`},
		{"another scenario", "run.json", replace("producers:", "procurers:"),
			`run.json: the scenario in it cannot be played: log/names-by-partition`, "cannot be played", ""},
		{"another hash", "run.json", replace(`"trace_hash": "\w+"`, `"trace_hash": "0123456789abcdef"`),
			"", "the hash here is 0123456789abcdef", ""},
		{"other counts", "run.json", replace(`"send.ok": \d+`, `"send.ok": 1`),
			"history.ndjson:", "", ""},
		{"no trace", "trace.ndjson", nil, "trace.ndjson: is missing", "trace.ndjson: " + noFile, ""},
		{"half a trace", "trace.ndjson", half, "trace.ndjson:", "the file was cut or altered", ""},
		{"a trace without its end", "trace.ndjson", lines(func(l [][]byte) [][]byte { return l[:len(l)-2] }),
			"the trace stops here, without its end line", "the file was cut or altered", ""},
		{"a trace without a line", "trace.ndjson", lines(func(l [][]byte) [][]byte { return append(l[:9:9], l[10:]...) }),
			"trace.ndjson:10: event 11 follows on event 9: lines were taken out", "trace.ndjson:10: this is not the line", ""},
		{"a byte of a trace", "trace.ndjson", lines(func(l [][]byte) [][]byte { l[20][0] = '['; return l }),
			"trace.ndjson:21: no line of a trace", "trace.ndjson:21: this is not the line", ""},
		{"no history", "history.ndjson", nil, "history.ndjson: is missing", "", "history.ndjson: " + noFile},
		{"half a history", "history.ndjson", half, "history.ndjson:", "", "history.ndjson:"},
		{"a history without its last line", "history.ndjson",
			lines(func(l [][]byte) [][]byte { return l[:len(l)-2] }), "the history ends here", "", ""},
		{"a word of a history", "history.ndjson", replace(`"f":"send"`, `"f":"sent"`),
			`did you mean "send"?`, "", `did you mean "send"?`},
		{"no findings", "findings.json", nil, "", "", ""},
	}
}

// Whatever is missing, cut or altered in a run directory, whoever needs it says which file it is, as
// a mistake of the user.
func TestDamagedRunDirectories(t *testing.T) {
	t.Parallel()
	whole := runDirOf(t, lesson(t, "names-by-partition"))
	for _, d := range damages() {
		t.Run(d.name, func(t *testing.T) {
			dir := copyRun(t, whole)
			path := filepath.Join(dir, d.file)
			if d.do == nil {
				require.NoError(t, os.Remove(path))
			} else {
				data, err := os.ReadFile(path)
				require.NoError(t, err)
				changed := d.do(bytes.Clone(data))
				require.NotEqual(t, string(data), string(changed))
				require.NoError(t, os.WriteFile(path, changed, 0o644))
			}
			for _, read := range []struct {
				name, want string
				do         func() error
			}{
				{"report", d.report, func() error { return Redraw(dir, "") }},
				{"replay", d.replay, func() error {
					_, _, err := Replay(dir, nil)
					return err
				}},
				{"check", d.check, func() error {
					path, err := HistoryPath(dir)
					if err == nil {
						_, _, err = ReadHistory(path)
					}
					return err
				}},
			} {
				err := read.do()
				if read.want == "" {
					require.NoError(t, err, read.name)
					continue
				}
				var input *model.InputError
				require.ErrorAs(t, err, &input, read.name)
				require.ErrorContains(t, err, read.want, read.name)
				require.ErrorContains(t, err, dir, "%s: which directory", read.name)
				require.LessOrEqual(t, strings.Count(err.Error(), "\n"), 2)
			}
		})
	}
}

// evil is a scenario whose keys and values would be markup, and no UTF-8, if anybody let them.
const evil = `claim: "<script>alert('claim')</script> is text"
why: "</script><script>alert('why')</script>"
seed: 1
duration: 5s
cluster: {brokers: 1}
topics:
  - {name: users, partitions: 2, replicas: 1}
producers:
  - name: p1
    topic: users
    rate: 5/s
    values: ["<script>alert(1)</script>", "</script><img src=x onerror=alert(1)>", "\xff\xfe]]>", "&lt;b&gt;"]
consumers:
  - {group: group-1, topics: [users], from: earliest}
predict: {question: "<b>bold</b>?", answer: "<i>no</i>"}
`

// What records hold is text in the page and in every figure; a page drawn again is the same, byte for
// byte.
func TestEvilRecordsAreText(t *testing.T) {
	t.Parallel()
	s, err := scenarios.Parse("evil.yaml", []byte(evil))
	require.NoError(t, err)
	dir := runDirOf(t, s)
	page, err := os.ReadFile(filepath.Join(dir, "report.html"))
	require.NoError(t, err)
	for _, mark := range []string{"<script>alert", "<img", "<b>bold", "<i>no"} {
		require.NotContains(t, string(page), mark)
	}
	require.Contains(t, string(page), "&lt;script&gt;alert(&#39;claim&#39;)")
	figures, err := filepath.Glob(filepath.Join(dir, "figures", "*.svg"))
	require.NoError(t, err)
	require.NotEmpty(t, figures)
	for _, path := range figures {
		svg, err := os.ReadFile(path)
		require.NoError(t, err)
		for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err, path)
			start, ok := token.(xml.StartElement)
			require.False(t, ok && start.Name.Local == "script", path)
		}
	}
	requireDrawnAgain(t, dir)
}

// requireDrawnAgain draws a run again and holds every file to what it was.
func requireDrawnAgain(t *testing.T, dir string) {
	t.Helper()
	before := copyRun(t, dir)
	require.NoError(t, Redraw(dir, ""))
	require.NoError(t, filepath.WalkDir(before, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(before, path)
		require.NoError(t, err)
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, got), "%s differs", name)
		return nil
	}))
}

// The page of a lesson is a matter of two megabytes, and is the same whether it was drawn while the
// lesson was played or from its files. These are the largest lessons.
func TestReportsStaySmall(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"groups/consumers-outnumber-partitions", "log/key-affinity", "log/position",
		"replication/leader-failover-acks-1",
	} {
		dir := runDirOf(t, lesson(t, name))
		info, err := os.Stat(filepath.Join(dir, "report.html"))
		require.NoError(t, err)
		require.Less(t, info.Size(), int64(2_000_000), name)
		requireDrawnAgain(t, dir)
	}
}

// BenchmarkReport draws a lesson of 30 s again: budget 0.5 s.
func BenchmarkReport(b *testing.B) {
	dir := runDirOf(b, lesson(b, "log/position"))
	for b.Loop() {
		require.NoError(b, Redraw(dir, ""))
	}
}
