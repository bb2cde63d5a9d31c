package swarm

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"sandcastle/model"
)

// Profile says how large what a swarm draws is, and how often. Weights count against each other:
// 0 leaves a kind out of every seed.
type Profile struct {
	Source string // the whole file

	Brokers, Partitions, Producers, Groups, Members, Readers, Rate span
	Duration                                                       span // seconds
	// Faults, Operators and Combined are how many entries of each a timeline may have.
	FaultCount, OperatorCount, CombinedCount span
	// Paranoid, Calm, Core, ScratchTopic and NarrowTopic are percentages of the seeds.
	Paranoid, Calm, Core, ScratchTopic, NarrowTopic int

	Dangers, Faults, Operators, Combined weights
}

// span is a range of whole numbers, both ends in it.
type span struct{ low, high int }

// weights are by name, in the order of the file.
type weights []weight

type weight struct {
	name string
	n    int
}

// of is the weight of name.
func (w weights) of(name string) int {
	for _, x := range w {
		if x.name == name {
			return x.n
		}
	}
	return 0
}

//go:embed default.yaml
var defaultProfile []byte

// DefaultProfile is what a swarm draws by when nobody says.
func DefaultProfile() *Profile {
	p, err := ParseProfile("default.yaml", defaultProfile)
	if err != nil {
		panic(fmt.Sprintf("swarm: the profile in the program: %v", err))
	}
	return p
}

// ParseProfile reads a profile. What it leaves out is as in the default one. The error is a
// *model.InputError with the place.
func ParseProfile(name string, data []byte) (*Profile, error) {
	p := &Profile{}
	if name != "default.yaml" || string(data) != string(defaultProfile) {
		*p = *DefaultProfile()
	}
	p.Source = string(data)
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, notYAML(name, err)
	}
	d := &profileDecoder{file: name}
	if doc.Kind == yaml.DocumentNode && len(doc.Content) == 1 {
		d.read(doc.Content[0], p)
	} else {
		d.fail(&yaml.Node{Line: 1, Column: 1},
			"`sandcastle sweep --swarm --print-profile` prints one to start from",
			"the profile is empty")
	}
	if d.err != nil {
		return nil, d.err
	}
	return p, nil
}

func notYAML(name string, err error) error {
	e := &model.InputError{File: name, Line: 1, Column: 1, Problem: "not YAML: " + err.Error()}
	text := strings.TrimPrefix(err.Error(), "yaml: line ")
	if line, rest, ok := strings.Cut(text, ": "); ok {
		if n, err := strconv.Atoi(line); err == nil {
			e.Line, e.Problem = n, "not YAML: "+rest
		}
	}
	return e
}

// profileDecoder reads a profile strictly. The first mistake ends it.
type profileDecoder struct {
	file string
	err  error
}

func (d *profileDecoder) fail(n *yaml.Node, hint, format string, args ...any) {
	if d.err == nil {
		d.err = &model.InputError{
			File: d.file, Line: n.Line, Column: n.Column, Problem: fmt.Sprintf(format, args...),
			Hint: hint,
		}
	}
}

// profileKey is a key of a profile.
type profileKey struct {
	name string
	read func(d *profileDecoder, n *yaml.Node, p *Profile)
}

func profileKeys() []profileKey {
	number := func(name string, low, high int, at func(*Profile) *span) profileKey {
		return profileKey{name, func(d *profileDecoder, n *yaml.Node, p *Profile) {
			*at(p) = d.span(n, low, high, strconv.Atoi)
		}}
	}
	percent := func(name string, at func(*Profile) *int) profileKey {
		return profileKey{name, func(d *profileDecoder, n *yaml.Node, p *Profile) {
			*at(p) = d.percent(n)
		}}
	}
	weighed := func(name string, known []string, at func(*Profile) *weights) profileKey {
		return profileKey{name, func(d *profileDecoder, n *yaml.Node, p *Profile) {
			*at(p) = d.weights(n, name, known, *at(p))
		}}
	}
	return []profileKey{
		number("brokers", 1, 9, func(p *Profile) *span { return &p.Brokers }),
		{"duration", func(d *profileDecoder, n *yaml.Node, p *Profile) {
			p.Duration = d.span(n, 1, 600, seconds)
		}},
		number("partitions", 1, 100, func(p *Profile) *span { return &p.Partitions }),
		number("producers", 1, 20, func(p *Profile) *span { return &p.Producers }),
		number("rate", 1, 10_000, func(p *Profile) *span { return &p.Rate }),
		number("groups", 0, 9, func(p *Profile) *span { return &p.Groups }),
		number("members", 1, 50, func(p *Profile) *span { return &p.Members }),
		number("readers", 0, 20, func(p *Profile) *span { return &p.Readers }),
		number("fault_count", 0, 200, func(p *Profile) *span { return &p.FaultCount }),
		number("operator_count", 0, 200, func(p *Profile) *span { return &p.OperatorCount }),
		number("combined_count", 0, 50, func(p *Profile) *span { return &p.CombinedCount }),
		percent("paranoid", func(p *Profile) *int { return &p.Paranoid }),
		percent("calm", func(p *Profile) *int { return &p.Calm }),
		percent("core", func(p *Profile) *int { return &p.Core }),
		percent("scratch_topic", func(p *Profile) *int { return &p.ScratchTopic }),
		percent("narrow_topic", func(p *Profile) *int { return &p.NarrowTopic }),
		weighed("dangers", dangerNames(), func(p *Profile) *weights { return &p.Dangers }),
		weighed("faults", faultNames(), func(p *Profile) *weights { return &p.Faults }),
		weighed("operators", operatorNames(), func(p *Profile) *weights { return &p.Operators }),
		weighed("combined", combinedNames(), func(p *Profile) *weights { return &p.Combined }),
	}
}

func (d *profileDecoder) read(n *yaml.Node, p *Profile) {
	keys := profileKeys()
	names := make([]string, len(keys))
	for i := range keys {
		names[i] = keys[i].name
	}
	d.mapping(n, "the profile", names, func(at int, value *yaml.Node) {
		keys[at].read(d, value,
			p)
	})
}

// mapping reads a mapping that has some of names, each once.
func (d *profileDecoder) mapping(n *yaml.Node, what string, names []string,
	read func(at int, value *yaml.Node),
) {
	if n.Kind != yaml.MappingNode {
		d.fail(n, "keys are "+strings.Join(names, ", "), "%s must be a mapping", what)
		return
	}
	var seen []string
	for i := 0; i+1 < len(n.Content) && d.err == nil; i += 2 {
		key := n.Content[i]
		at := slices.Index(names, key.Value)
		switch {
		case at < 0:
			hint := "one of " + strings.Join(names, ", ")
			if near := model.DidYouMean(key.Value, names); near != "" {
				hint = near
			}
			d.fail(key, hint, "unknown key in %s %q", what, model.Clip(key.Value, 80))
		case slices.Contains(seen, key.Value):
			d.fail(key, "", "key %q stands twice in %s", key.Value, what)
		default:
			seen = append(seen, key.Value)
			read(at, n.Content[i+1])
		}
	}
}

// span reads a number, or two with .. between.
func (d *profileDecoder) span(n *yaml.Node, low, high int, read func(string) (int, error)) span {
	first, last, isRange := strings.Cut(n.Value, "..")
	if !isRange {
		last = first
	}
	from, err1 := read(first)
	to, err2 := read(last)
	switch {
	case n.Kind != yaml.ScalarNode || err1 != nil || err2 != nil:
		d.fail(n,
			"write one, or the least and the greatest, as in 3 or 1..6, times with their unit: 10s..25s",
			"%q is no range", model.Clip(n.Value, 80))
	case from < low || to > high || to < from:
		d.fail(n, fmt.Sprintf("it may be from %d to %d, the least first", low, high),
			"%s is out of range", n.Value)
	}
	return span{from, to}
}

// seconds reads a time.
func seconds(text string) (int, error) {
	v, err := time.ParseDuration(text)
	return int(v / time.Second), err
}

func (d *profileDecoder) percent(n *yaml.Node) int {
	v, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || v < 0 || v > 100 {
		d.fail(n, "", "%q is no percentage: write a whole number from 0 to 100",
			model.Clip(n.Value, 80))
	}
	return v
}

// weights reads weights by name. Those that are not there keep what they had.
func (d *profileDecoder) weights(n *yaml.Node, what string, known []string, had weights) weights {
	out := make(weights, len(known))
	for i, name := range known {
		out[i] = weight{name, had.of(name)}
	}
	d.mapping(n, what, known, func(at int, value *yaml.Node) {
		v, err := strconv.Atoi(value.Value)
		if value.Kind != yaml.ScalarNode || err != nil || v < 0 || v > 1000 {
			d.fail(value, "0 leaves it out of every seed",
				"%q is no weight: write a whole number from 0 "+
					"to 1000", model.Clip(value.Value, 80))
		}
		out[at].n = v
	})
	return out
}

// PrintedProfile is the default profile as a file, to start one from.
func PrintedProfile() []byte { return slices.Clone(defaultProfile) }
