package main

import (
	"fmt"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"sandcastle/scenarios"
)

// sweepFlags are what the command sweep is told.
type sweepFlags struct {
	set     []string
	seeds   string
	measure []string
	jobs    int
	shard   string
	out     string
	plot    bool
	json    bool
}

func newSweep() *cobra.Command {
	var f sweepFlags
	cmd := &cobra.Command{
		Use:   "sweep LESSON|FILE",
		Short: "Play a scenario under many settings and seeds, and compare a number of the runs",
		Long: `Plays every combination of values under every seed and prints, for each measure, its
least, median and greatest value. --set names a setting with its values, again for a further one:

  sandcastle sweep leader-failover --set producers[0].linger=0ms,5ms,50ms --measure ack.p50 --plot

Settings joined with + take each value together. Without --set the lesson's own sweep is played; a
lesson that has none is played as it is written, and its verdicts are counted.

The runs go to runs.ndjson in the output directory, the numbers to sweep.csv, the figure to
sweep.svg. Runs that are there already are not played again (but for one, to see that this program
plays them alike), so that an interrupted sweep goes on where it stopped, and the shards of several
machines can be put together: join their runs.ndjson and sweep again. What is printed and written
is the same whatever --jobs is.

Exit codes: 0 every claim held or nothing was claimed, 1 one did not hold, 2 one run is undecided or
did not settle, 3 bad input or usage, 4 internal error, 130 interrupted.

The measures:

` + measureList(),
		Args: exactly(1, "name one lesson or one scenario file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := loadTarget(args[0])
			if err != nil {
				return err
			}
			plan, err := f.plan(s)
			if err != nil {
				return err
			}
			return plan.run(cmd)
		},
	}
	cmd.Flags().StringArrayVar(&f.set, "set", nil,
		"`PATH=VALUE,…`: a setting with the values to compare; again for a further setting")
	cmd.Flags().StringVar(&f.seeds, "seeds", "",
		"play the seeds `A..B` (default: the scenario's own and the four after it)")
	cmd.Flags().StringSliceVar(&f.measure, "measure", nil,
		"compare these `NAMES`, with commas between")
	cmd.Flags().IntVar(&f.jobs, "jobs", runtime.GOMAXPROCS(0), "play so many runs at a time")
	cmd.Flags().StringVar(&f.shard, "shard", "", "play only the `I/N`th part of the runs, as in 2/3")
	cmd.Flags().StringVar(&f.out, "out", "", "write to `DIR` (default: out/<scenario>/sweep)")
	cmd.Flags().BoolVar(&f.plot, "plot", false, "draw the measures as sweep.svg")
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON object a run")
	return cmd
}

// sweepPlan is a sweep of which everything is known to be right.
type sweepPlan struct {
	sweepFlags
	scenario *scenarios.Scenario
	axes     []scenarios.Axis
	points   []scenarios.Point
	seeds    []uint64
	measures []string
	part, of int // of the runs: every of-th, from the part-th on
}

// maxRuns is how many runs one sweep may have.
const maxRuns = 100_000

// plan checks the flags against the scenario.
func (f sweepFlags) plan(s *scenarios.Scenario) (*sweepPlan, error) {
	p := &sweepPlan{sweepFlags: f, scenario: s, part: 1, of: 1}
	if f.jobs < 1 {
		return nil, inputError("--jobs %d: at least one run has to be played at a time", f.jobs)
	}
	for _, text := range f.set {
		a, err := scenarios.ParseAxis(text)
		if err != nil {
			return nil, fmt.Errorf("--set: %w", err)
		}
		p.axes = append(p.axes, a)
	}
	if len(f.set) == 0 {
		p.axes = s.Sweep.Axes
	}
	var err error
	if p.points, err = scenarios.Points(s, p.axes); err != nil {
		return nil, err
	}
	if p.seeds, err = parseSeeds(f.seeds, s); err != nil {
		return nil, err
	}
	if n := len(p.points) * len(p.seeds); n > maxRuns {
		return nil, inputError("%d settings under %d seeds are %d runs: at most %d are played at once",
			len(p.points), len(p.seeds), n, maxRuns)
	}
	if p.measures, err = sweepMeasures(f.measure, s); err != nil {
		return nil, err
	}
	if f.plot && (len(p.axes) == 0 || len(p.axes) > 2) {
		return nil, inputError("--plot draws one or two settings, and there are %d: give --set",
			len(p.axes))
	}
	if err := p.parseShard(f.shard); err != nil {
		return nil, err
	}
	if p.out == "" {
		p.out = filepath.Join(filepath.Dir(defaultOut(s.Name, 0)), "sweep")
	}
	return p, nil
}

// parseSeeds reads A..B, or a single seed; without either the scenario's own and those after it.
func parseSeeds(text string, s *scenarios.Scenario) ([]uint64, error) {
	const usual = 5
	from, to := s.Seed, s.Seed+usual-1
	if s.Sweep.Given() {
		to = s.Seed + uint64(s.Sweep.Seeds) - 1
	}
	if to < from {
		to = math.MaxUint64 // there are no more
	}
	if text != "" {
		first, last, isRange := strings.Cut(text, "..")
		if !isRange {
			last = first
		}
		var err1, err2 error
		from, err1 = strconv.ParseUint(first, 10, 64)
		to, err2 = strconv.ParseUint(last, 10, 64)
		if err1 != nil || err2 != nil {
			return nil, inputError("--seeds %s: write the first and the last, as in 1..20", text)
		}
	}
	switch {
	case to < from:
		return nil, inputError("--seeds %s: the last is before the first", text)
	case to-from >= maxRuns:
		return nil, inputError("--seeds %s: at most %d are played at once", text, maxRuns)
	}
	var out []uint64
	for n := range to - from + 1 {
		out = append(out, from+n)
	}
	return out, nil
}

// sweepMeasures are the measures to compare: those asked for, or the lesson's own.
func sweepMeasures(asked []string, s *scenarios.Scenario) ([]string, error) {
	var out []string
	for _, name := range asked {
		name = strings.TrimSpace(name)
		if _, err := scenarios.CheckMeasure(name); err != nil {
			return nil, fmt.Errorf("--measure: %w", err)
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	switch {
	case len(out) > 0:
		return out, nil
	case s.Sweep.Given():
		return s.Sweep.Measures, nil
	case s.Knob.Given():
		return []string{s.Knob.Moves}, nil
	default:
		return []string{"ack.rate", "ack.p50", "ack.p99"}, nil
	}
}

// parseShard reads I/N.
func (p *sweepPlan) parseShard(text string) error {
	if text == "" {
		return nil
	}
	part, of, ok := strings.Cut(text, "/")
	var err1, err2 error
	p.part, err1 = strconv.Atoi(part)
	p.of, err2 = strconv.Atoi(of)
	if !ok || err1 != nil || err2 != nil || p.part < 1 || p.of < p.part {
		return inputError("--shard %s: write the part and how many parts there are, as in 2/3", text)
	}
	return nil
}
