package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/term"

	"sandcastle/model/kafka"
	"sandcastle/reports/teach"
	"sandcastle/reports/text"
	"sandcastle/scenarios/rundir"
)

// tellStory prints a run step by step, from the claim to the verdict, in plain text, on demand with
// the letters of ASCII alone.
func tellStory(ascii bool) show {
	return func(w io.Writer, p *rundir.Played) error {
		for _, line := range storyLines(w, p) {
			if ascii {
				line = teach.ASCII(line)
			}
			if _, err := fmt.Fprintln(w, line); err != nil {
				return err
			}
		}
		return nil
	}
}

func storyLines(w io.Writer, p *rundir.Played) []string {
	width := columnsOf(w)
	lines := text.Story(p.Story, p.Lesson, width)
	run := &p.Result.Run
	if run.Verdict == kafka.VerdictViolated {
		lines = append(lines, counterexample(run, p.Result.History)...)
	}
	lines = append(lines, fmt.Sprintf("%-10s%s", "report", filepath.Join(p.Dir, "report.html")))
	return append(lines, text.VerdictLines(p.Story, width)...)
}

// columnsOf is how wide a text for w should be: COLUMNS if it says so, else the terminal's width,
// else 80.
func columnsOf(w io.Writer) int {
	const least, most, usual = 40, 160, 80
	width := usual
	if f, ok := w.(*os.File); ok {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 0 {
			width = n
		}
	}
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		width = n
	}
	return min(max(width, least), most)
}
