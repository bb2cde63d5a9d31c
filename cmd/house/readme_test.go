package house

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
	"sandcastle/scenarios"
	"sandcastle/scenarios/sweep"
)

var rewrite = flag.Bool("rewrite", false, "write the README's tables anew")

// The README's tables stand between markers and are what the lessons and the program say.
func TestReadmeTables(t *testing.T) {
	path := filepath.Join(moduleRoot(t), "README.md")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	readme := string(text)
	for _, table := range []struct{ name, text string }{
		{"lessons", lessonTables(t)}, {"stories", storyTable(t)}, {"commands", commandTable(t)},
		{"measures", measureTable()}, {"apis", apiTable(t)},
	} {
		open := "<!-- " + table.name + ": `make readme` writes this -->\n"
		before, rest, found := strings.Cut(readme, open)
		require.True(t, found, "README.md has no line %q", open)
		old, after, found := strings.Cut(rest, "<!-- end of "+table.name+" -->")
		require.True(t, found, "README.md has no end of %s", table.name)
		if old != table.text && !*rewrite {
			t.Errorf("the table of %s in README.md is stale: run make readme\n%s", table.name,
				staleLines(old, table.text))
		}
		readme = before + open + table.text + "<!-- end of " + table.name + " -->" + after
	}
	if *rewrite && readme != string(text) {
		require.NoError(t, os.WriteFile(path+".new", []byte(readme), 0o644))
		require.NoError(t, os.Rename(path+".new", path))
	}
}

// staleLines are the lines that only one of two texts has.
func staleLines(old, now string) string {
	var b strings.Builder
	was, is := strings.Split(old, "\n"), strings.Split(now, "\n")
	for _, line := range was {
		if !slices.Contains(is, line) {
			b.WriteString("- " + line + "\n")
		}
	}
	for _, line := range is {
		if !slices.Contains(was, line) {
			b.WriteString("+ " + line + "\n")
		}
	}
	return b.String()
}

// lessonTables are the lessons by subject, in the order in which they are taught.
func lessonTables(t *testing.T) string {
	var b strings.Builder
	for i, subject := range scenarios.Course() {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "**%s**\n\n| lesson | claim | what must be found |\n|---|---|---|\n", subject.Title)
		for _, c := range subject.Chapters {
			for _, name := range c.Lessons {
				s, err := scenarios.Lesson(name)
				require.NoError(t, err)
				fmt.Fprintf(&b, "| %s | %s | %s |\n", lessonLink(name), cell(s.Claim), mustBeFound(s))
			}
		}
	}
	return b.String()
}

func lessonLink(name string) string {
	return fmt.Sprintf("[%s](scenarios/lessons/%s.yaml)", name, name)
}

// cell is text inside a table of Markdown.
func cell(text string) string { return strings.ReplaceAll(strings.TrimSpace(text), "|", `\|`) }

func mustBeFound(s *scenarios.Scenario) string {
	if len(s.Expect.Findings) == 0 {
		return "nothing"
	}
	return joinAnomalies(s.Expect.Findings)
}

func joinAnomalies(found []kafka.Anomaly) string {
	names := make([]string, len(found))
	for i, a := range found {
		names[i] = string(a)
	}
	return strings.Join(names, ", ")
}

// storyTable is, for each chapter that tells of a fault in the protocol, the lesson with the fault
// and the one without.
func storyTable(t *testing.T) string {
	var b strings.Builder
	b.WriteString("| story | before the fix | what is found | since | found |\n|---|---|---|---|---|\n")
	for _, subject := range scenarios.Course() {
		for _, c := range subject.Chapters {
			if c.Source == "" {
				continue
			}
			before := c.Lessons[len(c.Lessons)-1]
			since := scenarios.TwinOf(before)
			require.NotEmpty(t, since, "%s tells a story and has no twin", before)
			old, err := scenarios.Lesson(before)
			require.NoError(t, err)
			fixed, err := scenarios.Lesson(since)
			require.NoError(t, err)
			found := mustBeFound(fixed)
			if also := scenarios.TwinOf(since); also != "" {
				found += "; nothing in " + lessonLink(also)
			}
			fmt.Fprintf(&b, "| %s (%s) | %s | %s | %s | %s |\n", c.Title, c.Source, lessonLink(before),
				mustBeFound(old), lessonLink(since), found)
		}
	}
	return b.String()
}

// measureTable is the one vocabulary of knobs, sweeps and expectations.
func measureTable() string {
	var b strings.Builder
	b.WriteString("| measure | what it is |\n|---|---|\n")
	for _, m := range sweep.Measures() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.Join(m.Names, "`, `"), cell(m.About))
	}
	return b.String()
}

// The README's example is a scenario that holds.
func TestReadmeExampleHolds(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(moduleRoot(t), "README.md"))
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(text), "## A scenario\n")
	require.True(t, found)
	var yaml strings.Builder
	for _, line := range strings.Split(rest, "\n") {
		if code, isCode := strings.CutPrefix(line, "    "); isCode {
			yaml.WriteString(code + "\n")
		} else if strings.HasPrefix(line, "- ") {
			break
		}
	}
	file := filepath.Join(t.TempDir(), "readme.yaml")
	require.NoError(t, os.WriteFile(file, []byte(yaml.String()), 0o644))
	sandcastle(t, "run", file, "--out", filepath.Join(t.TempDir(), "run"))
}
