package text

import (
	"slices"
	"strings"

	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
)

// Comparison sets a lesson as it is written beside the same with a knob turned: the verdicts, what
// was found, the number to watch, and the other numbers that differ. What differs is strong.
func Comparison(written, changed *digest.Story, moves string, width int) []Line {
	t := comparison{width: width, label: min(24, width/3)}
	a, b := &written.Run, &changed.Run
	t.row("", InkFaint, "as written", "changed", InkFaint)
	t.row("setting", InkFaint, settingsText(a.Set), settingsText(b.Set), InkPlain)
	t.row("verdict", InkFaint, VerdictOf(a).Word, VerdictOf(b).Word, InkPlain)
	t.row("found", InkFaint, foundText(a.Findings), foundText(b.Findings), InkStrong)
	t.lines = append(t.lines, nil)
	before, after := a.Measures(), b.Measures()
	if moves != "" {
		t.measure(moves, before, after, true)
		t.lines = append(t.lines, nil)
	}
	for _, name := range measureNames(before, after) {
		if name != moves {
			t.measure(name, before, after, false)
		}
	}
	return t.lines
}

// comparison is a table of three columns in the making.
type comparison struct {
	width, label int
	lines        []Line
}

// row adds a row, in as many lines as the longest cell needs.
func (t *comparison) row(name string, ink Ink, before, after string, values Ink) {
	each := max((t.width-t.label-2)/2, 8)
	names := Wrap(name, t.label-1)
	left, right := Wrap(before, each), Wrap(after, each)
	at := func(lines []string, i int) string {
		if i < len(lines) {
			return lines[i]
		}
		return ""
	}
	for i := range max(len(names), len(left), len(right)) {
		t.lines = append(t.lines, Line{
			{padded(at(names, i), t.label), ink},
			{padded(at(left, i), each+2), values}, {at(right, i), values},
		})
	}
}

// measure adds a number of both runs if they differ, or if it is the one to watch.
func (t *comparison) measure(name string, before, after []kafka.Measure, watched bool) {
	a, b := measureNamed(before, name), measureNamed(after, name)
	switch {
	case watched:
		t.row("→ "+name, InkStrong, a, b, InkStrong)
		for _, m := range slices.Concat(after, before) {
			if m.Name == name && m.About != "" {
				for _, line := range Wrap(m.About, t.width-2) {
					t.lines = append(t.lines, Line{{"  " + line, InkFaint}})
				}
				return
			}
		}
	case a != b:
		t.row("  "+name, InkPlain, a, b, InkPlain)
	}
}

func measureNamed(all []kafka.Measure, name string) string {
	for _, m := range all {
		if m.Name == name {
			return m.String()
		}
	}
	return "–"
}

// measureNames are the names of both runs, in the order of the first that has them.
func measureNames(before, after []kafka.Measure) []string {
	var names []string
	for _, m := range slices.Concat(before, after) {
		if !slices.Contains(names, m.Name) {
			names = append(names, m.Name)
		}
	}
	return names
}

func settingsText(set []string) string {
	if len(set) == 0 {
		return "–"
	}
	return strings.Join(set, " ")
}

func foundText(findings []kafka.Finding) string {
	if len(findings) == 0 {
		return "nothing"
	}
	names := make([]string, len(findings))
	for i, f := range findings {
		names[i] = f.String()
	}
	return strings.Join(names, "; ")
}

func padded(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-TextWidth(text)))
}
