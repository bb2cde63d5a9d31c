package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// Topic is what can be set for each topic, under Kafka's names (LogConfig, 3.9). A duration
// that is negative or of 278 years means "never" where Kafka says so.
type Topic struct {
	CleanupDelete, CleanupCompact bool // cleanup.policy
	// mayHaveGaps is true of a topic with a policy of its own: it may have been compacted before.
	mayHaveGaps bool

	CompressionType    string // "producer", or a codec's name
	DeleteRetention    time.Duration
	FlushMessages      int64
	FlushMs            time.Duration
	IndexIntervalBytes int32
	MaxCompactionLag   time.Duration
	MaxMessageBytes    int32

	TimestampType          string        // "CreateTime" or "LogAppendTime"
	TimestampBeforeMax     time.Duration // how far a record's time may lie before the leader's clock
	TimestampAfterMax      time.Duration // and behind it
	TimestampDifferenceMax time.Duration // the older name of both

	MinCleanableDirtyRatio Ratio
	MinCompactionLag       time.Duration
	MinInSyncReplicas      int32
	RetentionBytes         int64         // negative: without bound
	RetentionMs            time.Duration // negative: for ever
	SegmentBytes           int64
	SegmentIndexBytes      int32
	SegmentJitter          time.Duration
	SegmentMs              time.Duration
	UncleanLeaderElection  bool

	// The replicas whose replication traffic is bounded (KIP-73).
	LeaderThrottledReplicas, FollowerThrottledReplicas ThrottledReplicas
}

// The words of message.timestamp.type.
const (
	CreateTime    = "CreateTime"
	LogAppendTime = "LogAppendTime"
)

// The words of compression.type that are no codec.
const (
	CompressionProducer = "producer" // keeps the codec of the batch that was sent
	Uncompressed        = "uncompressed"
)

// topicTable is the settings of a topic with Kafka's defaults, in the order of their names. Nothing
// changes it.
var topicTable = [...]property[Topic]{
	{"cleanup.policy", "delete", cleanupPolicy()},
	{"compression.type", CompressionProducer, word(stringValue,
		func(c *Topic) *string { return &c.CompressionType }, compressionTypes()...)},
	{"delete.retention.ms", "86400000", millis(0, maxLong,
		func(c *Topic) *time.Duration { return &c.DeleteRetention })},
	{"file.delete.delay.ms", "60000", never[Topic](longValue, "60000", "files go at once")},
	{"flush.messages", "9223372036854775807", integer(1, maxLong,
		func(c *Topic) *int64 { return &c.FlushMessages })},
	{"flush.ms", "9223372036854775807", millis(0, maxLong,
		func(c *Topic) *time.Duration { return &c.FlushMs })},
	{"follower.replication.throttled.replicas", "", throttledReplicas(
		func(c *Topic) *ThrottledReplicas { return &c.FollowerThrottledReplicas })},
	{"index.interval.bytes", "4096", integer(0, maxInt,
		func(c *Topic) *int32 { return &c.IndexIntervalBytes })},
	{"leader.replication.throttled.replicas", "", throttledReplicas(
		func(c *Topic) *ThrottledReplicas { return &c.LeaderThrottledReplicas })},
	{"max.compaction.lag.ms", "9223372036854775807", millis(1, maxLong,
		func(c *Topic) *time.Duration { return &c.MaxCompactionLag })},
	{"max.message.bytes", "1048588", integer(0, maxInt,
		func(c *Topic) *int32 { return &c.MaxMessageBytes })},
	{"message.timestamp.after.max.ms", "9223372036854775807", millis(0, maxLong,
		func(c *Topic) *time.Duration { return &c.TimestampAfterMax })},
	{"message.timestamp.before.max.ms", "9223372036854775807", millis(0, maxLong,
		func(c *Topic) *time.Duration { return &c.TimestampBeforeMax })},
	{"message.timestamp.difference.max.ms", "9223372036854775807", millis(0, maxLong,
		func(c *Topic) *time.Duration { return &c.TimestampDifferenceMax })},
	{"message.timestamp.type", CreateTime, word(stringValue,
		func(c *Topic) *string { return &c.TimestampType }, CreateTime, LogAppendTime)},
	{"min.cleanable.dirty.ratio", "0.5", ratio(
		func(c *Topic) *Ratio { return &c.MinCleanableDirtyRatio })},
	{"min.compaction.lag.ms", "0", millis(0, maxLong,
		func(c *Topic) *time.Duration { return &c.MinCompactionLag })},
	{"min.insync.replicas", "1", integer(1, maxInt,
		func(c *Topic) *int32 { return &c.MinInSyncReplicas })},
	{"preallocate", "false", never[Topic](booleanValue, "false", "files grow as they are written")},
	{"retention.bytes", "-1", integer(-maxLong-1, maxLong,
		func(c *Topic) *int64 { return &c.RetentionBytes })},
	{"retention.ms", "604800000", millis(-1, maxLong,
		func(c *Topic) *time.Duration { return &c.RetentionMs })},
	{"segment.bytes", "1073741824", integer(14, maxInt,
		func(c *Topic) *int64 { return &c.SegmentBytes })},
	{"segment.index.bytes", "10485760", integer(4, maxInt,
		func(c *Topic) *int32 { return &c.SegmentIndexBytes })},
	{"segment.jitter.ms", "0", millis(0, maxLong,
		func(c *Topic) *time.Duration { return &c.SegmentJitter })},
	{"segment.ms", "604800000", millis(1, maxLong,
		func(c *Topic) *time.Duration { return &c.SegmentMs })},
	{"unclean.leader.election.enable", "false", boolean(
		func(c *Topic) *bool { return &c.UncleanLeaderElection })},
}

func compressionTypes() []string {
	types := []string{Uncompressed}
	for c := wire.Gzip; c <= wire.Zstd; c++ {
		types = append(types, c.String())
	}
	return append(types, CompressionProducer)
}

// TopicProperties returns the name of every setting of a topic, sorted.
func TopicProperties() []string {
	names := make([]string, len(topicTable))
	for i := range topicTable {
		names[i] = topicTable[i].name
	}
	return names
}

// Set gives the topic setting called name a value.
func (c *Topic) Set(name, value string) error {
	p := find(topicTable[:], name)
	if p == nil {
		return fmt.Errorf("unknown topic configuration %q", name)
	}
	return named(name, p.set(c, value))
}

// ValidateTopic says whether CreateTopics may set name to value.
func ValidateTopic(name, value string) error {
	var c Topic
	return c.Set(name, value)
}

// validate checks what one setting alone does not show (LogConfig.validateValues, 3.9).
func (c *Topic) validate() error {
	if c.MinCompactionLag > c.MaxCompactionLag {
		return fmt.Errorf("min.compaction.lag.ms (%d) is larger than max.compaction.lag.ms (%d)",
			c.MinCompactionLag.Milliseconds(), c.MaxCompactionLag.Milliseconds())
	}
	return nil
}

// MayHaveGaps tells whether offsets may be missing from the topic's logs, because they are
// compacted or may have been.
func (c *Topic) MayHaveGaps() bool { return c.CleanupCompact || c.mayHaveGaps }

// TimestampBounds is how far a record's time may lie before and behind the leader's clock. The
// older setting counts where the newer was left alone (LogConfig.getMessageTimestampBeforeMaxMs,
// 3.9).
func (c *Topic) TimestampBounds() (before, after time.Duration) {
	before, after = c.TimestampBeforeMax, c.TimestampAfterMax
	if before == Forever {
		before = c.TimestampDifferenceMax
	}
	if after == Forever {
		after = c.TimestampDifferenceMax
	}
	return before, after
}

// cleanupPolicy is a list of delete and compact.
func cleanupPolicy() value[Topic] {
	return value[Topic]{
		kind: listValue,
		set: func(c *Topic, text string) error {
			c.CleanupDelete, c.CleanupCompact = false, false
			for _, policy := range listed(text) {
				switch policy {
				case "delete":
					c.CleanupDelete = true
				case "compact":
					c.CleanupCompact = true
				default:
					return fmt.Errorf("%q is neither delete nor compact", policy)
				}
			}
			return nil
		},
		text: func(c *Topic) string {
			var policies []string
			if c.CleanupCompact {
				policies = append(policies, "compact")
			}
			if c.CleanupDelete {
				policies = append(policies, "delete")
			}
			return strings.Join(policies, ",")
		},
	}
}

// listed splits at commas, as Kafka does: spaces around a word do not count, and no text is no
// words.
func listed(text string) []string {
	if text = strings.TrimSpace(text); text == "" {
		return nil
	}
	words := strings.Split(text, ",")
	for i := range words {
		words[i] = strings.TrimSpace(words[i])
	}
	return words
}

// ThrottledReplicas names replicas as "partition:broker,partition:broker", or all of them as "*"
// (ThrottledReplicaListValidator, 3.9).
type ThrottledReplicas string

// Has tells whether the replica of a partition on a broker is named.
func (t ThrottledReplicas) Has(partition int32, id kafka.BrokerID) bool {
	return t == "*" || slices.Contains(listed(string(t)),
		strconv.Itoa(int(partition))+":"+strconv.Itoa(int(id)))
}

func throttledReplicas(field func(*Topic) *ThrottledReplicas) value[Topic] {
	return value[Topic]{
		kind: listValue,
		set: func(c *Topic, text string) error {
			text = strings.Join(listed(text), ",")
			for _, replica := range listed(text) {
				partition, id, _ := strings.Cut(replica, ":")
				_, err1 := strconv.ParseUint(partition, 10, 31)
				_, err2 := strconv.ParseUint(id, 10, 31)
				if text != "*" && (err1 != nil || err2 != nil) {
					return fmt.Errorf("%q is neither * nor a list of partition:broker", text)
				}
			}
			*field(c) = ThrottledReplicas(text)
			return nil
		},
		text: func(c *Topic) string { return string(*field(c)) },
	}
}
