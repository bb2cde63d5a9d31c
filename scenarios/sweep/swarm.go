package sweep

import (
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"sandcastle/model/kafka"
	"sandcastle/scenarios"
	"sandcastle/scenarios/shrink"
	"sandcastle/scenarios/swarm"
)

const (
	// playedTwice is how many seeds lie between two that are played twice.
	playedTwice = 100
	// DrawnEvents ends a drawn run that would go on: a hundred times what one usually takes.
	DrawnEvents = 3_000_000
	// longRun is how long a drawn run may take before somebody is told.
	longRun = 2 * time.Minute
)

// swarmRuns lists the runs of a swarm.
func (p *Plan) swarmRuns() []*Run {
	sum := p.Swarm.Sum()
	out := make([]*Run, len(p.seeds))
	for i, seed := range p.seeds {
		out[i] = &Run{seed: seed, sum: sum, name: p.Swarm.Name(), drawn: p.Swarm,
			twice: seed%playedTwice == 0}
	}
	return out
}

// Fails tells whether a drawn run is what a swarm looks for: something was found that the scenario
// does not admit, the cluster did not come to rest, or the program failed.
func Fails(r *kafka.Run) bool {
	if r == nil {
		return false
	}
	switch r.Verdict {
	case kafka.VerdictViolated, kafka.VerdictUnsettled, kafka.VerdictCrashed, kafka.VerdictUnequal:
		return true
	default:
		return false
	}
}

// watchLongRuns remarks on drawn runs that take much longer than any should: nothing is judged by
// the wall clock, but somebody who waits wants to know for which seed. It returns what ends it.
func (p *Plan) watchLongRuns(runs []*Run, watch Observer) (stop func()) {
	if p.Swarm == nil {
		return func() {}
	}
	ended := make(chan struct{})
	var looking sync.WaitGroup
	looking.Go(func() {
		tick := time.NewTicker(longRun / 4)
		defer tick.Stop()
		told := map[*Run]bool{}
		for {
			select {
			case <-ended:
				return
			case <-tick.C:
			}
			for _, r := range runs {
				began := r.began.Load()
				if took := time.Since(time.Unix(0, began)); began > 0 && took > longRun &&
					!told[r] {
					told[r] = true
					watch.Remark(fmt.Sprintf("seed %d has been playing for %s, and may never end",
						r.seed,
						took.Round(time.Second)))
				}
			}
		}
	})
	return func() {
		close(ended)
		looking.Wait()
	}
}

// playDrawn draws the scenario of the seed and plays it.
func (r *Run) playDrawn(watch Observer) {
	r.began.Store(time.Now().UnixNano())
	defer r.began.Store(0)
	s, err := r.drawn.Draw(r.seed)
	if err != nil {
		r.err = err
		return
	}
	first := playGuarded(s, watch)
	if r.twice && first.Verdict != kafka.VerdictCrashed {
		if why := difference(first, playGuarded(s, watch)); why != "" {
			first.Verdict, first.Reason = kafka.VerdictUnequal, why
		}
	}
	r.probes = swarm.Probes(first)
	if first.Verdict != kafka.VerdictCrashed && first.Verdict != kafka.VerdictUnequal {
		r.failure = shrink.FailureOf(s, first).String()
	}
	r.run = slimmed(first)
	r.run.Fired = nil
	r.run.Counters = whole(first.Counters)
}

// whole are the counters of the whole run. Those of single partitions and nodes, of which a drawn
// scenario has others than the next one, are left out.
func whole(all map[string]int64) map[string]int64 {
	out := map[string]int64{}
	for name, n := range all {
		if !strings.Contains(name, ".") || strings.HasPrefix(name, "send.") &&
			!strings.Contains(name, "-") {
			out[name] = n
		}
	}
	return out
}

// playGuarded plays a scenario. When the program panics, that is the run's verdict.
func playGuarded(s *scenarios.Scenario, watch Observer) (run *kafka.Run) {
	defer func() {
		if e := recover(); e != nil {
			run = &kafka.Run{
				Engine: kafka.EngineVersion, Scenario: s.Name, Drawn: s.Drawn, Seed: s.Seed,
				YAML:  s.YAML,
				Claim: s.Claim, Verdict: kafka.VerdictCrashed,
				Reason: fmt.Sprintf("%v\n%s", e, debug.Stack()), Counters: map[string]int64{},
			}
		}
	}()
	result, err := scenarios.Play(s, scenarios.Options{
		Progress: watch.Playing, MaxEvents: DrawnEvents,
	})
	if err != nil {
		panic(err)
	}
	return &result.Run
}

// difference says where two plays of one scenario part, "" for nowhere.
func difference(a, b *kafka.Run) string {
	if a.TraceHash == b.TraceHash && a.Events == b.Events && a.Verdict == b.Verdict {
		return ""
	}
	where := fmt.Sprintf("after %d and %d events", a.Events, b.Events)
	for i := range min(len(a.Checkpoints), len(b.Checkpoints)) {
		if a.Checkpoints[i] != b.Checkpoints[i] {
			every := a.CheckpointEvery
			where = fmt.Sprintf("between events %d and %d", uint64(i)*every+1, uint64(i+1)*every)
			break
		}
	}
	return fmt.Sprintf("one seed was played in two ways, %s with hash %s and %s with hash %s, which "+
		"part %s", a.Verdict, a.TraceHash, b.Verdict, b.TraceHash, where)
}
