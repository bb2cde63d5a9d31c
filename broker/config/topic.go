package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

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

// topicTable is the settings of a topic that have an effect, in the order of their names; what each
// may be, and its default, stands in topic.tsv. Nothing changes it.
var topicTable = [...]property[Topic]{
	{"cleanup.policy", cleanupPolicy()},
	{"compression.type", text(
		func(c *Topic) *string { return &c.CompressionType })},
	{"delete.retention.ms", millis(0,
		func(c *Topic) *time.Duration { return &c.DeleteRetention })},
	{"flush.messages", integer(1, maxLong,
		func(c *Topic) *int64 { return &c.FlushMessages })},
	{"flush.ms", millis(0,
		func(c *Topic) *time.Duration { return &c.FlushMs })},
	{"follower.replication.throttled.replicas", throttledReplicas(
		func(c *Topic) *ThrottledReplicas { return &c.FollowerThrottledReplicas })},
	{"index.interval.bytes", integer(0, maxInt,
		func(c *Topic) *int32 { return &c.IndexIntervalBytes })},
	{"leader.replication.throttled.replicas", throttledReplicas(
		func(c *Topic) *ThrottledReplicas { return &c.LeaderThrottledReplicas })},
	{"max.compaction.lag.ms", millis(1,
		func(c *Topic) *time.Duration { return &c.MaxCompactionLag })},
	{"max.message.bytes", integer(0, maxInt,
		func(c *Topic) *int32 { return &c.MaxMessageBytes })},
	{"message.timestamp.after.max.ms", millis(0,
		func(c *Topic) *time.Duration { return &c.TimestampAfterMax })},
	{"message.timestamp.before.max.ms", millis(0,
		func(c *Topic) *time.Duration { return &c.TimestampBeforeMax })},
	{"message.timestamp.difference.max.ms", millis(0,
		func(c *Topic) *time.Duration { return &c.TimestampDifferenceMax })},
	{"message.timestamp.type", text(
		func(c *Topic) *string { return &c.TimestampType })},
	{"min.cleanable.dirty.ratio", ratio(
		func(c *Topic) *Ratio { return &c.MinCleanableDirtyRatio })},
	{"min.compaction.lag.ms", millis(0,
		func(c *Topic) *time.Duration { return &c.MinCompactionLag })},
	{"min.insync.replicas", integer(1, maxInt,
		func(c *Topic) *int32 { return &c.MinInSyncReplicas })},
	{"retention.bytes", integer(-maxLong-1, maxLong,
		func(c *Topic) *int64 { return &c.RetentionBytes })},
	{"retention.ms", millis(-1,
		func(c *Topic) *time.Duration { return &c.RetentionMs })},
	{"segment.bytes", integer(14, maxInt,
		func(c *Topic) *int64 { return &c.SegmentBytes })},
	{"segment.index.bytes", integer(4, maxInt,
		func(c *Topic) *int32 { return &c.SegmentIndexBytes })},
	{"segment.jitter.ms", millis(0,
		func(c *Topic) *time.Duration { return &c.SegmentJitter })},
	{"segment.ms", millis(1,
		func(c *Topic) *time.Duration { return &c.SegmentMs })},
	{"unclean.leader.election.enable", boolean(
		func(c *Topic) *bool { return &c.UncleanLeaderElection })},
}

// Set gives the topic setting called name a value.
func (c *Topic) Set(name, value string) error {
	d := define(topicDefinitions, name)
	if d == nil {
		return fmt.Errorf("unknown topic configuration %q", name)
	}
	value, err := d.parse(value)
	if err != nil {
		return err
	}
	if p := find(topicTable[:], name); p != nil {
		err = named(name, p.set(c, value))
	}
	return err
}

// ValidateTopic says whether a topic may have name set to value, as far as that setting alone
// shows.
func ValidateTopic(name, value string) error {
	var c Topic
	return c.Set(name, value)
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
	return func(c *Topic, text string) error {
		policies := listed(text)
		c.CleanupDelete = slices.Contains(policies, "delete")
		c.CleanupCompact = slices.Contains(policies, "compact")
		return nil
	}
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
	return func(c *Topic, text string) error {
		*field(c) = ThrottledReplicas(text)
		return nil
	}
}

// validReplicas checks a list of throttled replicas; an empty last one does not count.
func validReplicas(text string) error {
	for _, replica := range listed(strings.TrimRight(text, ",")) {
		partition, id, _ := strings.Cut(replica, ":")
		_, err1 := strconv.ParseUint(partition, 10, 31)
		_, err2 := strconv.ParseUint(id, 10, 31)
		if text != "*" && (err1 != nil || err2 != nil) {
			return fmt.Errorf("%q is neither * nor a list of partition:broker", text)
		}
	}
	return nil
}
