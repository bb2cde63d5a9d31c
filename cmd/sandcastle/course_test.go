package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
	"sandcastle/scenarios"
	"sandcastle/scenarios/rundir"
)

// A course says how each lesson went, to a person and to a program. That every lesson is played is
// checked where the course is.
func TestCourseSaysHowItWent(t *testing.T) {
	t.Parallel()
	subjects := scenarios.Course()[:1]
	names := subjects[0].Chapters[0].Lessons
	out := filepath.Join(t.TempDir(), "course")
	play := func(asJSON bool) []string {
		var stdout, stderr bytes.Buffer
		cmd := newCourse()
		cmd.SetOut(&stdout)
		cmd.SetErr(&stderr)
		require.NoError(t, playCourse(cmd, subjects, courseFlags{out, 2, asJSON}), stderr.String())
		return strings.Split(strings.TrimSpace(stdout.String()), "\n")
	}
	for i, line := range play(true)[:len(names)] {
		var l resultLine
		require.NoError(t, json.Unmarshal([]byte(line), &l))
		require.Equal(t, names[i], l.Scenario)
		require.Equal(t, kafka.VerdictOK, l.Verdict)
		require.FileExists(t, filepath.Join(l.RunDir, "report.html"))
	}
	lines := play(false)
	require.Regexp(t, "^ok +"+names[0]+" +none$", lines[0])
	require.Regexp(t, `^\d+ lessons in `, lines[len(lines)-2])
	require.Equal(t, "page      "+filepath.Join(out, "index.html"), lines[len(lines)-1])
}

// What cannot be done is said, and nothing of the user is touched.
func TestCourseRefusesWhatItCannotDo(t *testing.T) {
	t.Parallel()
	_, stderr, code := cli("course", "--jobs", "0")
	require.Equal(t, exitInput, code)
	require.Contains(t, stderr, "--jobs 0: at least one lesson")

	_, stderr, code = cli("course", "log")
	require.Equal(t, exitInput, code)
	require.Contains(t, stderr, "it plays every lesson")

	// A directory that holds something else is left alone, and no page is written over the rest.
	out := t.TempDir()
	first := scenarios.Course()[0].Chapters[0].Lessons[0]
	s, err := scenarios.Lesson(first)
	require.NoError(t, err)
	dir := filepath.Join(out, rundir.Below(first, s.Seed))
	require.NoError(t, os.MkdirAll(dir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "thesis.txt"), []byte("mine"), 0o644))
	_, stderr, code = cli("course", "--out", out)
	require.Equal(t, exitInput, code)
	require.Contains(t, stderr, "holds no run")
	require.FileExists(t, filepath.Join(dir, "thesis.txt"))
	require.NoFileExists(t, filepath.Join(out, "index.html"))

	// Nor is a page of somebody else's, or a lesson played before that is said.
	out = t.TempDir()
	mine := filepath.Join(out, "index.html")
	require.NoError(t, os.WriteFile(mine, []byte("<title>My site</title>"), 0o644))
	stdout, stderr, code := cli("course", "--out", out)
	require.Equal(t, exitInput, code)
	require.Empty(t, stdout)
	require.Contains(t, stderr, mine+" is there, and is no page of sandcastle")
}

// What stands in the way of a history or a sweep is said before anything is played or asked for.
func TestOutReplacesNothingElse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	notes := filepath.Join(dir, "notes.txt")
	require.NoError(t, os.WriteFile(notes, []byte("mine\n"), 0o644))
	_, stderr, code := cli("record", "names-by-partition", "--out", notes)
	require.Equal(t, exitInput, code)
	require.Contains(t, stderr, "--out "+notes+": it is there, and is no history")
	_, stderr, code = cli("record", "names-by-partition", "--out", dir)
	require.Equal(t, exitInput, code)
	require.Contains(t, stderr, "it is no file; name the file of the history to write")
	runs := filepath.Join(dir, "runs.ndjson")
	require.NoError(t, os.WriteFile(runs, []byte(`{"pace": "5:30", "km": 10}`+"\n"), 0o644))
	_, stderr, code = cli("sweep", "names-by-partition", "--seeds", "1", "--out", dir)
	require.Equal(t, exitInput, code)
	require.Contains(t, stderr, runs+" is there, and is no list of runs")
	for _, name := range []string{"notes.txt", "runs.ndjson"} {
		require.FileExists(t, filepath.Join(dir, name))
	}
	_, stderr, code = cli("run", "names-by-partition", "--out", ".")
	require.Equal(t, exitInput, code)
	require.Contains(t, stderr, "give --out a directory below it, such as run")
}

// The program ends with the exit code that tells most.
func TestWorseVerdict(t *testing.T) {
	require.Equal(t, kafka.VerdictViolated, worse(kafka.VerdictUndecided, kafka.VerdictViolated))
	require.Equal(t, kafka.VerdictViolated, worse(kafka.VerdictViolated, kafka.VerdictUnsettled))
	require.Equal(t, kafka.VerdictUnsettled, worse(kafka.VerdictOK, kafka.VerdictUnsettled))
	require.Equal(t, kafka.VerdictUndecided, worse(kafka.VerdictUndecided, kafka.VerdictOK))
}
