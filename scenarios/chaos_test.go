package scenarios

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model"
)

// chaosCases is how many random scenarios of each kind `make test` plays; SANDCASTLE_CHAOS asks for
// more.
const chaosCases = 20

// Whatever processes, links and connections do, a cluster that is configured not to lose loses
// nothing, doubles nothing, and comes to rest: acks=all, unclean election off, no retries. Each
// case is played twice and must be the same run. Brokers die but keep their power here, for a
// dead process loses nothing that it wrote; see TestChaosWithoutPower for what Kafka does not
// promise beyond that.
func TestChaos(t *testing.T) {
	chaosFlags(t)
	rapid.Check(t, func(t *rapid.T) { playChaos(t, drawChaos(t)) })
}

// One broker may lose its power, once, and with it what it had not flushed: Kafka acknowledges
// before it flushes, but two replicas or more have every acknowledged record. Three things may not
// happen meanwhile, and those are Kafka's own limits in ZooKeeper mode, removed with KRaft by
// KIP-966:
//   - an ISR shrinks to the broker that loses its power: it is elected when it comes back with a
//     shorter log, and the others truncate to it;
//   - the other members of the ISR are down when it comes back: the same;
//   - the broker was the controller too, and registers again before another controller has read
//     /brokers/ids: nobody ever sees it missing, and it goes on leading in the same epoch.
//
// So no other server and no link to ZooKeeper is disturbed, and the broker is back either before
// its session can have expired, when it has to wait, or long after that.
func TestChaosWithoutPower(t *testing.T) {
	chaosFlags(t)
	rapid.Check(t, func(t *rapid.T) { playChaos(t, drawPowerLoss(t)) })
}

// chaosFlags sets the number of cases. `make test` plays the same ones each time; whoever asks for
// more gets new ones.
func chaosFlags(t *testing.T) {
	n := os.Getenv("SANDCASTLE_CHAOS")
	if n == "" {
		n = strconv.Itoa(chaosCases)
		require.NoError(t, flag.Set("rapid.seed", "1"))
	}
	_, err := strconv.ParseUint(n, 10, 32)
	require.NoError(t, err, "SANDCASTLE_CHAOS")
	require.NoError(t, flag.Set("rapid.checks", n))
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
	c := chaos{brokers: evenly(t, "brokers", 1, 4)}
	replicas := evenly(t, "replicas", 1, c.brokers)
	var b strings.Builder
	c.drawCluster(t, &b, replicas, evenly(t, "min ISR", 1, replicas))
	c.drawTimeline(t, &b)
	b.WriteString("expect: {findings: none}\n")
	return b.String()
}

// drawPowerLoss writes a scenario in which one broker loses its power.
func drawPowerLoss(t *rapid.T) string {
	c := chaos{brokers: evenly(t, "brokers", 2, 4)}
	replicas := evenly(t, "replicas", 2, c.brokers)
	var b strings.Builder
	c.drawCluster(t, &b, replicas, evenly(t, "min ISR", 2, replicas))
	fmt.Fprintf(&b, "timeline:\n  - {at: %dms, power-loss: %s, for: %dms}\n",
		evenly(t, "at", 1, c.duration*1000), one(t, "whose", []string{
			"leader(t-0)", "follower(t-0)", "controller", "coordinator(g1)", "broker-1",
		}), one(t, "long", []int{0, 12000})+evenly(t, "for", 1, 2500))
	for range evenly(t, "resets", 0, 2) {
		fmt.Fprintf(&b, "  - {at: %dms, reset: brokers, to: %s}\n",
			evenly(t, "at", 1, c.duration*1000), one(t, "to", []string{"brokers", "producer-p1"}))
	}
	b.WriteString("expect: {findings: none}\n")
	return b.String()
}

// drawCluster writes all that comes before the timeline.
func (c *chaos) drawCluster(t *rapid.T, b *strings.Builder, replicas, minISR int) {
	c.partitions = evenly(t, "partitions", 1, 3)
	c.producers = evenly(t, "producers", 1, 2)
	c.duration = evenly(t, "duration", 10, 20)
	fmt.Fprintf(b, "claim: What is acknowledged stays, whatever happens.\nseed: %d\nduration: %ds\n",
		rapid.Uint64Range(0, 1<<32).Draw(t, "seed"), c.duration)
	fmt.Fprintf(b, "cluster:\n  brokers: %d\n  hardware: %s\n  config:\n", c.brokers,
		one(t, "hardware", []string{"laptop", "ideal"}))
	fmt.Fprintf(b, "    zookeeper.session.timeout.ms: %d\n    replica.lag.time.max.ms: %d\n",
		evenly(t, "ZooKeeper session", 4000, 8000), evenly(t, "replica lag", 2000, 6000))
	// Else a client that is started before the topic exists makes it, with one replica.
	b.WriteString("    auto.create.topics.enable: false\n")
	fmt.Fprintf(b, "    offsets.topic.num.partitions: %d\n",
		one(t, "offsets partitions", []int{3, 50}))
	fmt.Fprintf(b, "topics:\n  - {name: t, partitions: %d, replicas: %d, config: {%s: %d}}\n",
		c.partitions, replicas, "min.insync.replicas", minISR)
	b.WriteString("producers:\n")
	for i := range c.producers {
		fmt.Fprintf(b, "  - {name: p%d, topic: t, rate: %d/s, retries: 0, keys: %d}\n", i+1,
			evenly(t, "rate", 20, 200), evenly(t, "keys", 1, 9))
	}
	c.drawConsumers(t, b)
}

func (c *chaos) drawConsumers(t *rapid.T, b *strings.Builder) {
	c.consumers = evenly(t, "consumers", 0, 3)
	if c.consumers > 0 {
		b.WriteString("consumers:\n")
	}
	for range c.consumers {
		fmt.Fprintf(b, "  - {group: %s, topics: [t], session: %dms, commit: %s, start: %dms}\n",
			one(t, "group", []string{"g1", "g2"}),
			evenly(t, "session", 6000, 10000),
			one(t, "commit", []string{"auto", "each-poll", "never"}),
			evenly(t, "consumer start", 0, 5000))
	}
}

func (c *chaos) drawTimeline(t *rapid.T, b *strings.Builder) {
	n := evenly(t, "actions", 0, 7)
	if n > 0 {
		b.WriteString("timeline:\n")
	}
	verbs := []string{
		"reset", "pause", "slow", "cut-one-way", "cut", "kill", "restart", "resume", "power-loss",
	}
	for range n {
		verb := one(t, "verb", verbs)
		fmt.Fprintf(b, "  - {at: %dms, %s: %s", evenly(t, "at", 1, c.duration*1000),
			verb, c.role(t, verb))
		if slices.Contains(verbNamed(verb).needs, "to") {
			fmt.Fprintf(b, ", to: %s", c.role(t, "to"))
		}
		if verb == "slow" {
			fmt.Fprintf(b, ", by: %dms", evenly(t, "by", 1, 3000))
		}
		if verbNamed(verb).undo != nil && rapid.Bool().Draw(t, "ends") {
			fmt.Fprintf(b, ", for: %dms", evenly(t, "for", 1, 10000))
		}
		b.WriteString("}\n")
	}
}

// role draws whom an action is for. Power is lost by ZooKeeper alone, which flushes before it
// answers and so must forget nothing.
func (c *chaos) role(t *rapid.T, verb string) string {
	if verb == "power-loss" {
		return "zookeeper"
	}
	partition := func() int { return evenly(t, "partition", 0, c.partitions-1) }
	kinds := []string{"leader", "follower", "followers", "controller", "broker", "zookeeper"}
	kinds = append(kinds, "minority", "brokers", "producer", "all")
	if c.consumers > 0 {
		kinds = append(kinds, "consumer", "coordinator")
	}
	switch kind := one(t, "role", kinds); kind {
	case "leader", "follower", "followers":
		return fmt.Sprintf("%s(t-%d)", kind, partition())
	case "broker":
		return fmt.Sprintf("broker-%d", evenly(t, "broker", 1, c.brokers))
	case "consumer":
		return fmt.Sprintf("consumer-%d", evenly(t, "consumer", 1, c.consumers))
	case "producer":
		return fmt.Sprintf("producer-p%d", evenly(t, "producer", 1, c.producers))
	case "coordinator":
		return "coordinator(g1)"
	default:
		return kind
	}
}

// evenly draws a whole number in [low, high], each as likely as the next: rapid's own draws favour
// small ones, so that all faults would come in the first moments.
func evenly(t *rapid.T, label string, low, high int) int {
	n := 0
	for _, bit := range rapid.SliceOfN(rapid.Bool(), 16, 16).Draw(t, label) {
		n *= 2
		if bit {
			n++
		}
	}
	return low + n*(high-low+1)>>16
}

// one draws one of values, each as likely as the next.
func one[T any](t *rapid.T, label string, values []T) T {
	return values[evenly(t, label, 0, len(values)-1)]
}
