package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"sandcastle/checks"
	"sandcastle/checks/canary"
	"sandcastle/model/kafka"
)

// judge runs every check and compares what they found with what the scenario expects.
func (p *player) judge() *Result {
	p.inspector.AtRest = p.settled
	p.inspect()
	run := p.summary()
	inside := p.watcher.Report()
	options := p.judging()
	var stuck kafka.Finding
	if !p.settled {
		stuck = p.stuck()
	}
	broken := worldFindings(slices.Concat(p.world.Breaches(), p.trial()))
	unsettled := !p.settled &&
		(!slices.Contains(p.s.Expect.Findings, kafka.Stuck) &&
			!slices.Contains(p.s.Expect.Allow, kafka.Stuck) || p.world.Exhausted())
	var blind []canary.Blind
	if p.opts.Canary && p.settled {
		blind = canary.Views(p.inspector.Whole(p.consumers), p.recorder.History())
	}
	p.leaveWorld()
	judged := p.topics.Judged(p.recorder.History())
	report := checks.Judge(judged, options)
	if p.opts.Canary {
		sound := p.settled && len(report.Findings)+len(inside.Findings) == 0 &&
			len(report.Undecided)+len(inside.Undecided) == 0
		if sound {
			blind = append(blind, canary.History(judged, options)...)
		} else {
			blind = nil // what is wrong already may hide what was planted
		}
	}
	if p.opts.Canary || p.s.Canaries {
		blind = slices.Concat(blind, canary.Sound(), canary.Scripts(), canary.Examples(),
			blindVerdicts())
	}
	report = together(report, inside, p.progress.found, p.unrest, broken, blindFindings(blind))
	if !p.settled {
		report.Findings = withStuck(report.Findings, stuck)
	}
	sortFindings(report.Findings)
	run.Findings = append(run.Findings, report.Findings...)
	for _, f := range report.Findings {
		if slices.Contains(p.s.Expect.Allow, f.Anomaly) && !slices.Contains(run.Expected, f.Anomaly) {
			run.Expected = append(run.Expected, f.Anomaly)
		}
	}
	run.Undecided, run.PassedOver, run.Allowed = report.Undecided, report.PassedOver, report.Allowed
	for i := range report.PassedOver {
		passed := &report.PassedOver[i]
		run.Counters["records.passed-over"] += int64(passed.Count)
		run.Counters["records.passed-over."+passed.Reader] += int64(passed.Count)
	}
	if unsettled {
		run.Verdict, run.Reason = kafka.VerdictUnsettled, stuck.Explanation
	} else {
		run.Verdict, run.Reason = p.verdict(report, &run)
	}
	return &Result{Run: run, History: p.recorder.History()}
}

// together is all that was found, and all that nobody could decide.
func together(history, inside kafka.Report, more ...[]kafka.Finding) kafka.Report {
	history.Findings = slices.Concat(history.Findings, inside.Findings, slices.Concat(more...))
	history.Undecided = slices.Concat(history.Undecided, inside.Undecided)
	return history
}

// sortFindings puts findings in the order of kafka.Anomalies.
func sortFindings(list []kafka.Finding) {
	order := kafka.Anomalies()
	slices.SortStableFunc(list, func(a, b kafka.Finding) int {
		return slices.Index(order, a.Anomaly) - slices.Index(order, b.Anomaly)
	})
}

// summary is the run without what the checks have to say.
func (p *player) summary() kafka.Run {
	run := kafka.Run{
		Engine: kafka.EngineVersion, Scenario: p.s.Name, YAML: p.s.YAML, Claim: p.s.Claim, Seed: p.seed,
		Set: p.s.Set, Drawn: p.s.Drawn, Fired: p.fired, Program: p.opts.Program,
		Expected:  append([]kafka.Anomaly{}, p.s.Expect.Findings...),
		Findings:  []kafka.Finding{},
		TraceHash: fmt.Sprintf("%016x", p.world.Hash()), Events: p.world.Events(),
		VirtualNS: int64(p.world.Now()), Counters: p.counters(),
		CheckpointEvery: p.world.CheckpointEvery(),
	}
	for _, sum := range p.world.Checkpoints() {
		run.Checkpoints = append(run.Checkpoints, fmt.Sprintf("%016x", sum))
	}
	return run
}

// leaveWorld gives up what only playing needs. Checking a long history takes about as much memory
// as playing it did: not both at once.
func (p *player) leaveWorld() {
	p.world, p.cluster, p.inspector, p.watcher, p.exchanges = nil, nil, nil, nil, nil
	p.deletions = nil
	p.producers, p.waiting = nil, nil
}

// judging tells the checks what may rightly be gone: what retention and DeleteRecords took, as far
// as settings, time and operators allow it, and in compacted topics all but the last record of each
// key.
func (p *player) judging() checks.Options {
	o := checks.Options{
		MaxSteps: p.opts.MaxSteps, Starts: map[kafka.TopicPartition]kafka.Offset{}, Deleted: p.deleted,
		BeforeCheck: p.opts.BeforeCheck, Committed: p.marks.Committed, RebalancesLogged: true,
	}
	for i := range p.s.Topics {
		t := &p.s.Topics[i]
		for n := range p.topics.Partitions(t.Name) {
			tp := kafka.TopicPartition{Topic: t.Name, Partition: int32(n)}
			for _, id := range p.cluster.Leaders(tp) {
				at, ok := p.cluster.Broker(id).Replicas().Position(tp)
				if allowed, known := p.watcher.Logs().AllowedStart(tp); ok && known {
					o.Starts[tp] = min(at.LogStart, allowed)
				}
			}
		}
		if t.compacted() {
			o.Compacted = append(o.Compacted, t.Name)
		}
	}
	return o
}

// verdict compares, for a run that settled: violations come before doubt.
func (p *player) verdict(
	report kafka.Report,
	run *kafka.Run,
) (kafka.Verdict, string) {
	if why := checks.NothingToJudge(p.recorder.History()); why != "" && p.s.Expect.nothing() &&
		len(report.Findings) == 0 {
		return kafka.VerdictEmpty, why + "; say in expect.sometimes or expect.counts what must happen"
	}
	doubt := strings.Join(report.Undecided, "; ")
	wrong := ""
	if !p.s.Expect.Void {
		wrong = p.violated(&report, run)
	}
	switch {
	case wrong != "" && doubt != "":
		return kafka.VerdictViolated, wrong + "; undecided: " + doubt
	case wrong != "":
		return kafka.VerdictViolated, wrong
	case doubt != "":
		return kafka.VerdictUndecided, doubt
	case p.s.Expect.Void:
		return kafka.VerdictUnjudged, "the claim is about the scenario as it is written, and " +
			strings.Join(p.s.Set, ", ") + " was set"
	}
	return kafka.VerdictOK, ""
}

// violated says what is not as the scenario expects, "" for nothing. Of what a check that did not
// come to its end would have found, nothing is said.
func (p *player) violated(report *kafka.Report, run *kafka.Run) string {
	found := map[kafka.Anomaly]bool{}
	var surprising, missing []string
	for _, f := range report.Findings {
		found[f.Anomaly] = true
		for _, c := range f.Follows { // it may be expected, and need not be
			found[c.Anomaly] = true
		}
		if !slices.Contains(p.s.Expect.Findings, f.Anomaly) &&
			!slices.Contains(p.s.Expect.Allow, f.Anomaly) {
			surprising = append(surprising, string(f.Anomaly))
		}
	}
	for i := range report.Allowed { // likewise
		found[report.Allowed[i].Anomaly] = true
	}
	for _, a := range p.s.Expect.Findings {
		if !found[a] && report.Decided(a) {
			missing = append(missing, string(a))
		}
	}
	switch {
	case len(surprising) > 0:
		return "found, but not expected: " + strings.Join(surprising, ", ")
	case len(missing) > 0:
		return "expected, but not found: " + strings.Join(missing, ", ")
	}
	for i, t := range p.s.Expect.Sometimes {
		if !p.happened[i] {
			return fmt.Sprintf("%s never happened, so the run shows nothing of it", t)
		}
	}
	for _, b := range p.s.Expect.Counts {
		if !report.Decided(kafka.Anomaly(b.Counter)) {
			continue
		}
		if m, ok := run.Measure(b.Counter); !ok {
			return fmt.Sprintf("expected %s, but there was nothing to measure", b)
		} else if !b.holds(m.Value) {
			return fmt.Sprintf("expected %s, but it is %s", b, m)
		}
	}
	return p.wrongChoice(run)
}
