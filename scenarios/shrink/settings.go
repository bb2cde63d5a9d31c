package shrink

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"sandcastle/model/kafka"
)

// settings takes out what need not be set: everything of an object, then each key, then entries of
// lists. What has to be there is refused when the candidate is read.
func (s *search) settings() bool {
	taken := s.first(s.usual) >= 0
	objects := func(t *tree) []*yaml.Node {
		out := []*yaml.Node{t.root, value(t.root, "cluster"), value(t.root, "expect")}
		for _, key := range []string{"topics", "producers", "consumers"} {
			out = append(out, t.list(key)...)
		}
		return out
	}
	for i, object := range objects(s.best.tree) {
		at := func(t *tree) *yaml.Node { return objects(t)[i] }
		taken = s.first(func(t *tree) bool { return remove(at(t), optional(at(t))...) }) >= 0 || taken
		for _, key := range optional(object) {
			taken = s.first(func(t *tree) bool { return remove(at(t), key) }) >= 0 || taken
			below := func(t *tree) *yaml.Node { return value(at(t), key) }
			for _, name := range keys(below(s.best.tree)) {
				taken = s.first(func(t *tree) bool { return remove(below(t), name) }) >= 0 || taken
			}
			taken = s.listItems(below) || taken
		}
		if at(s.best.tree) == nil {
			continue
		}
		for _, key := range []string{"topics", "assign"} { // of consumers
			taken = s.listItems(func(t *tree) *yaml.Node {
				if at(t) == t.root {
					return nil
				}
				return value(at(t), key)
			}) || taken
		}
	}
	return taken
}

// usual takes out the duration and the number of brokers where they are what a scenario has that
// does not say, and how long it may take to come to rest. A run that is given less time for that is
// stuck for another reason.
func (s *search) usual(t *tree) bool {
	if s.want.Kind != string(kafka.Stuck) && remove(t.root, "settle") {
		return true
	}
	found := word(t.root, "duration") == "30s" && remove(t.root, "duration")
	cluster := value(t.root, "cluster")
	return word(cluster, "brokers") == "3" && remove(cluster, "brokers") || found
}

// optional are the keys of an object that the pass of settings may take out. The others have passes
// of their own, or name the object.
func optional(object *yaml.Node) []string {
	return slices.DeleteFunc(keys(object), func(key string) bool {
		return slices.Contains([]string{
			"claim", "cluster", "topics", "producers", "consumers", "timeline", "expect", "name", "topic",
			"group", "assign", "findings", "seed", "assignment",
			// Without them a run has more of both, unless they say what is usual.
			"duration", "brokers",
			"settle",
		}, key)
	})
}

// listItems takes entries out of a list of single values, one after the other.
func (s *search) listItems(at func(t *tree) *yaml.Node) bool {
	taken := false
	for k := len(items(at(s.best.tree))) - 1; k >= 0; k-- {
		taken = s.first(func(t *tree) bool {
			list := at(t)
			if len(items(list)) < 2 || k >= len(list.Content) || list.Content[k].Kind != yaml.ScalarNode {
				return false
			}
			list.Content = slices.Delete(list.Content, k, k+1)
			return true
		}) >= 0 || taken
	}
	return taken
}
