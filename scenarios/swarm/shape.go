package swarm

import (
	"fmt"
	"strconv"
	"strings"
)

// shape is what the aspects of a scenario that is drawn from nothing have to know of each other.
type shape struct {
	brokers, seconds int
	// minISR is the least min.insync.replicas that a topic may have, leastReplicas how many
	// replicas.
	minISR, leastReplicas int
	// rolls says that segments end now and then, on any topic.
	rolls  bool
	topics []topic
}

// topic is what clients have to know of a topic.
type topic struct {
	name                 string
	partitions, replicas int
	keyed                bool // its records have keys, which some configurations demand
	small                bool // its segments are small: a batch has to fit into one
	scratch              bool // it is deleted and made again
	narrow               int  // max.message.bytes, 0 for the default
}

// setting is one property with its range.
type setting struct {
	name      string
	percent   int // of the seeds that set it
	low, high int
	skewed    bool // every order of magnitude is as likely as the next
	words     []string
}

// draw adds the property, or leaves it out.
func (s *setting) draw(d dice, to *entry) bool {
	// All is drawn whether it is used or not, so that a percentage may change alone.
	set := d.chance(s.percent)
	var value string
	switch {
	case len(s.words) > 0:
		value = d.one(s.words...)
	case s.skewed:
		value = strconv.Itoa(d.skewed(s.low, s.high))
	default:
		value = strconv.Itoa(d.between(s.low, s.high))
	}
	if set {
		to.with(s.name, value)
	}
	return set
}

// brokerSettings are the properties of brokers that a swarm draws.
func brokerSettings() []setting {
	return []setting{
		{name: "zookeeper.session.timeout.ms", percent: 100, low: 4000, high: 8000},
		{name: "replica.lag.time.max.ms", percent: 100, low: 2000, high: 6000},
		{name: "offsets.topic.num.partitions", percent: 100, words: []string{"1", "3", "3", "10"}},
		{name: "log.initial.task.delay.ms", percent: 100, low: 300, high: 700},
		{name: "log.retention.check.interval.ms", percent: 80, low: 500, high: 3000},
		{name: "log.cleaner.backoff.ms", percent: 80, low: 200, high: 2000},
		{name: "replica.high.watermark.checkpoint.interval.ms", percent: 40, low: 100, high: 5000},
		{name: "log.flush.offset.checkpoint.interval.ms", percent: 40, low: 100, high: 5000},
		{name: "log.flush.start.offset.checkpoint.interval.ms", percent: 40, low: 100, high: 5000},
		{name: "leader.imbalance.check.interval.seconds", percent: 30, low: 1, high: 5},
		{name: "replica.fetch.max.bytes", percent: 30, low: 1, high: 4000, skewed: true},
		{name: "replica.fetch.response.max.bytes", percent: 15, low: 1, high: 8000, skewed: true},
		{name: "replica.fetch.wait.max.ms", percent: 30, low: 20, high: 1500},
		{name: "replica.fetch.min.bytes", percent: 15, low: 1, high: 5000, skewed: true},
		{name: "replica.fetch.backoff.ms", percent: 20, low: 50, high: 2000},
		{name: "num.replica.fetchers", percent: 20, low: 1, high: 3},
		{name: "max.incremental.fetch.session.cache.slots", percent: 25, low: 0, high: 4},
		{name: "log.segment.delete.delay.ms", percent: 40, low: 0, high: 3000},
		{name: "group.initial.rebalance.delay.ms", percent: 70, low: 0, high: 2000},
		{name: "offsets.topic.segment.bytes", percent: 40, low: 1024, high: 16384, skewed: true},
		{name: "offsets.load.buffer.size", percent: 30, low: 64, high: 4096, skewed: true},
		{name: "offsets.topic.compression.codec", percent: 25, low: 0, high: 4},
		{name: "connections.max.idle.ms", percent: 15, low: 1000, high: 10000},
		{name: "fetch.max.bytes", percent: 15, low: 1024, high: 50000, skewed: true},
		{name: "zookeeper.max.in.flight.requests", percent: 20, low: 1, high: 10},
		{name: "controlled.shutdown.retry.backoff.ms", percent: 30, low: 100, high: 3000},
		{name: "controlled.shutdown.max.retries", percent: 20, low: 1, high: 4},
		{name: "log.flush.scheduler.interval.ms", percent: 30, low: 200, high: 3000},
		{name: "leader.replication.throttled.rate", percent: 15, low: 30_000, high: 300_000},
		{name: "follower.replication.throttled.rate", percent: 15, low: 30_000, high: 300_000},
		{name: "log.cleaner.delete.retention.ms", percent: 10, low: 0, high: 4000},
	}
}

// canarySeeds is how many seeds lie between two whose checks are checked, which costs as much as a
// run does. It is no chance of its own, so that whoever plays a few seeds in a row has one of them.
const canarySeeds = 10

// drawShape draws the cluster and who works on it.
func (d *drawing) drawShape() {
	r := d.dice("shape")
	sh := &shape{brokers: r.in(d.profile.Brokers), seconds: r.in(d.profile.Duration)}
	if d.danger == dangerPower {
		sh.brokers, sh.minISR, sh.leastReplicas = max(sh.brokers, 2), 2, 2
	} else {
		sh.minISR, sh.leastReplicas = 1, 1
	}
	d.doc = document{
		claim:   "What the cluster promises under these settings holds, whatever happens.",
		seed:    d.seed,
		seconds: sh.seconds, settle: 240, paranoid: r.chance(d.profile.Paranoid),
		canaries: d.seed%canarySeeds == 0,
	}
	d.drawCore(sh)
	d.drawCluster(sh)
	d.drawTopics(sh)
	d.drawProducers(sh)
	d.drawConsumers(sh)
}

// drawCore draws which servers are healed first, while all other failures stay: some brokers, or
// all.
func (d *drawing) drawCore(sh *shape) {
	r := d.dice("core")
	brokers := r.shuffled(sh.brokers)
	n := r.between(1, sh.brokers)
	if r.chance(40) {
		n = sh.brokers
	}
	if !r.chance(d.profile.Core) {
		return
	}
	d.doc.core = []string{"zookeeper"}
	for _, id := range brokers[:n] {
		d.doc.core = append(d.doc.core, "broker-"+strconv.Itoa(id))
	}
}

func (d *drawing) drawCluster(sh *shape) {
	r := d.dice("cluster")
	c := &d.doc.cluster
	c.with("brokers", sh.brokers)
	c.with("hardware", r.one("laptop", "laptop", "ideal", "datacenter"))
	c.with("isr", r.one("alterpartition", "alterpartition", "zk"))
	if first := r.between(1, sh.brokers); r.chance(25) {
		c.with("controller", first)
	}
	racks := make([]string, sh.brokers)
	for i := range racks {
		racks[i] = r.one("a", "b", "c")
	}
	if r.chance(30) {
		c.with("racks", list(racks))
		d.doc.config.with("replica.selector.class",
			"org.apache.kafka.common.replica.RackAwareReplicaSelector")
	}
	if d.danger == dangerVariant {
		d.drawVariant(c)
	}
	settings := d.dice("settings")
	for _, s := range brokerSettings() {
		s.draw(settings, &d.doc.config)
	}
	// Else a client that is started before a topic exists makes it, with one replica.
	d.doc.config.with("auto.create.topics.enable", false)
	if d.danger == dangerPower {
		d.doc.config.with("min.insync.replicas", 2) // of the offsets topic too
	}
}

// topicSettings are the properties of topics that a swarm draws. Those of rollSettings and
// compactSettings end segments.
func topicSettings() []setting {
	return []setting{
		{name: "message.timestamp.type", percent: 20, words: []string{"LogAppendTime"}},
		{
			name: "compression.type", percent: 25,
			words: []string{"uncompressed", "gzip", "snappy", "lz4", "zstd", "producer"},
		},
		{name: "flush.messages", percent: 20, low: 1, high: 20},
		{name: "flush.ms", percent: 10, low: 100, high: 3000},
		{name: "leader.replication.throttled.replicas", percent: 12, words: []string{`"*"`}},
		{name: "follower.replication.throttled.replicas", percent: 12, words: []string{`"*"`}},
		{name: "file.delete.delay.ms", percent: 20, low: 0, high: 3000},
		{name: "index.interval.bytes", percent: 50, low: 1, high: 4000, skewed: true},
	}
}

// rollSettings end segments by time, and take them away.
func rollSettings() []setting {
	return []setting{
		{name: "segment.ms", percent: 30, low: 500, high: 5000},
		{name: "segment.index.bytes", percent: 20, low: 24, high: 400, skewed: true},
		{name: "retention.ms", percent: 25, low: 1000, high: 10000},
		{name: "retention.bytes", percent: 25, low: 1000, high: 50000},
	}
}

// compactSettings are for topics that keep the newest record of each key.
func compactSettings() []setting {
	return []setting{
		{name: "cleanup.policy", percent: 100, words: []string{"compact", "compact",
			`"compact,delete"`}},
		{name: "min.cleanable.dirty.ratio", percent: 100, words: []string{"0.01", "0.3"}},
		{name: "delete.retention.ms", percent: 100, low: 0, high: 4000},
		{name: "min.compaction.lag.ms", percent: 50, low: 0, high: 2000},
		{name: "max.compaction.lag.ms", percent: 20, low: 2000, high: 6000},
	}
}

func (d *drawing) drawTopics(sh *shape) {
	r := d.dice("topics")
	// Whether segments end is one draw for all: where they do, no producer has several batches on the
	// way (see pipelined).
	sh.rolls = r.chance(60)
	for i := range r.skewed(1, 3) {
		sh.topics = append(sh.topics, d.drawTopic(sh, string(rune('t'+i)), r))
	}
	if r.chance(d.profile.ScratchTopic) {
		scratch := d.drawTopic(sh, scratchTopic, d.dice("scratch topic"))
		scratch.scratch = true
		sh.topics = append(sh.topics, scratch)
	}
}

// scratchTopic is the topic that operators delete and make again.
const scratchTopic = "scratch"

func (d *drawing) drawTopic(sh *shape, name string, r dice) topic {
	t := topic{name: name, keyed: r.chance(65)}
	t.partitions = r.skewed(1, d.profile.Partitions.high)
	t.replicas = min(r.between(sh.leastReplicas, min(sh.brokers, 4)), sh.brokers)
	e := (&entry{}).with("name", name)
	gathered := r.chance(20)
	leader := r.between(1, sh.brokers)
	others := r.shuffled(sh.brokers)
	if gathered {
		e.with("assignment", gatheredOn(leader, others, &t))
	} else {
		e.with("partitions", t.partitions).with("replicas", t.replicas)
	}
	e.with("config", d.drawTopicConfig(sh, &t, r))
	d.doc.topics = append(d.doc.topics, *e)
	return t
}

// gatheredOn is an assignment in which one broker leads every partition.
func gatheredOn(leader int, others []int, t *topic) string {
	all := make([]string, t.partitions)
	for p := range all {
		replicas := []int{leader}
		for i := 0; len(replicas) < t.replicas; i++ {
			if id := others[(p+i)%len(others)]; id != leader {
				replicas = append(replicas, id)
			}
		}
		all[p] = list(replicas)
	}
	return "[" + strings.Join(all, ", ") + "]"
}

func (d *drawing) drawTopicConfig(sh *shape, t *topic, r dice) string {
	config := &entry{}
	config.with("min.insync.replicas", r.between(min(sh.minISR, t.replicas), t.replicas))
	for _, s := range topicSettings() {
		s.draw(r, config)
	}
	small, compacted := r.chance(50), r.chance(35)
	bytes := r.skewed(2048, 16384)
	rolling, compacting := &entry{}, &entry{}
	for _, s := range rollSettings() {
		s.draw(r, rolling)
	}
	for _, s := range compactSettings() {
		s.draw(r, compacting)
	}
	if sh.rolls && small {
		t.small = true
		config.with("segment.bytes", bytes)
	}
	if sh.rolls {
		*config = append(*config, *rolling...)
	}
	if sh.rolls && compacted && t.keyed {
		*config = append(*config, *compacting...)
	}
	t.narrow = r.between(700, 3000)
	if !r.chance(d.profile.NarrowTopic) {
		t.narrow = 0
	} else {
		config.with("max.message.bytes", t.narrow)
	}
	if d.danger == dangerUnclean {
		config.with("unclean.leader.election.enable", true)
	}
	return fmt.Sprint(config)
}
