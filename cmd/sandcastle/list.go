package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"sandcastle/reports/text"
	"sandcastle/scenarios"
)

func newList() *cobra.Command {
	var asJSON, claims bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the lessons with the questions they ask",
		Long: `Lists the lessons, each with the question that it asks, in the order of the course:
"sandcastle course" draws the page that leads through them. What a lesson claims answers its
question, so claims are printed on demand only.`,
		Args: exactly(0, "list takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var list []listed
			for _, name := range courseOrder() {
				s, err := scenarios.Lesson(name)
				if err != nil {
					return &exitError{exitInternal, err} // the lessons are part of the program
				}
				line := listed{Scenario: s.Name, Question: s.Predict.Question, Seed: s.Seed}
				if claims {
					line.Claim = s.Claim
				}
				list = append(list, line)
			}
			out := cmd.OutOrStdout()
			if _, seen := terminal(raw(out)); seen && !asJSON {
				return printLessons(out, list, columnsOf(raw(out)))
			}
			return printLessonLines(out, list, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line")
	cmd.Flags().BoolVar(&claims, "claims", false, "print what they claim, which gives the answers")
	return cmd
}

// listed is what list tells of a lesson.
type listed struct {
	Scenario string `json:"scenario"`
	Question string `json:"question"`
	Claim    string `json:"claim,omitempty"`
	Seed     uint64 `json:"seed"`
}

// courseOrder are the names of the lessons in the order in which the course takes them.
func courseOrder() []string {
	var names []string
	for _, subject := range scenarios.Course() {
		for _, c := range subject.Chapters {
			names = append(names, c.Lessons...)
		}
	}
	return names
}

// printLessonLines prints a lesson a line, for pipes and files.
func printLessonLines(out io.Writer, list []listed, asJSON bool) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, l := range list {
		if asJSON {
			if err := printJSON(out, l); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(w, "%s\t%s\n", l.Scenario, cmp.Or(l.Claim, l.Question))
	}
	return w.Flush()
}

// printLessons prints the lessons for a terminal of so many cells, where most questions do not fit
// beside the names.
func printLessons(out io.Writer, list []listed, width int) error {
	var b strings.Builder
	for _, l := range list {
		b.WriteString(l.Scenario + "\n")
		for _, line := range text.Wrap(cmp.Or(l.Claim, l.Question), width-4) {
			b.WriteString("    " + line + "\n")
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}
