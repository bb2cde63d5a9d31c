package sweep

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"sandcastle/model/kafka"
	"sandcastle/scenarios"
	"sandcastle/scenarios/rundir"
	"sandcastle/scenarios/shrink"
	"sandcastle/scenarios/swarm"
)

// Failures are the runs of a sweep that failed in one way.
type Failures struct {
	Kind  string // a finding with its reason, without numbers and names
	First *kafka.Run
	Seeds []uint64
	// Shrunk is what became of the first; nil where nothing was tried, or it could not be shrunk.
	Shrunk *shrink.Result
	File   string // of the scenario that was shrunk; "" for none
}

// Failures puts the runs that failed together by what they failed by, the most frequent first.
func (o *Outcome) Failures() []*Failures {
	var list []*Failures
	for i, r := range o.Runs {
		if !Fails(r) {
			continue
		}
		kind := cmp.Or(o.Lines[i].Failure, failureKind(r))
		at := slices.IndexFunc(list, func(f *Failures) bool { return f.Kind == kind })
		if at < 0 {
			at = len(list)
			list = append(list, &Failures{Kind: kind, First: r})
		}
		list[at].Seeds = append(list[at].Seeds, r.Seed)
	}
	slices.SortStableFunc(list, func(a, b *Failures) int {
		return cmp.Compare(len(b.Seeds), len(a.Seeds))
	})
	return list
}

var hasNumber = regexp.MustCompile(`[\w./-]*[0-9][\w./-]*`)

// failureKind is why a run failed that has no finding, without what differs from one seed to
// another.
func failureKind(r *kafka.Run) string {
	reason, _, _ := strings.Cut(r.Reason, "\n")
	return fmt.Sprintf("%s: %s", r.Verdict, hasNumber.ReplaceAllString(reason, "#"))
}

// scenarioOf is what a run of the sweep played.
func (p *Plan) scenarioOf(r *kafka.Run) (*scenarios.Scenario, error) {
	if p.Swarm != nil {
		return p.Swarm.Draw(r.Seed)
	}
	return scenarios.OverrideAll(p.scenario, r.Set)
}

// Shrink makes the first run of each kind of failure as small as opts allow, the most frequent kind
// first, and writes it to the folder shrunk beside runs.ndjson. One that is there already stays. Of
// what cannot be shrunk remark is told. When ctx ends, it stops with the best of the one under way.
func (p *Plan) Shrink(ctx context.Context, list []*Failures, opts shrink.Options,
	remark func(string)) error {
	opts.Admits = swarm.Admits
	if p.Swarm != nil {
		opts.MaxEvents = DrawnEvents
	}
	for _, f := range list {
		kind, _, _ := strings.Cut(f.Kind, ":")
		file := filepath.Join(p.Out, "shrunk", fmt.Sprintf("%s-seed-%d.yaml", kind, f.First.Seed))
		if _, err := os.Stat(file); err == nil {
			f.File = file
			continue
		}
		if ctx.Err() != nil {
			return nil
		}
		s, err := p.scenarioOf(f.First)
		if err != nil {
			return err
		}
		r, err := shrink.Shrink(ctx, s, f.First.Seed, opts)
		if err != nil {
			remark(fmt.Sprintf("seed %d is not shrunk: %v", f.First.Seed, err))
			continue
		}
		if r.Interrupted {
			return nil
		}
		if err := rundir.ReplaceFile(file, []byte(r.Text)); err != nil {
			return fmt.Errorf("writing %s: %w", file, err)
		}
		f.Shrunk, f.File = r, file
	}
	return nil
}
