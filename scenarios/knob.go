package scenarios

import (
	"errors"

	"go.yaml.in/yaml/v3"

	"sandcastle/model"
)

// Knob is the setting that a reader of a lesson should turn, and the number that then moves.
type Knob struct {
	Set      []string // each path=value, as Override takes them; they belong together
	Moves    string   // the name of a measure
	To       string   // more, less, or "" where only the change is mentioned
	Question string   // asked before it is turned
	pos      position
}

// Supplied tells whether the lesson has a knob.
func (k *Knob) Supplied() bool { return len(k.Set) > 0 }

func knobKind() kind[Knob] {
	return object("knob", func(pos position) Knob { return Knob{pos: pos} }, []fieldOf[Knob]{
		must(field("set", oneOrMore("set", text()), func(k *Knob) *[]string { return &k.Set },
			"The setting to change, as in producers[0].acks=1, or a list of those that belong together.")),
		must(field("moves", measureKind(), func(k *Knob) *string { return &k.Moves },
			"The measure that this changes, such as lost-write or ack.p99.")),
		field("to", enum("direction", "more", "less"), func(k *Knob) *string { return &k.To },
			"Where it moves: more or less."),
		must(field("question", said(), func(k *Knob) *string { return &k.Question },
			"What to ask before the changed scenario is played.")),
	})
}

// oneOrMore reads a list, or a single value as a list of one.
func oneOrMore[V any](what string, of kind[V]) kind[[]V] {
	many := list(what, of)
	return kind[[]V]{
		schema: map[string]any{"anyOf": []any{of.schema, many.schema}},
		read: func(d *decoder, n *yaml.Node) []V {
			if n.Kind == yaml.ScalarNode {
				return []V{of.read(d, n)}
			}
			return many.read(d, n)
		},
	}
}

// completeKnob checks that the knob can be turned: the changed scenario is a good one.
func (d *decoder) completeKnob(s *Scenario) {
	if d.err != nil || !s.Knob.Supplied() {
		return
	}
	_, err := OverrideAll(s, s.Knob.Set)
	d.refuse(s.Knob.pos, "knob", err)
}

// refuse reports what is wrong with changed settings, at the key that holds them.
func (d *decoder) refuse(at position, key string, err error) {
	var input *model.InputError
	if errors.As(err, &input) {
		d.failAt(at, input.Hint, "%s: %s", key, input.Problem)
	}
}
