package oracle

import (
	"strings"
)

// The brokers that are compared, in this order.
const (
	kafka39 = iota // Apache Kafka 3.9, whose answers ours are to be
	ours
	kafka4 // Apache Kafka 4.x
)

// difference is one field in which an exchange went otherwise with ours than with Kafka 3.9.
type difference struct {
	exchange, label, path string
	said                  []string // by each broker
	as4                   bool     // ours is what Kafka 4.x says
}

// where is what an entry of the list names a field by.
func (d *difference) where() string { return d.label + " " + d.path }

// String is the difference in a line.
func (d *difference) String() string {
	var b strings.Builder
	b.WriteString(d.exchange + " | " + d.label + " | " + d.path + ":")
	for i, name := range []string{"3.9", "ours", "4.x"}[:len(d.said)] {
		said := d.said[i]
		if len(said) > 300 {
			said = said[:300] + "…"
		}
		b.WriteString("  " + name + "=" + said)
	}
	return b.String()
}

// comparison is what comes of one exchange.
type comparison struct {
	differences []difference
	// words is how many messages for people have other words, which is no difference.
	words int
	// since4 is true where ours is as 3.9 and Kafka 4.x answers otherwise.
	since4 bool
}

// compare lays the results of one exchange side by side.
func compare(exchange string, results []*result) comparison {
	var c comparison
	for _, label := range labelsOf(results) {
		seen := make([]*observation, len(results))
		for i, r := range results {
			seen[i] = r.find(label)
		}
		told := map[string]bool{}
		for _, path := range pathsOf(seen) {
			// What Kafka 4.x no longer has must not hide in what 3.9 and ours differ.
			path = collapse(seen[:kafka4], path)
			if told[path] {
				continue
			}
			told[path] = true
			c.comparePath(difference{exchange: exchange, label: label, path: path}, seen)
		}
	}
	return c
}

// comparePath compares one field. What follows from another difference, that of the answer as such
// or of an error code above, is left out.
func (c *comparison) comparePath(d difference, seen []*observation) {
	for _, o := range seen {
		d.said = append(d.said, value(o, d.path))
	}
	with4 := len(seen) > kafka4
	if d.said[kafka39] == d.said[ours] {
		c.since4 = c.since4 || with4 && d.said[kafka4] != d.said[ours] &&
			!follows(seen[kafka39], seen[kafka4], d.path)
		return
	}
	switch {
	case follows(seen[kafka39], seen[ours], d.path):
	case isForPeople(d.path) && isText(d.said[kafka39]) && isText(d.said[ours]):
		c.words++
	default:
		d.as4 = with4 && d.said[kafka4] == d.said[ours]
		c.differences = append(c.differences, d)
	}
}

// isForPeople is true of a field that no program reads.
func isForPeople(path string) bool {
	return strings.HasSuffix(path, "Message") || strings.HasSuffix(path, ".Documentation")
}

// isText is true of a message with words, not of one that is absent or empty.
func isText(said string) bool { return strings.HasPrefix(said, `"`) && said != `""` }

// find is the observation with a label, nil for none.
func (r *result) find(label string) *observation {
	for i := range r.seen {
		if r.seen[i].label == label {
			return &r.seen[i]
		}
	}
	return nil
}

// labelsOf are the labels of all observations, in the order in which they appear first.
func labelsOf(results []*result) (labels []string) {
	known := map[string]bool{}
	for _, r := range results {
		for _, o := range r.seen {
			if !known[o.label] {
				known[o.label] = true
				labels = append(labels, o.label)
			}
		}
	}
	return labels
}

// pathsOf are the fields of all observations.
func pathsOf(seen []*observation) (paths []string) {
	known := map[string]bool{}
	for _, o := range seen {
		if o == nil {
			continue
		}
		for _, p := range o.order {
			if !known[p] {
				known[p] = true
				paths = append(paths, p)
			}
		}
	}
	return paths
}

// value is what o says at path p; an element of an array that is there as a whole is "present".
func value(o *observation, p string) string {
	if o == nil {
		return "(nothing)"
	}
	if v, ok := o.fields[p]; ok {
		return v
	}
	if strings.HasSuffix(p, "]") && o.has(p) {
		return "present"
	}
	return "(absent)"
}

func (o *observation) has(prefix string) bool {
	for _, k := range o.order {
		if strings.HasPrefix(k, prefix) {
			return true
		}
	}
	return false
}

// collapse shortens p to the outermost array that is empty in one of the observations, or array element that one
// of them lacks altogether.
func collapse(seen []*observation, p string) string {
	for i := range len(p) {
		if p[i] == '[' {
			for _, o := range seen {
				if o != nil && o.fields[p[:i]+"#"] == "0" {
					return p[:i] + "#"
				}
			}
		}
		if p[i] != ']' {
			continue
		}
		for _, o := range seen {
			if o != nil && !o.has(p[:i+1]) {
				return p[:i+1]
			}
		}
	}
	return p
}

// follows tells whether a difference at p follows from one above it: another outcome, or another error code.
func follows(x, y *observation, p string) bool {
	if x == nil || y == nil {
		return p != "·"
	}
	if p == "·" {
		return false
	}
	if x.fields["·"] != y.fields["·"] {
		return true
	}
	for prefix := p; ; {
		i := strings.LastIndexByte(prefix, '.')
		code := "ErrorCode"
		if i >= 0 {
			code = prefix[:i] + ".ErrorCode"
		}
		a, ok := x.fields[code]
		b, ok2 := y.fields[code]
		if code != p && ok && ok2 && a != b {
			return true
		}
		if i < 0 {
			return false
		}
		prefix = prefix[:i]
	}
}
