package canary

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"sandcastle/checks"
	"sandcastle/model/kafka"
)

// example is a history of which it is known what is in it.
type example struct {
	name              string
	history           kafka.History
	expected, allowed []kafka.Anomaly
}

func readExamples() (list []example) {
	files := checks.Examples()
	names, err := fs.Glob(files, "*.ndjson")
	if err != nil {
		panic("canary: " + err.Error())
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			panic("canary: " + err.Error())
		}
		e := example{name: strings.TrimSuffix(name, ".ndjson")}
		if e.history, err = kafka.ReadHistory(bytes.NewReader(text), name); err != nil {
			panic("canary: " + err.Error())
		}
		lines := strings.SplitN(string(text), "\n", 3)
		e.expected, e.allowed = named(lines[0], "# expect:"), named(lines[1], "# allowed:")
		list = append(list, e)
	}
	return list
}

func named(line, prefix string) (list []kafka.Anomaly) {
	if words, ok := strings.CutPrefix(line, prefix); ok {
		for _, w := range strings.Fields(words) {
			list = append(list, kafka.Anomaly(w))
		}
	}
	return list
}

// Examples judges the small histories that stand beside the checks, with each anomaly and without
// it, and returns what a check missed or found in vain.
func Examples() []Blind { return inExamples(readExamples(), checks.Judge) }

func inExamples(list []example, judge func(kafka.Operations, checks.Options) kafka.Report,
) (blind []Blind) {
	for _, e := range list {
		r := judge(e.history, checks.Options{})
		var allowed []kafka.Finding
		for i := range r.Allowed {
			allowed = append(allowed, r.Allowed[i].Finding)
		}
		blind = append(blind, differences(e.name, e.expected, r.Findings)...)
		blind = append(blind, differences(e.name, e.allowed, allowed)...)
		for _, why := range r.Undecided {
			blind = append(blind, Blind{Check: why, Planted: "in the example " + e.name, Vain: true})
		}
	}
	return blind
}

// differences compares what was to be found in an example with what was, each with what follows
// from it.
func differences(name string, want []kafka.Anomaly, found []kafka.Finding) (blind []Blind) {
	var got []kafka.Anomaly
	for _, f := range found {
		text := f.Anomaly
		for _, c := range f.Follows {
			text += "+" + c.Anomaly
		}
		got = append(got, text)
	}
	for _, a := range want {
		if !slices.Contains(got, a) {
			blind = append(blind, Blind{
				Check: string(a), Planted: fmt.Sprintf("something is wrong in the example %s", name),
			})
		}
	}
	for _, a := range got {
		if !slices.Contains(want, a) {
			blind = append(blind, Blind{Check: string(a), Planted: "in the example " + name, Vain: true})
		}
	}
	return blind
}
