package main

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"sandcastle/checks"
	"sandcastle/model/kafka"
	"sandcastle/reports/prose"
	"sandcastle/scenarios/rundir"
)

func newCheck() *cobra.Command {
	var asJSON bool
	var maxSteps int
	var out string
	cmd := &cobra.Command{
		Use:   "check HISTORY|RUNDIR",
		Short: "Judge a history of client operations",
		Long: `Judges a history in the format of history.ndjson: one JSON object a line, as Jepsen's
Kafka workload has it, or Jepsen's and Maelstrom's own history.edn. The history may come from a run,
from a real cluster, or from your own hand. Of a run directory its history is judged. Keys may be
partitions ("orders-0") or plain ("9"); lines of a nemesis, and operations that no check knows, are
left out and named, and so is what no check looks for.

What a history shows is named as Jepsen's Kafka workload names it. Some of it breaks no promise of
Kafka's: it is told as allowed, and the verdict does not depend on it. Records of transactions
alternate in a log (int-send-skip, G0, PL-1-cycle-exists and their forms, and those of G1c and
PL-2-cycle-exists that take the order of records in a log); a rebalance may move a consumer that
subscribed (poll-skip, nonmonotonic-poll); a poll that says read_uncommitted sees open transactions.

Where a check lacks what it needs, such as the offsets of records that polls returned, it is
undecided, as it is when its budget runs out: the verdict is undecided then, the exit code 2.

A history in which nothing was acknowledged and nothing read can be neither right nor wrong: the
verdict is nothing-to-judge, the exit code 2, as for what is undecided.`,
		Args: exactly(1, "name one history file or run directory"),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := rundir.HistoryPath(args[0])
			if err != nil {
				return err
			}
			if out != "" {
				if err := rundir.CheckJudged(out); err != nil {
					return err
				}
			}
			h, unread, err := rundir.ReadHistory(path)
			if err != nil {
				return err
			}
			j := judge(args[0], h, unread, checks.Options{MaxSteps: maxSteps})
			if out != "" {
				if err := rundir.WriteJudged(out, j, h); err != nil {
					return err
				}
			}
			w := cmd.OutOrStdout()
			if asJSON {
				err = printJSON(w, j)
			} else {
				err = printJudgement(w, j, h, out)
			}
			if err != nil {
				return err
			}
			return verdictExit(j.Verdict)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as one JSON object")
	cmd.Flags().StringVar(&out, "out", "",
		"write report.html, judgement.json and Porcupine's page to `DIR`")
	cmd.Flags().IntVar(&maxSteps, "max-steps", 0,
		"steps that Porcupine may take for each small partition (0: the default)")
	return cmd
}

// judge judges the history called name.
func judge(name string, h kafka.Operations, unread []kafka.Unread,
	o checks.Options,
) *kafka.Judgement {
	report := checks.Judge(h, o)
	j := &kafka.Judgement{
		Scenario: name, Verdict: reportVerdict(report), Findings: report.Findings,
		Undecided: report.Undecided, Allowed: report.Allowed, PassedOver: report.PassedOver,
		Unread: unread, NotJudged: append(checks.NotJudged(h), report.NotJudged...),
	}
	if j.Findings == nil {
		j.Findings = []kafka.Finding{}
	}
	if why := checks.NothingToJudge(h); why != "" && j.Verdict == kafka.VerdictOK {
		j.Verdict, j.Reason = kafka.VerdictEmpty, why
	}
	return j
}

func printLines(w io.Writer, lines []string) {
	for _, line := range lines {
		fmt.Fprintln(w, line)
	}
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

// printJudgement says what came of judging a history, for a person. dir is where it was written, ""
// for nowhere.
func printJudgement(w io.Writer, j *kafka.Judgement, h kafka.Operations, dir string) error {
	fmt.Fprintf(w, "verdict   %s%s\n", j.Verdict, because(j.Reason))
	fmt.Fprintf(w, "findings  %s\n", findingsText(j.Findings, nil))
	printAllowed(w, j.Allowed)
	printPassedOver(w, j.PassedOver)
	for _, why := range j.Undecided {
		fmt.Fprintf(w, "undecided %s\n", why)
	}
	for _, u := range j.Unread {
		fmt.Fprintf(w, "left out  %s of %s\n", prose.Counted(int64(u.Lines), "line"), u.What)
	}
	for _, why := range j.NotJudged {
		fmt.Fprintf(w, "not judged %s\n", why)
	}
	for _, f := range j.Findings {
		fmt.Fprintln(w)
		printLines(w, checks.Counterexample(f, h))
	}
	for i := range j.Allowed {
		lines := checks.Counterexample(j.Allowed[i].Finding, h)
		lines[0] = "allowed: " + lines[0]
		fmt.Fprintln(w)
		printLines(w, lines)
	}
	if dir == "" {
		return nil
	}
	_, err := fmt.Fprintf(w, "\nreport    %s\n", filepath.Join(dir, "report.html"))
	return err
}
