package swarm

import (
	"slices"
	"strings"

	"sandcastle/broker"
	"sandcastle/model/kafka"
	"sandcastle/scenarios"
)

// Probes are what a run came to, by name: kinds of notes, verbs that did something, requests that
// were sent, errors by which sends failed.
func Probes(r *kafka.Run) []string {
	var out []string
	for name, n := range r.Counters { //unordered: what it fills is sorted
		if n > 0 && isProbe(name) {
			out = append(out, name)
		}
	}
	for i := range r.Fired {
		out = append(out, "verb."+r.Fired[i].Verb)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// isProbe tells whether a counter says that something happened at all.
func isProbe(name string) bool {
	if _, ok := kafka.ParseNoteKind(name); ok {
		return true
	}
	return strings.HasPrefix(name, "requests.") && strings.Count(name, ".") == 1 &&
		!strings.HasPrefix(name, "requests.per") ||
		strings.HasPrefix(name, "send.fail.") || strings.HasPrefix(name, "send.info.")
}

// KnownProbes are the probes that some seed should come to.
func KnownProbes() []string {
	out := slices.Clone(kafka.NoteKinds())
	for _, a := range scenarios.ActionWords() {
		out = append(out, "verb."+a.Name)
	}
	for _, api := range broker.APINames() {
		out = append(out, "requests."+api)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
