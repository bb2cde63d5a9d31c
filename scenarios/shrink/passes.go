package shrink

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// pass is one way to make a scenario smaller. It tells whether it did.
type pass struct {
	name string
	run  func(s *search) bool
}

// passes lists them in the order of what saves most: of the plays that follow, and of what a person
// has to read.
func passes() []pass {
	return []pass{
		{"words", (*search).words},
		{"duration", (*search).duration},
		{"clients", (*search).clients},
		{"loads", (*search).loads},
		{"topics", (*search).topics},
		{"brokers", (*search).brokers},
		{"timeline", (*search).timeline},
		{"entries", (*search).entries},
		{"settings", (*search).settings},
		{"numbers", (*search).numbers},
	}
}

// mostRounds bounds the rounds: each makes something smaller, and some things can be made smaller
// in many steps.
const mostRounds = 50

// passes runs all passes until none of them finds anything more, under the seed and then under a
// few others.
func (s *search) passes() {
	for range mostRounds {
		smaller := false
		for _, p := range passes() {
			smaller = p.run(s) || smaller
		}
		if !smaller && !s.seeds() || s.over() {
			return
		}
	}
}

// each tries edits one after the other, on the best of each time, and tells whether one was taken.
func (s *search) each(edits ...edit) bool {
	taken := false
	for _, e := range edits {
		taken = s.first(e) >= 0 || taken
	}
	return taken
}

// words takes out what is said of a scenario and does nothing in it.
func (s *search) words() bool {
	keys := []string{"predict", "narrate", "knob", "sweep", "explain", "why"}
	expected := []string{"sometimes", "counts"}
	all := func(t *tree) bool {
		found := remove(t.root, keys...)
		found = remove(value(t.root, "expect"), expected...) || found
		for _, entry := range t.timeline() {
			found = remove(entry, "say", "quiet") || found
		}
		return found
	}
	if s.first(all) >= 0 {
		return true
	}
	var edits []edit
	for _, key := range keys {
		edits = append(edits, func(t *tree) bool { return remove(t.root, key) })
	}
	for _, key := range expected {
		edits = append(edits, func(t *tree) bool { return remove(value(t.root, "expect"), key) })
	}
	edits = append(edits, func(t *tree) bool { // what was expected may not be there any more
		expect := value(t.root, "expect")
		return expect != nil && items(value(expect, "findings")) != nil && set(expect, "findings", "none")
	})
	return s.each(edits...)
}

// duration ends the scenario as early as it still fails.
func (s *search) duration() bool {
	var edits []edit
	for _, d := range roundBelow(s.best.scenario.Duration) {
		edits = append(edits, func(t *tree) bool { return set(t.root, "duration", written(d)) })
	}
	return s.first(edits...) >= 0
}

// loads has producers send more slowly: all of them, then each.
func (s *search) loads() bool {
	taken := false
	slow := func(p *yaml.Node, rate string) bool {
		return value(p, "rate") != nil && slower(rate, word(p, "rate")) && set(p, "rate", rate)
	}
	var all []edit
	for _, rate := range rates() {
		all = append(all, func(t *tree) bool {
			found := false
			for _, p := range t.list("producers") {
				found = slow(p, rate) || found
			}
			return found
		})
	}
	taken = s.first(all...) >= 0
	for i := range s.best.tree.list("producers") {
		var edits []edit
		for _, rate := range rates() {
			edits = append(edits, func(t *tree) bool { return slow(t.list("producers")[i], rate) })
		}
		taken = s.first(edits...) >= 0 || taken
	}
	return taken
}

// removals are the edits that take out one thing: what the other seeds are tried with.
func (s *search) removals() []edit {
	t := s.best.tree
	edits := []edit{func(t *tree) bool { return remove(t.root, "timeline") }}
	for i := range t.timeline() {
		edits = append(edits, without(i))
	}
	for i := range t.list("consumers") {
		edits = append(edits, func(t *tree) bool { t.removeConsumer(i); return true })
	}
	for i := range t.list("producers") {
		edits = append(edits, func(t *tree) bool { t.removeProducer(i); return true })
	}
	for i := range t.list("topics") {
		edits = append(edits, withoutTopic(i))
	}
	for n := 1; n < s.best.scenario.Cluster.Brokers; n++ {
		edits = append(edits, withBrokers(s.best.scenario.Cluster.Brokers, n))
	}
	return edits
}

// otherSeeds are tried where nothing more can be left out under the seed that failed.
const otherSeeds = 8

// seeds tries to leave something out under another, small seed.
func (s *search) seeds() bool {
	var seeds []uint64
	for n := uint64(1); n <= otherSeeds; n++ {
		if n != s.best.seed {
			seeds = append(seeds, n)
		}
	}
	return s.firstUnder(seeds, s.removals()...) >= 0
}

// slower tells whether a rate is below another one, both as they are written.
func slower(one, other string) bool {
	a, b := slices.Index(rates(), one), perHour(other)
	return a >= 0 && b > perHour(rates()[a])
}
