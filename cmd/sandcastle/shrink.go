package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"sandcastle/checks"
	"sandcastle/model"
	"sandcastle/reports/text"
	"sandcastle/scenarios"
	"sandcastle/scenarios/rundir"
	"sandcastle/scenarios/shrink"
	"sandcastle/scenarios/swarm"
	"sandcastle/scenarios/sweep"
)

// usualPlays is how many candidates are judged when nobody says.
const usualPlays = 2000

// shrinkLong is the command's help.
const shrinkLong = `Plays a scenario that fails under the seed and leaves out what it can: time,
clients, topics, brokers, entries of the timeline, settings. Times and sizes become round. Whatever
is left out, the same check fails for the same reason: the gravest finding that is not expected, a
check that comes to no end, a measure above its bound in expect.counts, a panic, or two plays that
differ.

The result is a scenario file with its seed in it, which sandcastle run FILE plays again. It is
written whenever something smaller was found, so an interrupt keeps the best so far. The same file,
seed and --plays give the same result, whatever --jobs is. The seed is kept, until under it nothing
more can be left out; then a few small ones are tried too, since a shorter file is worth more than
the same seed.

With --swarm the scenario is the one that a swarm draws from the seed, as in sandcastle run.

What a lesson expects is no failure. To shrink it all the same, expect nothing:

  sandcastle shrink leader-failover-acks-1 --set expect.findings=none

Exit codes: 0 shrunk, 3 nothing fails under that seed, or bad input or usage, 4 internal error,
130 or 143 interrupted (what was found so far is written).`

func newShrink() *cobra.Command {
	var seed uint64
	var opts shrink.Options
	var out string
	var sets []string
	var asJSON, asSwarm bool
	var profile string
	cmd := &cobra.Command{
		Use:   "shrink [LESSON|FILE]",
		Short: "Make a scenario that fails as small as it can",
		Long:  shrinkLong,
		Args: func(_ *cobra.Command, args []string) error {
			return oneUnless(asSwarm, args)
		},
		ValidArgsFunction: completeTarget,
		RunE: func(cmd *cobra.Command, args []string) error {
			if profile != "" && !asSwarm {
				return model.BadInput("--profile is for what a swarm draws: give --swarm")
			}
			s, err := targetOr(args, asSwarm, profile, sets, seed)
			if err != nil {
				return err
			}
			if asSwarm {
				opts.MaxEvents = sweep.DrawnEvents
			} else if s, err = scenarios.OverrideAll(s, sets); err != nil {
				return err
			}
			opts.Admits = swarm.Admits
			if opts.Plays < 1 || opts.Jobs < 1 {
				return model.BadInput("--plays %d, --jobs %d: each has to be at least 1", opts.Plays, opts.Jobs)
			}
			if !cmd.Flags().Changed("seed") {
				seed = s.Seed
			}
			if out == "" {
				out = shrunkFile(s, seed)
			}
			if info, err := os.Stat(out); err == nil && info.IsDir() {
				return model.BadInput("%s is a directory: give --out the name of a file", out)
			}
			return playShrink(cmd, s, seed, opts, out, asJSON)
		},
	}
	cmd.Flags().Uint64Var(&seed, "seed", 0,
		"the seed under which it fails (default: the scenario's own)")
	cmd.Flags().StringArrayVar(&sets, "set", nil,
		"set `PATH=VALUE` in the scenario first, as in expect.findings=none; again for a further one")
	cmd.Flags().IntVar(&opts.Plays, "plays", usualPlays, "play at most so many candidates")
	cmd.Flags().IntVar(&opts.Jobs, "jobs", runtime.GOMAXPROCS(0), "play so many at a time")
	cmd.Flags().StringVar(&out, "out", "",
		"write the scenario to `FILE` (default: out/<scenario>/seed-<seed>.shrunk.yaml)")
	cmd.Flags().BoolVar(&asSwarm, "swarm", false, "draw the scenario from --seed (default: 0)")
	cmd.Flags().StringVar(&profile, "profile", "", "draw by `FILE` (see sweep --print-profile)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as one JSON object")
	return cmd
}

// shrunkFile is where a scenario is written that was shrunk: beside its run directories.
func shrunkFile(s *scenarios.Scenario, seed uint64) string {
	return rundir.Default(s.Name, seed, s.Set) + ".shrunk.yaml"
}

// playShrink shrinks and prints what came of it. An interrupt keeps the best so far.
func playShrink(cmd *cobra.Command, s *scenarios.Scenario, seed uint64, opts shrink.Options,
	out string, asJSON bool) error {
	ctx, stop := untilSignal(cmd.Context())
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	watch := &shrinkWatch{bar: newProgress(cmd.ErrOrStderr(), "shrinking "+s.Name), file: out}
	opts.Observer = watch
	r, err := shrink.Shrink(ctx, s, seed, opts)
	watch.bar.done()
	var holds *shrink.HoldsError
	switch {
	case errors.As(err, &holds):
		return &exitError{exitInput, err}
	case err != nil:
		return err
	case watch.err != nil:
		return watch.err
	}
	if err := writeShrunk(out, r.Text); err != nil {
		return err
	}
	if err := printShrunk(cmd.OutOrStdout(), r, out, asJSON, opts.Plays); err != nil {
		return err
	}
	if r.Interrupted {
		fmt.Fprintln(cmd.ErrOrStderr(), "sandcastle: interrupted; what was found so far is written")
		if err := signalExit(ctx, nil); err != nil {
			return err
		}
		return &exitError{code: exitInterrupted}
	}
	return nil
}

// shrinkWatch shows how a search goes on, and writes the best so far.
type shrinkWatch struct {
	bar  *progress
	file string
	err  error
}

func (w *shrinkWatch) Playing(now, end model.Time) { memoryAdjuster(now, end) }
func (w *shrinkWatch) Played(plays, most int) {
	w.bar.update(model.Time(plays), model.Time(most))
}
func (w *shrinkWatch) Better(size shrink.Size, text string) {
	w.bar.describe(sizeText(size))
	if err := writeShrunk(w.file, text); err != nil && w.err == nil {
		w.err = err
	}
}

func writeShrunk(file, text string) error {
	if err := rundir.ReplaceFile(file, []byte(text)); err != nil {
		return fmt.Errorf("writing %s: %w", file, err)
	}
	return nil
}

// shrunkLine is what --json prints.
type shrunkLine struct {
	Scenario  string         `json:"scenario"`
	Seed      uint64         `json:"seed"`
	Failure   shrink.Failure `json:"failure"`
	Before    shrink.Size    `json:"before"`
	After     shrink.Size    `json:"after"`
	TraceHash string         `json:"trace_hash"`
	Plays     int            `json:"plays"`
	Spent     bool           `json:"spent,omitempty"`
	File      string         `json:"file"`
	Again     string         `json:"again"`
}

// printShrunk prints the sizes before and after, and how to play the result again.
func printShrunk(w io.Writer, r *shrink.Result, file string, asJSON bool, most int) error {
	again := text.CommandOfFile(calledAs(), filepath.ToSlash(file))
	if asJSON {
		return printJSON(w, shrunkLine{
			Scenario: r.Scenario.Name, Seed: r.Seed, Failure: r.Failure, Before: r.Before, After: r.After,
			TraceHash: r.TraceHash, Plays: r.Plays, Spent: r.Spent, File: file, Again: again,
		})
	}
	if r.Finding != nil {
		for _, line := range checks.Counterexample(*r.Finding, r.History) {
			fmt.Fprintln(w, line)
		}
	} else {
		fmt.Fprintf(w, "fails by  %s\n", r.Failure)
	}
	fmt.Fprintf(w, "\n%-12s %12s %12s\n", "", "before", "after")
	row := func(name string, before, after string) {
		fmt.Fprintf(w, "%-12s %12s %12s\n", name, before, after)
	}
	count := func(name string, before, after int) {
		row(name, strconv.Itoa(before), strconv.Itoa(after))
	}
	virtual := func(ns int64) string {
		return time.Duration(ns).Round(100 * time.Millisecond).String()
	}
	count("timeline", r.Before.Entries, r.After.Entries)
	count("nodes", r.Before.Nodes, r.After.Nodes)
	count("topics", r.Before.Topics, r.After.Topics)
	row("virtual time", virtual(r.Before.VirtualNS), virtual(r.After.VirtualNS))
	count("events", int(r.Before.Events), int(r.After.Events))
	count("bytes", r.Before.Bytes, r.After.Bytes)
	spent := ""
	if r.Spent {
		spent = ": all that --plays allows; more may make it smaller still"
	}
	_, err := fmt.Fprintf(w, "\nplays     %d of at most %d%s\nscenario  %s\nagain with  %s\n", r.Plays,
		most, spent, file, again)
	return err
}
