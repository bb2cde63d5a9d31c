package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"sandcastle/scenarios/rundir"
)

func newReport() *cobra.Command {
	return &cobra.Command{
		Use:   "report RUNDIR",
		Short: "Draw the figures and the page of a run again",
		Args:  exactly(1, "name one run directory"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := rundir.Redraw(args[0], calledAs()); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "report    %s\n",
				filepath.Join(args[0], "report.html"))
			return err
		},
	}
}
