package client

import (
	"time"

	"sandcastle/model/kafka"
)

// ConsumerConfig holds the consumer's properties. Zero values take Kafka's defaults
// (ConsumerConfig, 3.9), which stand beside them, except that the zero value of AutoCommit is
// false: say how to commit.
type ConsumerConfig struct {
	Bootstrap []string // bootstrap.servers, "host:port"
	Group     string   // group.id
	Instance  string   // group.instance.id: a static member (KIP-345); "" for a dynamic one
	Assignor  string   // partition.assignment.strategy, one of AssignorNames: range
	// Topics are subscribed to, or Assign's partitions read, from the start. Both may be empty: the
	// commands Subscribe and Assign do the same later.
	Topics []string
	Assign []kafka.TopicPartition
	// AutoOffsetReset is auto.offset.reset: "latest", "earliest" or "none".
	AutoOffsetReset string

	AutoCommit         bool          // enable.auto.commit
	AutoCommitInterval time.Duration // auto.commit.interval.ms: 5 s
	// CommitAfterPoll commits, and waits for the answer, when the records of a poll are processed;
	// CommitEvery does so after the first poll by which so many records are processed.
	CommitAfterPoll bool
	CommitEvery     int
	// CommitBeforeProcessing commits behind the records of a poll, and waits for the answer, before
	// the application gets to work on them. If that fails it does not.
	CommitBeforeProcessing bool
	// RecordProcessing tells the history of every record when the application begins to work on it,
	// and when it is done.
	RecordProcessing bool

	// Application is handed the records. Nil is one that takes them all and drops them: what a
	// simulation needs to know of them stands in the history.
	Application Application

	// ProcessTime is what the application takes for one record; in between it does not poll.
	ProcessTime    time.Duration
	MaxPollRecords int // max.poll.records: 500

	SessionTimeout    time.Duration // session.timeout.ms: 45 s
	HeartbeatInterval time.Duration // heartbeat.interval.ms: 3 s
	MaxPollInterval   time.Duration // max.poll.interval.ms, also the rebalance timeout: 5 min

	FetchMinBytes     int32         // fetch.min.bytes: 1
	FetchMaxWait      time.Duration // fetch.max.wait.ms: 500 ms
	FetchMaxBytes     int32         // fetch.max.bytes: 50 MiB
	MaxPartitionBytes int32         // max.partition.fetch.bytes: 1 MiB

	RetryBackoff    time.Duration // retry.backoff.ms: 100 ms
	RetryBackoffMax time.Duration // retry.backoff.max.ms: 1 s
	RequestTimeout  time.Duration // request.timeout.ms: 30 s
	APITimeout      time.Duration // default.api.timeout.ms: 1 min
	MetadataMaxAge  time.Duration // metadata.max.age.ms: 5 min

	// Rack is client.rack: the leader may send the consumer to a follower in its rack (KIP-392).
	Rack string
	// NoEpochs is how the client was before KIP-320 (2.1): it tells no leader which epoch it takes it
	// to be in and asks none whether its position still holds. That a log was cut shows only when
	// the position is beyond its end.
	NoEpochs bool

	// FinalRead is for the reads by which a run ends: each partition of Assign is read up to the
	// high watermark of its first answer, and no further. Its operations are marked Final.
	FinalRead bool
}

func (c ConsumerConfig) withDefaults() ConsumerConfig {
	if c.AutoOffsetReset == "" {
		c.AutoOffsetReset = resetLatest
	}
	if c.Assignor == "" {
		c.Assignor = assignors[0].name
	}
	set(&c.AutoCommitInterval, 5*time.Second)
	set(&c.MaxPollRecords, 500)
	set(&c.SessionTimeout, 45*time.Second)
	set(&c.HeartbeatInterval, 3*time.Second)
	set(&c.MaxPollInterval, 5*time.Minute)
	set(&c.FetchMinBytes, 1)
	set(&c.FetchMaxWait, 500*time.Millisecond)
	set(&c.FetchMaxBytes, 50<<20)
	set(&c.MaxPartitionBytes, 1<<20)
	set(&c.RetryBackoff, 100*time.Millisecond)
	set(&c.RetryBackoffMax, time.Second)
	set(&c.RequestTimeout, 30*time.Second)
	set(&c.APITimeout, time.Minute)
	set(&c.MetadataMaxAge, 5*time.Minute)
	return c
}

// instance is the instance id as requests have it, nil for a dynamic member.
func (c *ConsumerConfig) instance() *string {
	if c.Instance == "" {
		return nil
	}
	return &c.Instance
}

// commits reports whether the consumer commits on its own, and so on revocation and at the end too.
func (c *ConsumerConfig) commits() bool {
	return c.AutoCommit || c.CommitAfterPoll || c.CommitEvery > 0 || c.CommitBeforeProcessing
}

// currentEpoch is what requests tell a leader of its epoch.
func (c *ConsumerConfig) currentEpoch(known partitionMetadata) int32 {
	if c.NoEpochs {
		return int32(kafka.NoEpoch)
	}
	return int32(known.epoch)
}

// Values of auto.offset.reset.
const (
	resetEarliest = "earliest"
	resetLatest   = "latest"
	resetNone     = "none"
)
