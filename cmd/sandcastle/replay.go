package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"sandcastle/scenarios/rundir"
)

func newReplay() *cobra.Command {
	return &cobra.Command{
		Use:   "replay RUNDIR",
		Short: "Play a run again and say where it differs, if it does",
		Args:  exactly(1, "name one run directory"),
		RunE: func(cmd *cobra.Command, args []string) error {
			bar := newProgress(cmd.ErrOrStderr(), "replaying "+args[0])
			result, difference, err := rundir.Replay(args[0], bar.update)
			bar.done()
			if difference != nil {
				fmt.Fprintln(cmd.OutOrStdout(), difference)
			}
			switch {
			case err != nil:
				return err
			case difference != nil:
				return &exitError{code: exitInternal}
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "identical: %d events, hash %s\n", result.Run.Events,
				result.Run.TraceHash)
			return err
		},
	}
}
