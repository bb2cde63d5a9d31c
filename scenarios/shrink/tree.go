package shrink

import (
	"bytes"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"sandcastle/model"
)

// tree is a scenario file that can be changed.
type tree struct {
	root *yaml.Node // the scenario's mapping
	// fired says when each entry of the timeline was done first in the run that the tree was played
	// in; −1 for never.
	fired []model.Time
	// nodes are those to whom it was done then.
	nodes [][]model.NodeID
}

// parseTree reads a file that scenarios.Parse has read.
func parseTree(text string) *tree {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil || len(doc.Content) != 1 {
		panic(fmt.Sprintf("shrink: a scenario was read and is no YAML: %v", err))
	}
	return &tree{root: doc.Content[0]}
}

// text is the tree as a file.
func (t *tree) text() string {
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(t.root); err != nil {
		panic(fmt.Sprintf("shrink: a scenario was read and cannot be written: %v", err))
	}
	return b.String()
}

// clone is a copy that can be changed by itself.
func (t *tree) clone() *tree {
	return &tree{
		root: copyNode(t.root), fired: slices.Clone(t.fired), nodes: slices.Clone(t.nodes),
	}
}

func copyNode(n *yaml.Node) *yaml.Node {
	c := *n
	c.Content = make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		c.Content[i] = copyNode(child)
	}
	return &c
}

// placed is the same tree with the places where everything stands in its text.
func (t *tree) placed(text string) *tree {
	p := parseTree(text)
	p.fired, p.nodes = t.fired, t.nodes
	return p
}

// timeline are the entries of the timeline.
func (t *tree) timeline() []*yaml.Node { return t.list("timeline") }

// list are the entries of one of the scenario's lists.
func (t *tree) list(key string) []*yaml.Node { return items(value(t.root, key)) }

// items are the entries of a list, none for anything else.
func items(n *yaml.Node) []*yaml.Node {
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}

// value is what a mapping has under a key, nil for nothing.
func value(m *yaml.Node, key string) *yaml.Node {
	if m == nil || m.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			return m.Content[i+1]
		}
	}
	return nil
}

// word is the single value under a key, "" for none.
func word(m *yaml.Node, key string) string {
	if v := value(m, key); v != nil && v.Kind == yaml.ScalarNode {
		return v.Value
	}
	return ""
}

// keys are a mapping's keys in their order.
func keys(m *yaml.Node) []string {
	if m == nil || m.Kind != yaml.MappingNode {
		return nil
	}
	var out []string
	for i := 0; i+1 < len(m.Content); i += 2 {
		out = append(out, m.Content[i].Value)
	}
	return out
}

// remove takes keys out of a mapping and tells whether one was there.
func remove(m *yaml.Node, names ...string) bool {
	if m == nil || m.Kind != yaml.MappingNode {
		return false
	}
	found := false
	for i := 0; i+1 < len(m.Content); {
		if !slices.Contains(names, m.Content[i].Value) {
			i += 2
			continue
		}
		m.Content, found = slices.Delete(m.Content, i, i+2), true
	}
	return found
}

// set gives a key of a mapping a single value, and tells whether that is another one than before.
func set(m *yaml.Node, key, to string) bool {
	if v := value(m, key); v != nil {
		return assign(v, to)
	}
	m.Content = append(m.Content, scalar(key), scalar(to))
	return true
}

// insert puts a key with a single value into a mapping, as its at-th.
func insert(m *yaml.Node, at int, key, value string) {
	m.Content = slices.Insert(m.Content, min(2*at, len(m.Content)), scalar(key), scalar(value))
}

// assign makes a node a single value, and tells whether it was another one.
func assign(n *yaml.Node, to string) bool {
	if n.Kind == yaml.ScalarNode && n.Value == to {
		return false
	}
	*n = yaml.Node{
		Kind: yaml.ScalarNode, Value: to, Line: n.Line, Column: n.Column,
		HeadComment: n.HeadComment, LineComment: n.LineComment, FootComment: n.FootComment,
	}
	return true
}

func scalar(value string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: value} }

// rename gives a key of a mapping another name.
func rename(m *yaml.Node, from, to string) {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == from {
			m.Content[i].Value = to
		}
	}
}

// scalars calls f with every single value below n, but for keys.
func scalars(n *yaml.Node, f func(*yaml.Node)) {
	switch {
	case n == nil:
	case n.Kind == yaml.ScalarNode:
		f(n)
	case n.Kind == yaml.MappingNode:
		for i := 1; i < len(n.Content); i += 2 {
			scalars(n.Content[i], f)
		}
	default:
		for _, c := range n.Content {
			scalars(c, f)
		}
	}
}

// dropItems takes entries out of a list, those for which gone holds, but never all of them. It
// tells whether it did.
func dropItems(list *yaml.Node, gone func(string) bool) bool {
	var kept []*yaml.Node
	for _, item := range items(list) {
		if item.Kind != yaml.ScalarNode || !gone(item.Value) {
			kept = append(kept, item)
		}
	}
	if len(kept) == 0 || len(kept) == len(list.Content) {
		return false
	}
	list.Content = kept
	return true
}

// dropEmpty takes out the lists and mappings of the scenario that have nothing left in them.
func (t *tree) dropEmpty() {
	for _, key := range []string{"timeline", "producers", "consumers"} {
		if v := value(t.root, key); v != nil && len(v.Content) == 0 {
			remove(t.root, key)
		}
	}
}
