package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"sandcastle/model"
)

// Sweep says which settings of a scenario to compare: every value of every axis, under several
// seeds.
type Sweep struct {
	// Axes are the settings. A figure has the first across and the second as lines.
	Axes     []Axis
	Measures []string
	Seeds    int // how many, from the scenario's own on
	pos      position
}

// Supplied tells whether the scenario has a sweep.
func (s *Sweep) Supplied() bool { return len(s.Axes) > 0 }

// Axis is a setting with the values that it takes in turn. Several paths take each value together.
type Axis struct {
	Paths  []string
	Values []string
}

// Name is the axis' setting as it is written on the command line.
func (a Axis) Name() string { return strings.Join(a.Paths, "+") }

// Settings are what gives the axis one of its values.
func (a Axis) Settings(value string) []string {
	out := make([]string, len(a.Paths))
	for i, path := range a.Paths {
		out[i] = path + "=" + value
	}
	return out
}

// String prints the axis as ParseAxis reads it.
func (a Axis) String() string { return a.Name() + "=" + strings.Join(a.Values, ",") }

// ParseAxis reads a setting with its values, as in producers[0].linger=0ms,5ms,50ms. Settings that
// go together are joined: topics[0].partitions+consumers[0].members=1,2,4.
func ParseAxis(text string) (Axis, error) {
	path, values, ok := strings.Cut(text, "=")
	if !ok || strings.TrimSpace(path) == "" {
		return Axis{}, &model.InputError{
			Problem: fmt.Sprintf("%q sweeps nothing", text),
			Hint:    "write a path, = and values, as in producers[0].linger=0ms,5ms,50ms",
		}
	}
	a := Axis{Values: splitValues(values)}
	for _, p := range strings.Split(path, "+") {
		a.Paths = append(a.Paths, strings.TrimSpace(p))
	}
	return a, a.check()
}

// check refuses a value that stands twice: its runs could not be told apart.
func (a Axis) check() error {
	for i, v := range a.Values {
		if slices.Contains(a.Values[:i], v) {
			return &model.InputError{Problem: fmt.Sprintf("%s: the value %q stands twice", a.Name(), v)}
		}
	}
	return nil
}

// splitValues splits at commas that are in no brackets.
func splitValues(text string) []string {
	var out []string
	depth, from := 0, 0
	for i, c := range text {
		switch {
		case strings.ContainsRune("[{", c):
			depth++
		case strings.ContainsRune("]}", c):
			depth--
		case c == ',' && depth == 0:
			out = append(out, strings.TrimSpace(text[from:i]))
			from = i + 1
		}
	}
	return append(out, strings.TrimSpace(text[from:]))
}

// Quantity is a value as a number, when it is one: a count, a time, a size or a rate. Quantities of
// one kind can be compared.
func Quantity(value string) (n int64, ok bool) {
	if n, err := strconv.ParseInt(value, 10, 64); err == nil {
		return n, true
	}
	if d, err := parseDuration(value); err == nil {
		return int64(d), true
	}
	if n, err := parseSize(value); err == nil {
		return n, true
	}
	d := &decoder{}
	r := rate().read(d, &yaml.Node{Kind: yaml.ScalarNode, Value: value})
	if d.err == nil {
		return int64(r.N) * int64(maxDuration/r.Per), true
	}
	return 0, false
}

// Point is a scenario with one value of every axis.
type Point struct {
	Values   []string // by axis
	Scenario *Scenario
}

// Points returns the scenario under every combination of values, the last axis fastest. Without
// axes that is the scenario itself.
func Points(s *Scenario, axes []Axis) ([]Point, error) {
	points := []Point{{Scenario: s}}
	for _, a := range axes {
		next := make([]Point, 0, len(points)*len(a.Values))
		for _, p := range points {
			for _, v := range a.Values {
				changed, err := OverrideAll(p.Scenario, a.Settings(v))
				if err != nil {
					return nil, err
				}
				next = append(next, Point{append(slices.Clone(p.Values), v), changed})
			}
		}
		points = next
	}
	return points, nil
}

func sweepKind() kind[Sweep] {
	type part struct {
		axis Axis
		by   Axis
		rest Sweep
	}
	values := list("values", text())
	axis := func(at func(*part) *Axis) []fieldOf[part] {
		return []fieldOf[part]{
			must(field("set", oneOrMore("set", text()), func(p *part) *[]string { return &at(p).Paths },
				"The path of a setting, as in producers[0].linger, or a list of those that take each value "+
					"together.")),
			must(field("values", values, func(p *part) *[]string { return &at(p).Values },
				"The values that it takes in turn.")),
		}
	}
	by := object("by", func(position) part { return part{} },
		axis(func(p *part) *Axis { return &p.by }))
	fields := append(axis(func(p *part) *Axis { return &p.axis }),
		fieldOf[part]{
			name: "by", schema: by.schema,
			doc: "A second setting, whose values are drawn as lines.",
			set: func(d *decoder, n *yaml.Node, p *part) { p.by = by.read(d, n).by },
		},
		must(field("measure", list("measure", measureKind()),
			func(p *part) *[]string { return &p.rest.Measures }, "What to compare, such as ack.rate.")),
		field("seeds", whole(1, 1000), func(p *part) *int { return &p.rest.Seeds },
			"How many seeds, from the scenario's own on; 5 if not given."))
	all := object("sweep", func(pos position) part { return part{rest: Sweep{Seeds: 5, pos: pos}} },
		fields)
	return kind[Sweep]{schema: all.schema, read: func(d *decoder, n *yaml.Node) Sweep {
		p := all.read(d, n)
		p.rest.Axes = []Axis{p.axis}
		if len(p.by.Paths) > 0 {
			p.rest.Axes = append(p.rest.Axes, p.by)
		}
		return p.rest
	}}
}

// completeSweep checks that every value of the sweep makes a good scenario.
func (d *decoder) completeSweep(s *Scenario) {
	if d.err != nil || !s.Sweep.Supplied() {
		return
	}
	for _, a := range s.Sweep.Axes {
		d.refuse(s.Sweep.pos, "sweep", a.check())
	}
	_, err := Points(s, s.Sweep.Axes)
	d.refuse(s.Sweep.pos, "sweep", err)
}
