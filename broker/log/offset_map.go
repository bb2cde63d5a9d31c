package log

import (
	"crypto/md5"
	"encoding/binary"

	"sandcastle/model/kafka"
)

// slotBytes is the memory of a key: half of it the hash, a third the offset (SkimpyOffsetMap, 3.9).
const slotBytes = 24

// mostSlots are more than a machine of 32 bits has memory for.
const mostSlots = 1 << 30

// LoadUnit is a load factor or ratio of 1.
const LoadUnit = 10_000

// OffsetMap says for each key of a stretch of a log the offset of its newest record
// (SkimpyOffsetMap, 3.9). A key is known by its MD5, as in Kafka: the same in every run, and no two
// keys that anyone meets have the same. A full table is the hash map's memory; until it is that
// large the table grows.
type OffsetMap struct {
	slots []offsetSlot // their number is a power of two
	used  int
	limit int // of the number of slots
	most  int // of the number of keys
	// latest is the offset up to which the map knows every record from where it begins.
	latest kafka.Offset
}

type offsetSlot struct {
	high, low uint64
	next      kafka.Offset // the record's offset + 1; 0 is a free slot
}

// NewOffsetMap returns a map that takes at most size bytes, and as many keys as load, in parts of
// LoadUnit, of its slots (log.cleaner.dedupe.buffer.size, log.cleaner.io.buffer.load.factor). While
// it grows it has half as much again.
func NewOffsetMap(size int64, load int) *OffsetMap {
	limit := int64(2)
	for limit < mostSlots && limit*2*slotBytes <= size {
		limit *= 2
	}
	// In 64 bits: the slots of 128 MiB times their load are beyond an int of 32.
	m := &OffsetMap{limit: int(limit)}
	m.most = max(1, int(limit*int64(min(load, LoadUnit-1))/LoadUnit))
	m.slots = make([]offsetSlot, min(m.limit, 256))
	return m
}

// Len is how many keys the map holds.
func (m *OffsetMap) Len() int { return m.used }

// reset empties the map; what it will hold begins at from.
func (m *OffsetMap) reset(from kafka.Offset) {
	clear(m.slots)
	m.used, m.latest = 0, from-1
}

// full is true when the map must take no further record.
func (m *OffsetMap) full() bool { return m.used >= m.most }

// put notes that the newest record of key is at offset.
func (m *OffsetMap) put(key []byte, offset kafka.Offset) {
	if len(m.slots) < m.limit && m.used >= len(m.slots)*3/4 {
		m.grow()
	}
	slot := m.find(hashOf(key))
	if slot.next == 0 {
		m.used++
	}
	slot.next = offset + 1
}

// newest is the offset of the newest record of key, NoOffset when the map has none.
func (m *OffsetMap) newest(key []byte) kafka.Offset { return m.find(hashOf(key)).next - 1 }

// hashOf is a slot without an offset.
func hashOf(key []byte) offsetSlot {
	sum := md5.Sum(key)
	return offsetSlot{
		high: binary.BigEndian.Uint64(sum[:8]), low: binary.BigEndian.Uint64(sum[8:]),
	}
}

// find is the slot that has the hash of wanted, or else the free one where it belongs, with the
// hash in it.
func (m *OffsetMap) find(wanted offsetSlot) *offsetSlot {
	for i := wanted.low; ; i++ {
		s := &m.slots[i&uint64(len(m.slots)-1)]
		if s.next == 0 {
			s.high, s.low = wanted.high, wanted.low
			return s
		}
		if s.high == wanted.high && s.low == wanted.low {
			return s
		}
	}
}

func (m *OffsetMap) grow() {
	old := m.slots
	m.slots = make([]offsetSlot, 2*len(old))
	for _, s := range old {
		if s.next > 0 {
			m.find(s).next = s.next
		}
	}
}
