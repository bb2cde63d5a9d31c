package scenarios

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"sandcastle/model"
)

// ActionWord is an action that a timeline knows, as a writer of scenarios has to know it.
type ActionWord struct {
	// Name is the key of the action; its value says to whom it is done.
	Name string
	// On is what that value is: nodes, entry, topic, partition, group or listing.
	On    string
	About string // a sentence or two
	// Needs and Takes are the further keys that an entry must and may have.
	Needs, Takes []string
	// Lasts tells whether there is something to end, so that the entry may say `for`.
	Lasts bool
}

// ActionWords are the actions that a timeline knows, those of one kind together.
func ActionWords() []ActionWord {
	var list []ActionWord
	for _, v := range verbs() {
		list = append(list, ActionWord{
			Name: v.name, On: v.on.String(), About: v.doc, Needs: v.needs, Takes: v.takes,
			Lasts: v.undo != nil,
		})
	}
	return list
}

// String is how the action is written, as in "cut: NODES, to: …, [for: …]".
func (a ActionWord) String() string {
	form := a.Name + ": " + strings.ToUpper(a.On)
	for _, key := range a.Needs {
		form += ", " + key + ": …"
	}
	takes := a.Takes
	if a.Lasts {
		takes = append(slices.Clone(takes), "for")
	}
	for _, key := range takes {
		form += ", [" + key + ": …]"
	}
	return form
}

// String says in a word what a verb is done to.
func (s subject) String() string {
	return [...]string{"nodes", "entry", "topic", "partition", "group", "listing"}[s]
}

// knowsItsVerb has a timeline entry with an unknown key be told the keys of its own action, where
// it has one: those of all actions together are no answer to what goes with `cut`.
func knowsItsVerb(of kind[Action]) kind[Action] {
	read := of.read
	known := keysOf(of.schema)
	of.read = func(d *decoder, n *yaml.Node) Action {
		if v := verbIn(n); v != nil {
			for i := 0; i+1 < len(n.Content) && d.err == nil; i += 2 {
				key := n.Content[i]
				if !slices.Contains(known, key.Value) {
					d.unknownWith(key, v)
				}
			}
		}
		return read(d, n)
	}
	return of
}

// unknownWith reports a key that no timeline entry has, in one that does v.
func (d *decoder) unknownWith(key *yaml.Node, v *verb) {
	var every []string
	for _, f := range timeFields() {
		every = append(every, f.name)
	}
	hint := v.keys() + "; every entry may have " + strings.Join(every, ", ")
	if near := model.DidYouMean(key.Value, slices.Concat(v.needs, v.takes, every)); near != "" {
		hint = near
	}
	d.fail(key, hint, "unknown key in a timeline entry with %s %q", v.name, key.Value)
}

// keys says which keys a verb has.
func (v *verb) keys() string {
	switch needs, takes := strings.Join(v.needs, ", "), strings.Join(v.takes, ", "); {
	case needs == "" && takes == "":
		return v.name + " has no keys of its own"
	case takes == "":
		return v.name + " needs " + needs
	case needs == "":
		return v.name + " takes " + takes
	default:
		return v.name + " needs " + needs + " and takes " + takes
	}
}

// verbIn is the action of a timeline entry, nil for none.
func verbIn(n *yaml.Node) *verb {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if v := verbNamed(n.Content[i].Value); v != nil {
			return v
		}
	}
	return nil
}

// keysOf are the keys that the schema of an object names.
func keysOf(schema map[string]any) []string {
	properties, _ := schema["properties"].(map[string]any)
	keys := make([]string, 0, len(properties))
	for key := range properties { //unordered: they are searched, and not shown
		keys = append(keys, key)
	}
	return keys
}

// Key is a key of a scenario.
type Key struct {
	// Path leads to it from the top, as in producers[].rate.
	Path     string
	About    string
	Required bool
}

// Keys lists the keys that a scenario may have but for the actions of a timeline (ActionWords),
// each object's by their names. Kafka's own properties, below config, are not among them.
func Keys() []Key { return keysBelow("", scenarioKind().schema) }

func keysBelow(path string, schema map[string]any) []Key {
	if items := itemsOf(schema); items != nil {
		return keysBelow(path+"[]", items)
	}
	names := keysOf(schema)
	slices.Sort(names)
	properties, _ := schema["properties"].(map[string]any)
	required, _ := schema["required"].([]string)
	var list []Key
	for _, name := range names {
		key, _ := properties[name].(map[string]any)
		about, _ := key["description"].(string)
		if about == "" || path == "timeline[]" && verbNamed(name) != nil {
			continue
		}
		at := below(path, name)
		list = append(list, Key{Path: at, About: about, Required: slices.Contains(required, name)})
		list = append(list, keysBelow(at, key)...)
	}
	return list
}
