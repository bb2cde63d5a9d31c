package logs

import (
	"encoding/binary"
	"fmt"
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// observeTopicSize remembers with how many partitions a topic was made, and that it has got more.
func (b *Book) observeTopicSize(n *kafka.Note) {
	count := 0
	switch n.Kind {
	case kafka.TopicCreated:
		count = len(n.Replicas)
	case kafka.LeaderElected: // of a new partition, too
		if len(b.sizes[n.Topic]) == 0 {
			return // nobody has told of its creation
		}
		count = int(n.Partition) + 1
		if slices.Max(b.sizes[n.Topic]) >= count {
			return
		}
	}
	if count > 0 && !slices.Contains(b.sizes[n.Topic], count) {
		b.sizes[n.Topic] = append(b.sizes[n.Topic], count)
	}
}

// observeKey looks whether an acknowledged record with a key is in the partition that the key says
// by any of the numbers of partitions that the topic ever had: a producer may know an older one.
func (b *Book) observeKey(op *kafka.Op, m *kafka.Mop, who string) {
	sizes := b.sizes[m.Key.Topic]
	if op.RecordKey == "" || len(sizes) == 0 {
		return
	}
	hash := int(keyHash([]byte(op.RecordKey)) & 0x7fffffff)
	for n := slices.Min(sizes); n <= slices.Max(sizes); n++ {
		if hash%n == int(m.Key.Partition) {
			return
		}
	}
	b.report(Violation{
		Anomaly: kafka.MisroutedKey, Identity: fmt.Sprint(m.Key, op.RecordKey),
		Explanation: fmt.Sprintf(
			"%s sent a record with the key %q to %s, but of %d partitions %d is the one of that key",
			who, op.RecordKey, m.Key, slices.Max(sizes), hash%slices.Max(sizes),
		),
		Witnesses: []kafka.Witness{{
			Op: op.Index, At: op.Time, Who: who,
			Text: fmt.Sprintf("send %s %q, key %q → offset %d", m.Key, m.Value, op.RecordKey, m.Offset),
		}},
	})
}

// MisroutedKeys are the records with a key that are in another partition than their key's.
func (b *Book) MisroutedKeys(model.Time, []kafka.ReplicaView) []Violation {
	return b.Heard(kafka.MisroutedKey)
}

// keyHash is MurmurHash2 of 32 bits with the seed 0x9747b28c (Utils.murmur2, 3.9). It is written
// here once more, so that a producer is not judged by its own arithmetic.
func keyHash(key []byte) uint32 {
	const multiplier = 0x5bd1e995
	hash := 0x9747b28c ^ uint32(len(key))
	tail := len(key) &^ 3
	for i := 0; i < tail; i += 4 {
		word := binary.LittleEndian.Uint32(key[i:]) * multiplier
		hash = hash*multiplier ^ (word^word>>24)*multiplier
	}
	for i := len(key) - 1; i >= tail; i-- {
		hash ^= uint32(key[i]) << (8 * (i - tail))
	}
	if tail < len(key) {
		hash *= multiplier
	}
	hash = (hash ^ hash>>13) * multiplier
	return hash ^ hash>>15
}
