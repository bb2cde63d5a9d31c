package sweep

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/figures"
	"sandcastle/scenarios"
	"sandcastle/scenarios/shrink"
	"sandcastle/scenarios/swarm"
)

// Run is one run of a sweep: a setting and a seed.
type Run struct {
	seed uint64
	// sum identifies what is played: all that is in the scenario's file, or what it is drawn from.
	sum   string
	name  string // for messages
	fixed *scenarios.Scenario
	drawn *swarm.Source // in place of fixed
	// twice has it played again, to see that it is the same run.
	twice bool
	// began is when it was begun, in nanoseconds of the wall clock; 0 while it is not played.
	began atomic.Int64

	run    *kafka.Run // nil until it was played
	probes []string   // which rare paths it took
	// failure is what it failed by, "" for nothing that can be shrunk.
	failure string
	err     error
}

// Outcome is what came of a sweep.
type Outcome struct {
	Runs        []*kafka.Run  // in their order, those that were played
	Lines       []Line        // the same, as they are written
	Numbers     *digest.Sweep // nil of a swarm, whose runs have nothing to compare
	File        string        // of the lines
	Figure      figures.Figure
	FigureFile  string // "" when none was drawn
	Interrupted bool   // before all of this part was played
}

// Observer hears how a sweep goes on. Playing is called by several goroutines.
type Observer interface {
	Remark(text string)
	Playing(now, end model.Time) // several times a virtual second of each run
	Played(n, of int)            // after each run
}

// FailureObserver is an Observer that hears of each run of a swarm that failed, before Played.
type FailureObserver interface{ Failed(r *kafka.Run) }

// runs lists every run of the sweep, the seed fastest.
func (p *Plan) runs() []*Run {
	if p.Swarm != nil {
		return p.swarmRuns()
	}
	out := make([]*Run, 0, len(p.points)*len(p.seeds))
	for i := range p.points {
		s := p.points[i].Scenario
		h := fnv.New64a()
		io.WriteString(h, s.YAML)
		sum := fmt.Sprintf("%016x", h.Sum64())
		for _, seed := range p.seeds {
			out = append(out, &Run{
				seed: seed, sum: sum, fixed: s, name: strings.Join(append([]string{s.Name},
					s.Set...), " "),
			})
		}
	}
	return out
}

// Play plays what has to be played and writes what came of it. When ctx ends, the runs that have
// begun are played to their end and no other is begun.
func (p *Plan) Play(ctx context.Context, watch Observer) (*Outcome, error) {
	dir, err := openDirectory(p.Out)
	if err != nil {
		return nil, err
	}
	lock, err := dir.claim()
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	runs := p.runs()
	if !p.Afresh {
		if err := p.recall(dir, runs, watch); err != nil {
			return nil, err
		}
	}
	j, err := dir.openJournal(p, runs)
	if err != nil {
		return nil, err
	}
	interrupted, err := p.play(ctx, runs, watch, j)
	if closed := j.close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, err
	}
	o := p.outcome(runs)
	o.Interrupted, o.File = interrupted, dir.runsPath()
	return o, dir.write(o, p.Plot)
}

// recall takes over what an earlier sweep played, and says so.
func (p *Plan) recall(dir directory, runs []*Run, watch Observer) error {
	known, alike, err := dir.recall(runs, watch)
	switch {
	case err != nil:
		return err
	case !alike:
		watch.Remark(dir.runsPath() + " was made by another program: everything is played again")
	case known > 0:
		watch.Remark(fmt.Sprintf("%d of %d runs are in %s already", known, len(runs),
			dir.runsPath()))
	}
	return nil
}

// play plays the runs of this shard that are not known, p.Jobs at a time.
func (p *Plan) play(ctx context.Context, runs []*Run, watch Observer, j *journal,
) (interrupted bool, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var open []*Run
	for i, r := range runs {
		if r.run == nil && p.shard.holds(i) {
			open = append(open, r)
		}
	}
	next, done := make(chan *Run), make(chan *Run, len(open))
	go func() {
		defer close(next)
		for _, r := range open {
			if ctx.Err() != nil {
				return
			}
			select {
			case next <- r:
			case <-ctx.Done():
				return
			}
		}
	}()
	var workers sync.WaitGroup
	for range p.Jobs {
		workers.Go(func() {
			for r := range next {
				r.play(watch)
				done <- r
			}
		})
	}
	go func() {
		workers.Wait()
		close(done)
	}()
	stopLooking := p.watchLongRuns(open, watch)
	defer stopLooking()
	n := 0
	for r := range done {
		wrong := r.err
		if wrong == nil {
			wrong = j.add(r)
		}
		if err == nil && wrong != nil {
			err = wrong
			stop()
		}
		n++
		if p.Swarm != nil && Fails(r.run) {
			if hears, ok := watch.(FailureObserver); ok {
				hears.Failed(r.run)
			}
			if p.FailFast {
				stop()
			}
		}
		watch.Played(n, len(open))
	}
	return n < len(open), err
}

// play plays one run and keeps its numbers. A panic of a scenario that somebody wrote is the error
// of this run, so that the program ends as it does for any other; of one that was drawn it is the
// verdict, for it is what a swarm looks for.
func (r *Run) play(watch Observer) {
	if r.drawn != nil {
		r.playDrawn(watch)
		return
	}
	defer func() {
		if e := recover(); e != nil {
			r.err = fmt.Errorf("%s, seed %d: internal error: %v\n%s", r.name, r.seed, e,
				debug.Stack())
		}
	}()
	result, err := scenarios.Play(r.fixed, scenarios.Options{
		Seed: r.seed, HasSeed: true, Progress: watch.Playing,
	})
	if err != nil {
		r.err = err
		return
	}
	r.run = slimmed(&result.Run)
	r.failure = shrink.FailureOf(r.fixed, &result.Run).String()
}

// outcome puts together what there is.
func (p *Plan) outcome(runs []*Run) *Outcome {
	o := &Outcome{}
	if p.Swarm == nil {
		o.Numbers = p.numbers(runs)
	}
	for _, r := range runs {
		if r.run != nil {
			o.Runs = append(o.Runs, r.run)
			o.Lines = append(o.Lines, lineOf(r))
		}
	}
	return o
}

// numbers puts the runs together for the tables and figures.
func (p *Plan) numbers(runs []*Run) *digest.Sweep {
	s := &digest.Sweep{Scenario: p.scenario.Name, Measures: p.measures, Seeds: p.seeds}
	for _, a := range p.axes {
		axis := digest.SweepAxis{Name: a.Name(), Values: a.Values}
		for _, v := range a.Values {
			if n, ok := scenarios.Quantity(v); ok {
				axis.Quantities = append(axis.Quantities, n)
			}
		}
		if len(axis.Quantities) < len(a.Values) {
			axis.Quantities = nil
		}
		s.Axes = append(s.Axes, axis)
	}
	for i := range p.points {
		point := digest.SweepPoint{Values: p.points[i].Values}
		for n := range p.seeds {
			point.Runs = append(point.Runs, runs[i*len(p.seeds)+n].run)
		}
		s.Points = append(s.Points, point)
	}
	return s
}
