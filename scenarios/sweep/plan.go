package sweep

import (
	"cmp"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"sandcastle/model"
	"sandcastle/scenarios"
	"sandcastle/scenarios/rundir"
	"sandcastle/scenarios/swarm"
)

// Options say what a sweep is to play. Errors call them by the flags that set them.
type Options struct {
	Set     []string // settings with their values, as PATH=VALUE,…; none for the lesson's own
	Seeds   string   // A..B, or one; "" for the lesson's own
	Measure []string // what to compare; none for the lesson's own
	Jobs    int      // how many runs are played at a time
	Shard   string   // I/N, auto or auto/N: only that part of the runs; "" for all
	Out     string   // the directory to write; "" for the usual one
	Plot    bool     // draw the measures
	Afresh  bool     // play also what an earlier sweep has left in the directory
	// Getenv looks up the variables of the engine that runs this, for a Shard that is auto; nil where
	// there are none.
	Getenv func(name string) string
	// Swarm draws a scenario for each seed; nil plays the one that is given.
	Swarm    *swarm.Source
	FailFast bool // begin no further run once one has failed
}

// Plan is a sweep of which everything is known to be right.
type Plan struct {
	Options
	scenario *scenarios.Scenario
	axes     []scenarios.Axis
	points   []scenarios.Point
	seeds    []uint64
	measures []string
	shard    Shard // of the runs
}

// maxRuns is how many runs one sweep may have.
const maxRuns = 100_000

// New checks the options against the scenario, which is nil where a swarm draws everything.
func New(s *scenarios.Scenario, o Options) (*Plan, error) {
	p := &Plan{Options: o, scenario: s}
	if o.Jobs < 1 {
		return nil, model.BadInput("--jobs %d: at least one run has to be played at a time", o.Jobs)
	}
	if o.Swarm != nil {
		return p, p.completeSwarm()
	}
	for _, text := range o.Set {
		a, err := scenarios.ParseAxis(text)
		if err != nil {
			return nil, fmt.Errorf("--set: %w", err)
		}
		p.axes = append(p.axes, a)
	}
	if len(o.Set) == 0 {
		p.axes = s.Sweep.Axes
	}
	var err error
	if p.points, err = scenarios.Points(s, p.axes); err != nil {
		return nil, err
	}
	if p.seeds, err = parseSeeds(o.Seeds, s); err != nil {
		return nil, err
	}
	if n := len(p.points) * len(p.seeds); n > maxRuns {
		return nil, model.BadInput("%d settings under %d seeds are %d runs: at most %d are played "+
			"at once", len(p.points), len(p.seeds), n, maxRuns)
	}
	if p.measures, err = sweepMeasures(o.Measure, s); err != nil {
		return nil, err
	}
	if o.Plot && (len(p.axes) == 0 || len(p.axes) > 2) {
		return nil, model.BadInput("--plot draws one or two settings, and there are %d: give --set",
			len(p.axes))
	}
	return p, p.divide(s.Name)
}

// divide says which part of the runs is played, and where it goes unless --out says: a shard has a
// directory of its own, beside that of the whole.
func (p *Plan) divide(name string) (err error) {
	getenv := p.Getenv
	if getenv == nil {
		getenv = func(string) string { return "" }
	}
	if p.shard, err = ParseShard(p.Shard, getenv); err != nil {
		return err
	}
	if p.Out == "" {
		p.Out = filepath.Join(filepath.Dir(rundir.Default(name, 0, nil)), "sweep")
		if !p.shard.whole() {
			p.Out += fmt.Sprintf("-%d-of-%d", p.shard.Part, p.shard.Of)
		}
	}
	return nil
}

// completeSwarm checks what a sweep of drawn scenarios may be told. Each seed is a scenario of its
// own, so that there is nothing to compare between them.
func (p *Plan) completeSwarm() (err error) {
	for _, given := range []struct {
		flag string
		is   bool
	}{{"--set", len(p.Set) > 0}, {"--measure", len(p.Measure) > 0}, {"--plot", p.Plot}} {
		if given.is {
			return model.BadInput("%s compares settings of one scenario, and with --swarm each seed has a "+
				"scenario of its own: leave it out", given.flag)
		}
	}
	const usual = "1..100"
	if p.seeds, err = parseSeeds(cmp.Or(p.Seeds, usual), nil); err != nil {
		return err
	}
	return p.divide(p.Swarm.Name())
}

// parseSeeds reads A..B, or a single seed; without either the scenario's own and those after it.
func parseSeeds(text string, s *scenarios.Scenario) ([]uint64, error) {
	const usual = 5
	var from, to uint64
	if s != nil {
		from, to = s.Seed, s.Seed+usual-1
		if s.Sweep.Supplied() {
			to = s.Seed + uint64(s.Sweep.Seeds) - 1
		}
		if to < from {
			to = math.MaxUint64 // the last one
		}
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
			return nil, model.BadInput("--seeds %s: write the first and the last, as in 1..20", text)
		}
	}
	switch {
	case to < from:
		return nil, model.BadInput("--seeds %s: the last is before the first", text)
	case to-from >= maxRuns:
		return nil, model.BadInput("--seeds %s: at most %d are played at once", text, maxRuns)
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
	case s.Sweep.Supplied():
		return s.Sweep.Measures, nil
	case s.Knob.Supplied():
		return []string{s.Knob.Moves}, nil
	default:
		return []string{"ack.rate", "ack.p50", "ack.p99"}, nil
	}
}
