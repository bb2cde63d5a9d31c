package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/text"
	"sandcastle/scenarios"
	"sandcastle/scenarios/swarm"
	"sandcastle/scenarios/sweep"
)

// loadSwarm is what a swarm draws from: the default profile or a file, and a scenario or none.
func loadSwarm(args []string, profile string, set []string) (*swarm.Source, error) {
	src := &swarm.Source{Profile: swarm.DefaultProfile(), File: profile}
	if profile != "" {
		data, err := os.ReadFile(profile)
		if err != nil {
			return nil, &model.InputError{File: profile,
				Problem: "cannot be read: " + model.PlainCause(err)}
		}
		if src.Profile, err = swarm.ParseProfile(profile, data); err != nil {
			return nil, err
		}
	}
	if len(args) == 0 {
		if len(set) > 0 {
			return nil,
				model.BadInput("--set changes a scenario, and none is named: name a lesson or a file")
		}
		return src, nil
	}
	base, err := loadTarget(args[0])
	if err != nil {
		return nil, err
	}
	src.Base, err = scenarios.OverrideAll(base, set)
	return src, err
}

// oneUnless is the check of arguments of a command that needs a lesson or a file, unless a swarm
// draws one.
func oneUnless(drawn bool, args []string) error {
	switch {
	case len(args) > 1, len(args) == 0 && !drawn:
		return model.BadInput("name one lesson or one scenario file, or give --swarm to draw one")
	default:
		return nil
	}
}

// printSwarm prints the failures, each kind once with the line that plays its first seed again,
// then how many seeds took each rare path, and which none did.
func printSwarm(w io.Writer, o *sweep.Outcome, list []*sweep.Failures) error {
	failed := 0
	for _, f := range list {
		failed += len(f.Seeds)
	}
	fmt.Fprintf(w, "seeds     %d played, %d failed, in %d ways\n", len(o.Runs), failed, len(list))
	printUndecided(w, o.Runs)
	for _, f := range list {
		f.First.Program = calledAs()
		reason, _, _ := strings.Cut(f.First.Reason, "\n")
		fmt.Fprintf(w, "\n%s: %s\n  in %d seeds, first in %d\n  again with  %s\n", f.First.Verdict,
			model.Clip(reason, 400), len(f.Seeds), f.First.Seed, text.Command(f.First))
		printFirst(w, f)
	}
	printProbes(w, o)
	_, err := fmt.Fprintf(w, "\nruns      %s\n", o.File)
	return err
}

// printUndecided says how many seeds no check came to an end of, and which is the first.
func printUndecided(w io.Writer, runs []*kafka.Run) {
	n := 0
	var first *kafka.Run
	for _, r := range runs {
		if r.Verdict == kafka.VerdictUndecided {
			if n++; first == nil {
				first = r
			}
		}
	}
	if n == 0 {
		return
	}
	first.Program = calledAs()
	fmt.Fprintf(w, "undecided %d seeds, first %d: %s\n  again with  %s\n", n, first.Seed,
		model.Clip(first.Reason, 300), text.Command(first))
}

// printProbes prints how many seeds came to what.
func printProbes(w io.Writer, o *sweep.Outcome) {
	hits := map[string]int{}
	for i := range o.Lines {
		for _, name := range o.Lines[i].Probes {
			hits[name]++
		}
	}
	names := swarm.KnownProbes()
	for name := range hits {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(hits[a], hits[b]), cmp.Compare(a, b))
	})
	fmt.Fprintf(w, "\nprobes    seeds of %d that came to it, the rarest first\n", len(o.Lines))
	var never []string
	for _, name := range names {
		if hits[name] == 0 {
			never = append(never, name)
			continue
		}
		fmt.Fprintf(w, "  %7d  %s\n", hits[name], name)
	}
	if len(never) > 0 {
		fmt.Fprintln(w, "\nnever     what no seed came to")
		for _, line := range text.Wrap(strings.Join(never, ", "), 96) {
			fmt.Fprintf(w, "  %s\n", line)
		}
	}
}

// swarmExit is the error that ends the program with what a swarm found: 1 for a failure, 4 for one
// of the program itself, 2 for a run that nobody could judge.
func swarmExit(runs []*kafka.Run) error {
	code := exitOK
	for _, r := range runs {
		switch {
		case r.Verdict == kafka.VerdictCrashed || r.Verdict == kafka.VerdictUnequal:
			return &exitError{code: exitInternal}
		case sweep.Fails(r):
			code = exitViolated
		case r.Verdict == kafka.VerdictUndecided && code == exitOK:
			code = exitUndecided
		}
	}
	if code == exitOK {
		return nil
	}
	return &exitError{code: code}
}
