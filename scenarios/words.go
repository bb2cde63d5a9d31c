package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// roleKinds are the words that stand for nodes, and whether they take an argument in parentheses.
var roleKinds = []struct {
	name string
	arg  string // what the argument is, "" for none
}{
	{"leader", "topic-partition"},
	{"follower", "topic-partition"},
	{"followers", "topic-partition"},
	{"last-in-sync", "topic-partition"},
	{"coordinator", "group"},
	{"controller", ""},
	{"zookeeper", ""},
	{"brokers", ""},
	{"minority", ""},
	{"all", ""},
}

// role reads the name of a node, such as broker-2, or what it is, such as leader(orders-0).
func role(d *decoder, n *yaml.Node) Role {
	word, arg, hasArg := strings.Cut(strings.TrimSpace(n.Value), "(")
	if hasArg {
		var closed bool
		if arg, closed = strings.CutSuffix(arg, ")"); !closed || arg == "" {
			d.fail(n, "write leader(orders-0) or coordinator(billing)", "%q is no role", n.Value)
			return Role{}
		}
	}
	names := make([]string, 0, len(roleKinds))
	for _, k := range roleKinds {
		names = append(names, k.name)
		if k.name != word {
			continue
		}
		if (k.arg != "") != hasArg {
			d.fail(n, "", "role %q takes %s", word, map[bool]string{
				true: "a " + k.arg + " in parentheses", false: "no argument",
			}[k.arg != ""])
		}
		if _, ok := kafka.ParseTopicPartition(arg); k.arg == "topic-partition" && !ok {
			d.fail(n, "write a topic, a dash and a partition, such as orders-0", "%q is no partition", arg)
		}
		return Role{word, arg, n.Value, position{n.Line, n.Column}}
	}
	for _, prefix := range []string{"broker-", "consumer-", "producer-", "zookeeper-"} {
		if strings.HasPrefix(word, prefix) && !hasArg {
			return Role{"node", word, word, position{n.Line, n.Column}}
		}
	}
	d.unknown(n, "role", word, append(names, "broker-1", "consumer-1"))
	return Role{}
}

// roles reads one role or a list of them.
func roles() kind[[]Role] {
	one := map[string]any{"type": "string"}
	schema := map[string]any{"anyOf": []any{one, map[string]any{"type": "array", "items": one}}}
	return kind[[]Role]{schema: schema, read: func(d *decoder, n *yaml.Node) []Role {
		switch n.Kind {
		case yaml.ScalarNode:
			return []Role{role(d, n)}
		case yaml.SequenceNode:
			var out []Role
			for _, item := range n.Content {
				out = append(out, role(d, item))
			}
			return out
		default:
			d.fail(n, "write a role such as leader(orders-0), or a list of roles", "no role here")
			return nil
		}
	}}
}

// trigger reads what has to happen: the kind of a note, where, and for offsets how far, as in
// leader-elected, isr-shrunk(orders-0) or offset(orders-0) >= 100.
func trigger() kind[Trigger] {
	schema := map[string]any{"type": "string"}
	return kind[Trigger]{schema: schema, read: func(d *decoder, n *yaml.Node) Trigger {
		if n.Kind != yaml.ScalarNode {
			d.fail(n, "", "an event such as leader-elected was expected here")
			return Trigger{}
		}
		t := Trigger{text: n.Value}
		head, bound, hasBound := strings.Cut(n.Value, ">=")
		word, arg, hasArg := strings.Cut(strings.TrimSpace(head), "(")
		if hasArg {
			inside, closed := strings.CutSuffix(strings.TrimSpace(arg), ")")
			if !closed || inside == "" {
				d.fail(n, "write leader-elected(orders-0)", "%q is no event", n.Value)
			}
			for _, where := range strings.Split(inside, ",") {
				t.Where = append(t.Where, strings.TrimSpace(where))
			}
		}
		if len(t.Where) == 1 && !hasBound {
			switch word {
			case "held":
				t.Held, t.Where = t.Where[0], nil
				return t
			case "fired":
				t.Fired, t.Where = t.Where[0], nil
				return t
			}
		}
		if word == "offset" {
			word = kafka.HighWatermark.String()
		}
		known := false
		if t.Note, known = kafka.ParseNoteKind(word); !known {
			d.unknown(n, "event", word, append(kafka.NoteKinds(), "offset", "held"))
		}
		if hasBound {
			least, err := strconv.ParseInt(strings.TrimSpace(bound), 10, 64)
			if err != nil {
				d.fail(n, "write offset(orders-0) >= 100", "%q is no offset", strings.TrimSpace(bound))
			}
			t.Least = kafka.Offset(least)
		}
		return t
	}}
}

// met tells whether the note n of node is what t waits for.
func (t Trigger) met(node model.NodeID, n *kafka.Note) bool {
	if n.Kind != t.Note || n.Offset < t.Least {
		return false
	}
	return n.About(node, t.Where)
}

// String prints the trigger as it was written.
func (t Trigger) String() string { return t.text }

// bounds reads measures with what they must keep to, as in {send.ok: ">= 10", ack.p99: "<= 20ms"}.
func bounds() kind[[]Bound] {
	schema := map[string]any{
		"type": "object", "additionalProperties": map[string]any{"type": "string"},
	}
	return kind[[]Bound]{schema: schema, read: func(d *decoder, n *yaml.Node) []Bound {
		const hint = `write {send.ok: ">= 10"}, with >=, <= or = and a space`
		if n.Kind != yaml.MappingNode {
			d.fail(n, hint, "counts must be a mapping")
			return nil
		}
		var out []Bound
		for i := 0; i+1 < len(n.Content) && d.err == nil; i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			is, number, _ := strings.Cut(value.Value, " ")
			unit, err := CheckMeasure(key.Value)
			var unknown *model.InputError
			if errors.As(err, &unknown) {
				d.fail(key, unknown.Hint, "%s", unknown.Problem)
				return nil
			}
			limit, err := parseMeasured(unit, strings.TrimSpace(number))
			if !slices.Contains([]string{">=", "<=", "="}, is) {
				d.fail(value, hint, "%q is no bound", value.Value)
			} else if err != nil {
				d.fail(value, "", "%s: %v", key.Value, err)
			}
			out = append(out, Bound{key.Value, is, limit})
		}
		return out
	}}
}

// letters reads the ranges of first letters that go to a partition, as in {A-M: 0, N-Z: 1}.
func letters() kind[[]LetterRange] {
	schema := map[string]any{
		"type": "object", "additionalProperties": map[string]any{"type": "integer", "minimum": 0},
	}
	return kind[[]LetterRange]{schema: schema, read: func(d *decoder, n *yaml.Node) []LetterRange {
		if n.Kind != yaml.MappingNode {
			d.fail(n, "write {A-M: 0, N-Z: 1}", "letters must be a mapping")
			return nil
		}
		var out []LetterRange
		for i := 0; i+1 < len(n.Content); i += 2 {
			from, to, ok := strings.Cut(strings.ToUpper(n.Content[i].Value), "-")
			p, err := strconv.Atoi(n.Content[i+1].Value)
			if !ok || len(from) != 1 || len(to) != 1 || from > to || err != nil || p < 0 {
				d.fail(n.Content[i], "write {A-M: 0, N-Z: 1}", "%q is no range of letters with a partition",
					n.Content[i].Value)
				return nil
			}
			out = append(out, LetterRange{from[0], to[0], p})
		}
		return out
	}}
}

// timestamp reads a record's timestamp as milliseconds since 1970, when a run begins.
func timestamp() kind[*int64] {
	return scalar(map[string]any{"type": "string"}, func(s string) (*int64, error) {
		if d, err := time.ParseDuration(s); err == nil && d >= 0 {
			millis := d.Milliseconds()
			return &millis, nil
		}
		for _, layout := range []string{time.DateOnly, time.RFC3339} {
			if at, err := time.Parse(layout, s); err == nil && at.UnixMilli() >= 0 {
				millis := at.UnixMilli()
				return &millis, nil
			}
		}
		return nil, fmt.Errorf("%s is no timestamp: write a time of the run, such as 2s, or a date from "+
			"1970-01-01 on", clipped(s))
	})
}

// headers reads a record's headers, as in {trace: abc}.
func headers() kind[[]wire.RecordHeader] {
	one := text()
	schema := map[string]any{"type": "object", "additionalProperties": one.schema}
	read := func(d *decoder, n *yaml.Node) []wire.RecordHeader {
		if n.Kind != yaml.MappingNode {
			d.fail(n, "write {trace: abc}", "headers must be a mapping")
			return nil
		}
		var out []wire.RecordHeader
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := one.read(d, n.Content[i]), one.read(d, n.Content[i+1])
			out = append(out, wire.RecordHeader{Key: key, Value: []byte(value)})
		}
		return out
	}
	return kind[[]wire.RecordHeader]{schema: schema, read: read}
}

// errorCode reads the name of one of Kafka's errors.
func errorCode() kind[wire.Code] {
	of := enum("error", wire.CodeNames()...)
	return kind[wire.Code]{schema: of.schema, read: func(d *decoder, n *yaml.Node) wire.Code {
		code, _ := wire.ParseCode(of.read(d, n))
		return code
	}}
}

// settings reads properties by their Kafka names.
func settings(what string, known []string, check func(name, value string) error) kind[[]Setting] {
	properties := map[string]any{}
	for _, name := range known {
		properties[name] = map[string]any{"type": []string{"string", "integer", "boolean"}}
	}
	schema := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	return kind[[]Setting]{schema: schema, read: func(d *decoder, n *yaml.Node) []Setting {
		if n.Kind != yaml.MappingNode {
			d.fail(n, "write {min.insync.replicas: 2}", "%s must be a mapping", what)
			return nil
		}
		var out []Setting
		for i := 0; i+1 < len(n.Content) && d.err == nil; i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			if err := check(key.Value, value.Value); err != nil {
				var other *otherWord
				if errors.As(err, &other) {
					d.fail(key, "", "%v", err)
				} else if !slices.Contains(known, key.Value) {
					d.unknown(key, what, key.Value, known)
				} else {
					d.fail(value, "", "%v", err)
				}
			}
			out = append(out, Setting{key.Value, value.Value, position{key.Line, key.Column}})
		}
		return out
	}}
}
