package client

import (
	"encoding/binary"

	"sandcastle/model"
)

// murmur2 is the hash of Kafka's partitioner over a record's key (Utils.murmur2, 3.9):
// MurmurHash2 with the seed 0x9747b28c.
func murmur2(data []byte) int32 {
	const m, r = 0x5bd1e995, 24
	h := uint32(0x9747b28c) ^ uint32(len(data))
	for ; len(data) >= 4; data = data[4:] {
		k := binary.LittleEndian.Uint32(data) * m
		k ^= k >> r
		h = (h * m) ^ (k * m)
	}
	switch len(data) {
	case 3:
		h ^= uint32(data[2]) << 16
		fallthrough
	case 2:
		h ^= uint32(data[1]) << 8
		fallthrough
	case 1:
		h = (h ^ uint32(data[0])) * m
	}
	h = (h ^ h>>13) * m
	return int32(h ^ h>>15)
}

// PartitionForKey is the partition of a key in a topic of n partitions: toPositive(murmur2(key))
// % n.
func PartitionForKey(key []byte, n int) int32 {
	return (murmur2(key) & 0x7fffffff) % int32(n)
}

// stickyPartition chooses for records without a key: it stays with one partition until batch.size
// bytes went there, so that batches fill, and then draws another, preferring those with short
// queues (BuiltInPartitioner, KIP-480 and KIP-794).
type stickyPartition struct {
	current int32 // −1 before the first record
	bytes   int   // produced to it since it was drawn
}

// choose is the partition for the next record of t.
func (s *stickyPartition) choose(r *model.Rand, t *producerTopic, batchSize int) int32 {
	switch {
	case s.current < 0:
		s.draw(r, t)
	case s.bytes >= batchSize && t.queues[s.current].allFull():
		s.draw(r, t) // the switch had to wait for a batch that was still open
	}
	return s.current
}

// produced counts a record that went to the current partition. While a batch is open there the
// switch waits for it, but not beyond twice the size.
func (s *stickyPartition) produced(r *model.Rand, t *producerTopic, size, batchSize int) {
	s.bytes += size
	if s.bytes >= 2*batchSize || s.bytes >= batchSize && t.queues[s.current].allFull() {
		s.draw(r, t)
	}
}

// draw picks a partition at random among those with a leader, each weighted by how much shorter its
// queue is than the longest; among all when none has a leader.
func (s *stickyPartition) draw(r *model.Rand, t *producerTopic) {
	s.bytes = 0
	longest := 0
	for _, q := range t.queues {
		longest = max(longest, len(q.batches))
	}
	total := uint64(0)
	for _, q := range t.queues {
		total += q.weight(longest)
	}
	if total == 0 {
		s.current = int32(r.Below(uint64(len(t.queues))))
		return
	}
	at := r.Below(total)
	for i, q := range t.queues {
		w := q.weight(longest)
		if at < w {
			s.current = int32(i)
			return
		}
		at -= w
	}
	panic("client: the weights of the partitions do not add up")
}

func (q *partitionQueue) weight(longest int) uint64 {
	if !q.led {
		return 0
	}
	return uint64(longest + 1 - len(q.batches))
}
