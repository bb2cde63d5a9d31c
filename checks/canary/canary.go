package canary

import (
	"fmt"
	"slices"
	"strings"

	"sandcastle/checks"
	"sandcastle/model/kafka"
)

// Blind is a check that did not find what was planted for it, or found what is not there.
type Blind struct {
	Check string
	// Planted says what was falsified.
	Planted string
	// Vain says that it was not, and that the check found something all the same.
	Vain bool
}

// String says it in a sentence.
func (b Blind) String() string {
	if b.Vain {
		return fmt.Sprintf("%s found something where it is sound (%s)", b.Check, b.Planted)
	}
	return fmt.Sprintf("%s did not find that %s", b.Check, b.Planted)
}

// oracle is asked about every example too. Where it and the check for nonlinearizable differ, that
// check is undecided, and no example is.
const oracle = "Porcupine"

// Names are the checks that have a canary: in a run's own history or view, in a script, or in an
// example.
func Names() (names []string) {
	for _, c := range historyCanaries() {
		names = append(names, string(c.check))
	}
	for _, c := range viewCanaries() {
		names = append(names, string(c.check))
	}
	for _, s := range scripts() {
		names = append(names, string(s.check))
	}
	for _, e := range readExamples() {
		for _, a := range slices.Concat(e.expected, e.allowed) {
			names = append(names, strings.Split(string(a), "+")...)
		}
	}
	return append(names, oracle)
}

// History plants in copies of a history that was found sound, one by one, and returns the checks
// that did not notice. What a history has nothing for, such as two records of one key, is not
// planted.
func History(h kafka.Operations, o checks.Options) []Blind {
	return inHistory(h, o, checks.Judge)
}

func inHistory(h kafka.Operations, o checks.Options,
	judge func(kafka.Operations, checks.Options) kafka.Report,
) (blind []Blind) {
	o.BeforeCheck = nil
	for _, c := range historyCanaries() {
		falsified := newDraft(h, o)
		what := c.plant(falsified)
		if what == "" {
			continue
		}
		o.Only = c.check
		if !finds(judge(falsified.ops, o), c.check) {
			blind = append(blind, Blind{Check: string(c.check), Planted: what})
		}
	}
	return blind
}

// Views plants in copies of a view of a cluster at rest, and returns the checks that did not
// notice.
func Views(v kafka.ClusterView, h kafka.Operations) (blind []Blind) {
	for _, c := range viewCanaries() {
		w := checks.NewWatcher()
		what := c.plant(&scene{view: v, history: h, watcher: w})
		if what != "" && !finds(w.Report(), c.check) {
			blind = append(blind, Blind{Check: string(c.check), Planted: what})
		}
	}
	return blind
}

// finds tells whether a report has an anomaly, by itself or as what follows from another.
func finds(r kafka.Report, a kafka.Anomaly) bool {
	return slices.ContainsFunc(r.Findings, func(f kafka.Finding) bool {
		return f.Anomaly == a || slices.ContainsFunc(f.Follows, func(c kafka.Consequence) bool {
			return c.Anomaly == a
		})
	})
}
