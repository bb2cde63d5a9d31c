package logs

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// The layout of a record batch of format v2 (DefaultRecordBatch, 3.9). It is written down here once
// more, so that a broker which reads and writes one of the fields in a wrong place is noticed.
const (
	atBaseOffset    = 0
	atLength        = 8
	atLeaderEpoch   = 12
	atMagic         = 16
	atCRC           = 17
	atAttributes    = 21
	atLastDelta     = 23
	atBaseTime      = 27
	atMaxTime       = 35
	atProducerID    = 43
	atProducerEpoch = 51
	atBaseSequence  = 53
	atCount         = 57
	atRecords       = 61
)

// The bits of the attributes.
const (
	codecBits     = 7
	appendTimeBit = 1 << 3
	controlBit    = 1 << 5
	horizonBit    = 1 << 6
)

// batch is what the copy of a log keeps of one record batch.
type batch struct {
	base, last kafka.Offset
	maxTime    int64 // milliseconds, −1 for none
	// producer, sequence and pepoch are of an idempotent producer; −1 for none.
	producer int64
	// seen is when the copy first had it.
	seen     model.Time
	epoch    kafka.Epoch
	size     int32
	count    int32
	sequence int32
	crc      uint32 // of the attributes and all behind them, as it was read
	pepoch   int16
	flags    int16 // the attributes
}

// same tells whether two batches hold the same.
func (b *batch) same(o *batch) bool {
	return b.base == o.base && b.crc == o.crc && b.epoch == o.epoch && b.size == o.size
}

func (b *batch) control() bool { return b.flags&controlBit != 0 }

// lastSequence is that of the batch's last record; it wraps from the largest number to 0.
func (b *batch) lastSequence() int32 { return nextSequence(b.sequence, int64(b.last-b.base)) }

func nextSequence(s int32, n int64) int32 { return int32((int64(s) + n) & 0x7fffffff) }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// parse reads a batch, and says what is wrong with it, "" for nothing.
func parse(raw []byte, now model.Time) (b batch, wrong string) {
	if len(raw) < atRecords || raw[atMagic] != 2 {
		return b, fmt.Sprintf("%d bytes are no batch of format 2", len(raw))
	}
	u32 := func(at int) uint32 { return binary.BigEndian.Uint32(raw[at:]) }
	u64 := func(at int) uint64 { return binary.BigEndian.Uint64(raw[at:]) }
	b = batch{
		base: kafka.Offset(u64(atBaseOffset)), epoch: kafka.Epoch(u32(atLeaderEpoch)),
		maxTime: int64(u64(atMaxTime)), size: int32(len(raw)), count: int32(u32(atCount)),
		producer: int64(u64(atProducerID)), sequence: int32(u32(atBaseSequence)),
		pepoch: int16(binary.BigEndian.Uint16(raw[atProducerEpoch:])),
		flags:  int16(binary.BigEndian.Uint16(raw[atAttributes:])), seen: now,
	}
	b.last = b.base + kafka.Offset(int32(u32(atLastDelta)))
	crc := crc32.Checksum(raw[atAttributes:], castagnoli)
	b.crc = crc
	switch {
	case int64(u32(atLength)) != int64(len(raw)-atLeaderEpoch):
		return b, fmt.Sprintf("its length is %d in %d bytes", u32(atLength), len(raw))
	case crc != u32(atCRC):
		return b, fmt.Sprintf("its CRC is %08x, the records have %08x", u32(atCRC), crc)
	case b.last < b.base || b.count < 0 || int64(b.count) > int64(b.last-b.base)+1:
		return b, fmt.Sprintf("it has %d records in offsets %d to %d", b.count, b.base, b.last)
	case b.flags&codecBits != 0 || b.count == 0:
		return b, ""
	}
	return b, records(raw, &b, int64(u64(atBaseTime)))
}

// horizonOf is from when on the tombstones of a batch may go, in milliseconds, where a cleaner has
// set it: it stands where the base timestamp did.
func horizonOf(raw []byte) int64 { return int64(binary.BigEndian.Uint64(raw[atBaseTime:])) }

// records walks over the records of a batch that is not compressed, and says what is wrong with
// them.
func records(raw []byte, b *batch, baseTime int64) string {
	rest := raw[atRecords:]
	before, latest := int64(-1), int64(-1)
	for i := range b.count {
		length, n := binary.Varint(rest)
		if n <= 0 || length < 1 || length > int64(len(rest)-n) {
			return fmt.Sprintf("record %d of %d has no length that fits", i, b.count)
		}
		record := rest[n : n+int(length)]
		rest = rest[n+int(length):]
		millis, n := binary.Varint(record[1:])
		delta, m := binary.Varint(record[1+max(n, 0):])
		if n <= 0 || m <= 0 || delta <= before || delta > int64(b.last-b.base) {
			return fmt.Sprintf("record %d of %d stands at offset %d+%d, behind %d+%d", i, b.count, b.base,
				delta, b.base, before)
		}
		before, latest = delta, max(latest, baseTime+millis)
	}
	switch {
	case len(rest) > 0:
		return fmt.Sprintf("%d bytes stand behind its %d records", len(rest), b.count)
	case b.flags&(appendTimeBit|horizonBit) == 0 && latest != b.maxTime:
		return fmt.Sprintf("its largest timestamp is %d, the records have %d", b.maxTime, latest)
	}
	return ""
}
