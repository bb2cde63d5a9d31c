package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"sandcastle/model"
)

// decoder reads YAML nodes strictly. The first mistake ends it: err is what the user is told.
type decoder struct {
	file string
	err  *model.InputError
}

func (d *decoder) fail(n *yaml.Node, hint, format string, args ...any) {
	d.failAt(position{n.Line, n.Column}, hint, format, args...)
}

func (d *decoder) failAt(at position, hint, format string, args ...any) {
	if d.err != nil {
		return
	}
	// What is quoted may be of any length; what is said about it is not to get lost behind it.
	for i, arg := range args {
		if text, ok := arg.(string); ok {
			args[i] = shortened(text, maxQuoted)
		}
	}
	d.err = &model.InputError{
		File: d.file, Line: at.Line, Column: at.Column,
		Problem: shortened(fmt.Sprintf(format, args...), 6*maxQuoted),
		Hint:    shortened(hint, 12*maxQuoted),
	}
}

// maxQuoted is how many bytes of a file's own words a message repeats.
const maxQuoted = 80

// shortened is the beginning of a text that is longer than most bytes, with an ellipsis.
func shortened(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most] + "…"
}

// unknown reports word, which is none of candidates, with the nearest of them.
func (d *decoder) unknown(n *yaml.Node, what, word string, candidates []string) {
	hint := "one of " + strings.Join(candidates, ", ")
	if near := model.DidYouMean(word, candidates); near != "" {
		hint = near
	}
	d.fail(n, hint, "unknown %s %q", what, word)
}

// kind is how one sort of value is read, and how the JSON Schema describes it.
type kind[V any] struct {
	read   func(d *decoder, n *yaml.Node) V
	schema map[string]any
}

// fieldOf is one key of an object of type T.
type fieldOf[T any] struct {
	name     string
	doc      string
	required bool
	set      func(d *decoder, n *yaml.Node, t *T)
	schema   map[string]any
}

// field ties the key name to the place in T where its value goes.
func field[T, V any](name string, k kind[V], at func(*T) *V, doc string) fieldOf[T] {
	return fieldOf[T]{
		name: name, doc: doc, schema: k.schema,
		set: func(d *decoder, n *yaml.Node, t *T) { *at(t) = k.read(d, n) },
	}
}

// must marks the field as one that has to be there.
func must[T any](f fieldOf[T]) fieldOf[T] {
	f.required = true
	return f
}

// object reads a mapping with exactly the given fields, starting from what initial returns.
func object[T any](what string, initial func(pos position) T, fields []fieldOf[T]) kind[T] {
	names := make([]string, len(fields))
	properties := map[string]any{}
	required := []string{}
	for i, f := range fields {
		names[i] = f.name
		s := map[string]any{"description": f.doc}
		for key, value := range f.schema { //unordered: it fills another map
			s[key] = value
		}
		properties[f.name] = s
		if f.required {
			required = append(required, f.name)
		}
	}
	schema := map[string]any{
		"type": "object", "properties": properties, "additionalProperties": false,
	}
	if len(required) > 0 {
		schema["required"] = required
	}
	return kind[T]{schema: schema, read: func(d *decoder, n *yaml.Node) T {
		t := initial(position{n.Line, n.Column})
		if n.Kind != yaml.MappingNode {
			d.fail(n, "keys are "+strings.Join(names, ", "), "%s must be a mapping", what)
			return t
		}
		readFields(d, n, what, names, fields, &t)
		return t
	}}
}

func readFields[T any](
	d *decoder,
	n *yaml.Node,
	what string,
	names []string,
	fields []fieldOf[T],
	t *T,
) {
	seen := make([]string, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content) && d.err == nil; i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := slices.Index(names, key.Value)
		switch {
		case at < 0:
			if own := byKafkasName(fields, key.Value); own != "" {
				d.fail(key, fmt.Sprintf("here it is called %q", own), "unknown key in %s %q", what, key.Value)
			}
			d.unknown(key, "key in "+what, key.Value, names)
		case slices.Contains(seen, key.Value):
			d.fail(key, "", "key %q stands twice in %s", key.Value, what)
		default:
			fields[at].set(d, value, t)
			seen = append(seen, key.Value)
		}
	}
	for _, f := range fields {
		if f.required && !slices.Contains(seen, f.name) {
			d.fail(n, f.doc, "%s needs the key %q", what, f.name)
		}
	}
}

// byKafkasName is the key that stands for a property of Kafka, or for the beginning of its name:
// what a key's description begins with. It is "" for none.
func byKafkasName[T any](fields []fieldOf[T], word string) string {
	if !strings.Contains(word, ".") {
		return ""
	}
	for _, f := range fields {
		property, _, _ := strings.Cut(f.doc, ";")
		property, _, _ = strings.Cut(property, ":")
		property = strings.TrimSuffix(property, ".")
		if property == word || strings.HasPrefix(property, word+".") {
			return f.name
		}
	}
	return ""
}

// list reads a sequence of one kind.
func list[V any](what string, of kind[V]) kind[[]V] {
	return kind[[]V]{
		schema: map[string]any{"type": "array", "items": of.schema},
		read: func(d *decoder, n *yaml.Node) []V {
			if n.Kind != yaml.SequenceNode {
				d.fail(n, "write [a, b] or one per line with a dash", "%s must be a list", what)
				return nil
			}
			if len(n.Content) > maxEntries {
				d.fail(n, "", "%s has %d entries, and may have %d", what, len(n.Content), maxEntries)
				return nil
			}
			out := make([]V, 0, len(n.Content))
			for _, item := range n.Content {
				if d.err == nil {
					out = append(out, of.read(d, item))
				}
			}
			return out
		},
	}
}

// scalar reads one word through parse, whose error says what was expected.
func scalar[V any](schema map[string]any, parse func(s string) (V, error)) kind[V] {
	return kind[V]{schema: schema, read: func(d *decoder, n *yaml.Node) V {
		var zero V
		if n.Kind != yaml.ScalarNode {
			d.fail(n, "", "a single value was expected here")
			return zero
		}
		v, err := parse(n.Value)
		if err != nil {
			d.fail(n, "", "%v", err)
			return zero
		}
		return v
	}}
}

// enum reads one of words.
func enum(what string, words ...string) kind[string] {
	return kind[string]{
		schema: map[string]any{"enum": words},
		read: func(d *decoder, n *yaml.Node) string {
			if n.Kind != yaml.ScalarNode || !slices.Contains(words, n.Value) {
				d.unknown(n, what, n.Value, words)
			}
			return n.Value
		},
	}
}

func whole(low, high int) kind[int] {
	schema := map[string]any{"type": "integer", "minimum": low, "maximum": high}
	return scalar(schema, func(s string) (int, error) {
		n, err := strconv.Atoi(s)
		if err != nil || n < low || n > high {
			return 0, fmt.Errorf("%s is no whole number from %d to %d", clipped(s), low, high)
		}
		return n, nil
	})
}

func seedKind() kind[uint64] {
	return scalar(map[string]any{"type": "integer", "minimum": 0}, func(s string) (uint64, error) {
		n, err := strconv.ParseUint(s, 0, 64)
		if err != nil {
			return 0, fmt.Errorf("%s is no seed: a whole number from 0 to 2^64-1", clipped(s))
		}
		return n, nil
	})
}
