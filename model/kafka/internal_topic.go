package kafka

// OffsetsTopic holds the committed offsets and the metadata of groups.
const OffsetsTopic = "__consumer_offsets"

// InternalTopic tells whether a topic is a coordinator's memory, which no client may write to
// (Topic.isInternal, 3.9; the topics of transactions and of share groups are not there yet).
func InternalTopic(name string) bool { return name == OffsetsTopic }
