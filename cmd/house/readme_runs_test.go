package house

import (
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What README.md shows of a run is what the program prints, between the lines
//
//	<!-- shown: `run LESSON` -->
//	<!-- end of shown -->
//
// "shown, the first part:" ends at the first empty line, and "shown, the second part:" is what follows up to
// the next one. The time of the wall clock is left out.
func TestReadmeRuns(t *testing.T) {
	page := readPage(t, "README.md")
	marks := regexp.MustCompile("<!-- shown(?:, the (first|second) part)?: `(.*)` -->").FindAllStringSubmatch(
		page.text, -1)
	require.NotEmpty(t, marks)
	for _, m := range marks {
		text := played(t, m[2])
		if part := slices.Index([]string{"first", "second"}, m[1]); part >= 0 {
			text = strings.Split(text, "\n\n")[part]
		}
		shown := "    $ ./bin/sandcastle " + m[2] + "\n"
		for line := range strings.Lines(strings.TrimRight(text, "\n") + "\n") {
			if line != "\n" {
				line = "    " + line
			}
			shown += line
		}
		page.put("shown", m[0], "\n"+shown+"\n")
	}
	page.write()
}

// played is what a command prints that plays a run, whatever its verdict.
func played(t *testing.T, command string) string {
	t.Helper()
	path, err := binary()
	require.NoError(t, err)
	cmd := exec.Command(path, words(command)...)
	cmd.Args[0] = "./bin/sandcastle" // as the page's reader calls it
	cmd.Dir = t.TempDir()
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		require.Equal(t, 1, cmd.ProcessState.ExitCode(), "%s: %s", command, &errs)
	}
	return regexp.MustCompile(`, in [\d.]+m?s\n`).ReplaceAllString(string(out), "\n")
}

// words are those of a command line with single quotes.
func words(command string) []string {
	var list []string
	for _, m := range regexp.MustCompile(`'([^']*)'|(\S+)`).FindAllStringSubmatch(command, -1) {
		list = append(list, m[1]+m[2])
	}
	return list
}
