package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"sandcastle/scenarios"
)

// mutantCases is how many changed lessons `make test` plays; SANDCASTLE_MUTATED asks for more:
// `make mutated` plays 3,000.
const mutantCases = 12

// mutantEvents, mutantWait and mutantMemory are what a run of one may take. Lessons take a tenth at most, and the
// machine may be busy with something else.
const (
	mutantEvents = 400_000
	mutantWait   = 2 * time.Minute
	mutantMemory = 4 << 20 // KiB of address space
)

// Whatever somebody writes into a scenario, the program plays it or says what is wrong: it never ends with an
// internal error, never without a message, and never takes more time or memory than a limit allows. Every
// lesson is changed in structure, types, numbers, roles, names.
func TestMutatedLessons(t *testing.T) {
	cases := mutantCases
	if n, err := strconv.Atoi(os.Getenv("SANDCASTLE_MUTATED")); err == nil {
		cases = n
	}
	path, dir := program(t), t.TempDir()
	failed, played, all := false, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		if cases--; cases < 0 && !failed && played > 0 && played < all {
			return // rapid's own count of checks is for every test; of a few, none may be playable
		}
		text := drawMutant(t)
		t.Log("\n" + text)
		ok := false
		defer func() { failed = failed || !ok }()
		if playMutant(t, path, dir, text) {
			played++
		}
		all++
		ok = true
	})
	t.Logf("%d of %d were played, the others refused", played, all)
	require.NotZero(t, played)
	require.Less(t, played, all)
}

// playMutant runs the program on a scenario, and tells whether it was played.
func playMutant(t *rapid.T, path, dir, text string) bool {
	file := filepath.Join(dir, "mutant.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	var out, errs bytes.Buffer
	limited := fmt.Sprintf("ulimit -v %d; exec %s run %s --out %s --max-events %d", mutantMemory, path, file,
		filepath.Join(dir, "run"), mutantEvents)
	cmd := exec.Command("sh", "-c", limited)
	cmd.Stdout, cmd.Stderr = &out, &errs
	began := time.Now()
	timer := time.AfterFunc(mutantWait, func() { _ = cmd.Process.Kill() })
	err := cmd.Run()
	require.True(t, timer.Stop(), "it takes longer than %v", mutantWait)
	if took := time.Since(began); took > mutantWait/8 {
		t.Logf("took %v", took)
	}
	code := cmd.ProcessState.ExitCode()
	var exit *exec.ExitError
	require.True(t, err == nil || errors.As(err, &exit), "%v", err)
	require.True(t, code >= exitOK && code <= exitInput, "exit %d\n%s", code, &errs)
	if code == exitInput {
		message := errs.String()
		require.Empty(t, out.String())
		require.Equal(t, 1, strings.Count(message, "\n"), message)
		require.Less(t, len(message), 2000, message)
		require.Contains(t, message, "mutant.yaml:", "it says where")
	} else {
		require.NotEmpty(t, out.String())
	}
	require.NotContains(t, errs.String(), "goroutine")
	return code != exitInput
}

// drawMutant draws a lesson and changes it in one to four places.
func drawMutant(t *rapid.T) string {
	s, err := scenarios.Lesson(rapid.SampledFrom(scenarios.Lessons()).Draw(t, "lesson"))
	require.NoError(t, err)
	var doc yaml.Node
	require.NoError(t, yaml.Unmarshal([]byte(s.YAML), &doc))
	for range rapid.IntRange(0, 2).Draw(t, "entries") {
		addEntry(t, doc.Content[0], s.Topics[0].Name)
	}
	for range rapid.SampledFrom([]int{0, 1, 1, 1, 2, 4}).Draw(t, "changes") {
		var nodes []*yaml.Node
		everyNode(doc.Content[0], &nodes)
		mutate(t, nodes, evenly(t, "node", nodes))
	}
	text, err := yaml.Marshal(&doc)
	require.NoError(t, err)
	return string(text)
}

// evenly draws one of values, each as likely as the next: rapid's own draws favour the first.
func evenly[V any](t *rapid.T, label string, values []V) V {
	n := 0
	for _, bit := range rapid.SliceOfN(rapid.Bool(), 16, 16).Draw(t, label) {
		n *= 2
		if bit {
			n++
		}
	}
	return values[n*len(values)>>16]
}

// everyNode lists a tree, parents first, without the keys of mappings.
func everyNode(n *yaml.Node, list *[]*yaml.Node) {
	*list = append(*list, n)
	for i, c := range n.Content {
		if n.Kind != yaml.MappingNode || i%2 == 1 {
			everyNode(c, list)
		}
	}
}

// mutate changes one node of the tree.
func mutate(t *rapid.T, nodes []*yaml.Node, n *yaml.Node) {
	kinds := []string{"another's", "odd"}
	switch n.Kind {
	case yaml.ScalarNode:
		kinds = append(kinds, "like", "like", "like", "like", "digit", "digit", "cut")
	case yaml.MappingNode:
		kinds = append(kinds, "entry", "key", "delete", "swap")
	case yaml.SequenceNode:
		kinds = append(kinds, "delete", "double", "swap", "many")
	}
	switch rapid.SampledFrom(kinds).Draw(t, "kind") {
	case "another's":
		*n = *copyOf(rapid.SampledFrom(nodes).Draw(t, "other"))
	case "odd":
		*n = yaml.Node{Kind: yaml.ScalarNode, Value: drawOdd(t)}
	case "like":
		n.Value = drawLike(t, n.Value)
	case "digit":
		at := strings.IndexAny(n.Value, "0123456789")
		if at >= 0 {
			n.Value = n.Value[:at] + rapid.SampledFrom([]string{"0", "1", "7", "99", "100000", "999999999", "-1", "0.5",
				"1e9"}).Draw(t, "digit") + n.Value[at+1:]
		}
	case "cut":
		n.Value = n.Value[:rapid.IntRange(0, len(n.Value)).Draw(t, "cut")]
	case "entry":
		addEntry(t, n, "orders")
	case "key":
		if len(n.Content) > 0 {
			at := 2 * rapid.IntRange(0, len(n.Content)/2-1).Draw(t, "key")
			n.Content[at] = &yaml.Node{Kind: yaml.ScalarNode, Value: rapid.SampledFrom(keys(t)).Draw(t, "new key")}
		}
	case "delete":
		drop(t, n)
	case "double":
		if len(n.Content) > 0 {
			n.Content = append(n.Content, copyOf(n.Content[rapid.IntRange(0, len(n.Content)-1).Draw(t, "entry")]))
		}
	case "swap":
		step := 1
		if n.Kind == yaml.MappingNode {
			step = 2
		}
		if last := len(n.Content)/step - 1; last > 0 {
			a, b := rapid.IntRange(0, last).Draw(t, "a")*step, rapid.IntRange(0, last).Draw(t, "b")*step
			n.Content[a+step-1], n.Content[b+step-1] = n.Content[b+step-1], n.Content[a+step-1]
		}
	case "many":
		if len(n.Content) > 0 {
			for range rapid.SampledFrom([]int{10, 100, 2000}).Draw(t, "many") {
				n.Content = append(n.Content, copyOf(n.Content[0]))
			}
		}
	}
}

// drop takes an entry out.
func drop(t *rapid.T, n *yaml.Node) {
	step := 1
	if n.Kind == yaml.MappingNode {
		step = 2
	}
	if len(n.Content) > 0 {
		at := step * rapid.IntRange(0, len(n.Content)/step-1).Draw(t, "entry")
		n.Content = slices.Delete(n.Content, at, at+step)
	}
}

// copyOf is a tree of its own.
func copyOf(n *yaml.Node) *yaml.Node {
	c := *n
	c.Content = make([]*yaml.Node, len(n.Content))
	for i := range n.Content {
		c.Content[i] = copyOf(n.Content[i])
	}
	return &c
}

// addEntry gives a mapping, or the scenario's timeline, one more entry.
func addEntry(t *rapid.T, n *yaml.Node, topic string) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "timeline" && n.Content[i+1].Kind == yaml.SequenceNode {
			entry := strings.ReplaceAll(drawEntry(t), "orders", topic)
			var doc yaml.Node
			require.NoError(t, yaml.Unmarshal([]byte(entry), &doc), entry)
			n.Content[i+1].Content = append(n.Content[i+1].Content, doc.Content[0])
			return
		}
	}
	n.Content = append(n.Content,
		&yaml.Node{Kind: yaml.ScalarNode, Value: rapid.SampledFrom(keys(t)).Draw(t, "key")},
		&yaml.Node{Kind: yaml.ScalarNode, Value: drawOdd(t)})
}

// drawEntry draws an entry of a timeline: any verb on anybody.
func drawEntry(t *rapid.T) string {
	verbs, options := timelineWords(t)
	verb := evenly(t, "verb", verbs)
	entry := fmt.Sprintf("{at: %dms, %s: %s", rapid.IntRange(1, 20000).Draw(t, "at"), verb, drawObject(t))
	for _, option := range options[verb] {
		if rapid.IntRange(0, 5).Draw(t, "with "+option) > 0 {
			entry += fmt.Sprintf(", %s: %s", option, drawOption(t, option))
		}
	}
	if rapid.Bool().Draw(t, "for") {
		entry += ", for: " + rapid.SampledFrom([]string{"0s", "1ns", "100ms", "3s", "24h"}).Draw(t, "time")
	}
	return entry + "}"
}

// schemaOf is the JSON Schema of a scenario, as far as it is needed here.
type schemaOf struct {
	Description string              `json:"description"`
	Properties  map[string]schemaOf `json:"properties"`
	Items       *schemaOf           `json:"items"`
}

func readSchema(t require.TestingT) schemaOf {
	b, err := scenarios.Schema()
	require.NoError(t, err)
	var s schemaOf
	require.NoError(t, json.Unmarshal(b, &s))
	return s
}

// timelineWords are the verbs of a timeline, and the options that belong to each.
func timelineWords(t require.TestingT) (verbs []string, options map[string][]string) {
	options = map[string][]string{}
	entry := readSchema(t).Properties["timeline"].Items.Properties
	for _, name := range slices.Sorted(maps.Keys(entry)) {
		_, users, option := strings.Cut(entry[name].Description, "Belongs to ")
		switch {
		case option:
			for _, verb := range strings.Split(strings.TrimSuffix(users, "."), ", ") {
				options[verb] = append(options[verb], name)
			}
		case !slices.Contains([]string{"at", "when", "delay", "then", "for", "name", "say"}, name):
			verbs = append(verbs, name)
		}
	}
	return verbs, options
}

func drawObject(t *rapid.T) string {
	return evenly(t, "object", []string{
		"all", "all", "all", "brokers", "broker-1", "broker-2", "leader(orders-0)", "followers(orders-0)", "follower(orders-0)",
		"controller", "zookeeper", "minority", "producer-p1", "consumer-1", "coordinator(billing)", "orders",
		"orders-0", "[all, broker-1]", "[producer-p1, consumer-1]", "x",
	})
}

func drawOption(t *rapid.T, option string) string {
	usual := map[string][]string{
		"to": {"all", "brokers", "leader(orders-0)", "zookeeper", "producer-p1"}, "by": {"1ns", "10ms", "3s", "24h"},
		"api": {"Fetch", "Produce", "Metadata", "LeaderAndISR"}, "message": {"request", "reply"},
		"partition": {"orders-0", "users-0", "orders-1"}, "config": {"{retention.ms: 1}", "{segment.bytes: 14}"},
		"values": {"[a, b]", "[\"\\u263a\"]"}, "replicas": {"[1]", "[3, 2, 1]"}, "unclean": {"true"},
		"keeps": {"nothing"}, "rate": {"1/m", "1000/s"}, "headers": {"{a: b}"}, "error": {"UNKNOWN_SERVER_ERROR"},
		"timestamp": {"0s", "24h", "1970-01-01", "2030-01-01"}, "process": {"0s", "1ms", "24h"}, "key": {"k"},
		"name": {"n"},
	}[option]
	if usual == nil {
		usual = []string{"0", "1", "5", "1000"}
	}
	return rapid.SampledFrom(usual).Draw(t, "value")
}

// drawLike draws a value of the same sort.
func drawLike(t *rapid.T, value string) string {
	sorts := [][]string{
		{"0", "1", "2", "3", "5", "10", "100", "1000", "100000"}, {"1ns", "1ms", "100ms", "1s", "7s", "1m", "24h"},
		{"1B", "1kB", "64KiB", "1MiB", "90MiB"}, {"1/s", "7/s", "100/s", "1000/s", "1/ms", "1/m"},
		{"all", "brokers", "broker-1", "broker-2", "zookeeper", "controller", "minority", "producer-p1", "consumer-1"},
		{"true", "false"}, {"earliest", "latest", "none"}, {"all", "1", "0"}, {"auto", "each-poll", "before", "after", "never"},
		{"none", "gzip", "lz4"}, {"zk", "alterpartition"}, {"hw", "kip101", "kip279", "kip320"}, {"compact", "delete"},
		{"laptop", "datacenter", "ideal"},
	}
	sort := regexp.MustCompile(`^[\d.]*`).ReplaceAllString
	for _, values := range sorts {
		for _, v := range values {
			if sort(v, "") == sort(value, "") {
				return rapid.SampledFrom(values).Draw(t, "like")
			}
		}
	}
	return value + rapid.SampledFrom([]string{"", "x", "-0", "."}).Draw(t, "suffix")
}

// drawOdd draws a value that nobody thought of.
func drawOdd(t *rapid.T) string {
	return rapid.SampledFrom([]string{
		"", "0", "1", "-1", "2", "3", "1000", "2147483647", "2147483648", "9223372036854775807", "1e400", "0.5", "NaN",
		"true", "off", "null", "~", "1ns", "1us", "1ms", "0s", "5s", "24h", "25h", "-5s", "1B", "1MiB", "100MiB",
		"1024GiB", "1/s", "1/m", "1000/ms", "1000000000/s", "all", "brokers", "zookeeper", "broker-1", "producer-p1",
		"consumer-1", "leader(orders-0)", "coordinator(x)", "minority", "orders-0", "orders-99", "x", "..", "a b",
		"\u202e", "\x1b[2J", "\u2028", strings.Repeat("é", 6000), strings.Repeat("x", 1<<20), "held(x)",
		"leader-elected", "offset(orders-0) >= 1", "= 0", "none", "earliest", "&a", "*a", "!!binary x", "<<",
	}).Draw(t, "odd")
}

// keys are those that scenarios have, and one that they do not.
func keys(t require.TestingT) []string {
	list := []string{"x"}
	var collect func(schemaOf)
	collect = func(s schemaOf) {
		for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
			list = append(list, name)
			collect(s.Properties[name])
		}
		if s.Items != nil {
			collect(*s.Items)
		}
	}
	collect(readSchema(t))
	return list
}
