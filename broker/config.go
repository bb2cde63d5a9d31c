package broker

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"sandcastle/model"
)

// Config is a broker's configuration under Kafka's property names. The zero value of a Config is of
// no use: start from NewConfig.
type Config struct {
	ID        model.BrokerID
	Host      string // what Metadata tells clients: the node's name
	Port      int32
	ZooKeeper string // "host:port"
	ClusterID string

	ReplicaLagTimeMax       time.Duration
	ReplicaFetchWaitMax     time.Duration
	ReplicaFetchMinBytes    int32
	ReplicaFetchMaxBytes    int32
	ReplicaFetchResponseMax int32
	ReplicaFetchBackoff     time.Duration
	ReplicaSocketTimeout    time.Duration
	HighWatermarkCheckpoint time.Duration
	ControllerSocketTimeout time.Duration
	ZooKeeperSessionTimeout time.Duration
	DefaultReplication      int16
	NumPartitions           int32
	AutoCreateTopics        bool
	UncleanLeaderElection   bool
	DeleteTopicEnable       bool
	FetchMaxBytes           int32

	OffsetsTopicPartitions     int32
	OffsetsTopicReplication    int16
	OffsetsTopicSegmentBytes   int64
	OffsetsCommitTimeout       time.Duration
	GroupInitialRebalanceDelay time.Duration
	GroupMinSessionTimeout     time.Duration
	GroupMaxSessionTimeout     time.Duration
	GroupMaxSize               int64

	// Variants sets protocols back to what they were before a fix.
	Variants Variants

	// Mutant is a planted bug, for tests of the checks.
	Mutant Mutant

	// Topic holds the defaults of what a topic can override.
	Topic TopicConfig
}

// NewConfig returns Kafka's defaults (3.9; facts in ReplicationConfigs, ServerLogConfigs,
// GroupCoordinatorConfig) for the broker id listening on host:port.
func NewConfig(id model.BrokerID, host string, port int32, zooKeeper string) Config {
	c := Config{ID: id, Host: host, Port: port, ZooKeeper: zooKeeper, ClusterID: "sandcastle",
		Variants: NewestVariants()}
	for _, p := range properties {
		if err := p.set(&c, p.def); err != nil {
			panic(fmt.Sprintf("broker: default of %s: %v", p.name, err))
		}
	}
	for _, p := range topicProperties {
		if err := p.set(&c.Topic, p.def); err != nil {
			panic(fmt.Sprintf("broker: default of %s: %v", p.name, err))
		}
	}
	return c
}

// property is one setting of type T by its Kafka name.
type property[T any] struct {
	name string
	def  string
	set  func(*T, string) error
}

// properties are the broker's settings that can be changed, in the order of their names.
var properties = []property[Config]{
	{"auto.create.topics.enable", "true", boolean(func(c *Config) *bool {
		return &c.AutoCreateTopics
	})},
	{"controller.socket.timeout.ms", "30000", millis(func(c *Config) *time.Duration {
		return &c.ControllerSocketTimeout
	})},
	{"default.replication.factor", "1", integer(func(c *Config) *int16 {
		return &c.DefaultReplication
	}, 1, 1<<15-1)},
	{"delete.topic.enable", "true", boolean(func(c *Config) *bool { return &c.DeleteTopicEnable })},
	{"fetch.max.bytes", "57671680", integer(func(c *Config) *int32 {
		return &c.FetchMaxBytes
	}, 1024, 1<<31-1)},
	{"group.initial.rebalance.delay.ms", "3000", millis(func(c *Config) *time.Duration {
		return &c.GroupInitialRebalanceDelay
	})},
	{"group.max.session.timeout.ms", "1800000", millis(func(c *Config) *time.Duration {
		return &c.GroupMaxSessionTimeout
	})},
	{"group.max.size", "2147483647", integer(func(c *Config) *int64 {
		return &c.GroupMaxSize
	}, 1, 1<<31-1)},
	{"group.min.session.timeout.ms", "6000", millis(func(c *Config) *time.Duration {
		return &c.GroupMinSessionTimeout
	})},
	{"num.partitions", "1", integer(func(c *Config) *int32 {
		return &c.NumPartitions
	}, 1, 1<<31-1)},
	{"offsets.commit.timeout.ms", "5000", millis(func(c *Config) *time.Duration {
		return &c.OffsetsCommitTimeout
	})},
	{"offsets.topic.num.partitions", "50", integer(func(c *Config) *int32 {
		return &c.OffsetsTopicPartitions
	}, 1, 1<<31-1)},
	{"offsets.topic.replication.factor", "3", integer(func(c *Config) *int16 {
		return &c.OffsetsTopicReplication
	}, 1, 1<<15-1)},
	{"offsets.topic.segment.bytes", "104857600", integer(func(c *Config) *int64 {
		return &c.OffsetsTopicSegmentBytes
	}, 1, 1<<31-1)},
	{"replica.fetch.backoff.ms", "1000", millis(func(c *Config) *time.Duration {
		return &c.ReplicaFetchBackoff
	})},
	{"replica.fetch.max.bytes", "1048576", integer(func(c *Config) *int32 {
		return &c.ReplicaFetchMaxBytes
	}, 1, 1<<31-1)},
	{"replica.fetch.min.bytes", "1", integer(func(c *Config) *int32 {
		return &c.ReplicaFetchMinBytes
	}, 0, 1<<31-1)},
	{"replica.fetch.response.max.bytes", "10485760", integer(func(c *Config) *int32 {
		return &c.ReplicaFetchResponseMax
	}, 1, 1<<31-1)},
	{"replica.fetch.wait.max.ms", "500", millis(func(c *Config) *time.Duration {
		return &c.ReplicaFetchWaitMax
	})},
	{"replica.high.watermark.checkpoint.interval.ms", "5000", millis(func(c *Config) *time.Duration {
		return &c.HighWatermarkCheckpoint
	})},
	{"replica.lag.time.max.ms", "30000", millis(func(c *Config) *time.Duration {
		return &c.ReplicaLagTimeMax
	})},
	{"replica.socket.timeout.ms", "30000", millis(func(c *Config) *time.Duration {
		return &c.ReplicaSocketTimeout
	})},
	{"unclean.leader.election.enable", "false", boolean(func(c *Config) *bool {
		return &c.UncleanLeaderElection
	})},
	{"zookeeper.session.timeout.ms", "18000", millis(func(c *Config) *time.Duration {
		return &c.ZooKeeperSessionTimeout
	})},
}

// brokerDefaults maps the broker's name of a topic default to the topic's own name, where they
// differ.
var brokerDefaults = []struct{ broker, topic string }{
	{"log.index.interval.bytes", "index.interval.bytes"},
	{"log.roll.ms", "segment.ms"},
	{"log.segment.bytes", "segment.bytes"},
	{"message.max.bytes", "max.message.bytes"},
	{"min.insync.replicas", "min.insync.replicas"},
}

// Properties returns the name of every setting that Set knows, sorted.
func Properties() []string {
	var names []string
	for _, p := range properties {
		names = append(names, p.name)
	}
	for _, d := range brokerDefaults {
		names = append(names, d.broker)
	}
	slices.Sort(names)
	return names
}

// Set gives the setting called name a value, both as in server.properties.
func (c *Config) Set(name, value string) error {
	for _, p := range properties {
		if p.name == name {
			return named(name, p.set(c, value))
		}
	}
	for _, d := range brokerDefaults {
		if d.broker == name {
			return c.Topic.Set(d.topic, value)
		}
	}
	return fmt.Errorf("unknown broker configuration %q", name)
}

func named(name string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func millis[T any](field func(*T) *time.Duration) func(*T, string) error {
	return func(t *T, value string) error {
		ms, err := strconv.ParseInt(value, 10, 64)
		if err != nil || ms < 0 || ms > 1<<53 {
			return fmt.Errorf("%q is no number of milliseconds", value)
		}
		*field(t) = time.Duration(min(ms, 1<<43)) * time.Millisecond
		return nil
	}
}

func integer[T any, N int16 | int32 | int64](
	field func(*T) *N,
	low, high int64,
) func(*T, string) error {
	return func(t *T, value string) error {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < low || n > high {
			return fmt.Errorf("%q is no whole number from %d to %d", value, low, high)
		}
		*field(t) = N(n)
		return nil
	}
}

func boolean[T any](field func(*T) *bool) func(*T, string) error {
	return func(t *T, value string) error {
		switch value {
		case "true":
			*field(t) = true
		case "false":
			*field(t) = false
		default:
			return fmt.Errorf("%q is neither true nor false", value)
		}
		return nil
	}
}
