package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
	"sandcastle/scenarios"
)

// The whole course is played, in its order, and its page leads to every lesson.
func TestCourseLeadsToEveryLesson(t *testing.T) {
	out := filepath.Join(t.TempDir(), "course")
	stdout, stderr, code := cli("course", "--out", out, "--jobs", "2", "--json")
	require.Zero(t, code, stdout+stderr)
	var names []string
	for _, line := range strings.Split(strings.TrimSpace(stdout), "\n") {
		var l resultLine
		require.NoError(t, json.Unmarshal([]byte(line), &l))
		require.Equal(t, kafka.VerdictOK, l.Verdict, l.Scenario)
		require.FileExists(t, filepath.Join(l.RunDir, "report.html"))
		names = append(names, l.Scenario)
	}
	require.Equal(t, courseNames(), names, "the order of the course")

	page, err := os.ReadFile(filepath.Join(out, "index.html"))
	require.NoError(t, err)
	links, ids := requireSoundHTML(t, page)
	reports := map[string]bool{}
	for _, link := range links {
		if place, inside := strings.CutPrefix(link, "#"); inside {
			require.Contains(t, ids, place, "a link to no place in the page")
			continue
		}
		require.False(t, strings.Contains(link, ":") || strings.HasPrefix(link, "/"), "%s is not relative", link)
		require.FileExists(t, filepath.Join(out, filepath.FromSlash(link)))
		reports[link] = true
	}
	require.GreaterOrEqual(t, len(reports), len(names))
	for _, name := range names {
		s, err := scenarios.Lesson(name)
		require.NoError(t, err)
		require.Contains(t, string(page), ">"+name+"<")
		require.True(t, reports[filepath.ToSlash(lessonDir(name, s.Seed))+"/report.html"], name)
	}
	for _, subject := range scenarios.Course() {
		for _, c := range subject.Chapters {
			if c.Figure == "" {
				continue
			}
			s, err := scenarios.Lesson(c.Lessons[0])
			require.NoError(t, err)
			require.FileExists(t, filepath.Join(out, lessonDir(s.Name, s.Seed), "figures", c.Figure+".svg"),
				"the figure that shows the point of %q best", c.Title)
		}
	}
	require.NotContains(t, string(page), "src=", "the page needs no other file")
	require.NotContains(t, string(page), "url(")
}

func courseNames() []string {
	var names []string
	for _, s := range scenarios.Course() {
		for _, c := range s.Chapters {
			names = append(names, c.Lessons...)
		}
	}
	return names
}

// requireSoundHTML reads a page as strictly as XML is read: tags nest, attributes are quoted, no id
// stands twice. It returns where links lead, and the ids.
func requireSoundHTML(t *testing.T, page []byte) (links []string, ids map[string]bool) {
	empty := regexp.MustCompile(`<(meta|link|br|hr|img|input)\b([^>]*)>`) // HTML does not close these
	_, root, found := bytes.Cut(empty.ReplaceAll(page, []byte("<$1$2/>")), []byte("<!DOCTYPE html>"))
	require.True(t, found, "no doctype")
	d := xml.NewDecoder(bytes.NewReader(root))
	d.Entity = xml.HTMLEntity
	ids = map[string]bool{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return links, ids
		}
		require.NoError(t, err)
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, a := range start.Attr {
			switch a.Name.Local {
			case "href":
				links = append(links, a.Value)
			case "id":
				require.False(t, ids[a.Value], "the id %q stands twice", a.Value)
				ids[a.Value] = true
			}
		}
	}
}

// What cannot be done is said, and nothing of the user is touched.
func TestCourseRefusesWhatItCannotDo(t *testing.T) {
	_, stderr, code := cli("course", "--jobs", "0")
	require.Equal(t, exitInput, code)
	require.Contains(t, stderr, "--jobs 0: at least one lesson")

	_, stderr, code = cli("course", "log")
	require.Equal(t, exitInput, code)
	require.Contains(t, stderr, "it plays every lesson")

	// A directory that holds something else is left alone, and no page is written over the rest.
	out := t.TempDir()
	first := courseNames()[0]
	s, err := scenarios.Lesson(first)
	require.NoError(t, err)
	dir := filepath.Join(out, lessonDir(first, s.Seed))
	require.NoError(t, os.MkdirAll(dir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "thesis.txt"), []byte("mine"), 0o644))
	_, stderr, code = cli("course", "--out", out)
	require.Equal(t, exitInput, code)
	require.Contains(t, stderr, "holds no run")
	require.FileExists(t, filepath.Join(dir, "thesis.txt"))
	require.NoFileExists(t, filepath.Join(out, "index.html"))
}

// The program ends with the exit code that tells most.
func TestWorseVerdict(t *testing.T) {
	require.Equal(t, kafka.VerdictViolated, worse(kafka.VerdictUndecided, kafka.VerdictViolated))
	require.Equal(t, kafka.VerdictViolated, worse(kafka.VerdictViolated, kafka.VerdictUnsettled))
	require.Equal(t, kafka.VerdictUnsettled, worse(kafka.VerdictOK, kafka.VerdictUnsettled))
	require.Equal(t, kafka.VerdictUndecided, worse(kafka.VerdictUndecided, kafka.VerdictOK))
}
