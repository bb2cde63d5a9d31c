package scenarios

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"
)

// chaos draws a scenario. Each draw shrinks towards the smaller and calmer one.
type chaos struct {
	t *rapid.T
	b strings.Builder

	brokers, replicas, minISR int
	partitions                int
	producers, consumers      int
	keys                      int  // 0 for records without a key
	compacted, small          bool // the cleaner works on the topic; segments are small
	duration                  int  // seconds
	timeline                  []string
	// restless says that a send may end without success: a producer dies, or does not retry.
	restless bool
	// rolls says that segments end now and then; pipelined, that an idempotent producer has several
	// batches on the way. Both together can double records in Kafka too: the snapshot that is written
	// when a segment ends, or at a shutdown, has only the last batch of each producer
	// (ProducerStateManager.writeSnapshot, 3.9). A broker that starts from it takes an older batch that
	// is sent again for one out of order, and the producer sends it under a new epoch
	// (TransactionManager.canRetry, 3.9).
	rolls, pipelined bool
}

// drawChaos writes a scenario in which anything may happen that Kafka survives.
func drawChaos(t *rapid.T) string {
	c := &chaos{t: t}
	c.brokers = evenly(t, "brokers", 1, 4)
	c.replicas = evenly(t, "replicas", 1, c.brokers)
	c.minISR = evenly(t, "min ISR", 1, c.replicas)
	c.duration = evenly(t, "duration", 10, 20)
	c.drawCluster()
	c.drawTopic()
	c.drawProducers()
	c.drawConsumers()
	for range evenly(t, "actions", 0, 8) {
		c.drawFault()
	}
	return c.finish()
}

// drawPowerLoss writes a scenario in which one broker loses its power or its disk.
func drawPowerLoss(t *rapid.T) string {
	c := &chaos{t: t}
	c.brokers = evenly(t, "brokers", 2, 4)
	c.replicas = evenly(t, "replicas", 2, c.brokers)
	c.minISR = evenly(t, "min ISR", 2, c.replicas)
	c.duration = evenly(t, "duration", 10, 20)
	c.drawCluster()
	c.drawTopic()
	c.drawProducers()
	c.drawConsumers()
	c.entry("%s: %s, for: %dms", one(t, "how", []string{"power-loss", "power-loss", "wipe"}),
		one(t, "whose", []string{
			"leader(t-0)", "follower(t-0)", "controller", "coordinator(g1)", "broker-1",
		})+one(t, "keeps", []string{"", ", keeps: nothing"}),
		one(t, "long", []int{0, 12000})+evenly(t, "for", 1, 2500))
	if strings.Contains(c.timeline[0], "wipe") {
		c.timeline[0] = strings.Replace(c.timeline[0], ", keeps: nothing", "", 1)
	}
	for range evenly(t, "further actions", 0, 4) {
		c.drawCalm()
	}
	return c.finish()
}

// finish puts the parts of the scenario together.
func (c *chaos) finish() string {
	if len(c.timeline) > 0 {
		c.b.WriteString("timeline:\n")
	}
	for _, entry := range c.timeline {
		c.b.WriteString(entry)
	}
	c.b.WriteString("expect:\n  findings: none\n")
	if !c.restless {
		// An idempotent producer goes on until it knows, for two minutes.
		c.b.WriteString(`  counts: {send.fail: "= 0", send.info: "= 0"}` + "\n")
	}
	return c.b.String()
}

// entry adds something to the timeline, at a time of its own.
func (c *chaos) entry(format string, args ...any) {
	c.timeline = append(c.timeline, fmt.Sprintf("  - {at: %dms, %s}\n",
		evenly(c.t, "at", 1, c.duration*1000), fmt.Sprintf(format, args...)))
}

func (c *chaos) drawCluster() {
	t, b := c.t, &c.b
	fmt.Fprintf(b, "claim: What is acknowledged stays, whatever happens.\nseed: %d\nduration: %ds\nparanoid: true\n",
		rapid.Uint64Range(0, 1<<32).Draw(t, "seed"), c.duration)
	if c.sometimes("core", 2) {
		core := []string{"zookeeper", fmt.Sprintf("broker-%d", evenly(t, "in the core", 1, c.brokers))}
		for i := range c.brokers {
			if id := fmt.Sprintf("broker-%d", i+1); id != core[1] && c.sometimes("also "+id, 2) {
				core = append(core, id)
			}
		}
		fmt.Fprintf(b, "core: [%s]\n", strings.Join(core, ", "))
	}
	fmt.Fprintf(b, "cluster:\n  brokers: %d\n  hardware: %s\n  isr: %s\n", c.brokers,
		one(t, "hardware", []string{"laptop", "ideal"}),
		one(t, "isr", []string{"alterpartition", "alterpartition", "zk"}))
	if c.sometimes("racks", 4) {
		fmt.Fprintf(b, "  racks: [%s]\n", strings.Join([]string{"a", "b", "a", "b"}[:c.brokers], ", "))
	}
	b.WriteString("  config:\n")
	c.setting("zookeeper.session.timeout.ms", 4000, 8000)
	c.setting("replica.lag.time.max.ms", 2000, 6000)
	// Else a client that is started before the topic exists makes it, with one replica.
	b.WriteString("    auto.create.topics.enable: false\n")
	fmt.Fprintf(b, "    offsets.topic.num.partitions: %d\n", one(t, "offsets partitions", []int{3, 50}))
	// The care of logs happens often enough to be seen.
	b.WriteString("    log.initial.task.delay.ms: 500\n")
	c.setting("log.retention.check.interval.ms", 500, 3000)
	c.setting("log.cleaner.backoff.ms", 200, 2000)
	if c.sometimes("checkpoints", 2) {
		c.setting("replica.high.watermark.checkpoint.interval.ms", 100, 5000)
		c.setting("log.flush.offset.checkpoint.interval.ms", 100, 5000)
		c.setting("log.flush.start.offset.checkpoint.interval.ms", 100, 5000)
	}
	if c.sometimes("preferred leaders", 3) {
		c.setting("leader.imbalance.check.interval.seconds", 1, 5)
	}
	if c.sometimes("small answers", 3) {
		c.setting("replica.fetch.max.bytes", 1, 2000)
	}
}

// setting draws one property of the brokers.
func (c *chaos) setting(name string, low, high int) {
	fmt.Fprintf(&c.b, "    %s: %d\n", name, evenly(c.t, name, low, high))
}

// sometimes is true once in n times.
func (c *chaos) sometimes(label string, n int) bool { return evenly(c.t, label, 0, n-1) == n-1 }

func (c *chaos) drawTopic() {
	t := c.t
	c.partitions = evenly(t, "partitions", 1, 3)
	c.keys = evenly(t, "keys", 0, 9)
	var config []string
	set := func(name string, value any) { config = append(config, fmt.Sprintf("%s: %v", name, value)) }
	number := func(name string, low, high int) { set(name, evenly(t, name, low, high)) }
	number("min.insync.replicas", c.minISR, c.minISR)
	if c.small = c.sometimes("small segments", 2); c.small {
		number("segment.bytes", 2048, 16384)
		number("index.interval.bytes", 0, 2000)
	}
	if c.sometimes("segment time", 4) {
		c.rolls = true
		number("segment.ms", 500, 5000)
	}
	if c.keys > 0 && c.sometimes("compacted", 3) {
		c.compacted = true
		set("cleanup.policy", one(t, "policy", []string{"compact", `"compact,delete"`}))
		set("min.cleanable.dirty.ratio", one(t, "dirty ratio", []string{"0.01", "0.3"}))
		number("delete.retention.ms", 0, 4000)
		number("min.compaction.lag.ms", 0, 2000)
	}
	if c.sometimes("retention time", 4) {
		c.rolls = true
		number("retention.ms", 1000, 10000)
	}
	if c.sometimes("retention size", 4) {
		c.rolls = true
		number("retention.bytes", 1000, 50000)
	}
	if c.sometimes("append time", 4) {
		set("message.timestamp.type", "LogAppendTime")
	}
	if c.sometimes("compression", 4) {
		set("compression.type", one(t, "codec", []string{"uncompressed", "gzip", "snappy", "lz4", "zstd"}))
	}
	if c.sometimes("flush", 5) {
		number("flush.messages", 1, 20)
	}
	fmt.Fprintf(&c.b, "topics:\n  - {name: t, partitions: %d, replicas: %d, config: {%s}}\n", c.partitions,
		c.replicas, strings.Join(config, ", "))
}

func (c *chaos) drawProducers() {
	t, b := c.t, &c.b
	c.producers = evenly(t, "producers", 1, 2)
	b.WriteString("producers:\n")
	for i := range c.producers {
		fmt.Fprintf(b, "  - {name: p%d, topic: t, rate: %d/s", i+1, evenly(t, "rate", 20, 200))
		if c.keys > 0 {
			fmt.Fprintf(b, ", keys: %d", c.keys)
		}
		idempotent := !c.sometimes("without retries", 4)
		if !idempotent {
			c.restless = true
			b.WriteString(", retries: 0, idempotence: off")
		}
		if c.sometimes("request timeout", 2) {
			fmt.Fprintf(b, ", timeout: %dms", evenly(t, "timeout", 1000, 8000))
		}
		if c.small || c.sometimes("batches", 2) {
			// A batch has to fit into a segment.
			fmt.Fprintf(b, ", batch: %dB, linger: %dms, size: %dB", evenly(t, "batch", 100, 1500),
				evenly(t, "linger", 0, 200), evenly(t, "size", 10, 400))
		}
		if inFlight := evenly(t, "in flight", 1, 5); !idempotent || !c.rolls && !c.small && inFlight > 1 {
			fmt.Fprintf(b, ", in_flight: %d", inFlight)
			c.pipelined = c.pipelined || idempotent
		} else {
			b.WriteString(", in_flight: 1")
		}
		if c.sometimes("compressed", 3) {
			fmt.Fprintf(b, ", compression: %s", one(t, "codec", []string{"gzip", "snappy", "lz4", "zstd"}))
		}
		b.WriteString("}\n")
	}
}

func (c *chaos) drawConsumers() {
	t, b := c.t, &c.b
	c.consumers = evenly(t, "consumers", 0, 3)
	if c.consumers > 0 {
		b.WriteString("consumers:\n")
	}
	for range c.consumers {
		if c.sometimes("assigned", 4) {
			fmt.Fprintf(b, "  - {assign: [t-%d]", evenly(t, "assign", 0, c.partitions-1))
		} else {
			fmt.Fprintf(b, "  - {group: %s, topics: [t], session: %dms, commit: %s",
				one(t, "group", []string{"g1", "g2"}), evenly(t, "session", 6000, 10000),
				one(t, "commit", []string{"auto", "each-poll", "never"}))
		}
		if c.sometimes("rack", 4) {
			fmt.Fprintf(b, ", rack: %s", one(t, "rack", []string{"a", "b"}))
		}
		fmt.Fprintf(b, ", start: %dms}\n", evenly(t, "consumer start", 0, 5000))
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
