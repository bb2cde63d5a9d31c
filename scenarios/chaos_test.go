package scenarios

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model"
)

// chaosCases is how many random scenarios `make test` plays; SANDCASTLE_CHAOS asks for more.
const chaosCases = 30

// Whatever processes, links and connections do, a cluster that is configured not to lose loses
// nothing, doubles nothing, and comes to rest: acks=all, unclean election off, no retries. Each
// case is played twice and must be the same run.
func TestChaos(t *testing.T) {
	if n := os.Getenv("SANDCASTLE_CHAOS"); n != "" {
		_, err := strconv.ParseUint(n, 10, 32)
		require.NoError(t, err, "SANDCASTLE_CHAOS")
		require.NoError(t, flag.Set("rapid.checks", n))
	} else {
		require.NoError(t, flag.Set("rapid.checks", strconv.Itoa(chaosCases)))
	}
	rapid.Check(t, func(t *rapid.T) { playChaos(t, drawChaos(t)) })
}

// What TestChaos found once holds: each file is a shrunk case that failed, with what is true now as
// its claim.
func TestFoundByChaos(t *testing.T) {
	files, err := filepath.Glob("testdata/chaos/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			s, err := Parse(file, data)
			require.NoError(t, err)
			r, err := Play(s, Options{})
			require.NoError(t, err)
			requireOK(t, r)
		})
	}
}

// playChaos plays the scenario twice and demands its verdict.
func playChaos(t *rapid.T, yaml string) {
	t.Log("\n" + yaml)
	s, err := Parse("chaos.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	first, err := Play(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if first.Run.Verdict != model.VerdictOK {
		for _, f := range first.Run.Findings {
			t.Logf("%s ×%d: %s", f.Anomaly, f.Count, f.Explanation)
			for _, w := range f.Witnesses {
				t.Logf("    %s %s %s", w.At, w.Who, w.Text)
			}
		}
		t.Fatalf("%s: %s", first.Run.Verdict, first.Run.Reason)
	}
	second, err := Play(s, Options{})
	if err != nil || first.Run.TraceHash != second.Run.TraceHash ||
		first.Run.Events != second.Run.Events {
		t.Fatalf("one seed, two runs: %s and %s, %v", first.Run.TraceHash, second.Run.TraceHash, err)
	}
}

// chaos is the part of a scenario that further draws depend on.
type chaos struct {
	brokers, partitions, producers, consumers int
	duration                                  int // seconds
}

// drawChaos writes a scenario. Each draw shrinks towards the smaller and calmer one.
func drawChaos(t *rapid.T) string {
	c := chaos{
		brokers:    rapid.IntRange(1, 4).Draw(t, "brokers"),
		partitions: rapid.IntRange(1, 3).Draw(t, "partitions"),
		producers:  rapid.IntRange(1, 2).Draw(t, "producers"),
		duration:   rapid.IntRange(10, 20).Draw(t, "duration"),
	}
	replicas := rapid.IntRange(1, c.brokers).Draw(t, "replicas")
	minISR := rapid.IntRange(1, replicas).Draw(t, "min ISR")
	var b strings.Builder
	fmt.Fprintf(&b, "claim: What is acknowledged stays, whatever happens.\nseed: %d\nduration: %ds\n",
		rapid.Uint64Range(0, 1<<32).Draw(t, "seed"), c.duration)
	fmt.Fprintf(&b, "cluster:\n  brokers: %d\n  hardware: %s\n  config:\n", c.brokers,
		rapid.SampledFrom([]string{"laptop", "ideal"}).Draw(t, "hardware"))
	fmt.Fprintf(&b, "    zookeeper.session.timeout.ms: %d\n    replica.lag.time.max.ms: %d\n",
		rapid.IntRange(4000, 8000).Draw(t, "ZooKeeper session"),
		rapid.IntRange(2000, 6000).Draw(t, "replica lag"))
	// Else a client that is started before the topic exists makes it, with one replica.
	b.WriteString("    auto.create.topics.enable: false\n")
	fmt.Fprintf(&b, "    offsets.topic.num.partitions: %d\n",
		rapid.SampledFrom([]int{3, 50}).Draw(t, "offsets partitions"))
	fmt.Fprintf(&b, "topics:\n  - {name: t, partitions: %d, replicas: %d, config: {%s: %d}}\n",
		c.partitions, replicas, "min.insync.replicas", minISR)
	b.WriteString("producers:\n")
	for i := range c.producers {
		fmt.Fprintf(&b, "  - {name: p%d, topic: t, rate: %d/s, retries: 0, keys: %d}\n", i+1,
			rapid.IntRange(20, 200).Draw(t, "rate"), rapid.IntRange(1, 9).Draw(t, "keys"))
	}
	c.drawConsumers(t, &b)
	c.drawTimeline(t, &b)
	b.WriteString("expect: {findings: none}\n")
	return b.String()
}

func (c *chaos) drawConsumers(t *rapid.T, b *strings.Builder) {
	c.consumers = rapid.IntRange(0, 3).Draw(t, "consumers")
	if c.consumers > 0 {
		b.WriteString("consumers:\n")
	}
	for range c.consumers {
		fmt.Fprintf(b, "  - {group: %s, topics: [t], session: %dms, commit: %s, start: %dms}\n",
			rapid.SampledFrom([]string{"g1", "g2"}).Draw(t, "group"),
			rapid.IntRange(6000, 10000).Draw(t, "session"),
			rapid.SampledFrom([]string{"auto", "each-poll", "never"}).Draw(t, "commit"),
			rapid.IntRange(0, 5000).Draw(t, "consumer start"))
	}
}

func (c *chaos) drawTimeline(t *rapid.T, b *strings.Builder) {
	n := rapid.IntRange(0, 6).Draw(t, "actions")
	if n > 0 {
		b.WriteString("timeline:\n")
	}
	verbs := []string{
		"reset", "pause", "slow", "cut-one-way", "cut", "kill", "restart", "resume",
	}
	for range n {
		verb := rapid.SampledFrom(verbs).Draw(t, "verb")
		fmt.Fprintf(b, "  - {at: %dms, %s: %s", rapid.IntRange(1, c.duration*1000).Draw(t, "at"),
			verb, c.role(t, verb == "restart"))
		if verbNamed(verb).twoSided {
			fmt.Fprintf(b, ", to: %s", c.role(t, false))
		}
		if verb == "slow" {
			fmt.Fprintf(b, ", by: %dms", rapid.IntRange(1, 3000).Draw(t, "by"))
		}
		if verbNamed(verb).undo != nil && rapid.Bool().Draw(t, "ends") {
			fmt.Fprintf(b, ", for: %dms", rapid.IntRange(1, 10000).Draw(t, "for"))
		}
		b.WriteString("}\n")
	}
}

// role draws whom an action is for. Producers stay whole: one that is started again counts its
// values on, and one that is dead sends nothing.
func (c *chaos) role(t *rapid.T, servers bool) string {
	partition := func() int { return rapid.IntRange(0, c.partitions-1).Draw(t, "partition") }
	kinds := []string{"leader", "follower", "followers", "controller", "broker", "zookeeper"}
	kinds = append(kinds, "minority", "brokers")
	if c.consumers > 0 {
		kinds = append(kinds, "consumer", "coordinator")
	}
	if !servers {
		kinds = append(kinds, "producer")
	}
	switch kind := rapid.SampledFrom(kinds).Draw(t, "role"); kind {
	case "leader", "follower", "followers":
		return fmt.Sprintf("%s(t-%d)", kind, partition())
	case "broker":
		return fmt.Sprintf("broker-%d", rapid.IntRange(1, c.brokers).Draw(t, "broker"))
	case "consumer":
		return fmt.Sprintf("consumer-%d", rapid.IntRange(1, c.consumers).Draw(t, "consumer"))
	case "producer":
		return fmt.Sprintf("producer-p%d", rapid.IntRange(1, c.producers).Draw(t, "producer"))
	case "coordinator":
		return "coordinator(g1)"
	default:
		return kind
	}
}
