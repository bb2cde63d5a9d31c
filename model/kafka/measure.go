package kafka

import (
	"slices"
	"strconv"
	"strings"

	"sandcastle/model"
)

// Measure is a number of a run that has a name: what a lesson's knob moves, what a sweep compares,
// and what an expectation bounds.
type Measure struct {
	Name  string
	Value int64 // in Unit
	Unit  Unit
	About string // what it counts, in a sentence
}

// Unit is what a measure is counted in.
type Unit string

const (
	UnitCount   Unit = ""          // how many
	UnitTime    Unit = "ns"        // virtual time
	UnitBytes   Unit = "B"         // bytes
	UnitRate    Unit = "records/s" // records for each second of virtual time
	UnitPercent Unit = "%"         // of the time
)

// String prints the measure for people, as in "12.4 ms".
func (m Measure) String() string { return m.Unit.Format(m.Value) }

// Format prints a value of the unit for people, with three digits that count.
func (u Unit) Format(v int64) string {
	switch u {
	case UnitTime:
		return scaled(v, []scale{{1, "ns"}, {1e3, "µs"}, {1e6, "ms"}, {1e9, "s"}})
	case UnitBytes:
		return scaled(v, []scale{{1, "B"}, {1e3, "kB"}, {1e6, "MB"}, {1e9, "GB"}})
	case UnitCount:
		return grouped(v)
	case UnitPercent:
		return grouped(v) + " %"
	default:
		return grouped(v) + " " + string(u)
	}
}

// scale is a multiple of a unit with its sign.
type scale struct {
	of   int64
	sign string
}

// scaled prints v in the largest scale that it reaches, rounded to a tenth or, from 100 on, whole.
func scaled(v int64, scales []scale) string {
	sign := ""
	if v < 0 {
		sign, v = "−", -v
	}
	at := scales[0]
	for _, s := range scales {
		if v >= s.of {
			at = s
		}
	}
	tenths := (v*10 + at.of/2) / at.of
	whole, tenth := tenths/10, tenths%10
	if whole >= 100 || tenth == 0 {
		return sign + grouped((v+at.of/2)/at.of) + " " + at.sign
	}
	return sign + strconv.FormatInt(whole, 10) + "." + strconv.FormatInt(tenth, 10) + " " + at.sign
}

// grouped prints a whole number with a comma after every three digits.
func grouped(v int64) string {
	digits := strconv.FormatInt(v, 10)
	sign := ""
	if v < 0 {
		sign, digits = "−", digits[1:]
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// Measures returns the numbers of a run in the order of the table of measures. Counts that the run
// does not have are 0; times and rates that nobody could measure are left out.
func (r *Run) Measures() []Measure {
	var out []Measure
	kinds := MeasureKinds()
	done := map[string]bool{}
	add := func(name string) {
		if m, ok := r.measure(kinds, name); ok && !done[name] {
			done[name] = true
			out = append(out, m)
		}
	}
	rest := make([]string, 0, len(r.Counters))
	for name := range r.Counters { //unordered: they are sorted below
		rest = append(rest, name)
	}
	slices.Sort(rest)
	for _, k := range kinds {
		if !k.Only {
			add(k.Name)
		}
		for _, name := range rest {
			if k.Of != "" && strings.HasPrefix(name, k.Name+".") {
				add(name)
			}
		}
	}
	for _, name := range rest {
		add(name)
	}
	return out
}

// Measure returns the number of that name. ok is false for a name that no run can have, and for
// what nobody could measure in this one.
func (r *Run) Measure(name string) (Measure, bool) { return r.measure(MeasureKinds(), name) }

func (r *Run) measure(kinds []MeasureKind, name string) (Measure, bool) {
	k, arg := measureKind(kinds, name)
	if k == nil {
		return Measure{}, false
	}
	m := Measure{Name: name, Unit: k.Unit, About: k.About}
	if arg != "" {
		m.About += " (" + arg + ")"
	}
	value, ok := r.Counters[name]
	for _, f := range r.Findings {
		if string(f.Anomaly) == name {
			value, ok = int64(f.Count), true
		}
	}
	m.Value = value
	return m, ok || k.Unit != UnitTime && k.Unit != UnitRate
}

// UnitOf returns the unit of a measure; ok is false for a name that no run can have.
func UnitOf(name string) (unit Unit, ok bool) {
	k, _ := measureKind(MeasureKinds(), name)
	if k == nil {
		return UnitCount, false
	}
	return k.Unit, true
}

// NearestMeasure is the name that a person who typed word most likely meant, "" when none is near.
func NearestMeasure(word string) string {
	var names []string
	for _, k := range MeasureKinds() {
		names = append(names, k.Name)
	}
	if near := model.Nearest(word, names); near != "" {
		return near
	}
	// What follows the name of a family may be right.
	for i := len(word) - 1; i > 0; i-- {
		if word[i] != '.' {
			continue
		}
		if near := model.Misspelt(word[:i], names); near != "" {
			return near + word[i:]
		}
	}
	return ""
}
