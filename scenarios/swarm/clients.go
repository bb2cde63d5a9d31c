package swarm

import (
	"fmt"
	"strconv"
	"strings"
)

// producerSettings are the properties of producers that a swarm draws by Kafka's names.
func producerSettings() []setting {
	return []setting{
		{name: "retry.backoff.ms", percent: 30, low: 10, high: 1000, skewed: true},
		{name: "retry.backoff.max.ms", percent: 15, low: 1000, high: 3000},
		{name: "buffer.memory", percent: 10, low: 20000, high: 200000, skewed: true},
	}
}

func (d *drawing) drawProducers(sh *shape) {
	r := d.dice("producers")
	n := r.in(d.profile.Producers)
	for i := range max(n, len(sh.topics)) {
		// Every topic has somebody who writes to it, so that there is something to lose.
		to := &sh.topics[i%len(sh.topics)]
		d.doc.producers = append(d.doc.producers, d.drawProducer(sh, "p"+strconv.Itoa(i+1), to, r))
	}
}

func (d *drawing) drawProducer(sh *shape, name string, to *topic, r dice) entry {
	e := (&entry{}).with("name", name).with("topic", to.name)
	e.with("rate", fmt.Sprintf("%d/s", r.skewed(d.profile.Rate.low, d.profile.Rate.high)))
	if start := r.between(0, 6000); r.chance(25) {
		e.with("start", millis(start))
	}
	if keys := r.skewed(1, 1000); to.keyed {
		e.with("keys", keys)
	}
	inFlight := r.between(1, 5)
	d.drawPromises(e, sh, inFlight, r)
	if timeout := r.between(1000, 8000); r.chance(50) {
		e.with("timeout", millis(timeout))
	}
	d.drawBatches(e, to, r)
	if codec := r.one("gzip", "snappy", "lz4", "zstd"); r.chance(45) {
		e.with("compression", codec)
	}
	if age := r.between(500, 10000); r.chance(25) {
		e.with("metadata_age", millis(age))
	}
	config := &entry{}
	for _, s := range producerSettings() {
		s.draw(r, config)
	}
	if to.scratch {
		// What is sent to a topic that is gone is given up before the run is.
		config.with("delivery.timeout.ms", r.between(15000, 25000)).with("max.block.ms", 15000)
	} else if timeout := r.between(9000, 20000); r.chance(15) {
		config.with("delivery.timeout.ms", timeout)
	}
	if len(*config) > 0 {
		e.with("config", config)
	}
	return *e
}

// drawPromises draws what the producer relies on. The safe ones are acks=all with idempotence, or
// without any retry.
func (d *drawing) drawPromises(e *entry, sh *shape, inFlight int, r dice) {
	retrying := r.chance(75)
	pipelined := r.chance(85)
	acks := r.one("0", "1", "1")
	switch {
	case d.danger == dangerAcks && pipelined:
		e.with("acks", acks)
		if acks == "0" {
			retrying = false
		}
		if !retrying {
			e.with("retries", 0)
		}
		e.with("idempotence", "off").with("in_flight", inFlight)
	case d.danger == dangerRetries && pipelined:
		e.with("idempotence", "off").with("retries", r.between(1, 10)).with("in_flight", inFlight)
	case !retrying:
		e.with("retries", 0).with("idempotence", "off").with("in_flight", inFlight)
	case sh.rolls && d.danger != dangerSnapshots:
		e.with("in_flight", 1)
	default:
		e.with("in_flight", inFlight)
	}
}

func (d *drawing) drawBatches(e *entry, to *topic, r dice) {
	size, batch, linger := r.skewed(1, 3000), r.skewed(16, 16384), r.skewed(1, 400)
	batches, lingers := r.chance(60), r.chance(60)
	if to.small || to.narrow > 0 {
		// A batch has to fit into a segment; a record into what the topic takes. Batches that do not are
		// split.
		size = min(size, 300)
	}
	if to.small {
		batch, batches = min(batch, 1400), true
	}
	e.with("size", fmt.Sprintf("%dB", size))
	if batches {
		e.with("batch", fmt.Sprintf("%dB", batch))
	}
	if lingers {
		e.with("linger", millis(linger))
	}
}

// consumerSettings are the properties of consumers that a swarm draws by Kafka's names.
func consumerSettings() []setting {
	return []setting{
		{name: "max.poll.records", percent: 45, low: 1, high: 500, skewed: true},
		{name: "fetch.min.bytes", percent: 20, low: 1, high: 5000, skewed: true},
		{name: "fetch.max.bytes", percent: 20, low: 1, high: 20000, skewed: true},
		{name: "max.partition.fetch.bytes", percent: 40, low: 1, high: 8000, skewed: true},
		{name: "fetch.max.wait.ms", percent: 40, low: 10, high: 1000},
		// A member whose coordinator lost its power while it waits to join learns of it only by the time
		// that a join may take, which is this and 5 s: less than the run has to come to rest.
		{name: "max.poll.interval.ms", percent: 100, low: 3000, high: 60000, skewed: true},
		{name: "heartbeat.interval.ms", percent: 40, low: 300, high: 3000},
		{name: "auto.commit.interval.ms", percent: 60, low: 200, high: 5000},
		{name: "request.timeout.ms", percent: 25, low: 2000, high: 9000},
		{name: "default.api.timeout.ms", percent: 15, low: 2000, high: 9000},
		{name: "retry.backoff.ms", percent: 25, low: 10, high: 800},
	}
}

func (d *drawing) drawConsumers(sh *shape) {
	r := d.dice("groups")
	for g := range r.in(d.profile.Groups) {
		d.drawGroup(sh, "g"+strconv.Itoa(g+1), d.dice("group "+strconv.Itoa(g+1)))
	}
	alone := d.dice("readers")
	for range alone.in(d.profile.Readers) {
		d.drawReader(sh, alone)
	}
}

// drawGroup draws the members of a group: some that are alike, and perhaps others.
func (d *drawing) drawGroup(sh *shape, name string, r dice) {
	assignor := r.one("", "range", "roundrobin", "sticky", "sticky")
	commit := r.one("auto", "auto", "each-poll", "each-poll", "before", "after", "never")
	from := r.one("earliest", "earliest", "earliest", "latest", "none")
	if from == "none" && len(d.doc.core) > 0 {
		from = "earliest" // it stops where it has no offset, and so its group has no rest
	}
	for i := range r.skewed(1, 3) {
		e := (&entry{}).with("group", name).with("topics", list(someTopics(sh, r)))
		e.with("members", r.skewed(1, d.profile.Members.high))
		e.with("session", millis(r.between(6000, 10000))).with("from", from)
		e.with("commit", commit)
		if assignor != "" {
			e.with("assignor", assignor)
		}
		if static := r.chance(40); static {
			e.with("instance", fmt.Sprintf("%s-%c", name, 'a'+i))
		}
		d.drawReading(e, sh, r)
		if process := r.skewed(1, 60); r.chance(30) || commit == "before" || commit == "after" {
			e.with("process", millis(process))
		}
		d.doc.consumers = append(d.doc.consumers, *e)
	}
}

// someTopics are one topic or more, in an order that is drawn.
func someTopics(sh *shape, r dice) []string {
	var names []string
	for _, at := range r.shuffled(len(sh.topics))[:r.between(1, len(sh.topics))] {
		names = append(names, sh.topics[at-1].name)
	}
	return names
}

// drawReader draws a consumer without a group.
func (d *drawing) drawReader(sh *shape, r dice) {
	t := &sh.topics[r.between(0, len(sh.topics)-1)]
	var assigned []string
	for _, p := range r.shuffled(t.partitions)[:r.between(1, t.partitions)] {
		assigned = append(assigned, t.name+"-"+strconv.Itoa(p-1))
	}
	e := (&entry{}).with("assign", "["+strings.Join(assigned, ", ")+"]")
	e.with("from", r.one("earliest", "earliest", "latest"))
	d.drawReading(e, sh, r)
	d.doc.consumers = append(d.doc.consumers, *e)
}

// drawReading draws how a consumer fetches.
func (d *drawing) drawReading(e *entry, sh *shape, r dice) {
	if rack := r.one("a", "b", "c"); r.chance(30) {
		e.with("rack", rack)
	}
	if start := r.between(0, sh.seconds*600); r.chance(50) {
		e.with("start", millis(start))
	}
	if age := r.between(500, 10000); r.chance(30) {
		e.with("metadata_age", millis(age))
	}
	config := &entry{}
	for _, s := range consumerSettings() {
		s.draw(r, config)
	}
	if len(*config) > 0 {
		e.with("config", config)
	}
}
