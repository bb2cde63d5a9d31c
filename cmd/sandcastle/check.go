package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"sandcastle/checks"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

func newCheck() *cobra.Command {
	var asJSON bool
	var maxSteps int
	cmd := &cobra.Command{
		Use:   "check HISTORY.ndjson|RUNDIR",
		Short: "Judge a history of client operations",
		Long: `Judges a history in the format of history.ndjson: one JSON object a line, as Jepsen's
Kafka workload writes it. The history may come from a run, from a real cluster, or from your own
hand. Of a run directory its history is judged.`,
		Args: exactly(1, "name one history file or run directory"),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := historyPath(args[0])
			if err != nil {
				return err
			}
			h, err := readHistory(path)
			if err != nil {
				return err
			}
			report := checks.Judge(h, checks.Options{MaxSteps: maxSteps})
			verdict := reportVerdict(report)
			if asJSON {
				if report.Findings == nil {
					report.Findings = []kafka.Finding{}
				}
				line := struct {
					Scenario  string          `json:"scenario"`
					Verdict   kafka.Verdict   `json:"verdict"`
					Findings  []kafka.Finding `json:"findings"`
					Undecided []string        `json:"undecided,omitempty"`
				}{args[0], verdict, report.Findings, report.Undecided}
				if err := printJSON(cmd.OutOrStdout(), line); err != nil {
					return &exitError{exitInternal, err}
				}
				return verdictExit(verdict)
			}
			printReport(cmd, verdict, report, h)
			return verdictExit(verdict)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as one JSON object")
	cmd.Flags().IntVar(&maxSteps, "max-steps", 0,
		"budget of the linearizability check per partition (0: the default)")
	return cmd
}

// historyPath is the file to judge: of a run directory the history in it.
func historyPath(path string) (string, error) {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return path, nil // reading it tells what is wrong
	}
	if _, err := readRun(path); err != nil {
		return "", err
	}
	return filepath.Join(path, "history.ndjson"), nil
}

func readHistory(path string) (kafka.History, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &model.InputError{File: path, Problem: "cannot be read: " + plainCause(err)}
	}
	defer f.Close()
	h, err := kafka.ReadHistory(f, path)
	var input *model.InputError
	if err != nil && !errors.As(err, &input) {
		err = &model.InputError{File: path, Problem: "cannot be read: " + plainCause(err)}
	}
	return h, err
}

func reportVerdict(r kafka.Report) kafka.Verdict {
	switch {
	case len(r.Findings) > 0:
		return kafka.VerdictViolated
	case len(r.Undecided) > 0:
		return kafka.VerdictUndecided
	default:
		return kafka.VerdictOK
	}
}

func printReport(cmd *cobra.Command, verdict kafka.Verdict, r kafka.Report, h kafka.History) {
	w := cmd.OutOrStdout()
	fmt.Fprintf(w, "verdict   %s\n", verdict)
	fmt.Fprintf(w, "findings  %s\n", findingsText(r.Findings, nil))
	for _, why := range r.Undecided {
		fmt.Fprintf(w, "undecided %s\n", why)
	}
	for _, f := range r.Findings {
		fmt.Fprintln(w)
		for _, line := range checks.Counterexample(f, h) {
			fmt.Fprintln(w, line)
		}
	}
}
