package shrink

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/scenarios"
)

// Options say how much may be played.
type Options struct {
	// Plays is how many candidates are judged at most; at least 1.
	Plays int
	// Jobs is how many are played at a time; it changes nothing in what comes out.
	Jobs     int
	Observer Observer
	// MaxEvents ends a run that would go on, which has not settled then; as scenarios.Options has it.
	MaxEvents uint64
	// Admits are the findings that a sound cluster may have under a scenario. No candidate may admit
	// what the scenario that failed does not: what it fails by would be no fault of the cluster's. Nil
	// where everything is one.
	Admits func(*scenarios.Scenario) []kafka.Anomaly

	play func(*scenarios.Scenario, scenarios.Options) (*scenarios.Result, error)
}

// Observer hears how the search goes on. Playing is called by several goroutines.
type Observer interface {
	Playing(now, end model.Time) // several times a virtual second of each run
	Played(plays, most int)      // after each candidate that counts
	// Better is told of each smaller scenario that fails alike.
	Better(size Size, text string)
}

// Result is the smallest scenario that was found.
type Result struct {
	Failure       Failure
	Finding       *kafka.Finding   // as the smallest scenario shows it; nil for no anomaly
	History       kafka.Operations // of the same run
	Before, After Size
	Scenario      *scenarios.Scenario
	Text          string // the file
	Seed          uint64 // which the file has too
	TraceHash     string // "" where the run panics
	Plays         int
	Spent         bool // all plays were used up
	Interrupted   bool
}

// Size is how large a scenario is, and its run.
type Size struct {
	Bytes     int    `json:"bytes"`   // of the file
	Entries   int    `json:"entries"` // of the timeline
	Nodes     int    `json:"nodes"`   // ZooKeeper, brokers, producers and consumers
	Topics    int    `json:"topics"`
	VirtualNS int64  `json:"virtual_ns"` // 0 where the run panics, as Events
	Events    uint64 `json:"events"`
}

// HoldsError says that there is nothing to shrink.
type HoldsError struct {
	Scenario string
	Seed     uint64
	Verdict  kafka.Verdict
	Reason   string // of a verdict that is not ok
	Expected []kafka.Anomaly
}

// Error implements error.
func (e *HoldsError) Error() string {
	text := fmt.Sprintf("%s does not fail under seed %d: it is %s", e.Scenario, e.Seed, e.Verdict)
	switch {
	case e.Verdict == kafka.VerdictViolated:
		return fmt.Sprintf("%s has no finding under seed %d that could be shrunk: %s", e.Scenario, e.Seed,
			e.Reason)
	case len(e.Expected) > 0:
		return text + "; what it expects is no failure unless --set expect.findings=none"
	case e.Verdict == kafka.VerdictUnjudged:
		return text + "; say what to expect, as in --set expect.findings=none"
	}
	return text + "; `sandcastle sweep` finds seeds under which it does"
}

// Shrink makes s, which fails under seed, as small as opts allow. When ctx ends, the best so far is
// returned. The error is a *HoldsError where nothing fails.
func Shrink(ctx context.Context, s *scenarios.Scenario, seed uint64, opts Options,
) (*Result, error) {
	if opts.play == nil {
		opts.play = scenarios.Play
	}
	sh := &search{
		ctx: ctx, opts: opts, name: s.Name, seed: seed, played: map[string]bool{},
		ahead:   map[string]*trial{},
		invalid: func(*scenarios.Scenario) bool { return false },
	}
	if err := sh.begin(s, seed); err != nil {
		return nil, err
	}
	r := &Result{Failure: sh.want, Before: sh.sizeOf(&sh.best)}
	r.Before.Bytes = len(s.YAML)
	sh.passes()
	r.Interrupted, r.Spent = ctx.Err() != nil, sh.asked >= opts.Plays
	return r, sh.finish(r)
}

// begin plays the scenario as it is, twice, and notes what it fails by.
func (s *search) begin(of *scenarios.Scenario, seed uint64) error {
	t := trial{candidate: candidate{parseTree(of.YAML), of, of.YAML, seed}}
	t.failure, t.result = s.playOnce(&t.candidate)
	again, second := s.playOnce(&t.candidate)
	s.want = differ(t.failure, t.result, again, second)
	s.twice = s.want.Kind == Nondeterminism
	if s.want.None() {
		e := &HoldsError{Scenario: of.Name, Seed: seed, Verdict: kafka.VerdictOK}
		run := &t.result.Run
		e.Verdict, e.Reason, e.Expected = run.Verdict, run.Reason, run.Expected
		return e
	}
	if t.result != nil {
		s.events = t.result.Run.Events
	}
	t.tree.note(t.result, nil)
	s.best = t
	s.protect(of)
	return nil
}

// protect refuses candidates that may fail for a reason of their own, where the scenario that
// failed has none.
func (s *search) protect(of *scenarios.Scenario) {
	admits := s.opts.Admits
	if admits == nil {
		admits = func(*scenarios.Scenario) []kafka.Anomaly { return nil }
	}
	writable, admitted := !unwritable(of), admits(of)
	s.survives = s.opts.Admits != nil && !slices.Contains(admitted, kafka.LostWrite)
	s.invalid = func(smaller *scenarios.Scenario) bool {
		return writable && unwritable(smaller) ||
			slices.ContainsFunc(admits(smaller), func(a kafka.Anomaly) bool {
				return !slices.Contains(admitted, a)
			})
	}
}

// note keeps in the tree when each entry of its timeline was done in a run. Where there is none it
// keeps what a tree with as many entries knew.
func (t *tree) note(of *scenarios.Result, was *tree) {
	n := len(t.timeline())
	if of == nil && was != nil && len(was.fired) == n {
		t.fired, t.nodes = was.fired, was.nodes
		return
	}
	t.fired, t.nodes = make([]model.Time, n), make([][]model.NodeID, n)
	for i := range t.fired {
		t.fired[i] = -1
	}
	if of == nil {
		return
	}
	for _, f := range of.Run.Fired {
		if f.Phase == kafka.FiredBegan && f.Entry < n && t.fired[f.Entry] < 0 {
			t.fired[f.Entry], t.nodes[f.Entry] = f.At, f.Nodes
		}
	}
}

// unwritable tells whether some topic can take no acks=all write even when all its replicas are in
// sync: whoever waits for one then waits for ever, and no bug is the reason.
func unwritable(s *scenarios.Scenario) bool {
	least := func(of []scenarios.Setting, otherwise int) int {
		for _, set := range of {
			if n, err := strconv.Atoi(set.Value); set.Name == minISR && err == nil {
				return n
			}
		}
		return otherwise
	}
	all := least(s.Cluster.Config, 1)
	for i := range s.Topics {
		if least(s.Topics[i].Config, all) > s.Topics[i].Replicas {
			return true
		}
	}
	return false
}

const minISR = "min.insync.replicas"

// sizeOf is how large a trial is.
func (s *search) sizeOf(t *trial) Size {
	of := t.scenario
	size := Size{
		Bytes: len(t.text), Entries: len(of.Timeline), Topics: len(of.Topics),
		Nodes: 1 + of.Cluster.Brokers + len(of.Producers),
	}
	for i := range of.Consumers {
		size.Nodes += of.Consumers[i].Members
	}
	if t.result != nil {
		size.VirtualNS, size.Events = t.result.Run.VirtualNS, t.result.Run.Events
	}
	return size
}

// file is a trial as a file that is played again by itself: with its seed, and where it comes from.
func (s *search) file(t *trial) string {
	tree := t.tree.clone()
	set(tree.root, "seed", strconv.FormatUint(t.seed, 10))
	remove(tree.root, "why")
	insert(tree.root, 1, "why", fmt.Sprintf("Shrunk from %s, seed %d; it fails by %s.",
		strings.TrimSpace(s.name), s.seed, s.want.Kind))
	return tree.text()
}

// finish plays the file as it was saved, which has to be the very run that was found.
func (s *search) finish(r *Result) error {
	r.Text, r.Seed, r.Plays = s.file(&s.best), s.best.seed, s.asked
	scenario, err := scenarios.Parse(s.name, []byte(r.Text))
	if err != nil {
		return fmt.Errorf("the smallest scenario cannot be read: %w", err)
	}
	r.Scenario = scenario
	last := trial{candidate: candidate{s.best.tree, scenario, r.Text, scenario.Seed}}
	s.play(&last)
	r.After = s.sizeOf(&last)
	if last.failure != s.want || last.result != nil && s.best.result != nil && !s.twice &&
		last.result.Run.TraceHash != s.best.result.Run.TraceHash {
		return fmt.Errorf("the smallest scenario does not replay: it failed by %q, and then by %q",
			s.want, last.failure)
	}
	if last.result == nil {
		return nil
	}
	run := &last.result.Run
	r.TraceHash, r.History = run.TraceHash, last.result.History
	for i := range run.Findings {
		if string(run.Findings[i].Anomaly) == s.want.Kind {
			r.Finding = &run.Findings[i]
		}
	}
	return nil
}
