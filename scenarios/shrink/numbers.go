package shrink

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// numbers makes times, sizes, rates and counts rounder: all times at once, then each number the
// roundest that still fails.
func (s *search) numbers() bool {
	taken := s.first(allTimes(time.Second), allTimes(100*time.Millisecond)) >= 0
	for i := 0; ; i++ {
		n := nth(s.best.tree, i)
		if n == nil {
			return taken
		}
		var edits []edit
		for _, rounder := range n.rounder() {
			edits = append(edits, func(t *tree) bool { return assign(nth(t, i).node, rounder) })
		}
		taken = s.first(edits...) >= 0 || taken
	}
}

// allTimes rounds every time of the timeline.
func allTimes(to time.Duration) edit {
	return func(t *tree) bool {
		found := false
		for _, entry := range t.timeline() {
			scalars(entry, func(n *yaml.Node) {
				if d, err := time.ParseDuration(n.Value); err == nil && d > 0 && d%to != 0 {
					found = assign(n, written(max(d.Round(to), to))) || found
				}
			})
		}
		return found
	}
}

// number is a value that may be rounder, and its key.
type number struct {
	key  string
	node *yaml.Node
	// setting says that the cluster or a client is set to it. Another value is another behaviour, so
	// that only near ones are tried.
	setting bool
}

// nth is the i-th number of a tree in the order of the file, nil for none.
func nth(t *tree, i int) *number {
	var list []number
	for _, key := range []string{"cluster", "topics", "producers", "consumers", "timeline"} {
		numbersBelow(value(t.root, key), false, &list)
	}
	if i >= len(list) {
		return nil
	}
	return &list[i]
}

// numbersBelow collects the numbers of mappings below n. Lists of numbers are names of brokers.
func numbersBelow(n *yaml.Node, setting bool, list *[]number) {
	switch {
	case n == nil:
	case n.Kind == yaml.SequenceNode:
		for _, c := range n.Content {
			numbersBelow(c, setting, list)
		}
	case n.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, v := n.Content[i].Value, n.Content[i+1]
			found := number{key, v, setting || isSetting(key) || losesPower(n)}
			if v.Kind == yaml.ScalarNode && len(found.rounder()) > 0 {
				*list = append(*list, found)
			}
			numbersBelow(v, setting || key == "config", list)
		}
	}
}

var (
	sizeForm = regexp.MustCompile(`^([0-9]+)(B|KiB|MiB|GiB|kB|MB|GB)$`)
	rateForm = regexp.MustCompile(`^([0-9]+)/(ms|s|m)$`)
)

// isName tells whether the numbers of a key are no quantities, or have a pass of their own.
func isName(key string) bool {
	return slices.Contains([]string{
		"controller", "acks", "brokers", "replicas", "partitions", "members", "offset", "before", "key",
		"partition", "timestamp", minISR,
	}, key)
}

// isSetting tells whether a key stands for a property of clients.
func isSetting(key string) bool {
	return slices.Contains([]string{
		"linger", "batch", "in_flight", "retries", "timeout", "metadata_age", "session",
	}, key)
}

// rounder are the values that are rounder than the number, the roundest and smallest first; none
// for what is no number.
func (n *number) rounder() []string {
	text := n.node.Value
	if isName(n.key) {
		return nil
	}
	if d, err := time.ParseDuration(text); err == nil && text != "0" {
		return n.rounderTimes(d)
	}
	if m := sizeForm.FindStringSubmatch(text); m != nil {
		sizes := n.rounderCounts(m[1])
		for i := range sizes {
			sizes[i] += m[2]
		}
		return sizes
	}
	if rateForm.MatchString(text) {
		var out []string
		for _, rate := range rates() {
			if slower(rate, text) {
				out = append(out, rate)
			}
		}
		return out
	}
	return n.rounderCounts(text)
}

// rounderCounts are 1, 2, 5, 10, … below a count, where it is no setting, and the nearest with one
// digit and with two.
func (n *number) rounderCounts(text string) []string {
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil || v < 2 {
		return nil
	}
	var out []string
	unit := int64(1)
	for ; unit <= v/10; unit *= 10 {
	}
	for step := int64(1); step <= unit && !n.setting; step *= 10 {
		for _, k := range []int64{1, 2, 5} {
			if k*step < v {
				out = append(out, strconv.FormatInt(k*step, 10))
			}
		}
	}
	for range 2 {
		if unit > 1 && v%unit != 0 {
			down, up := v/unit*unit, (v/unit+1)*unit
			if up-v < v-down {
				down, up = up, down
			}
			out = append(out, strconv.FormatInt(down, 10), strconv.FormatInt(up, 10))
		}
		unit /= 10
	}
	return out
}

// rounderTimes are round times below a whole number of seconds, where it is no setting; for any
// other time the nearest multiples of ever smaller units.
func (n *number) rounderTimes(d time.Duration) []string {
	var out []string
	if !n.setting && d%time.Second == 0 {
		for _, v := range roundBelow(d) {
			out = append(out, written(v))
		}
	}
	for _, unit := range []time.Duration{
		time.Second, 500 * time.Millisecond, 100 * time.Millisecond, 10 * time.Millisecond,
		time.Millisecond,
	} {
		if d%unit == 0 {
			break
		}
		down := d.Truncate(unit)
		up := down + unit
		if up-d < d-down && down > 0 {
			down, up = up, down
		}
		for _, v := range []time.Duration{down, up} {
			if v > 0 {
				out = append(out, written(v))
			}
		}
	}
	return out
}

// written is a time as a person writes it: 2m for 2m0s.
func written(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// roundBelow are whole seconds below d that are round, the shortest first.
func roundBelow(d time.Duration) []time.Duration {
	var out []time.Duration
	for _, n := range []time.Duration{
		1, 2, 3, 5, 10, 15, 20, 25, 30, 40, 50, 60, 90, 120, 180, 300, 600, 1200, 1800, 3600,
	} {
		if v := n * time.Second; v < d {
			out = append(out, v)
		}
	}
	return out
}

// rates are the rates that are tried, the slowest first.
func rates() []string {
	return []string{"1/s", "2/s", "5/s", "10/s", "20/s", "50/s", "100/s", "200/s", "500/s"}
}

// perHour is how many records a rate is in an hour, 0 for what is none.
func perHour(rate string) int64 {
	m := rateForm.FindStringSubmatch(strings.TrimSpace(rate))
	if m == nil {
		return 0
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return 0
	}
	return n * map[string]int64{"ms": 3_600_000, "s": 3600, "m": 60}[m[2]]
}
