package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Difference is a setting in which two scenarios differ. "" means that the key is not there, which
// is its default.
type Difference struct {
	Path    string // as in producers[0].acks
	Was, Is string
}

// String prints the difference for people, from the side of the second scenario.
func (d Difference) String() string {
	switch {
	case d.Is == "":
		return "without " + d.Path + ": " + d.Was
	case d.Was == "" && strings.HasPrefix(d.Path, timelineKey):
		return "further step " + d.Is
	case d.Was == "":
		return d.Path + ": " + d.Is
	default:
		return d.Path + ": " + d.Is + " in place of " + d.Was
	}
}

const timelineKey = "timeline"

// withoutEffect tells whether a key changes only what is said, asked or checked, and nothing that
// happens.
func withoutEffect(key string) bool {
	switch key {
	case "claim", "why", "explain", "predict", "narrate", "expect", "knob", "paranoid", "audit",
		"canaries", "sweep", "figure":
		return true
	default:
		return false
	}
}

// Differences returns how b differs from a in what happens, in the order of b's file. Both have
// been parsed, so their YAML is good.
func Differences(a, b *Scenario) []Difference {
	var out []Difference
	was, is := rootOf(a.Name, a.YAML), rootOf(b.Name, b.YAML)
	unsay(was)
	unsay(is)
	compareMaps(&out, "", was, is, withoutEffect)
	return out
}

// unsay takes out of the timeline what is only told.
func unsay(root *yaml.Node) {
	timeline := valueAt(root, timelineKey)
	if timeline == nil {
		return
	}
	for _, entry := range timeline.Content {
		for i := 0; i+1 < len(entry.Content); {
			if key := entry.Content[i].Value; key == "say" || key == "quiet" {
				entry.Content = slices.Delete(entry.Content, i, i+2)
			} else {
				i += 2
			}
		}
	}
}

// rootOf is the tree of a file that was parsed before.
func rootOf(name, text string) *yaml.Node {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil || len(doc.Content) != 1 {
		panic(fmt.Sprintf("scenarios: %s was parsed before and is no YAML now: %v", name, err))
	}
	return doc.Content[0]
}

// compare appends the differences of two values that stand at path; nil is no value.
func compare(out *[]Difference, path string, a, b *yaml.Node) {
	switch {
	case a != nil && b != nil && a.Kind == yaml.MappingNode && b.Kind == yaml.MappingNode:
		compareMaps(out, path, a, b, func(string) bool { return false })
	case a != nil && b != nil && a.Kind == yaml.SequenceNode && b.Kind == yaml.SequenceNode:
		compareLists(out, path, a.Content, b.Content)
	case a == nil && b.Kind == yaml.SequenceNode:
		compareLists(out, path, nil, b.Content)
	case a == nil && b.Kind == yaml.MappingNode:
		compareMaps(out, path, &yaml.Node{}, b, func(string) bool { return false })
	case flow(a) != flow(b):
		*out = append(*out, Difference{path, flow(a), flow(b)})
	}
}

func compareMaps(out *[]Difference, path string, a, b *yaml.Node, skip func(key string) bool) {
	below := func(key string) string { return strings.TrimPrefix(path+"."+key, ".") }
	for i := 0; i+1 < len(b.Content); i += 2 {
		if key := b.Content[i].Value; !skip(key) {
			compare(out, below(key), valueAt(a, key), b.Content[i+1])
		}
	}
	for i := 0; i+1 < len(a.Content); i += 2 {
		if key := a.Content[i].Value; !skip(key) && valueAt(b, key) == nil {
			*out = append(*out, Difference{Path: below(key), Was: flow(a.Content[i+1])})
		}
	}
}

func valueAt(m *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			return m.Content[i+1]
		}
	}
	return nil
}

// compareLists compares entry by entry what is left when a common beginning and end are taken off.
// Steps of a timeline are shown whole, for they read as sentences.
func compareLists(out *[]Difference, path string, a, b []*yaml.Node) {
	from := 0
	for from < min(len(a), len(b)) && flow(a[from]) == flow(b[from]) {
		from++
	}
	end := 0
	for end < min(len(a), len(b))-from && flow(a[len(a)-1-end]) == flow(b[len(b)-1-end]) {
		end++
	}
	a, b = a[from:len(a)-end], b[from:len(b)-end]
	const most = 2
	if path == timelineKey && max(len(a), len(b)) > most {
		*out = append(*out, Difference{path, steps(len(a)), steps(len(b))})
		return
	}
	for i := range max(len(a), len(b)) {
		at := fmt.Sprintf("%s[%d]", path, from+i)
		switch {
		case i >= len(a):
			*out = append(*out, Difference{Path: at, Is: flow(b[i])})
		case i >= len(b):
			*out = append(*out, Difference{Path: at, Was: flow(a[i])})
		case path == timelineKey:
			*out = append(*out, Difference{at, flow(a[i]), flow(b[i])})
		default:
			compare(out, at, a[i], b[i])
		}
	}
}

func steps(n int) string {
	if n == 1 {
		return "one step"
	}
	return fmt.Sprintf("%d steps", n)
}

// flow prints a value on one line; "" is no value.
func flow(n *yaml.Node) string {
	if n == nil {
		return ""
	}
	if n.Kind == yaml.ScalarNode {
		return n.Value
	}
	n.Style |= yaml.FlowStyle
	text, err := yaml.Marshal(n)
	if err != nil {
		panic(fmt.Sprintf("scenarios: a value that was read cannot be written: %v", err))
	}
	return strings.TrimSpace(string(text))
}
