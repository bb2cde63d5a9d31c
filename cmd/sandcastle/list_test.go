package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/reports/text"
	"sandcastle/scenarios"
)

// The list has every lesson once.
func TestCourseOrderHasEveryLesson(t *testing.T) {
	require.ElementsMatch(t, scenarios.Lessons(), courseOrder())
}

// On a terminal every line of the list fits.
func TestLessonsFitATerminal(t *testing.T) {
	const width = 60
	question := strings.Repeat("Which of the records are lost? ", 6)
	var b bytes.Buffer
	require.NoError(t, printLessons(&b, []listed{{Scenario: "log/reading", Question: question}}, width))
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	require.Equal(t, "log/reading", lines[0])
	require.Greater(t, len(lines), 2)
	for _, line := range lines {
		require.LessOrEqual(t, text.TextWidth(line), width)
	}
	require.Equal(t, strings.Fields(question), strings.Fields(strings.Join(lines[1:], " ")))
}

// Who presses Ctrl-C is not told of contexts.
func TestInterruptIsSaidAsOne(t *testing.T) {
	require.Equal(t, "interrupted", reason(&exitError{130, fmt.Errorf("ping: %w", context.Canceled)}))
	require.Equal(t, "disk full", reason(fmt.Errorf("disk full")))
}
