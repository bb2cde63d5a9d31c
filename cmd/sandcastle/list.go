package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

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
				if asJSON {
					line := struct {
						Scenario string `json:"scenario"`
						Claim    string `json:"claim"`
						Seed     uint64 `json:"seed"`
					}{s.Name, s.Claim, s.Seed}
					if err := printJSON(cmd.OutOrStdout(), line); err != nil {
						return err
					}
					continue
				}
				fmt.Fprintf(w, "%s\t%s\n", s.Name, s.Claim)
			}
			return w.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line")
	return cmd
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
