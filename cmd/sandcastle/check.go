package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"sandcastle/checks"
	"sandcastle/model/kafka"
	"sandcastle/scenarios/rundir"
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
			path, err := rundir.HistoryPath(args[0])
			if err != nil {
				return err
			}
			h, err := rundir.ReadHistory(path)
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
					return err
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
