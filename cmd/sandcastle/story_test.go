package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/reports/text"
)

// The plain story fits the screen, holds no escape code, and ends with the verdict.
func TestStoryIsPlain(t *testing.T) {
	for _, columns := range []string{"", "100", "50"} {
		t.Setenv("COLUMNS", columns)
		width := map[string]int{"": 80, "100": 100, "50": 50}[columns]
		stdout, stderr, code := cli("run", "--story", "leader-failover-acks-1", "--out", filepath.Join(t.TempDir(), "run"))
		require.Zero(t, code, stderr)
		require.NotContains(t, stdout, "\x1b")
		for _, line := range strings.Split(stdout, "\n") {
			if !strings.HasPrefix(line, "report ") {
				require.LessOrEqual(t, text.TextWidth(line), width, line)
			}
		}
		parts := []string{"question ", "predict ", "step ", "broker-2 is killed", "\nanswer ", "\nclaim ", "\nbecause ", "\nverdict ", "lost-write"}
		at := 0
		for _, part := range parts {
			next := strings.Index(stdout[at:], part)
			require.GreaterOrEqual(t, next, 0, "%q comes too early or not at all in\n%s", part, stdout)
			at += next
		}
		require.Equal(t, width >= text.ColumnsLeast, strings.Contains(stdout, "◀"))
	}
}

func TestStoryRefusesTwoWays(t *testing.T) {
	_, stderr, code := cli("run", "leader-failover", "--story", "--json")
	require.Equal(t, exitInput, code)
	require.Contains(t, stderr, "--json and --story exclude each other")
}
