package main

import (
	"cmp"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"sandcastle/scenarios"
)

func newList() *cobra.Command {
	var asJSON, claims bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the lessons with the questions they ask",
		Long: `Lists the lessons, each with the question that it asks. What a lesson claims answers its
question, so claims are printed on demand only.`,
		Args: exactly(0, "list takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, name := range scenarios.Lessons() {
				s, err := scenarios.Lesson(name)
				if err != nil {
					return &exitError{exitInternal, err} // the lessons are part of the program
				}
				line := listed{Scenario: s.Name, Question: s.Predict.Question, Seed: s.Seed}
				if claims {
					line.Claim = s.Claim
				}
				if asJSON {
					if err := printJSON(cmd.OutOrStdout(), line); err != nil {
						return err
					}
					continue
				}
				fmt.Fprintf(w, "%s\t%s\n", line.Scenario, cmp.Or(line.Claim, line.Question))
			}
			return w.Flush()
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
