package digest

import (
	"slices"
	"strings"

	"sandcastle/model/kafka"
)

// Sweep is a scenario played under several settings, each under several seeds.
type Sweep struct {
	Scenario string
	Axes     []SweepAxis // none when only the seeds differ
	Measures []string
	Seeds    []uint64
	Points   []SweepPoint // the last axis fastest
}

// SweepAxis is a setting with the values that it took in turn.
type SweepAxis struct {
	Name   string
	Values []string
	// Quantities are the values as numbers; nil when they are not all numbers.
	Quantities []int64
}

// SweepPoint is one value of every axis, with the runs under it, by seed. A run that was not played
// is nil.
type SweepPoint struct {
	Values []string
	Runs   []*kafka.Run
}

// Spread is what a measure came to under several seeds.
type Spread struct {
	Min, Median, Max int64
	N                int // in so many runs there was something to measure
}

// Spread returns what a measure came to in the runs of the point. N is 0 when nobody could measure
// it.
func (p *SweepPoint) Spread(measure string) Spread {
	var values []int64
	for _, r := range p.Runs {
		if r == nil {
			continue
		}
		if m, ok := r.Measure(measure); ok {
			values = append(values, m.Value)
		}
	}
	n := len(values)
	if n == 0 {
		return Spread{}
	}
	slices.Sort(values)
	low, high := values[(n-1)/2], values[n/2] // the middle, or the middle two
	return Spread{values[0], low + (high-low)/2, values[n-1], n}
}

// Series are the points along the first axis, for one value of every other: the lines of a figure.
type Series struct {
	Name   string // the other axes' values; "" when there are none
	Points []*SweepPoint
}

// Series returns the lines of a figure: one for each value of every axis but the first.
func (s *Sweep) Series() []Series {
	if len(s.Axes) == 0 {
		return nil
	}
	n := len(s.Points) / len(s.Axes[0].Values)
	out := make([]Series, n)
	for i := range s.Points {
		p := &s.Points[i]
		line := &out[i%n]
		line.Points = append(line.Points, p)
		line.Name = s.others(p)
	}
	return out
}

// others names the values of all axes but the first.
func (s *Sweep) others(p *SweepPoint) string {
	var words []string
	for i, a := range s.Axes[1:] {
		words = append(words, LastKey(a.Name)+"="+ValueText(p.Values[i+1]))
	}
	return strings.Join(words, ", ")
}

// LastKey is what paths, joined with +, say without the way to them.
func LastKey(name string) string {
	paths := strings.Split(name, "+")
	for i, path := range paths {
		if _, property, ok := strings.Cut(path, ".config."); ok {
			paths[i] = property // Kafka's own name, with dots
			continue
		}
		paths[i] = path[strings.LastIndexByte(path, '.')+1:]
	}
	return strings.Join(paths, "+")
}

// ValueText is a value for people; a setting that was taken out has none.
func ValueText(value string) string {
	if value == "" {
		return "(not set)"
	}
	return value
}

// Verdicts counts the runs by verdict, in the order in which they end the program, and names the
// worst.
func (s *Sweep) Verdicts() (counts map[kafka.Verdict]int, missing int) {
	counts = map[kafka.Verdict]int{}
	for i := range s.Points {
		for _, r := range s.Points[i].Runs {
			if r == nil {
				missing++
				continue
			}
			counts[r.Verdict]++
		}
	}
	return counts, missing
}

// AboutMeasure is what the table of measures says of a name.
func AboutMeasure(name string) (about string, unit kafka.Unit) {
	m, _ := (&kafka.Run{Counters: map[string]int64{name: 0}}).Measure(name)
	return m.About, m.Unit
}
