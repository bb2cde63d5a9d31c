package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"sandcastle/model"
)

// step is a place on the way along a path: a value, what the schema says of it, and the rest of the
// path.
type step struct {
	schema map[string]any
	n      *yaml.Node
	done   string // the path up to here
	rest   string
}

// walk follows the path down from at and puts value there; a nil value takes the setting out.
func (o *override) walk(at step, value *yaml.Node) error {
	switch {
	case at.schema["properties"] != nil:
		return o.walkObject(at, value)
	case at.schema["additionalProperties"] != nil:
		return o.put(at, at.rest, value) // a mapping from words of the user's
	}
	if items := itemsOf(at.schema); items != nil && at.n.Kind == yaml.SequenceNode {
		return o.walkList(at, items, value)
	}
	return o.fail(at.n, "set "+at.done, "%s is a single value and has no %s", at.done, at.rest)
}

// itemsOf is the schema of a list's entries, nil for anything else.
func itemsOf(schema map[string]any) map[string]any {
	if items, ok := schema["items"].(map[string]any); ok {
		return items
	}
	either, _ := schema["anyOf"].([]any)
	for _, s := range either {
		if one, ok := s.(map[string]any); ok && itemsOf(one) != nil {
			return itemsOf(one)
		}
	}
	return nil
}

// walkObject goes to one of an object's keys.
func (o *override) walkObject(at step, value *yaml.Node) error {
	properties, _ := at.schema["properties"].(map[string]any)
	names := make([]string, 0, len(properties))
	for name := range properties { //unordered: they are sorted below
		names = append(names, name)
	}
	slices.Sort(names)
	key := longestKey(names, at.rest)
	if key == "" {
		return o.unknownKey(at, names)
	}
	rest := strings.TrimPrefix(at.rest[len(key):], ".")
	if rest == "" {
		return o.put(at, key, value)
	}
	schema, _ := properties[key].(map[string]any)
	child := valueAt(at.n, key)
	if child == nil && value == nil {
		return nil // it has its default already
	}
	if child == nil {
		if schema["properties"] == nil && schema["additionalProperties"] == nil {
			return o.fail(at.n, "", "there are no %s in %s", key, o.name)
		}
		child = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Style: yaml.FlowStyle}
		move(child, at.n)
		appendKey(at.n, key, child)
	}
	return o.walk(step{schema, child, below(at.done, key), rest}, value)
}

// longestKey is the name that the path begins with, "" for none. Kafka's names of settings have
// dots of their own.
func longestKey(names []string, path string) string {
	best := ""
	for _, name := range names {
		after, found := strings.CutPrefix(path, name)
		if found && (after == "" || after[0] == '.' || after[0] == '[') && len(name) > len(best) {
			best = name
		}
	}
	return best
}

// below is the path of a key.
func below(path, key string) string { return strings.TrimPrefix(path+"."+key, ".") }

// mostNamed is how many keys a message lists.
const mostNamed = 30

// unknownKey reports the key that the rest of the path begins with, with the nearest path that is
// there.
func (o *override) unknownKey(at step, names []string) error {
	end := strings.IndexAny(at.rest, ".[")
	word, rest := at.rest, ""
	if near := model.Nearest(word, names); end >= 0 && near == "" {
		word, rest = at.rest[:end], at.rest[end:]
	}
	hint := "its keys are " + strings.Join(names, ", ")
	if len(names) > mostNamed {
		hint = "`sandcastle schema` names all its keys"
	}
	if at.done == "" {
		hint = "paths begin with " + strings.Join(slices.DeleteFunc(slices.Clone(names),
			func(name string) bool { return withoutEffect(name) || name == "seed" }), ", ")
	}
	if near := model.Nearest(word, names); near != "" {
		hint = "did you mean " + strconv.Quote(below(at.done, near)+rest) + "?"
	}
	return o.fail(at.n, hint, "there is no %s", below(at.done, word))
}

// walkList goes to one entry of a list, as in [0], or [orders] for the entry of that name.
func (o *override) walkList(at step, items map[string]any, value *yaml.Node) error {
	index, rest, ok := cutIndex(at.rest)
	if !ok {
		return o.fail(at.n, "", "%s is a list: its first entry is %s[0]", at.done, at.done)
	}
	names := entryNames(at.n)
	i, err := strconv.Atoi(index)
	if err != nil {
		i = slices.Index(names, index)
	}
	if i < 0 || i >= len(at.n.Content) {
		hint := "it is empty"
		if last := len(at.n.Content) - 1; last >= 0 {
			hint = fmt.Sprintf("the last is %s[%d]", at.done, last)
		}
		if near := model.Nearest(index, names); err != nil && near != "" {
			hint = "did you mean " + strconv.Quote(at.done+"["+near+"]") + "?"
		}
		return o.fail(at.n, hint, "there is no %s[%s]", at.done, index)
	}
	if rest != "" {
		done := fmt.Sprintf("%s[%d]", at.done, i)
		return o.walk(step{items, at.n.Content[i], done, rest}, value)
	}
	if value == nil {
		at.n.Content = slices.Delete(at.n.Content, i, i+1)
		return nil
	}
	move(value, at.n.Content[i])
	at.n.Content[i] = value
	return nil
}

// entryNames are the names of a list's entries, "" for those that have none. A group is called by
// its id.
func entryNames(list *yaml.Node) []string {
	names := make([]string, len(list.Content))
	for i, entry := range list.Content {
		for _, key := range []string{"name", "group"} {
			if n := valueAt(entry, key); n != nil && entry.Kind == yaml.MappingNode {
				names[i] = n.Value
			}
		}
	}
	return names
}

// cutIndex reads the index of an entry and what follows it, as in [0].acks.
func cutIndex(path string) (index, rest string, ok bool) {
	index, after, closed := strings.Cut(strings.TrimPrefix(path, "["), "]")
	rest, dot := strings.CutPrefix(after, ".")
	ok = strings.HasPrefix(path, "[") && closed && index != "" &&
		(dot && rest != "" || after == "" || after[0] == '[')
	return index, rest, ok
}

// put gives a key of a mapping its value.
func (o *override) put(at step, key string, value *yaml.Node) error {
	if (key == "partitions" || key == "replicas") && valueAt(at.n, "assignment") != nil {
		return o.fail(at.n, "set "+below(at.done, "assignment"),
			"%s has an assignment, which says how many %s there are", at.done, key)
	}
	if value == nil {
		removeKey(at.n, key)
		return nil
	}
	for i := 0; i+1 < len(at.n.Content); i += 2 {
		if at.n.Content[i].Value == key {
			move(value, at.n.Content[i+1])
			at.n.Content[i+1] = value
			return nil
		}
	}
	move(value, at.n)
	appendKey(at.n, key, value)
	return nil
}

// appendKey adds a key at the end of a mapping.
func appendKey(m *yaml.Node, key string, value *yaml.Node) {
	name := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}
	move(name, m)
	m.Content = append(m.Content, name, value)
}
