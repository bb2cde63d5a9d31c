package wire

import (
	"time"

	"sandcastle/model/kafka"
)

// Converted is what a message set has become.
type Converted struct {
	// Batch is the messages as one uncompressed record batch, unless the set holds none.
	Batch Batch
	Empty bool
	Codec Codec // of the set
	// LogAppendTime is true when the producer claims that its timestamps are the broker's.
	LogAppendTime bool
	// Largest is the size of the largest message of the set, as it came.
	Largest int
	// Opened is how many bytes were decompressed, also where that led to an error.
	Opened int
	Cost   time.Duration // CPU time of the codec
}

// ConvertUp makes a record batch of a producer's message set, of magic 0 or 1 (LogValidator.
// convertAndAssignOffsetsNonCompressed and validateMessagesAndAssignOffsetsCompressed, 3.9). The
// error is a *BatchError. Offsets are given anew; messages of magic 0 have no timestamp, which is
// −1.
func ConvertUp(set []byte) (Converted, error) {
	var c Converted
	var batch BatchBuilder
	first := legacyMessage{}
	for n := 0; ; n++ {
		m, rest, ok, err := nextMessage(set)
		if err != nil && n > 0 && len(set) > messageMagic && set[messageMagic] == 2 {
			err = badBatch(InvalidRecord, "a record batch behind a message of magic %d", first.magic)
		}
		if err != nil {
			return c, err
		}
		if !ok {
			break
		}
		c.Largest = max(c.Largest, len(set)-len(rest))
		set = rest
		if n == 0 {
			first = m
			c.Codec = m.codec()
		}
		switch {
		case m.magic != first.magic:
			return c, badBatch(InvalidRecord, "a message of magic %d behind one of %d", m.magic,
				first.magic)
		case n > 0 && (c.Codec != Uncompressed || m.codec() != Uncompressed):
			return c, badBatch(InvalidRecord, "a compressed message is not the only one")
		}
		c.LogAppendTime = c.LogAppendTime || m.logAppendTime()
		if c.Codec == Uncompressed {
			batch.Append(m.timestamp, m.key, m.value)
		}
	}
	if c.Codec != Uncompressed {
		size := 0
		for r, err := range innerMessages(&first) {
			c.Opened = first.opened
			if err != nil {
				return c, err
			}
			batch.Append(r.Timestamp, r.Key, r.Value)
			size += LogOverhead + messageOverhead1 + len(r.Key) + len(r.Value)
		}
		c.Cost = c.Codec.DecompressCost(size)
	}
	if c.Empty = batch.Count() == 0; !c.Empty {
		c.Batch = batch.Batch()
	}
	return c, nil
}

// ConvertDown makes messages of magic 0 or 1 of the records of whole batches from an offset on, for
// consumers from before record batches, and says what CPU time the codecs take (RecordsUtil.
// downConvert, 3.9). What magic 0 and 1 do not know is lost: headers, and with magic 0 timestamps.
// A compressed batch stays one, with all its records, also those below the offset. Control batches
// are left out. The error is a *BatchError, UNSUPPORTED_COMPRESSION_TYPE for zstd.
func ConvertDown(batches []byte, magic int8, from kafka.Offset) ([]byte, time.Duration, error) {
	out := []byte{}
	var cost time.Duration
	for batch, err := range Batches(batches) {
		if err != nil {
			return nil, cost, err
		}
		if batch.Control() {
			continue
		}
		switch batch.Codec() {
		case Zstd:
			return nil, cost, badBatch(UnsupportedCompressionType, "zstd for a client of magic %d", magic)
		case Uncompressed:
			out, err = appendMessages(out, &batch, magic, from, 0)
		default:
			var spent time.Duration
			out, spent, err = appendWrapped(out, &batch, magic)
			cost += spent
		}
		if err != nil {
			return nil, cost, err
		}
	}
	return out, cost, nil
}

// appendMessages writes the records of a batch from an offset on as messages, their offsets less
// base.
func appendMessages(out []byte, batch *Batch, magic int8, from, base kafka.Offset,
) ([]byte, error) {
	for r, err := range batch.Records() {
		if err != nil {
			return nil, err
		}
		if r.Offset < from {
			continue
		}
		out = appendMessage(out, &legacyMessage{
			offset: r.Offset - base, magic: magic, attributes: legacyTimeType(batch, magic),
			timestamp: r.Timestamp, key: r.Key, value: r.Value,
		})
	}
	return out, nil
}

// appendWrapped writes the records of a compressed batch as one message with the same codec
// (MemoryRecordsBuilder.writeLegacyCompressedWrapperHeader, 3.9).
func appendWrapped(out []byte, batch *Batch, magic int8) ([]byte, time.Duration, error) {
	base, last, largest := kafka.NoOffset, kafka.NoOffset, int64(-1)
	for r, err := range batch.Records() {
		if err != nil {
			return nil, 0, err
		}
		if base == kafka.NoOffset {
			base = r.Offset
		}
		last, largest = r.Offset, max(largest, r.Timestamp)
	}
	if base == kafka.NoOffset {
		return out, 0, nil // a compacted batch of which nothing is left
	}
	shift := kafka.Offset(0)
	if magic == 1 {
		shift = base
	}
	codec := batch.Codec()
	set, err := appendMessages(nil, batch, magic, base, shift)
	if err != nil {
		return nil, 0, err
	}
	packed := codecs[codec].pack(&Compressor{}, set)
	if codec == LZ4 && magic == 0 {
		breakLZ4(packed)
	}
	out = appendMessage(out, &legacyMessage{
		offset: last, magic: magic, attributes: int8(codec) | legacyTimeType(batch, magic),
		timestamp: largest, value: packed,
	})
	return out, codec.CompressCost(len(set)) + codec.DecompressCost(len(set)), nil
}

// legacyTimeType is the attribute for timestamps of the broker, which magic 0 does not know.
func legacyTimeType(batch *Batch, magic int8) int8 {
	if magic == 1 && batch.LogAppendTime() {
		return attributeLogAppendTime
	}
	return 0
}
