package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/figures"
	"sandcastle/reports/page"
	"sandcastle/reports/text"
	"sandcastle/scenarios"
)

// sweepRun is one run of a sweep: a setting and a seed.
type sweepRun struct {
	point *scenarios.Point
	seed  uint64
	run   *kafka.Run // nil until it was played
	err   error
}

// runs lists every run of the sweep, the seed fastest.
func (p *sweepPlan) runs() []*sweepRun {
	out := make([]*sweepRun, 0, len(p.points)*len(p.seeds))
	for i := range p.points {
		for _, seed := range p.seeds {
			out = append(out, &sweepRun{point: &p.points[i], seed: seed})
		}
	}
	return out
}

// run plays what has to be played, and tells and writes what came of it.
func (p *sweepPlan) run(cmd *cobra.Command) error {
	dir, err := openSweepDir(p.out)
	if err != nil {
		return err
	}
	runs := p.runs()
	known, alike, err := dir.recall(runs)
	switch {
	case err != nil:
		return err
	case !alike:
		fmt.Fprintf(cmd.ErrOrStderr(), "%s was made by another program: everything is played again\n",
			dir.runsPath())
	case known > 0:
		fmt.Fprintf(cmd.ErrOrStderr(), "%d of %d runs are in %s already\n", known, len(runs),
			dir.runsPath())
	}
	interrupted, err := p.play(cmd, runs)
	if err != nil {
		return err
	}
	sweep := p.sweep(runs)
	if err := dir.write(runs, sweep, p.plot); err != nil {
		return &exitError{exitInternal, err}
	}
	if err := p.tell(cmd, runs, sweep, dir); err != nil {
		return &exitError{exitInternal, err}
	}
	if interrupted {
		fmt.Fprintln(cmd.ErrOrStderr(),
			"sandcastle: interrupted; the same command goes on where it stopped")
		return &exitError{code: 128 + int(syscall.SIGINT)}
	}
	worst := kafka.VerdictOK
	for _, r := range runs {
		if r.run != nil {
			worst = worse(worst, r.run.Verdict)
		}
	}
	return verdictExit(worst)
}

// play plays the runs of this shard that are not known, p.jobs at a time. An interrupt lets those
// that have begun end and begins no other.
func (p *sweepPlan) play(cmd *cobra.Command, runs []*sweepRun) (interrupted bool, err error) {
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	var open []*sweepRun
	for i, r := range runs {
		if r.run == nil && i%p.of == p.part-1 {
			open = append(open, r)
		}
	}
	next, done := make(chan *sweepRun), make(chan *sweepRun, len(open))
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
	for range p.jobs {
		workers.Go(func() {
			for r := range next {
				r.play()
				done <- r
			}
		})
	}
	go func() {
		workers.Wait()
		close(done)
	}()
	bar := newProgress(cmd.ErrOrStderr(), "sweeping "+p.scenario.Name)
	defer bar.done()
	n := 0
	for r := range done {
		if err == nil && r.err != nil {
			err = r.err
			stop()
		}
		n++
		bar.update(model.Time(n), model.Time(len(open)))
	}
	return n < len(open), err
}

// play plays one run and keeps its numbers. A panic is the error of this run, so that the program
// ends as it does for any other.
func (r *sweepRun) play() {
	defer func() {
		if e := recover(); e != nil {
			r.err = &exitError{exitInternal, fmt.Errorf("%s, seed %d, %v: internal error: %v\n%s",
				r.point.Scenario.Name, r.seed, r.point.Scenario.Set, e, stack())}
		}
	}()
	result, err := scenarios.Play(r.point.Scenario, scenarios.Options{
		Seed: r.seed, HasSeed: true, Progress: func(_, _ model.Time) { tuneMemory() },
	})
	if err != nil {
		r.err = err
		return
	}
	r.run = slimmed(&result.Run)
}

// sweepPictures plays the sweep of a lesson that has one, one run after the other, into its place
// below out, and returns its figure.
func sweepPictures(s *scenarios.Scenario, out string) ([]page.CoursePicture, error) {
	if !s.Sweep.Given() {
		return nil, nil
	}
	below := filepath.Join(filepath.FromSlash(s.Name), "sweep")
	p, err := sweepFlags{jobs: 1, plot: true, out: filepath.Join(out, below)}.plan(s)
	if err != nil {
		return nil, err
	}
	dir, err := openSweepDir(p.out)
	if err != nil {
		return nil, err
	}
	runs := p.runs()
	for _, r := range runs {
		if r.play(); r.err != nil {
			return nil, r.err
		}
	}
	sweep := p.sweep(runs)
	if err := dir.write(runs, sweep, p.plot); err != nil {
		return nil, &exitError{exitInternal, err}
	}
	f, ok := figures.Sweep(sweep)
	if !ok {
		return nil, nil
	}
	file := filepath.ToSlash(filepath.Join(below, "sweep.svg"))
	return []page.CoursePicture{{File: file, Title: f.Title, Alt: f.Alt}}, nil
}

// sweep puts the runs together for the tables and figures.
func (p *sweepPlan) sweep(runs []*sweepRun) *digest.Sweep {
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

// tell prints the table, or a line of JSON for each run.
func (p *sweepPlan) tell(
	cmd *cobra.Command,
	runs []*sweepRun,
	sweep *digest.Sweep,
	dir *sweepDir,
) error {
	w := cmd.OutOrStdout()
	if p.json {
		for _, r := range runs {
			if r.run != nil {
				if err := printJSON(w, lineOfRun(r)); err != nil {
					return err
				}
			}
		}
		return nil
	}
	for _, line := range text.SweepLines(sweep) {
		fmt.Fprintln(w, line)
	}
	p.tellBad(w, runs)
	fmt.Fprintf(w, "\nruns      %s\n", dir.runsPath())
	if dir.figure != "" {
		fmt.Fprintf(w, "figure    %s\n", dir.figure)
	}
	return nil
}

// tellBad says how to see the runs of which the claim did not hold, a few of them.
func (p *sweepPlan) tellBad(w io.Writer, runs []*sweepRun) {
	const most = 5
	n := 0
	for _, r := range runs {
		if r.run == nil || r.run.Verdict == kafka.VerdictOK || r.run.Verdict == kafka.VerdictUnjudged {
			continue
		}
		if n++; n > most {
			continue
		}
		fmt.Fprintf(w, "\n%s%s\n  again with  %s\n", r.run.Verdict, because(r.run.Reason),
			text.Command(r.run))
	}
	if n > most {
		fmt.Fprintf(w, "\nand %d further runs\n", n-most)
	}
}
