package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/text"
	"sandcastle/scenarios/sweep"
)

func newSweepMerge() *cobra.Command {
	var out string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "merge DIR|FILE…",
		Short: "Put the shards of a sweep together",
		Long: `Reads what the shards of a sweep have written, each a directory or the runs.ndjson in one,
and writes to --out what one sweep would have written that had played everything: runs.ndjson,
sweep.csv, sweep.json, and sweep.svg where it was asked for. A run that several tell of is counted
once. What --out holds already is taken in too, so that shards can be added as they come, and
sandcastle sweep with the same scenario and --out plays what is missing still.

First come the runs that did not go well, each with the line that plays it again.

Exit codes: 0 every claim held or nothing was claimed, 1 one did not hold, 2 one run is undecided or
did not settle, or runs are missing, 3 bad input or usage, 4 two lines tell of one run and differ.`,
		Args: atLeast(1, "name the directories that the shards have written"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if out == "" {
				return model.BadInput("say where to write: --out DIR")
			}
			m, err := sweep.Merge(args, out, func(text string) {
				fmt.Fprintln(cmd.ErrOrStderr(), text)
			})
			var differ *sweep.DifferError
			if errors.As(err, &differ) {
				return &exitError{exitInternal, err}
			}
			if err != nil {
				return err
			}
			if err := printMerged(cmd.OutOrStdout(), m, asJSON); err != nil {
				return err
			}
			return mergedExit(m)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "write to `DIR`")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a run, failures first")
	return cmd
}

// mergedExit is the exit code of the worst run; what is missing is undecided.
func mergedExit(m *sweep.Merged) error {
	if err := swarmExit(m.Runs); m.Numbers == nil && err != nil {
		return err
	}
	worst := kafka.VerdictOK
	if len(m.Missing) > 0 {
		worst = kafka.VerdictUndecided
	}
	for _, r := range m.Runs {
		worst = worse(worst, r.Verdict)
	}
	return verdictExit(worst)
}

// printMerged prints the runs that did not go well, what is missing, and the table of all.
func printMerged(w io.Writer, m *sweep.Merged, asJSON bool) error {
	if asJSON {
		for _, failed := range []bool{true, false} {
			for i := range m.Lines {
				if l := &m.Lines[i]; sweep.Failed(l.Verdict) == failed {
					if err := printJSON(w, l); err != nil {
						return err
					}
				}
			}
		}
		return nil
	}
	if m.Numbers == nil {
		printMissing(w, m)
		return printSwarm(w, &m.Outcome, m.Failures())
	}
	if printBad(w, m.Runs); hasFailed(m.Runs) {
		fmt.Fprintln(w)
	}
	for _, line := range text.SweepLines(m.Numbers) {
		fmt.Fprintln(w, line)
	}
	printMissing(w, m)
	_, err := fmt.Fprintf(w, "\nruns      %s\n", m.File)
	if m.FigureFile != "" {
		_, err = fmt.Fprintf(w, "figure    %s\n", m.FigureFile)
	}
	return err
}

// printMissing says what was not played, and what was told of more than once.
func printMissing(w io.Writer, m *sweep.Merged) {
	for i, what := range m.Missing {
		head := "\nmissing   "
		if i > 0 {
			head = "          "
		}
		fmt.Fprintf(w, "%s%s\n", head, what)
	}
	if m.Again > 0 {
		fmt.Fprintf(w, "\nrepeated  %d lines told of runs that others had told of, alike\n", m.Again)
	}
}

// hasFailed tells whether one of the runs did not go well.
func hasFailed(runs []*kafka.Run) bool {
	for _, r := range runs {
		if sweep.Failed(r.Verdict) {
			return true
		}
	}
	return false
}
