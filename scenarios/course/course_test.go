package course

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/scenarios"
	"sandcastle/scenarios/rundir"
)

// nobody removes half-written directories here: the test's are removed with all they hold.
type nobody struct{}

func (nobody) Add(string)    {}
func (nobody) Remove(string) {}

// course is the whole course, played once for all tests.
var course = sync.OnceValues(func() (*playedCourse, error) {
	out, err := os.MkdirTemp("", "sandcastle-course-")
	if err != nil {
		return nil, err
	}
	c := &playedCourse{out: out}
	c.page, err = Play(scenarios.Course(), Options{
		Out: out, Jobs: 2, Unfinished: nobody{}, Playing: func(_, _ model.Time) {},
		Played: func(l *Lesson, n, _ int) error {
			c.lessons = append(c.lessons, l)
			return nil
		},
	})
	return c, err
})

type playedCourse struct {
	out, page string
	lessons   []*Lesson
}

func whole(t *testing.T) *playedCourse {
	c, err := course()
	require.NoError(t, err)
	return c
}

func TestMain(m *testing.M) {
	code := m.Run()
	if c, err := course(); err == nil {
		os.RemoveAll(c.out)
	}
	os.Exit(code)
}

// The whole course is played, in its order, and its page leads to every lesson.
func TestCourseLeadsToEveryLesson(t *testing.T) {
	c := whole(t)
	var names []string
	for _, l := range c.lessons {
		require.Equal(t, kafka.VerdictOK, l.Result.Run.Verdict, l.Result.Run.Scenario)
		require.FileExists(t, filepath.Join(l.Dir, "report.html"))
		names = append(names, l.Result.Run.Scenario)
	}
	require.Equal(t, courseNames(), names, "the order of the course")

	out := c.out
	require.Equal(t, filepath.Join(out, "index.html"), c.page)
	page, err := os.ReadFile(c.page)
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
		require.True(t, reports[filepath.ToSlash(rundir.Below(name, s.Seed))+"/report.html"], name)
	}
	for _, subject := range scenarios.Course() {
		for _, c := range subject.Chapters {
			if c.Figure == "" {
				continue
			}
			s, err := scenarios.Lesson(c.Lessons[0])
			require.NoError(t, err)
			require.FileExists(t, filepath.Join(out, rundir.Below(s.Name, s.Seed), "figures", c.Figure+".svg"),
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

// The course draws the sweep of a lesson into its place and links to it.
func TestCourseDrawsSweeps(t *testing.T) {
	s, err := scenarios.Lesson("log/names-by-partition")
	require.NoError(t, err)
	out := t.TempDir()
	o := &Options{Out: out, Playing: func(_, _ model.Time) {}}
	pictures, err := sweepPictures(s, o)
	require.NoError(t, err)
	require.Empty(t, pictures, "it has no sweep")

	s.Sweep = scenarios.Sweep{
		Axes:     []scenarios.Axis{{Paths: []string{"producers[0].linger"}, Values: []string{"0ms", "5ms"}}},
		Measures: []string{"ack.p50"}, Seeds: 1,
	}
	pictures, err = sweepPictures(s, o)
	require.NoError(t, err)
	require.Len(t, pictures, 1)
	require.Equal(t, "log/names-by-partition/sweep/sweep.svg", pictures[0].File)
	require.Equal(t, "What changes with producers[0].linger", pictures[0].Title)
	require.Contains(t, pictures[0].Alt, "Median of ack.p50")
	require.FileExists(t, filepath.Join(out, filepath.FromSlash(pictures[0].File)))
}

// Every report of the course leads back to its chapter, to its twins and to the lessons beside it, and no
// link is dead.
func TestReportsLeadToEachOther(t *testing.T) {
	c := whole(t)
	index, err := os.ReadFile(c.page)
	require.NoError(t, err)
	_, ids := requireSoundHTML(t, index)
	link := regexp.MustCompile(`<a href="([^"]*)">`)
	for _, l := range c.lessons {
		name := l.Result.Run.Scenario
		page, err := os.ReadFile(filepath.Join(l.Dir, "report.html"))
		require.NoError(t, err)
		found := map[string]bool{}
		for _, m := range link.FindAllStringSubmatch(string(page), -1) {
			file, place, _ := strings.Cut(m[1], "#")
			if file == "" {
				continue
			}
			path := filepath.Join(l.Dir, filepath.FromSlash(file))
			require.FileExists(t, path, "%s: %s", name, m[1])
			if found[path] = true; path == c.page {
				require.True(t, ids[place], "%s: %s", name, m[1])
			}
		}
		require.True(t, found[c.page], "%s does not lead to the course", name)
		around, ok := scenarios.AroundLesson(name)
		require.True(t, ok)
		for _, other := range append(around.Twins, around.Before, around.Next) {
			if other == "" {
				continue
			}
			s, err := scenarios.Lesson(other)
			require.NoError(t, err)
			require.True(t, found[filepath.Join(c.out, rundir.Below(other, s.Seed), "report.html")], "%s: %s", name, other)
		}
	}
}
