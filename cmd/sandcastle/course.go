package main

import (
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/scenarios"
	"sandcastle/scenarios/course"
)

func newCourse() *cobra.Command {
	var out string
	var jobs int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "course",
		Short: "Play every lesson and draw the page that leads through them",
		Long: `Plays every lesson with its own seed, several at a time, writes their run directories below
the output directory, and draws index.html: the lessons by subject in the order in which they are
taught, each with its question and its report, and, folded away, its claim, its verdict and what
was found.

Exit codes: 0 every claim held, 1 one did not, 2 one is undecided, 3 bad input or usage, 4 internal
error.`,
		Args: exactly(0, "course takes no arguments: it plays every lesson"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if jobs < 1 {
				return model.BadInput("--jobs %d: at least one lesson has to be played at a time", jobs)
			}
			return playCourse(cmd, scenarios.Course(), courseFlags{out, jobs, asJSON})
		},
	}
	cmd.Flags().StringVar(&out, "out", "out", "write the page and the runs below `DIR`")
	cmd.Flags().IntVar(&jobs, "jobs", runtime.GOMAXPROCS(0), "play so many lessons at a time")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a lesson")
	return cmd
}

// courseFlags are the flags of the command course.
type courseFlags struct {
	out  string
	jobs int
	json bool
}

// playCourse plays the lessons of subjects and says how each went.
func playCourse(cmd *cobra.Command, subjects []scenarios.Subject, f courseFlags) error {
	started, worst, lessons := time.Now(), kafka.VerdictOK, 0
	bar := newProgress(cmd.ErrOrStderr(), "playing the course")
	page, err := course.Play(subjects, course.Options{
		Out: f.out, Jobs: f.jobs, Program: calledAs(), Unfinished: halfWritten, Playing: memoryAdjuster,
		Played: func(l *course.Lesson, n, of int) error {
			bar.update(model.Time(n), model.Time(of))
			worst, lessons = worse(worst, l.Result.Run.Verdict), n
			return printLesson(cmd.OutOrStdout(), l, f.json)
		},
	})
	bar.done()
	if err != nil {
		return err
	}
	if !f.json {
		fmt.Fprintf(cmd.OutOrStdout(), "\n%d lessons in %s\npage      %s\n", lessons,
			time.Since(started).Round(100*time.Millisecond), page)
	}
	return verdictExit(worst)
}

// worse is the verdict of two that ends the program with the more telling exit code.
func worse(a, b kafka.Verdict) kafka.Verdict {
	if b == kafka.VerdictViolated || a == kafka.VerdictOK ||
		a == kafka.VerdictUnjudged && b != kafka.VerdictOK {
		return b
	}
	return a
}

func printLesson(w io.Writer, l *course.Lesson, asJSON bool) error {
	r := &l.Result.Run
	if asJSON {
		return printJSON(w, runLine(r, l.Wall, l.Dir))
	}
	_, err := fmt.Fprintf(w, "%-9s %-52s %s\n", r.Verdict, r.Scenario,
		findingsText(r.Findings, r.Expected)+because(r.Reason))
	return err
}
