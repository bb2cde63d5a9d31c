package wire

import (
	"encoding/binary"
	"hash/crc32"
)

// firstEntry cuts off the record batch or message at the beginning of b; it is nil when b does not
// hold a whole one, which is no error. The error is CORRUPT_MESSAGE for a size that nothing has,
// and for a magic number that is not known (ByteBufferLogInputStream.nextBatch, 3.9).
func firstEntry(b []byte) ([]byte, error) {
	if len(b) < LogOverhead {
		return nil, nil
	}
	size := int(int32(binary.BigEndian.Uint32(b[batchLength:])))
	if size < messageOverhead0 {
		return nil, badBatch(CorruptMessage, "a batch of %d bytes", size)
	}
	if len(b) <= batchMagic {
		return nil, nil
	}
	if magic := int8(b[batchMagic]); magic < 0 || magic > 2 {
		return nil, badBatch(CorruptMessage, "magic %d", magic)
	}
	if size > len(b)-LogOverhead {
		return nil, nil
	}
	return b[: LogOverhead+size : LogOverhead+size], nil
}

// BeginsTransactional tells whether records begin with a batch that is part of a transaction
// (RequestUtils.hasTransactionalRecords, 3.9). The error is that of a beginning which is nothing
// at all.
func BeginsTransactional(records []byte) (bool, error) {
	first, err := firstEntry(records)
	if err != nil || first == nil || first[batchMagic] != 2 {
		return false, err
	}
	return first[batchAttributes+1]&attributeTransactional != 0, nil
}

// SoleBatch is the one batch of format v2 that a producer's records are, nil when they hold no
// whole one. Fewer bytes behind it than a batch begins with are ignored
// (ProduceRequest.validateRecords, 3.9).
func SoleBatch(records []byte) ([]byte, error) {
	first, err := firstEntry(records)
	switch {
	case err != nil || first == nil:
		return nil, err
	case first[batchMagic] != 2:
		return nil, badBatch(InvalidRecord, "magic %d, only 2 is taken", first[batchMagic])
	}
	second, err := firstEntry(records[len(first):])
	if err == nil && second != nil {
		err = badBatch(InvalidRecord, "%d bytes behind the only batch", len(records)-len(first))
	}
	return first, err
}

// CodecOf is how the records of a batch that SoleBatch found are compressed.
func CodecOf(batch []byte) Codec { return Codec(batch[batchAttributes+1] & 7) }

// ParseProduced reads the batch that SoleBatch found in a producer's records, and asks of it what a
// log does before it looks at records (UnifiedLog.analyzeAndValidateRecords, 3.9): offsets that
// begin at 0, at most limit bytes, and the CRC. The error is a *BatchError.
func ParseProduced(b []byte, limit int32) (Batch, error) {
	if base := int64(binary.BigEndian.Uint64(b)); base != 0 {
		return Batch{}, badBatch(InvalidRecord, "offsets begin at %d, a producer's at 0", base)
	}
	if len(b) > int(limit) {
		return Batch{}, badBatch(MessageTooLarge, "a batch of %d bytes, max.message.bytes is %d",
			len(b), limit)
	}
	if len(b) < BatchOverhead {
		return Batch{}, badBatch(CorruptMessage, "%d bytes are no record batch", len(b))
	}
	if sum, want := crc32.Checksum(b[batchAttributes:], castagnoli), headerCRC(b); sum != want {
		return Batch{}, badBatch(CorruptMessage, "CRC-32C is %08x, the header says %08x", sum, want)
	}
	return Batch{BatchHeader: readHeader(b), bytes: b}, nil
}

// Produced is what a leader learns of a producer's batch while it looks at the records.
type Produced struct {
	// MaxTimestamp is the records' largest, or −1 where that is less.
	MaxTimestamp int64
	// Numbered is true when the records are numbered 0, 1, 2 and so on.
	Numbered bool
}

// ValidateProduced checks what a leader asks of a producer's batch before it gives it offsets
// (LogValidator.validateBatch and the reading of the records, 3.9): at least one record and as many
// as offsets, no control batch, a sequence number of an idempotent producer, and records that
// parse. How they are numbered is not asked. The error is a *BatchError.
func (b *Batch) ValidateProduced() (Produced, error) {
	switch {
	case b.Count < 1 || int64(b.LastOffsetDelta)+1 != int64(b.Count):
		return Produced{}, badBatch(InvalidRecord, "%d records up to offset delta %d", b.Count,
			b.LastOffsetDelta)
	case b.Control():
		return Produced{}, badBatch(InvalidRecord, "a control batch from a client")
	case b.ProducerID >= 0 && b.BaseSequence < 0:
		return Produced{}, badBatch(InvalidRecord, "sequence number %d of an idempotent producer",
			b.BaseSequence)
	}
	c, err := b.open()
	if err != nil {
		b.opened = openedUntil(err)
		return Produced{}, err
	}
	if b.Codec() != Uncompressed {
		b.opened = len(c.b)
	}
	numbered, latest := true, int64(-1)-b.BaseTimestamp
	for i := range b.Count {
		delta, later, ok := c.skip()
		if !ok {
			return Produced{}, badBatch(InvalidRecord, "record %d of %d is malformed", i, b.Count)
		}
		numbered = numbered && delta == int64(i)
		latest = max(latest, later)
	}
	if len(c.b) > 0 {
		return Produced{}, badBatch(InvalidRecord, "%d bytes behind the last record", len(c.b))
	}
	if b.LogAppendTime() {
		return Produced{max(-1, b.MaxTimestamp), numbered}, nil
	}
	return Produced{b.BaseTimestamp + latest, numbered}, nil
}

// attributesKnown are the attributes that a rewritten header keeps (DefaultRecordBatch.
// computeAttributes, 3.9).
const attributesKnown = 7 | attributeLogAppendTime | attributeTransactional | attributeControl |
	attributeDeleteHorizon

// SetCreateTime says in the header that the timestamps are the records' own and which is the
// largest (DefaultRecordBatch.setMaxTimestamp, 3.9).
func (b *Batch) SetCreateTime(largest int64) {
	if b.LogAppendTime() || b.MaxTimestamp != largest {
		b.setTimestamps(b.Attributes&attributesKnown&^attributeLogAppendTime, largest)
	}
}

// SetLogAppendTime gives every record the time at which the leader appends the batch, in
// milliseconds (DefaultRecordBatch.setMaxTimestamp, 3.9).
func (b *Batch) SetLogAppendTime(now int64) {
	if !b.LogAppendTime() || b.MaxTimestamp != now {
		b.setTimestamps(b.Attributes&attributesKnown|attributeLogAppendTime, now)
	}
}

func (b *Batch) setTimestamps(attributes int16, largest int64) {
	b.Attributes, b.MaxTimestamp = attributes, largest
	binary.BigEndian.PutUint16(b.bytes[batchAttributes:], uint16(attributes))
	binary.BigEndian.PutUint64(b.bytes[batchMaxTime:], uint64(largest))
	b.CRC = crc32.Checksum(b.bytes[batchAttributes:], castagnoli)
	binary.BigEndian.PutUint32(b.bytes[batchCRC:], b.CRC)
}

// Renumber returns the batch with its records numbered 0, 1, 2 and so on, uncompressed and in new
// memory: what LogValidator.buildRecordsAndAssignOffsets does where it writes a batch anew.
func (b *Batch) Renumber() (Batch, error) {
	out := append(make([]byte, 0, len(b.bytes)), b.bytes[:BatchOverhead]...)
	n := int32(0)
	for r, err := range b.Records() {
		if err != nil {
			return Batch{}, err
		}
		out = appendRecord(out, n, r.Timestamp-b.BaseTimestamp, r.Key, r.Value, r.Headers)
		n++
	}
	return mustParse(packBatch(out[:BatchOverhead], out[BatchOverhead:], Uncompressed, nil)), nil
}
