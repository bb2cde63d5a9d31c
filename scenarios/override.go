package scenarios

import (
	"bytes"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"sandcastle/model"
)

// Override returns s with the setting at path changed to value, which is YAML. A path names keys
// and entries as in producers[0].linger, topics[0].config.min.insync.replicas or cluster.brokers.
// An empty value takes the setting out, back to its default.
//
// What the lesson expects, asks, tells and tries is said of the scenario as it is written. A
// setting that changes what happens therefore takes `expect`, `predict`, `narrate`, `knob` and
// `sweep` out: such a run is not judged, unless a later override says what to expect. The seed
// stays; it has its own option.
//
// The error is a *model.InputError with the place in the file as it was first read.
func Override(s *Scenario, path, value string) (*Scenario, error) {
	set := append(append([]string{}, s.Set...), path+"="+value)
	o := &override{name: s.Name, root: rootOf(s.Name, s.source)}
	for _, text := range set {
		if err := o.apply(text); err != nil {
			return nil, err
		}
	}
	changed, err := parseRoot(s.Name, o.root, s.source)
	if err != nil {
		return nil, o.because(set, err)
	}
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(o.root); err != nil {
		panic(fmt.Sprintf("scenarios: %s was read and cannot be written: %v", s.Name, err))
	}
	changed.YAML, changed.Set = b.String(), set
	changed.Expect.Void = o.changed && !o.expects
	return changed, nil
}

// Source is the file as it was read, before any Set.
func (s *Scenario) Source() string { return s.source }

// setHint says how a setting is written.
const setHint = "write a path, = and a value, as in producers[0].acks=1"

// OverrideAll applies settings that are written path=value, in their order.
func OverrideAll(s *Scenario, settings []string) (*Scenario, error) {
	for _, text := range settings {
		path, value, ok := strings.Cut(text, "=")
		if !ok {
			return nil, &model.InputError{File: s.Name,
				Problem: fmt.Sprintf("%q sets nothing", text), Hint: setHint}
		}
		var err error
		if s, err = Override(s, strings.TrimSpace(path), strings.TrimSpace(value)); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// override changes a tree of YAML, whose nodes keep the places where they stand in the file.
type override struct {
	name    string
	root    *yaml.Node // the scenario's mapping
	text    string     // the setting in progress, path=value
	changed bool       // something that happens is not as it is written
	expects bool       // and it is said what to expect then
}

// fail reports the setting in progress at a place of the file.
func (o *override) fail(n *yaml.Node, hint, format string, args ...any) error {
	return &model.InputError{
		File: o.name, Line: n.Line, Column: n.Column, Hint: hint,
		Problem: fmt.Sprintf("setting %s: ", o.text) + fmt.Sprintf(format, args...),
	}
}

// because says which settings made the mistake of the file that err is.
func (o *override) because(set []string, err error) error {
	input, ok := err.(*model.InputError)
	if !ok {
		return err
	}
	explained := *input
	explained.Problem = fmt.Sprintf("setting %s: ", strings.Join(set, ", ")) + input.Problem
	return &explained
}

// apply changes one setting.
func (o *override) apply(text string) error {
	o.text = text
	path, value, _ := strings.Cut(text, "=")
	first := strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' })
	switch {
	case len(first) == 0:
		return o.fail(o.root, setHint, "there is no path")
	case first[0] == "seed":
		return o.fail(o.root, "give --seed", "the seed is no setting of the scenario")
	case first[0] == "expect":
		o.expects = true
	case !withoutEffect(first[0]):
		o.void()
	}
	return o.walk(step{schema: scenarioKind().schema, n: o.root, rest: path}, typed(value))
}

// typed reads a value as it is typed: as YAML, or else as the words that it is; nil for none.
func typed(value string) *yaml.Node {
	if value == "" {
		return nil
	}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(value), &doc); err != nil || len(doc.Content) != 1 {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
	}
	return doc.Content[0]
}

// void takes out what is said of the scenario as it is written, at the first change.
func (o *override) void() {
	if o.changed {
		return
	}
	o.changed = true
	for _, key := range []string{"expect", "predict", "narrate", "knob", "sweep"} {
		removeKey(o.root, key)
	}
}

// removeKey takes a key and its value out of a mapping.
func removeKey(m *yaml.Node, key string) {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			m.Content = append(m.Content[:i:i], m.Content[i+2:]...)
			return
		}
	}
}

// move gives a value that was typed the place in the file where it is put.
func move(n, to *yaml.Node) {
	n.Line, n.Column = to.Line, to.Column
	for _, c := range n.Content {
		move(c, to)
	}
}
