package logs

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"sandcastle/model/kafka"
)

// forever is a bound that is none.
const forever = math.MaxInt64

// rules are what topics were ever set to. What was set once may hold for long after it was changed:
// nobody outside knows when a broker hears of it. So a record may go when any of the values allows
// it, and must go when all demand it.
type rules struct {
	// set has, by topic and property, the values so far; of the brokers' defaults under "".
	set map[setting][]string
	// made are those of topics that were asked for, until something is set.
	made map[string]*topicRules
}

// setting is a property of a topic, or of the brokers.
type setting struct{ topic, name string }

// span is the least and the most that something was ever set to.
type span struct{ least, most int64 }

// topicRules is what a topic's log may and must do.
type topicRules struct {
	deletes  bool // cleanup.policy was delete at some time
	only     bool // and never anything else
	compacts bool // it was compact at some time
	// RetentionMs and the others are in milliseconds and bytes; forever for no bound.
	retentionMs, retentionBytes, deleteRetention, compactionLag span
	segmentBytes, segmentMs                                     span
	minISR                                                      span
	appendTime, createTime                                      bool // message.timestamp.type was that
	producerExpiration                                          time.Duration
	checkInterval                                               time.Duration
}

func newRules() rules {
	return rules{set: map[setting][]string{}, made: map[string]*topicRules{}}
}

// SetTopic says what a property of a topic is from its creation on.
func (b *Book) SetTopic(topic, name, value string) { b.rules.add(setting{topic, name}, value) }

// AlterTopic says that somebody asks for another value of a topic's property. What it was before
// may go on to hold.
func (b *Book) AlterTopic(topic, name, value string) {
	s := setting{topic, name}
	if p, needed := properties()[name]; needed && len(b.rules.set[s]) == 0 {
		for _, before := range b.rules.values(topic, p) {
			b.rules.add(s, before)
		}
	}
	b.rules.add(s, value)
}

// SetBrokers says what a property of all brokers is.
func (b *Book) SetBrokers(name, value string) { b.rules.add(setting{"", name}, value) }

func (r *rules) add(s setting, value string) {
	if !slices.Contains(r.set[s], value) {
		r.set[s] = append(r.set[s], value)
	}
	clear(r.made)
}

// property is where the value of one stands: of the topic, or else of the brokers by the first of
// these names that is set, or else Kafka's default (LogConfig and ServerTopicConfigSynonyms, 3.9).
type property struct {
	topic    string
	brokers  []string
	fallback string
}

// The properties that the checks need.
func properties() map[string]property {
	of := func(topic, fallback string, brokers ...string) property {
		return property{topic, brokers, fallback}
	}
	return map[string]property{
		"cleanup.policy":  of("cleanup.policy", "delete", "log.cleanup.policy"),
		"retention.ms":    of("retention.ms", "604800000", "log.retention.ms"),
		"retention.bytes": of("retention.bytes", "-1", "log.retention.bytes"),
		"delete.retention.ms": of("delete.retention.ms", "86400000",
			"log.cleaner.delete.retention.ms"),
		"min.compaction.lag.ms": of("min.compaction.lag.ms", "0", "log.cleaner.min.compaction.lag.ms"),
		"max.compaction.lag.ms": of("max.compaction.lag.ms", "9223372036854775807",
			"log.cleaner.max.compaction.lag.ms"),
		"segment.bytes":       of("segment.bytes", "1073741824", "log.segment.bytes"),
		"segment.ms":          of("segment.ms", "604800000", "log.roll.ms"),
		"min.insync.replicas": of("min.insync.replicas", "1", "min.insync.replicas"),
		"message.timestamp.type": of(
			"message.timestamp.type",
			"CreateTime",
			"log.message.timestamp.type",
		),
		"producer.id.expiration.ms": of("", "86400000",
			"producer.id.expiration.ms"),
		"log.initial.task.delay.ms":       of("", "30000", "log.initial.task.delay.ms"),
		"log.retention.check.interval.ms": of("", "300000", "log.retention.check.interval.ms"),
	}
}

// values are those that a property of a topic may have by now.
func (r *rules) values(topic string, p property) []string {
	if list := r.set[setting{topic, p.topic}]; p.topic != "" && topic != "" && len(list) > 0 {
		return list
	}
	for _, name := range p.brokers {
		if list := r.set[setting{"", name}]; len(list) > 0 {
			return list
		}
	}
	return []string{p.fallback}
}

// initialDelay is how long after its start a broker first looks for segments to delete.
func (r *rules) initialDelay() time.Duration {
	list := r.values("", properties()["log.initial.task.delay.ms"])
	n, err := strconv.ParseInt(list[len(list)-1], 10, 64)
	if err != nil {
		return time.Hour
	}
	return time.Duration(n) * time.Millisecond
}

// of are the rules of a topic.
func (r *rules) of(topic string) *topicRules {
	if t := r.made[topic]; t != nil {
		return t
	}
	all := properties()
	number := func(name string) (s span) {
		s = span{forever, math.MinInt64}
		for _, v := range r.values(topic, all[name]) {
			n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
			if err != nil {
				continue // it was refused
			}
			if n < 0 {
				n = forever
			}
			s = span{min(s.least, n), max(s.most, n)}
		}
		return s
	}
	t := &topicRules{
		retentionMs: number("retention.ms"), retentionBytes: number("retention.bytes"),
		deleteRetention: number("delete.retention.ms"), compactionLag: number("min.compaction.lag.ms"),
		segmentBytes: number("segment.bytes"), segmentMs: number("segment.ms"),
		minISR:             number("min.insync.replicas"),
		producerExpiration: time.Duration(number("producer.id.expiration.ms").least) * time.Millisecond,
		checkInterval: time.Duration(number("log.retention.check.interval.ms").most) *
			time.Millisecond,
	}
	if r.set[setting{"", "log.retention.hours"}] != nil ||
		r.set[setting{"", "log.retention.minutes"}] != nil {
		t.retentionMs = span{0, forever} // older names, of which nothing is claimed
	}
	for _, v := range r.values(topic, all["cleanup.policy"]) {
		t.deletes = t.deletes || strings.Contains(v, "delete")
		t.compacts = t.compacts || strings.Contains(v, "compact")
	}
	if topic == kafka.OffsetsTopic {
		t.compacts, t.deletes = true, false
	}
	t.only = t.deletes && !t.compacts
	for _, v := range r.values(topic, all["message.timestamp.type"]) {
		t.appendTime, t.createTime = t.appendTime || v != "CreateTime", t.createTime || v == "CreateTime"
	}
	r.made[topic] = t
	return t
}
