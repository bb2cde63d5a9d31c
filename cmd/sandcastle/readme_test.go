package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/scenarios"
)

// The README's table of lessons is what the lessons say, and its example is a scenario that holds.
func TestReadmeTellsTheTruth(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(moduleRoot(t), "README.md"))
	require.NoError(t, err)
	readme := string(text)
	for _, name := range scenarios.Lessons() {
		s, err := scenarios.Lesson(name)
		require.NoError(t, err)
		require.Contains(t, readme, lessonRow(s))
	}
	_, rest, found := strings.Cut(readme, "## A scenario\n")
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
	stdout, stderr, code := cli("run", file, "--out", filepath.Join(t.TempDir(), "run"))
	require.Zero(t, code, stdout+stderr)
}

// lessonRow is a lesson's row in the README's table.
func lessonRow(s *scenarios.Scenario) string {
	findings := "nothing"
	for i, a := range s.Expect.Findings {
		if i == 0 {
			findings = ""
		} else {
			findings += ", "
		}
		findings += string(a)
	}
	return fmt.Sprintf("| `%s` | %s | %s |", s.Name, s.Claim, findings)
}
