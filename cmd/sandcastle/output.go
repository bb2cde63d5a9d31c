package main

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"sandcastle/checks"
	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/text"
	"sandcastle/scenarios/rundir"
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

// mostWords is how many characters of a sentence of the scenario's a summary prints.
const mostWords = 1000

// storyLimit is how many lines of what happened a run prints.
const storyLimit = 15

// printRun says how a run went, for a person. When the claim did not hold, the counterexample comes
// first. moved is the measure that the lesson's knob moves, "" for none.
func printRun(w io.Writer, p *rundir.Played, moved string) error {
	r := &p.Result.Run
	if r.Verdict == kafka.VerdictViolated {
		for _, line := range counterexample(r, p.Result.History) {
			fmt.Fprintln(w, line)
		}
		fmt.Fprintln(w)
	} else {
		fmt.Fprintf(w, "claim     %s\n", model.Clip(r.Claim, mostWords))
	}
	for _, set := range r.Set {
		fmt.Fprintf(w, "set       %s\n", set)
	}
	fmt.Fprintf(w, "verdict   %s%s\n", r.Verdict, because(r.Reason))
	fmt.Fprintf(w, "findings  %s\n", findingsText(r.Findings, r.Expected))
	printAllowed(w, r.Allowed)
	printPassedOver(w, r.PassedOver)
	fmt.Fprintf(
		w,
		"run       %s, seed %d: %s of virtual time, %d events, hash %s, in %s\n",
		r.Scenario,
		r.Seed,
		time.Duration(r.VirtualNS).
			Round(time.Millisecond),
		r.Events,
		r.TraceHash,
		p.Wall.Round(time.Millisecond),
	)
	if m, ok := r.Measure(moved); ok {
		fmt.Fprintf(w, "measure   %s is %s: %s\n", m.Name, m, m.About)
	}
	fmt.Fprintln(w, "\nwhat happened")
	for _, line := range text.Summary(p.Story, storyLimit) {
		fmt.Fprintln(w, line)
	}
	_, err := fmt.Fprintf(w, "\nreport    %s\n", filepath.Join(p.Dir, "report.html"))
	return err
}

// printAllowed says what breaks no promise, and who allows it.
func printAllowed(w io.Writer, list []kafka.Allowed) {
	for i := range list {
		fmt.Fprintf(w, "allowed   %s: %s\n", list[i].Finding, list[i].Why)
	}
}

// printPassedOver says what resets passed over, a few of them.
func printPassedOver(w io.Writer, list []kafka.PassedOver) {
	const most = 4
	for i, passed := range list {
		if i == most {
			fmt.Fprintf(w, "note      and %d further resets passed over acknowledged records\n",
				len(list)-most)
			break
		}
		fmt.Fprintf(w, "note      %s\n", passed)
	}
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
			text += "; "
		}
		text += f.String()
		if slices.Contains(expected, f.Anomaly) {
			text += " (expected)"
		}
	}
	return text
}

// counterexample is at most twelve lines: the claim, the two witnesses with what happened between
// them, and a line that reproduces it.
func counterexample(r *kafka.Run, h kafka.Operations) []string {
	lines := []string{
		"the claim   " + model.Clip(r.Claim, mostWords),
		"does not hold: " + model.Clip(r.Reason, mostWords),
	}
	for _, f := range r.Findings {
		if !slices.Contains(r.Expected, f.Anomaly) {
			lines = append(lines, checks.Counterexample(f, h)...)
			break
		}
	}
	return append(lines, "again with  "+text.Command(r))
}
