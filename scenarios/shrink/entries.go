package shrink

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"sandcastle/scenarios"
)

// targetOf is what an entry of the timeline says to whom it is done, nil where its verb is done to
// no node.
func targetOf(entry *yaml.Node) *yaml.Node { return value(entry, verbOf(entry)) }

// verbOf is an entry's verb, "" where it is done to no node.
func verbOf(entry *yaml.Node) string {
	for _, key := range keys(entry) {
		if slices.Contains(scenarios.NodeVerbs(), key) {
			return key
		}
	}
	return ""
}

// entries makes each entry of the timeline simpler: without what it need not say, done to one node
// in place of several, at a time in place of an event after another event.
func (s *search) entries() bool {
	taken := false
	for i := range s.best.tree.timeline() {
		if i >= len(s.best.tree.timeline()) {
			break
		}
		taken = s.entry(i) || taken
	}
	return taken
}

// entry is entries for one of them.
func (s *search) entry(i int) bool {
	taken := false
	for _, key := range keys(s.best.tree.timeline()[i]) {
		taken = s.onEntry(i, func(t *tree, entry *yaml.Node) bool {
			return !(key == "for" && s.survives && losesPower(entry)) && remove(entry, key)
		}) || taken
	}
	if s.gone(i) {
		return taken
	}
	taken = s.onEntry(i, func(t *tree, entry *yaml.Node) bool {
		was := len(entry.Content)
		return t.atItsTime(i) && len(entry.Content) < was
	}) || taken
	if s.gone(i) {
		return taken
	}
	for _, key := range keys(s.best.tree.timeline()[i]) {
		if s.gone(i) {
			return taken
		}
		for k := len(items(value(s.best.tree.timeline()[i], key))) - 1; k >= 0; k-- {
			taken = s.onEntry(i, func(t *tree, entry *yaml.Node) bool {
				list := value(entry, key)
				if len(items(list)) < 2 || k >= len(list.Content) {
					return false
				}
				list.Content = slices.Delete(list.Content, k, k+1)
				if len(list.Content) == 1 && list.Content[0].Kind == yaml.ScalarNode && key != "values" &&
					key != "replicas" {
					*list = *list.Content[0]
				}
				return true
			}) || taken
		}
	}
	if s.gone(i) {
		return taken
	}
	return s.fewerNodes(i) || taken
}

// gone tells whether the timeline has become so short that it has no entry i any more: what makes
// one entry simpler may leave others without a sense, which go with it.
func (s *search) gone(i int) bool { return i >= len(s.best.tree.timeline()) }

// losesPower tells whether an entry takes from a disk what it holds. How long its broker is down
// decides whether Kafka makes up for it.
func losesPower(entry *yaml.Node) bool {
	return value(entry, "power-loss") != nil || value(entry, "wipe") != nil
}

// fewerNodes has an entry be done to one of the nodes that its role stood for, where it stood for
// several.
func (s *search) fewerNodes(i int) bool {
	t := s.best.tree
	if i >= len(t.nodes) || len(t.nodes[i]) < 2 {
		return false
	}
	var edits []edit
	for _, id := range t.nodes[i] {
		edits = append(edits, func(t *tree) bool {
			target := targetOf(t.timeline()[i])
			return target != nil && assign(target, string(id))
		})
	}
	return s.first(edits...) >= 0
}

// onEntry tries to change one entry of the timeline.
func (s *search) onEntry(i int, change func(t *tree, entry *yaml.Node) bool) bool {
	return s.first(func(t *tree) bool {
		n := len(t.timeline())
		return i < n && change(t, t.timeline()[i]) && len(t.timeline()) == n
	}) >= 0
}
