package main

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"sandcastle/checks"
	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/text"
	"sandcastle/scenarios"
)

// resultLine is what --json prints: one object a line.
type resultLine struct {
	Scenario  string          `json:"scenario"`
	Seed      uint64          `json:"seed"`
	Set       []string        `json:"set,omitempty"`
	Verdict   kafka.Verdict   `json:"verdict"`
	Reason    string          `json:"reason,omitempty"`
	TraceHash string          `json:"trace_hash"`
	Events    uint64          `json:"events"`
	VirtualNS int64           `json:"virtual_ns"`
	WallNS    int64           `json:"wall_ns"`
	Findings  []kafka.Finding `json:"findings"`
	RunDir    string          `json:"run_dir"`
}

func runLine(r *kafka.Run, wall time.Duration, dir string) resultLine {
	return resultLine{
		Scenario: r.Scenario, Seed: r.Seed, Set: r.Set, Verdict: r.Verdict, Reason: r.Reason,
		TraceHash: r.TraceHash,
		Events:    r.Events, VirtualNS: r.VirtualNS, WallNS: wall.Nanoseconds(), Findings: r.Findings,
		RunDir: dir,
	}
}

func printJSON(w io.Writer, v any) error { return json.NewEncoder(w).Encode(v) }

// storyLimit is how many lines of what happened a run prints.
const storyLimit = 15

// printRun tells a person how it went. When the claim did not hold, the counterexample comes first.
func printRun(
	w io.Writer,
	result *scenarios.Result,
	story *digest.Story,
	wall time.Duration,
	dir string,
) error {
	r := &result.Run
	if r.Verdict == kafka.VerdictViolated {
		for _, line := range counterexample(r, result.History) {
			fmt.Fprintln(w, line)
		}
		fmt.Fprintln(w)
	} else {
		fmt.Fprintf(w, "claim     %s\n", r.Claim)
	}
	for _, set := range r.Set {
		fmt.Fprintf(w, "set       %s\n", set)
	}
	fmt.Fprintf(w, "verdict   %s%s\n", r.Verdict, because(r.Reason))
	fmt.Fprintf(w, "findings  %s\n", findingsText(r.Findings, r.Expected))
	fmt.Fprintf(
		w,
		"run       %s, seed %d: %s of virtual time, %d events, hash %s, in %s\n",
		r.Scenario,
		r.Seed,
		time.Duration(r.VirtualNS).
			Round(time.Millisecond),
		r.Events,
		r.TraceHash,
		wall.Round(time.Millisecond),
	)
	fmt.Fprintln(w, "\nwhat happened")
	for _, line := range text.Summary(story, storyLimit) {
		fmt.Fprintln(w, line)
	}
	_, err := fmt.Fprintf(w, "\nreport    %s\n", filepath.Join(dir, "report.html"))
	return err
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}

func findingsText(findings []kafka.Finding, expected []kafka.Anomaly) string {
	if len(findings) == 0 {
		return "none"
	}
	text := ""
	for i, f := range findings {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s ×%d", f.Anomaly, f.Count)
		if slices.Contains(expected, f.Anomaly) {
			text += " (expected)"
		}
	}
	return text
}

// counterexample is at most twelve lines: the claim, the two witnesses with what happened between
// them, and a line that reproduces it.
func counterexample(r *kafka.Run, h kafka.History) []string {
	lines := []string{"the claim   " + r.Claim, "does not hold: " + r.Reason}
	for _, f := range r.Findings {
		if !slices.Contains(r.Expected, f.Anomaly) {
			lines = append(lines, checks.Counterexample(f, h)...)
			break
		}
	}
	return append(lines, "again with  "+text.Command(r))
}

// writeLinearizability draws Porcupine's page for the first partition that is not linearizable.
func writeLinearizability(d *runDir, result *scenarios.Result) error {
	for _, f := range result.Run.Findings {
		if f.Anomaly != kafka.Nonlinearizable {
			continue
		}
		key, ok := partitionOf(f, result.History)
		if !ok {
			return nil
		}
		page, err := checks.Visualize(result.History, key)
		if err != nil {
			return fmt.Errorf("linearizability.html: %w", err)
		}
		return d.write("linearizability.html", page)
	}
	return nil
}

// partitionOf is the partition of a finding's first witness.
func partitionOf(f kafka.Finding, h kafka.History) (kafka.TopicPartition, bool) {
	for _, w := range f.Witnesses {
		if w.Op < 0 || w.Op >= len(h) {
			continue
		}
		for _, mop := range h[w.Op].Value {
			if mop.F == kafka.FSend {
				return mop.Key, true
			}
			if len(mop.Polled) > 0 {
				return mop.Polled[0].Key, true
			}
		}
	}
	return kafka.TopicPartition{}, false
}

func stack() []byte { return debug.Stack() }
