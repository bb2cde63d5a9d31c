package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/text"
	"sandcastle/scenarios/swarm"
	"sandcastle/scenarios/sweep"
)

// sweepLong is the command's help but for the list of measures.
const sweepLong = `Plays every combination of values under every seed and prints, for each measure,
its least, median and greatest value. --set names a setting with its values, again for a further
one:

  sandcastle sweep leader-failover --set producers[0].linger=0ms,5ms,50ms --measure ack.p50 --plot

Settings joined with + take each value together. Without --set the lesson's own sweep is played; a
lesson that has none is played as it is written, and its verdicts are counted.

The runs go to runs.ndjson in the output directory, each when it is done, and in their order at the
end; the numbers to sweep.csv, the figure to sweep.svg, what was to be played to sweep.json. Runs
that are there already are not played again (but for one, to see that this program plays them
alike), so that a sweep that was interrupted or killed goes on where it stopped. What is printed and
written is the same whatever --jobs is.

--shard I/N plays a part of the runs; sandcastle sweep merge puts the parts together. With --shard
auto the part is what the engine says that runs the command many times, in the variables named
below; with --shard auto/N where it does not say how many times.

The first run of each kind of failure is shrunk (see sandcastle shrink) into the folder shrunk, by
200 candidates at most, unless --no-shrink.

With --swarm each seed draws a scenario of its own: cluster, settings, clients, what operators do,
and faults that belong together. Without a lesson or file it is drawn from nothing; with one, its
cluster, topics and clients stand, and faults, operators and settings are added. Each must keep what
Kafka promises under it. Printed are the ways in which seeds failed, each with the line that plays
one again, and how many seeds came to which rare path. --profile says how often what is drawn.

  sandcastle sweep --swarm --seeds 1..2000
  sandcastle run --swarm --seed 17 --print

Exit codes: 0 every claim held or nothing was claimed, 1 one did not hold, 2 one run is undecided or
did not settle (1 for a swarm, whose clusters have to), 3 bad input or usage, 4 internal error or
nondeterminism, 130 or 143 interrupted.

The engines that --shard auto asks:

`

func newSweep() *cobra.Command {
	var f sweep.Options
	var asJSON, asSwarm, printProfile, whole bool
	var profile string
	cmd := &cobra.Command{
		Use:   "sweep [LESSON|FILE]",
		Short: "Play a scenario under many settings and seeds, or a drawn one under each seed",
		Long:  sweepLong + engineVariables() + "\nThe measures:\n\n" + sweep.MeasureList(),
		Args: func(_ *cobra.Command, args []string) error {
			return oneUnless(asSwarm || printProfile, args)
		},
		ValidArgsFunction: completeTarget,
		RunE: func(cmd *cobra.Command, args []string) error {
			if printProfile {
				_, err := cmd.OutOrStdout().Write(swarm.PrintedProfile())
				return err
			}
			if asSwarm {
				return sweepSwarm(cmd, args, profile, f, asJSON, whole)
			}
			if profile != "" || f.FailFast {
				return model.BadInput("--profile and --fail-fast are for a swarm: give --swarm")
			}
			s, err := loadTarget(args[0])
			if err != nil {
				return err
			}
			plan, err := sweep.New(s, f)
			if err != nil {
				return err
			}
			return playSweep(cmd, s.Name, plan, asJSON, whole)
		},
	}
	cmd.Flags().StringArrayVar(&f.Set, "set", nil,
		"`PATH=VALUES`: a setting with the values to compare, apart by commas; again for a further one")
	cmd.Flags().StringVar(&f.Seeds, "seeds", "",
		"play the seeds `A..B` (default: the scenario's own and the four after it)")
	cmd.Flags().StringSliceVar(&f.Measure, "measure", nil,
		"compare these `NAMES`, with commas between")
	cmd.Flags().IntVar(&f.Jobs, "jobs", runtime.GOMAXPROCS(0), "play so many runs at a time")
	cmd.Flags().StringVar(&f.Shard, "shard", "",
		"play only the `I/N`th part of the runs, as in 2/3, or auto, auto/N")
	cmd.Flags().StringVar(&f.Out, "out", "", "write to `DIR` (default: out/<scenario>/sweep)")
	f.Getenv = os.Getenv
	cmd.AddCommand(newSweepMerge())
	cmd.Flags().BoolVar(&f.Plot, "plot", false, "draw the measures as sweep.svg")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a run")
	cmd.Flags().BoolVar(&whole, "no-shrink", false,
		"leave the first run of each kind of failure as large as it is")
	cmd.Flags().BoolVar(&asSwarm, "swarm", false, "draw a scenario for each seed (default: 1..100)")
	cmd.Flags().StringVar(&profile, "profile", "",
		"draw by `FILE`: how large, and how often what (default: --print-profile)")
	cmd.Flags().BoolVar(&printProfile, "print-profile", false, "print the default profile and end")
	cmd.Flags().BoolVar(&f.FailFast, "fail-fast", false, "stop a swarm once a seed has failed")
	return cmd
}

// engineVariables is the list of engines in a command's help.
func engineVariables() string {
	var b strings.Builder
	for _, line := range sweep.EngineVariables() {
		b.WriteString("  " + line + "\n")
	}
	return b.String()
}

// sweepSwarm plays drawn scenarios.
func sweepSwarm(cmd *cobra.Command, args []string, profile string, f sweep.Options,
	asJSON, whole bool) error {
	set := f.Set
	f.Set = nil
	src, err := loadSwarm(args, profile, set)
	if err != nil {
		return err
	}
	f.Swarm = src
	plan, err := sweep.New(nil, f)
	if err != nil {
		return err
	}
	return playSweep(cmd, src.Name(), plan, asJSON, whole)
}

// playSweep plays what has to be played and prints what came of it. An interrupt lets the runs that
// have begun end and begins no other.
func playSweep(cmd *cobra.Command, name string, plan *sweep.Plan, asJSON, whole bool) error {
	ctx, stop := untilSignal(cmd.Context())
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	bar := newProgress(cmd.ErrOrStderr(), "sweeping "+name)
	o, err := plan.Play(ctx, &sweepWatch{errs: cmd.ErrOrStderr(), bar: bar})
	bar.done()
	if err != nil {
		return err
	}
	list := o.Failures()
	if !whole && ctx.Err() == nil {
		if err := shrinkFirsts(cmd, ctx, plan, list); err != nil {
			return err
		}
	}
	if err := printSweep(cmd.OutOrStdout(), o, list, asJSON); err != nil {
		return err
	}
	if o.Interrupted && ctx.Err() != nil {
		fmt.Fprintln(cmd.ErrOrStderr(),
			"sandcastle: interrupted; the same command goes on where it stopped")
		if err := signalExit(ctx, nil); err != nil {
			return err
		}
		return &exitError{code: exitInterrupted}
	}
	if plan.Swarm != nil {
		return swarmExit(o.Runs)
	}
	worst := kafka.VerdictOK
	for _, r := range o.Runs {
		worst = worse(worst, r.Verdict)
	}
	return verdictExit(worst)
}

// sweepWatch shows how a sweep goes on.
type sweepWatch struct {
	errs   io.Writer
	bar    *progress
	failed int
}

func (w *sweepWatch) Remark(text string)          { fmt.Fprintln(w.errs, text) }
func (w *sweepWatch) Playing(now, end model.Time) { memoryAdjuster(now, end) }
func (w *sweepWatch) Played(n, of int)            { w.bar.update(model.Time(n), model.Time(of)) }

// Failed tells at once of a seed that failed, the first few.
func (w *sweepWatch) Failed(r *kafka.Run) {
	const most = 20
	w.failed++
	w.bar.describe(fmt.Sprintf("%d failed", w.failed))
	if w.failed > most {
		return
	}
	r.Program = calledAs()
	reason, _, _ := strings.Cut(r.Reason, "\n")
	fmt.Fprintf(w.errs, "seed %d %s: %s\n  %s\n", r.Seed, r.Verdict, model.Clip(reason, 200),
		text.Command(r))
}

// printSweep prints the table, or a line of JSON for each run.
func printSweep(w io.Writer, o *sweep.Outcome, list []*sweep.Failures, asJSON bool) error {
	if asJSON {
		for i := range o.Lines {
			if err := printJSON(w, &o.Lines[i]); err != nil {
				return err
			}
		}
		return nil
	}
	if o.Numbers == nil {
		return printSwarm(w, o, list)
	}
	for _, line := range text.SweepLines(o.Numbers) {
		fmt.Fprintln(w, line)
	}
	printBad(w, o.Runs)
	for _, f := range list {
		if f.Shrunk != nil {
			fmt.Fprintf(w, "\n%s\n", f.Kind)
		}
		printFirst(w, f)
	}
	_, err := fmt.Fprintf(w, "\nruns      %s\n", o.File)
	if o.FigureFile != "" {
		_, err = fmt.Fprintf(w, "figure    %s\n", o.FigureFile)
	}
	return err
}

// printBad says how to see the runs of which the claim did not hold, a few of them.
func printBad(w io.Writer, runs []*kafka.Run) {
	const most = 5
	n := 0
	for _, r := range runs {
		if !sweep.Failed(r.Verdict) {
			continue
		}
		if n++; n > most {
			continue
		}
		r.Program = calledAs()
		fmt.Fprintf(w, "\n%s%s\n  again with  %s\n", r.Verdict, because(r.Reason),
			text.Command(r))
	}
	if n > most {
		fmt.Fprintf(w, "\nand %d further runs\n", n-most)
	}
}
