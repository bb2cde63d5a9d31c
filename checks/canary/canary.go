package canary

import (
	"fmt"
	"slices"

	"sandcastle/checks"
	"sandcastle/model/kafka"
)

// Blind is a check that did not find what was planted for it.
type Blind struct {
	Check string
	// Planted says what was falsified.
	Planted string
}

// String says it in a sentence.
func (b Blind) String() string {
	return fmt.Sprintf("%s did not find that %s", b.Check, b.Planted)
}

// Names are the checks that have a canary.
func Names() (names []string) {
	for _, c := range historyCanaries() {
		names = append(names, string(c.check))
	}
	for _, c := range viewCanaries() {
		names = append(names, string(c.check))
	}
	return names
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
			blind = append(blind, Blind{string(c.check), what})
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
			blind = append(blind, Blind{string(c.check), what})
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
