package swarm

import (
	"fmt"
	"strings"
)

// entry is one mapping of a scenario, its keys in their order.
type entry []pair

type pair struct{ key, value string }

// with adds a key. A value is written as it comes: what YAML would take for something else is
// quoted by who adds it.
func (e *entry) with(key string, value any) *entry {
	*e = append(*e, pair{key, fmt.Sprint(value)})
	return e
}

// has tells whether the key is there.
func (e entry) has(key string) bool {
	for _, p := range e {
		if p.key == key {
			return true
		}
	}
	return false
}

// String is the mapping on one line.
func (e entry) String() string {
	words := make([]string, len(e))
	for i, p := range e {
		words[i] = p.key + ": " + p.value
	}
	return "{" + strings.Join(words, ", ") + "}"
}

// list is a sequence on one line.
func list[T any](items []T) string {
	words := make([]string, len(items))
	for i, item := range items {
		words[i] = fmt.Sprint(item)
	}
	return "[" + strings.Join(words, ", ") + "]"
}

// millis is a time as a scenario writes it.
func millis(n int) string { return fmt.Sprintf("%dms", n) }

// document is a scenario that is being drawn.
type document struct {
	claim                                  string
	seed                                   uint64
	seconds, settle                        int
	paranoid, canaries                     bool
	core                                   []string // the servers that are healed first
	cluster, config                        entry
	topics, producers, consumers, timeline []entry
}

// String is the scenario as a file.
func (d *document) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "claim: %s\nseed: %d\nduration: %ds\nsettle: %ds\n", d.claim, d.seed, d.seconds,
		d.settle)
	if d.paranoid {
		b.WriteString("paranoid: true\n")
	}
	b.WriteString("audit: true\n")
	if d.canaries {
		b.WriteString("canaries: true\n")
	}
	if len(d.core) > 0 {
		b.WriteString("core: " + list(d.core) + "\n")
	}
	b.WriteString("cluster:\n")
	for _, p := range d.cluster {
		fmt.Fprintf(&b, "  %s: %s\n", p.key, p.value)
	}
	if len(d.config) > 0 {
		b.WriteString("  config:\n")
	}
	for _, p := range d.config {
		fmt.Fprintf(&b, "    %s: %s\n", p.key, p.value)
	}
	for _, part := range []struct {
		name string
		list []entry
	}{
		{"topics", d.topics}, {"producers", d.producers}, {"consumers", d.consumers},
		{"timeline", d.timeline},
	} {
		if len(part.list) > 0 {
			b.WriteString(part.name + ":\n")
		}
		for _, e := range part.list {
			fmt.Fprintf(&b, "  - %s\n", e)
		}
	}
	return b.String()
}
