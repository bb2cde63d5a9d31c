package shrink

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"

	"sandcastle/model"
	"sandcastle/scenarios"
)

// mostMended is how many entries of a candidate may go with what they are about.
const mostMended = 1000

// mend takes out of a candidate what means nothing any more: a kill of a broker that is not there,
// a consumer of no topic. Where the file has a mistake that goes with no entry, ok is false.
func (t *tree) mend(name string) (s *scenarios.Scenario, text string, ok bool) {
	for range mostMended {
		t.dropEmpty()
		text = t.text()
		s, err := scenarios.Parse(name, []byte(text))
		if err == nil {
			return s, text, true
		}
		var input *model.InputError
		if !errors.As(err, &input) {
			return nil, "", false
		}
		*t = *t.placed(text)
		if !t.removeAt(input.Line, input.Column) {
			return nil, "", false
		}
	}
	return nil, "", false
}

// removeAt takes out the entry of the timeline, or the client, that stands at a place.
func (t *tree) removeAt(line, column int) bool {
	before := func(n *yaml.Node) bool {
		return n.Line < line || n.Line == line && n.Column <= column
	}
	section := ""
	for i := 0; i+1 < len(t.root.Content); i += 2 {
		if before(t.root.Content[i]) {
			section = t.root.Content[i].Value
		}
	}
	at := -1
	for i, n := range t.list(section) {
		if before(n) {
			at = i
		}
	}
	switch {
	case at < 0:
		return false
	case section == "timeline":
		t.removeEntry(at)
	case section == "producers":
		t.removeProducer(at)
	case section == "consumers":
		t.removeConsumer(at)
	default:
		return false
	}
	return true
}

// removeEntry takes an entry out of the timeline. The one after it, where it counts from this one,
// gets the time at which this one was done; it goes too when this one never was.
func (t *tree) removeEntry(at int) {
	list := value(t.root, "timeline")
	gone, when := list.Content[at], model.Time(-1)
	if at < len(t.fired) {
		when = t.fired[at]
		t.fired, t.nodes = slices.Delete(t.fired, at, at+1), slices.Delete(t.nodes, at, at+1)
	}
	list.Content = slices.Delete(list.Content, at, at+1)
	if at == len(list.Content) || value(list.Content[at], "then") == nil {
		return
	}
	next := list.Content[at]
	then, _ := time.ParseDuration(word(next, "then"))
	plain := value(gone, "when") == nil && value(gone, "delay") == nil
	before, _ := time.ParseDuration(word(gone, "then"))
	own, _ := time.ParseDuration(word(gone, "at"))
	switch {
	case plain && value(gone, "then") != nil:
		set(next, "then", written(before+then))
	case plain:
		rename(next, "then", "at")
		set(next, "at", written(own+then))
	case when < 0:
		t.removeEntry(at)
	default:
		rename(next, "then", "at")
		set(next, "at", written((time.Duration(when) + then).Round(time.Millisecond)))
	}
}

// keepEntries leaves only some entries in the timeline.
func (t *tree) keepEntries(kept []int) {
	for i := len(t.timeline()) - 1; i >= 0; i-- {
		if !slices.Contains(kept, i) && i < len(t.timeline()) {
			t.removeEntry(i)
		}
	}
}

// removeProducer takes a producer out, and its name out of what is done to several nodes.
func (t *tree) removeProducer(at int) {
	node := "producer-" + word(t.list("producers")[at], "name")
	t.dropRole(node)
	list := value(t.root, "producers")
	list.Content = slices.Delete(list.Content, at, at+1)
}

// removeConsumer takes an entry of the consumers out. Those after it are called by other numbers
// then.
func (t *tree) removeConsumer(at int) {
	first := 1
	for _, c := range t.list("consumers")[:at] {
		first += members(c)
	}
	n := members(t.list("consumers")[at])
	list := value(t.root, "consumers")
	list.Content = slices.Delete(list.Content, at, at+1)
	t.renumber("consumer", first, n)
}

// members is how many consumers an entry stands for.
func members(c *yaml.Node) int {
	if n, err := strconv.Atoi(word(c, "members")); err == nil {
		return n
	}
	return 1
}

// nobody is a node that is not there: what is done to it goes when the tree is mended.
const nobody = "0"

// renumber has n nodes of a kind go, from the first-th on: the others move up, in all that names
// them.
func (t *tree) renumber(kind string, first, n int) {
	for i := first; i < first+n; i++ {
		t.dropRole(kind + "-" + strconv.Itoa(i))
	}
	named := regexp.MustCompile(`\b` + kind + `-([0-9]+)\b`)
	for _, key := range []string{"timeline", "expect"} {
		scalars(value(t.root, key), func(s *yaml.Node) {
			s.Value = named.ReplaceAllStringFunc(s.Value, func(text string) string {
				k, _ := strconv.Atoi(named.FindStringSubmatch(text)[1])
				switch {
				case k < first:
					return text
				case k < first+n:
					return kind + "-" + nobody
				default:
					return kind + "-" + strconv.Itoa(k-n)
				}
			})
		})
	}
}

// dropRole takes a node out of the lists of nodes to which something is done.
func (t *tree) dropRole(node string) {
	for _, entry := range t.timeline() {
		for i := 1; i < len(entry.Content); i += 2 {
			dropItems(entry.Content[i], func(role string) bool { return role == node })
		}
	}
}
