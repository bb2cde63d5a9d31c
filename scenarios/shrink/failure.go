package shrink

import (
	"regexp"
	"slices"
	"strings"

	"sandcastle/model/kafka"
	"sandcastle/scenarios"
)

// Failure is what a run fails by, without what differs from one run to another: two failures that
// are equal come from the same check for the same reason.
type Failure struct {
	// Kind is the anomaly, or one of the kinds below.
	Kind string `json:"kind"`
	// Reason is what the check says, with # for numbers and names; of several reasons the first.
	Reason string `json:"reason"`
}

// Kinds of failures that are no anomaly.
const (
	Panic          = "panic"
	Nondeterminism = "nondeterminism" // two plays of one seed differ
	Undecided      = "undecided"
	TooMany        = "too-many" // a measure is above what expect.counts allows
)

// String prints the failure in a line, "" for none.
func (f Failure) String() string {
	if f.None() {
		return ""
	}
	return f.Kind + ": " + f.Reason
}

// None tells whether nothing failed.
func (f Failure) None() bool { return f == Failure{} }

// FailureOf is what a run of s failed by: the first finding that nobody expected in the order of
// kafka.Anomalies, then a check that came to no end, then a measure above its bound. It is None for
// a run that is as expected, and for one in which something expected did not happen.
func FailureOf(s *scenarios.Scenario, run *kafka.Run) Failure {
	names := namesOf(s)
	switch run.Verdict {
	case kafka.VerdictViolated, kafka.VerdictUnsettled, kafka.VerdictUndecided:
	default:
		return Failure{}
	}
	for i := range run.Findings {
		f := &run.Findings[i]
		if !slices.Contains(run.Expected, f.Anomaly) {
			return Failure{string(f.Anomaly), masked(f.Explanation, names)}
		}
	}
	if run.Verdict == kafka.VerdictUndecided && len(run.Undecided) > 0 {
		return Failure{Undecided, masked(run.Undecided[0], names)}
	}
	for _, b := range s.Expect.Counts {
		m, ok := run.Measure(b.Counter)
		if ok && b.Is != ">=" && m.Value > b.N {
			return Failure{TooMany, b.Counter}
		}
	}
	return Failure{}
}

// PanicOf is the failure of a run that panicked with v.
func PanicOf(v string) Failure { return Failure{Panic, masked(v, nil)} }

// namesOf are the names that a scenario gives.
func namesOf(s *scenarios.Scenario) []string {
	var names []string
	for i := range s.Topics {
		names = append(names, s.Topics[i].Name)
	}
	for i := range s.Producers {
		names = append(names, "producer-"+s.Producers[i].Name, s.Producers[i].Name)
	}
	for i := range s.Consumers {
		names = append(names, s.Consumers[i].Group)
	}
	return names
}

var (
	quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	// hasDigit is a word with a number in it: an offset, a time, a node, a partition, a hash.
	hasDigit = regexp.MustCompile(`[^\s,;:()\[\]{}]*[0-9][^\s,;()\[\]{}]*`)
)

// masked is the first thing that a text says, with # for whatever is a number or a name. Further
// clauses tell more of the same: how far readers got, who else waits.
func masked(text string, names []string) string {
	text = quoted.ReplaceAllString(text, "#")
	for _, end := range []string{"\n", "; ", ". "} {
		text, _, _ = strings.Cut(text, end)
	}
	text = hasDigit.ReplaceAllStringFunc(text, func(word string) string {
		if strings.HasSuffix(word, ":") { // it begins what follows
			return "#:"
		}
		return "#"
	})
	words := strings.Fields(text)
	for i, w := range words {
		bare := strings.Trim(w, ",;:()")
		if bare != "" && slices.Contains(names, bare) {
			words[i] = strings.Replace(w, bare, "#", 1)
		}
	}
	return strings.Join(words, " ")
}
