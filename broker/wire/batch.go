package wire

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"iter"
	"math"

	"sandcastle/model/kafka"
)

// Layout of a record batch of format v2, the only one that is stored (facts of DefaultRecordBatch,
// 3.9). The CRC covers everything from the attributes on, so a leader can set offset and epoch
// without it.
const (
	batchBaseOffset    = 0
	batchLength        = 8
	batchLeaderEpoch   = 12
	batchMagic         = 16
	batchCRC           = 17
	batchAttributes    = 21
	batchLastDelta     = 23
	batchBaseTime      = 27
	batchMaxTime       = 35
	batchProducerID    = 43
	batchProducerEpoch = 51
	batchBaseSequence  = 53
	batchCount         = 57
	// BatchOverhead is the length of a batch without records.
	BatchOverhead = 61
	// LogOverhead is what precedes the bytes that a batch's length counts.
	LogOverhead = 12
)

// castagnoli is the polynomial of CRC-32C.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// BatchError is why a batch is refused, with the Kafka error that tells a producer so.
type BatchError struct {
	Code    Code
	Problem string
}

// Error implements error.
func (e *BatchError) Error() string { return e.Code.String() + ": " + e.Problem }

func badBatch(code Code, format string, args ...any) error {
	return &BatchError{code, fmt.Sprintf(format, args...)}
}

// BatchHeader is the fixed part of a record batch.
type BatchHeader struct {
	BaseOffset      kafka.Offset
	Length          int32 // of what follows it
	LeaderEpoch     kafka.Epoch
	Magic           int8
	CRC             uint32
	Attributes      int16
	LastOffsetDelta int32
	BaseTimestamp   int64 // milliseconds
	MaxTimestamp    int64
	ProducerID      int64
	ProducerEpoch   int16
	BaseSequence    int32
	Count           int32
}

// LastOffset is the offset of the batch's last record.
func (h *BatchHeader) LastOffset() kafka.Offset {
	return h.BaseOffset + kafka.Offset(h.LastOffsetDelta)
}

// Size is the length of the whole batch in bytes.
func (h *BatchHeader) Size() int { return LogOverhead + int(h.Length) }

// The bits of a batch's attributes behind the three of the codec.
const (
	attributeLogAppendTime = 1 << 3
	attributeTransactional = 1 << 4
	attributeControl       = 1 << 5
)

// Codec is how the records are compressed.
func (h *BatchHeader) Codec() Codec { return Codec(h.Attributes & 7) }

// LogAppendTime is true when every record has the time at which the leader appended the batch,
// which is MaxTimestamp, instead of its own.
func (h *BatchHeader) LogAppendTime() bool { return h.Attributes&attributeLogAppendTime != 0 }

// Transactional is true for a batch that is part of a transaction.
func (h *BatchHeader) Transactional() bool { return h.Attributes&attributeTransactional != 0 }

// Control is true for a batch whose records are markers, which no application is shown.
func (h *BatchHeader) Control() bool { return h.Attributes&attributeControl != 0 }

// ParseHeader reads the header of the batch that begins with b, which need not hold all of it. It
// fails with CORRUPT_MESSAGE when b is too short for a header or its numbers are impossible, and
// with UNSUPPORTED_FOR_MESSAGE_FORMAT when the batch is none of format v2.
func ParseHeader(b []byte) (BatchHeader, error) {
	if len(b) > batchMagic && b[batchMagic] != 2 {
		return BatchHeader{}, badBatch(UnsupportedForMessageFormat, "magic %d, only 2 is stored",
			int8(b[batchMagic]))
	}
	if len(b) < BatchOverhead {
		return BatchHeader{}, badBatch(CorruptMessage, "%d bytes are no record batch", len(b))
	}
	h := BatchHeader{
		BaseOffset:      kafka.Offset(binary.BigEndian.Uint64(b[batchBaseOffset:])),
		Length:          int32(binary.BigEndian.Uint32(b[batchLength:])),
		LeaderEpoch:     kafka.Epoch(binary.BigEndian.Uint32(b[batchLeaderEpoch:])),
		Magic:           int8(b[batchMagic]),
		CRC:             binary.BigEndian.Uint32(b[batchCRC:]),
		Attributes:      int16(binary.BigEndian.Uint16(b[batchAttributes:])),
		LastOffsetDelta: int32(binary.BigEndian.Uint32(b[batchLastDelta:])),
		BaseTimestamp:   int64(binary.BigEndian.Uint64(b[batchBaseTime:])),
		MaxTimestamp:    int64(binary.BigEndian.Uint64(b[batchMaxTime:])),
		ProducerID:      int64(binary.BigEndian.Uint64(b[batchProducerID:])),
		ProducerEpoch:   int16(binary.BigEndian.Uint16(b[batchProducerEpoch:])),
		BaseSequence:    int32(binary.BigEndian.Uint32(b[batchBaseSequence:])),
		Count:           int32(binary.BigEndian.Uint32(b[batchCount:])),
	}
	if h.Length < BatchOverhead-LogOverhead || h.LastOffsetDelta < 0 {
		return h, badBatch(CorruptMessage, "a batch of %d bytes up to offset delta %d", h.Length,
			h.LastOffsetDelta)
	}
	if h.BaseOffset > math.MaxInt64-kafka.Offset(h.LastOffsetDelta)-1 {
		return h, badBatch(CorruptMessage, "offset %d and %d more", h.BaseOffset, h.LastOffsetDelta)
	}
	return h, nil
}

// ParseBatch reads the header of the batch at the beginning of b and returns the batch's size. It
// fails when b does not hold the whole batch.
func ParseBatch(b []byte) (BatchHeader, int, error) {
	h, err := ParseHeader(b)
	if err != nil {
		return h, 0, err
	}
	if int(h.Length) > len(b)-LogOverhead {
		return h, 0, badBatch(CorruptMessage, "a batch of %d bytes in %d", h.Size(), len(b))
	}
	return h, h.Size(), nil
}

// ValidateBatch checks that b begins with one whole batch: CRC-32C, and a count that fits the
// offsets. It is what a follower and a recovery ask of a batch. Records are not looked at; a
// compacted batch may hold fewer of them than offsets.
func ValidateBatch(b []byte) error {
	h, size, err := ParseBatch(b)
	if err != nil {
		return err
	}
	return validate(&h, b[:size])
}

func validate(h *BatchHeader, batch []byte) error {
	if sum := crc32.Checksum(batch[batchAttributes:], castagnoli); sum != h.CRC {
		return badBatch(CorruptMessage, "CRC-32C is %08x, the header says %08x", sum, h.CRC)
	}
	if h.Count < 0 || int64(h.LastOffsetDelta)+1 < int64(h.Count) {
		return badBatch(InvalidRecord, "%d records up to offset delta %d", h.Count, h.LastOffsetDelta)
	}
	return nil
}

// ValidateProduced checks what a leader asks of a producer's batch before it gives it offsets
// (LogValidator, 3.9): b is exactly one batch, sound by ValidateBatch, no control batch, with at
// least one record, and its records parse and are numbered 0, 1, 2 and so on. The error is a
// *BatchError; its code is UNSUPPORTED_COMPRESSION_TYPE for records that cannot be opened here.
func ValidateProduced(b []byte) error {
	h, size, err := ParseBatch(b)
	if err != nil {
		return err
	}
	if size != len(b) {
		return badBatch(InvalidRecord, "%d bytes behind the only batch", len(b)-size)
	}
	if err := validate(&h, b); err != nil {
		return err
	}
	if h.Control() {
		return badBatch(InvalidRecord, "a control batch from a client")
	}
	if h.Count < 1 || h.LastOffsetDelta != h.Count-1 {
		return badBatch(InvalidRecord, "%d records up to offset delta %d", h.Count, h.LastOffsetDelta)
	}
	c, err := openRecords(&h, b)
	if err != nil {
		return err
	}
	for i := range h.Count {
		if delta, ok := c.skip(); !ok || delta != int64(i) {
			return badBatch(InvalidRecord, "record %d of %d is malformed", i, h.Count)
		}
	}
	if len(c.b) > 0 {
		return badBatch(InvalidRecord, "%d bytes behind the last record", len(c.b))
	}
	return nil
}

// SetBaseOffset gives the batch at the beginning of b its first offset.
func SetBaseOffset(b []byte, base kafka.Offset) {
	binary.BigEndian.PutUint64(b[batchBaseOffset:], uint64(base))
}

// SetLeaderEpoch gives the batch at the beginning of b the epoch of the leader that appends it.
func SetLeaderEpoch(b []byte, epoch kafka.Epoch) {
	binary.BigEndian.PutUint32(b[batchLeaderEpoch:], uint32(epoch))
}

// SetLogAppendTime gives every record of batch, whose header is h, the time at which the leader
// appends it, in milliseconds (DefaultRecordBatch.setMaxTimestamp, 3.9).
func SetLogAppendTime(h *BatchHeader, batch []byte, now int64) {
	h.Attributes |= attributeLogAppendTime
	h.MaxTimestamp = now
	binary.BigEndian.PutUint16(batch[batchAttributes:], uint16(h.Attributes))
	binary.BigEndian.PutUint64(batch[batchMaxTime:], uint64(now))
	h.CRC = crc32.Checksum(batch[batchAttributes:h.Size()], castagnoli)
	binary.BigEndian.PutUint32(batch[batchCRC:], h.CRC)
}

// Batches yields each whole batch of b with its header, and an error, once, for what is none. A
// batch that b ends within is passed over in silence: fetch replies end so.
func Batches(b []byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for len(b) >= LogOverhead {
			length := int32(binary.BigEndian.Uint32(b[batchLength:]))
			if length >= BatchOverhead-LogOverhead && int(length) > len(b)-LogOverhead {
				return
			}
			_, size, err := ParseBatch(b)
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(b[:size:size], nil) {
				return
			}
			b = b[size:]
		}
	}
}
