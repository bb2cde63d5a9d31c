package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"sandcastle/model/kafka"
	"sandcastle/scenarios"
)

func newList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the lessons with their claims",
		Args:  exactly(0, "list takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, name := range scenarios.Lessons() {
				s, err := scenarios.Lesson(name)
				if err != nil {
					return &exitError{exitInternal, err} // the lessons are part of the program
				}
				line := listLine{
					Scenario: s.Name, Claim: s.Claim, Seed: s.Seed, Findings: s.Expect.Findings,
					Question: s.Predict.Question, Knob: s.Knob.Set, Moves: s.Knob.Moves,
				}
				if !asJSON {
					fmt.Fprintf(w, "%s\t%s\n", line.Scenario, line.Claim)
					continue
				}
				if line.Findings == nil {
					line.Findings = []kafka.Anomaly{}
				}
				if err := printJSON(cmd.OutOrStdout(), line); err != nil {
					return err
				}
			}
			return w.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line")
	return cmd
}

// listLine is what list tells of a lesson; --json all of it.
type listLine struct {
	Scenario string          `json:"scenario"`
	Claim    string          `json:"claim"`
	Seed     uint64          `json:"seed"`
	Findings []kafka.Anomaly `json:"findings"` // that must be found
	Question string          `json:"question,omitempty"`
	Knob     []string        `json:"knob,omitempty"`  // settings to change together
	Moves    string          `json:"moves,omitempty"` // the measure that the knob moves
}

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of a scenario, for editors",
		Args:  exactly(0, "schema takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			b, err := scenarios.Schema()
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(b)
			return err
		},
	}
}
