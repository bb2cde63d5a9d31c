package broker

import (
	"fmt"
	"time"
)

// TopicConfig is what can be set for each topic, under Kafka's names (LogConfig, 3.9).
type TopicConfig struct {
	MinInSyncReplicas  int32
	SegmentBytes       int64
	SegmentMs          time.Duration
	MaxMessageBytes    int32
	IndexIntervalBytes int32
}

var topicProperties = []property[TopicConfig]{
	{"index.interval.bytes", "4096", integer(func(c *TopicConfig) *int32 {
		return &c.IndexIntervalBytes
	}, 0, 1<<31-1)},
	{"max.message.bytes", "1048588", integer(func(c *TopicConfig) *int32 {
		return &c.MaxMessageBytes
	}, 0, 1<<31-1)},
	{"min.insync.replicas", "1", integer(func(c *TopicConfig) *int32 {
		return &c.MinInSyncReplicas
	}, 1, 1<<31-1)},
	{"segment.bytes", "1073741824", integer(func(c *TopicConfig) *int64 {
		return &c.SegmentBytes
	}, 14, 1<<31-1)},
	{"segment.ms", "604800000", millis(func(c *TopicConfig) *time.Duration {
		return &c.SegmentMs
	})},
}

// TopicProperties returns the name of every setting of a topic, sorted.
func TopicProperties() []string {
	names := make([]string, len(topicProperties))
	for i, p := range topicProperties {
		names[i] = p.name
	}
	return names
}

// Set gives the topic setting called name a value.
func (c *TopicConfig) Set(name, value string) error {
	for _, p := range topicProperties {
		if p.name == name {
			return named(name, p.set(c, value))
		}
	}
	return fmt.Errorf("unknown topic configuration %q", name)
}

// ValidateTopicConfig says whether CreateTopics may set name to value.
func ValidateTopicConfig(name, value string) error {
	var c TopicConfig
	return c.Set(name, value)
}
