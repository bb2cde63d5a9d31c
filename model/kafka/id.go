package kafka

import (
	"strconv"

	"sandcastle/model"
)

// BrokerID is Kafka's node id of a broker. NoBroker stands for "none", as in "no leader".
type BrokerID int32

// NoBroker is what Kafka's wire calls −1 where a broker id is expected.
const NoBroker BrokerID = -1

// Offset is the position of a record in a partition, counted from 0 and never reused while its
// leader epoch is known.
type Offset int64

// Epoch is a leader epoch or a controller epoch: a counter that only grows and fences older
// holders.
type Epoch int32

// NoEpoch is Kafka's −1: the epoch is not known or not checked.
const NoEpoch Epoch = -1

// TopicPartition names one partition of one topic.
type TopicPartition struct {
	Topic     string
	Partition int32
}

// PlainKey is the Partition of a key that names no partition by number, as the keys of Jepsen's and
// Maelstrom's histories do. Topic is the whole key then.
const PlainKey int32 = -1

// String prints "orders-0", the key of histories, roles and findings.
func (tp TopicPartition) String() string {
	if tp.Partition == PlainKey {
		return tp.Topic
	}
	return tp.Topic + "-" + strconv.Itoa(int(tp.Partition))
}

// Less orders by topic, then by partition number.
func (tp TopicPartition) Less(other TopicPartition) bool {
	if tp.Topic != other.Topic {
		return tp.Topic < other.Topic
	}
	return tp.Partition < other.Partition
}

// Compare orders like Less, for slices.SortFunc.
func (tp TopicPartition) Compare(other TopicPartition) int {
	switch {
	case tp.Less(other):
		return -1
	case other.Less(tp):
		return 1
	default:
		return 0
	}
}

// Sum mixes the partition into the running hash h.
func (tp TopicPartition) Sum(h uint64) uint64 {
	return model.SumUint(model.SumString(h, tp.Topic), uint64(uint32(tp.Partition)))
}

// ParseKey reads the key of a history: a partition, or a plain key.
func ParseKey(s string) TopicPartition {
	if tp, ok := ParseTopicPartition(s); ok {
		return tp
	}
	return TopicPartition{Topic: s, Partition: PlainKey}
}

// ParseTopicPartition reads what String prints: everything after the last '-' is the partition.
func ParseTopicPartition(s string) (TopicPartition, bool) {
	for i := len(s) - 1; i > 0; i-- {
		if s[i] != '-' {
			continue
		}
		n, err := strconv.ParseUint(s[i+1:], 10, 31)
		if err != nil {
			return TopicPartition{}, false
		}
		return TopicPartition{Topic: s[:i], Partition: int32(n)}, true
	}
	return TopicPartition{}, false
}
