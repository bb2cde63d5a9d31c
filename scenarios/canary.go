package scenarios

import (
	"fmt"

	"sandcastle/checks/canary"
	"sandcastle/model/kafka"
	"sandcastle/sim"
)

// trial is what a trial of the simulated world breaks, of a run whose checks are checked.
func (p *player) trial() (list []sim.Breach) {
	if p.opts.Canary || p.s.Canaries {
		for _, why := range sim.Trial(p.seed) {
			list = append(list, sim.Breach{Node: "trial", What: why})
		}
	}
	return list
}

// plantedVerdict is what checks are made to say, and what must come of it.
type plantedVerdict struct {
	what            string
	history, inside kafka.Report
	more            []kafka.Finding
	expects, allows []kafka.Anomaly
	verdict         kafka.Verdict
}

// plantedVerdicts has every way in which something that was found comes to a verdict.
func plantedVerdicts() []plantedVerdict {
	found := []kafka.Finding{{Anomaly: kafka.LostWrite, Count: 1}}
	doubt := []string{kafka.Undecide(string(kafka.LostWrite), "it was planted")}
	follows := []kafka.Finding{{
		Anomaly: kafka.InconsistentOffsets, Count: 1,
		Follows: []kafka.Consequence{{Anomaly: kafka.LostWrite, Count: 1}},
	}}
	lost := []kafka.Anomaly{kafka.LostWrite}
	return []plantedVerdict{
		{what: "nothing was found", verdict: kafka.VerdictOK},
		{
			what: "a history has an anomaly", history: kafka.Report{Findings: found},
			verdict: kafka.VerdictViolated,
		},
		{
			what: "an inside has an anomaly", inside: kafka.Report{Findings: found},
			verdict: kafka.VerdictViolated,
		},
		{what: "something did not come to rest", more: found, verdict: kafka.VerdictViolated},
		{
			what: "a check of the history is undecided", history: kafka.Report{Undecided: doubt},
			verdict: kafka.VerdictUndecided,
		},
		{
			what: "a check of the inside is undecided", inside: kafka.Report{Undecided: doubt},
			verdict: kafka.VerdictUndecided,
		},
		{
			what:   "one check is undecided and another finds something",
			inside: kafka.Report{Undecided: doubt}, more: found, verdict: kafka.VerdictViolated,
		},
		{what: "what was found is allowed", more: found, allows: lost, verdict: kafka.VerdictOK},
		{
			what: "something else is allowed than was found", more: found,
			allows: []kafka.Anomaly{kafka.Duplicate}, verdict: kafka.VerdictViolated,
		},
		{what: "what was found is expected", more: found, expects: lost, verdict: kafka.VerdictOK},
		{what: "what is expected is missing", expects: lost, verdict: kafka.VerdictViolated},
		{
			what: "what is allowed follows from what is not", more: follows, allows: lost,
			verdict: kafka.VerdictViolated,
		},
	}
}

// blindVerdicts plants findings and doubts where the checks leave theirs, and returns those of
// which the run's verdict would not be what it must be.
func blindVerdicts() (blind []canary.Blind) {
	for _, c := range plantedVerdicts() {
		// A number that must be what it is has the run not be one in which there was nothing to judge.
		q := &player{s: &Scenario{Expect: Expectation{
			Findings: c.expects, Allow: c.allows,
			Counts: []Bound{{Counter: plantedCounter, Is: "=", N: 1}},
		}}}
		report := together(c.history, c.inside, nil, c.more)
		run := kafka.Run{Counters: map[string]int64{plantedCounter: 1}, Findings: report.Findings}
		if verdict, _ := q.verdict(report, &run); verdict != c.verdict {
			blind = append(blind, canary.Blind{
				Check: "the judge of the run", Planted: fmt.Sprintf("%s: it says %s", c.what, verdict),
			})
		}
	}
	return blind
}

// plantedCounter is a measure of the runs in which verdicts are planted.
const plantedCounter = "records-acked"

// worldFindings is what the simulated world found out about itself, one finding for all.
func worldFindings(breaches []sim.Breach) []kafka.Finding {
	if len(breaches) == 0 {
		return nil
	}
	f := kafka.Finding{Anomaly: kafka.BrokenWorld, Count: len(breaches)}
	for _, b := range breaches {
		f.Witnesses = append(f.Witnesses, kafka.Witness{
			Op: -1, At: b.At, Who: string(b.Node), Text: b.What,
		})
	}
	f.Explanation = fmt.Sprintf("%s: %s", breaches[0].Node, breaches[0].What)
	return []kafka.Finding{f}
}

// blindFindings are the checks that did not notice what was planted for them, one finding for all.
func blindFindings(blind []canary.Blind) []kafka.Finding {
	if len(blind) == 0 {
		return nil
	}
	f := kafka.Finding{Anomaly: kafka.BlindCheck, Count: len(blind)}
	for _, b := range blind {
		f.Witnesses = append(f.Witnesses, kafka.Witness{Op: -1, Who: b.Check, Text: b.Planted})
	}
	f.Explanation = blind[0].String()
	return []kafka.Finding{f}
}
