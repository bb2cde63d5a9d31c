package kafka

import "strings"

// Kafka's own topics, by name.
const (
	OffsetsTopic         = "__consumer_offsets"
	ClusterMetadataTopic = "__cluster_metadata"
)

// InternalPrefix is how the names of Kafka's own topics begin.
const InternalPrefix = "__"

// InternalTopic tells whether a topic is one of Kafka's own, also one that is not served here yet.
func InternalTopic(name string) bool { return strings.HasPrefix(name, InternalPrefix) }
