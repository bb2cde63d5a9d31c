package shrink

import (
	"slices"
	"time"

	"go.yaml.in/yaml/v3"
)

// timeline leaves entries of the timeline out: all, then by delta debugging (Zeller, Hildebrandt,
// "Simplifying and isolating failure-inducing input", 2002, §3), so that no single one can go any
// more, then by twos, and then those that others refer to.
func (s *search) timeline() bool {
	taken := s.first(func(t *tree) bool { return remove(t.root, "timeline") }) >= 0
	for !s.over() {
		before := len(s.best.tree.timeline())
		s.ddmin()
		if len(s.best.tree.timeline()) == before && !s.pairs() && !s.untied() {
			break
		}
		taken = true
	}
	return taken
}

// without takes one entry out of the timeline.
func without(at int) edit {
	return func(t *tree) bool { t.removeEntry(at); return true }
}

// ddmin takes out halves, quarters, … of the timeline, until no single entry can go.
func (s *search) ddmin() {
	parts := 2
	for n := len(s.best.tree.timeline()); n > 0 && !s.over(); n = len(s.best.tree.timeline()) {
		parts = min(parts, n)
		var edits []edit
		for part := parts - 1; part >= 0; part-- {
			from, to := part*n/parts, (part+1)*n/parts
			edits = append(edits, func(t *tree) bool {
				var kept []int
				for i := range n {
					if i < from || i >= to {
						kept = append(kept, i)
					}
				}
				t.keepEntries(kept)
				return true
			})
		}
		switch {
		case s.first(edits...) >= 0:
			parts = max(parts-1, 2)
		case parts == n:
			return
		default:
			parts *= 2
		}
	}
}

// mostPaired is how many entries a timeline may have for two of them to be taken out together.
const mostPaired = 12

// pairs takes out two entries of which neither can go without the other.
func (s *search) pairs() bool {
	n := len(s.best.tree.timeline())
	if n > mostPaired {
		return false
	}
	var edits []edit
	for i := range n {
		for j := i + 1; j < n; j++ {
			edits = append(edits, func(t *tree) bool {
				t.keepEntries(slices.DeleteFunc(upTo(n), func(k int) bool { return k == i || k == j }))
				return true
			})
		}
	}
	return s.first(edits...) >= 0
}

func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// untied has every entry stand for itself, at the time and to the nodes that it was in the run, and
// takes one out then: what it brought about was all that others waited for.
func (s *search) untied() bool {
	var edits []edit
	for i := range s.best.tree.timeline() {
		edits = append(edits, joined(i, true), joined(i, false))
		edits = append(edits, concrete.then(without(i)), timed.then(without(i)))
	}
	return s.first(edits...) >= 0
}

// endsWith tells whether a verb ends what another one does.
func endsWith(verb, other string) bool {
	switch verb {
	case "kill", "stop", "power-loss":
		return other == "restart"
	case "pause":
		return other == "resume" || other == "restart"
	default:
		return false
	}
}

// joined makes one of two entries that do something to a node and end it: the first for as long as
// it was, or the end alone in place of the first.
func joined(i int, lasting bool) edit {
	return func(t *tree) bool {
		list := t.timeline()
		for j := i + 1; j < len(list); j++ {
			a, b := targetOf(list[i]), targetOf(list[j])
			if a == nil || b == nil || a.Value == "" || a.Value != b.Value ||
				!endsWith(verbOf(list[i]), verbOf(list[j])) ||
				t.fired[i] < 0 || t.fired[j] <= t.fired[i] {
				continue
			}
			t.atItsTime(i)
			if lasting {
				lasted := time.Duration(t.fired[j] - t.fired[i]).Round(time.Millisecond)
				set(list[i], "for", written(lasted))
			} else {
				rename(list[i], verbOf(list[i]), verbOf(list[j]))
				remove(list[i], "for", "keeps")
			}
			t.removeEntry(j)
			return true
		}
		return false
	}
}

// timed gives each entry the time at which it was done, in place of an event.
var timed edit = func(t *tree) bool {
	found := false
	for i := range t.timeline() {
		found = t.atItsTime(i) || found
	}
	return found
}

// concrete gives each entry also the nodes that its roles stood for.
var concrete edit = func(t *tree) bool {
	found := timed(t)
	for i := range t.timeline() {
		found = t.toItsNodes(i) || found
	}
	return found
}

// atItsTime has an entry happen when it happened, to the millisecond.
func (t *tree) atItsTime(i int) bool {
	entry := t.timeline()[i]
	if i >= len(t.fired) || t.fired[i] < 0 ||
		value(entry, "when") == nil && value(entry, "then") == nil {
		return false
	}
	remove(entry, "when", "then", "delay", "at")
	at := max(time.Duration(t.fired[i]).Round(time.Millisecond), time.Millisecond)
	insert(entry, 0, "at", written(at))
	return true
}

// toItsNodes has an entry be done to those to whom it was done.
func (t *tree) toItsNodes(i int) bool {
	if i >= len(t.nodes) || len(t.nodes[i]) == 0 {
		return false
	}
	target := targetOf(t.timeline()[i])
	if target == nil {
		return false
	}
	var names []*yaml.Node
	for _, id := range t.nodes[i] {
		names = append(names, scalar(string(id)))
	}
	if len(names) == 1 {
		return assign(target, names[0].Value)
	}
	if len(items(target)) == len(names) {
		return false
	}
	*target = yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle, Content: names}
	return true
}
