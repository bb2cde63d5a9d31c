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

// Batch is one whole record batch that has been parsed. The parser makes one, or BatchHeader.Batch
// for whoever has parsed the header already, so that who has one need not parse again.
//
// Invariant: the header is what stands in bytes. Only methods of Batch change either.
type Batch struct {
	BatchHeader
	bytes  []byte
	opened int
}

// Opened is how many bytes of records ParseProduced has decompressed to look at them, also of a
// batch that it refused.
func (b *Batch) Opened() int { return b.opened }

// Batch is the whole batch that h was parsed of, when b is its bytes.
func (h *BatchHeader) Batch(b []byte) Batch {
	if len(b) != h.Size() {
		panic(fmt.Sprintf("wire: %d bytes are not a batch of %d", len(b), h.Size()))
	}
	return Batch{BatchHeader: *h, bytes: b}
}

// Bytes is the whole batch.
func (b *Batch) Bytes() []byte { return b.bytes }

// ParseBatch reads the batch at the beginning of b, which may have more behind it. It fails when b
// does not hold the whole batch.
func ParseBatch(b []byte) (Batch, error) {
	h, err := ParseHeader(b)
	if err != nil {
		return Batch{}, err
	}
	if int(h.Length) > len(b)-LogOverhead {
		return Batch{}, badBatch(CorruptMessage, "a batch of %d bytes in %d", h.Size(), len(b))
	}
	size := h.Size()
	return Batch{BatchHeader: h, bytes: b[:size:size]}, nil
}

// mustParse is ParseBatch for a batch that was made here.
func mustParse(b []byte) Batch {
	batch, err := ParseBatch(b)
	if err != nil {
		panic("wire: a batch of our own: " + err.Error())
	}
	return batch
}

// Validate checks CRC-32C, and that the count fits the offsets. It is what a follower and a
// recovery ask of a batch. Records are not looked at; a compacted batch may hold fewer of them than
// offsets.
func (b *Batch) Validate() error {
	if sum := crc32.Checksum(b.bytes[batchAttributes:], castagnoli); sum != b.CRC {
		return badBatch(CorruptMessage, "CRC-32C is %08x, the header says %08x", sum, b.CRC)
	}
	if b.Count < 0 || int64(b.LastOffsetDelta)+1 < int64(b.Count) {
		return badBatch(InvalidRecord, "%d records up to offset delta %d", b.Count, b.LastOffsetDelta)
	}
	return nil
}

// ParseProduced reads a producer's batch and checks what a leader asks of it before it gives it
// offsets (LogValidator, 3.9): b is exactly one batch, sound by Validate, no control batch, with at
// least one record, and its records parse and are numbered 0, 1, 2 and so on. The error is a
// *BatchError; its code is UNSUPPORTED_COMPRESSION_TYPE for records that cannot be opened here.
func ParseProduced(b []byte) (Batch, error) {
	batch, err := ParseBatch(b)
	if err != nil {
		return Batch{}, err
	}
	if batch.Size() != len(b) {
		return Batch{}, badBatch(InvalidRecord, "%d bytes behind the only batch",
			len(b)-batch.Size())
	}
	if err := batch.Validate(); err != nil {
		return Batch{}, err
	}
	err = batch.validateProduced()
	return batch, err
}

func (b *Batch) validateProduced() error {
	if b.Control() {
		return badBatch(InvalidRecord, "a control batch from a client")
	}
	if b.Count < 1 || b.LastOffsetDelta != b.Count-1 {
		return badBatch(InvalidRecord, "%d records up to offset delta %d", b.Count, b.LastOffsetDelta)
	}
	c, err := b.open()
	if err != nil {
		return err
	}
	if b.Codec() != Uncompressed {
		b.opened = len(c.b)
	}
	for i := range b.Count {
		if delta, ok := c.skip(); !ok || delta != int64(i) {
			return badBatch(InvalidRecord, "record %d of %d is malformed", i, b.Count)
		}
	}
	if len(c.b) > 0 {
		return badBatch(InvalidRecord, "%d bytes behind the last record", len(c.b))
	}
	return nil
}

// Place gives the batch its first offset, and the epoch of the leader that appends it.
func (b *Batch) Place(base kafka.Offset, epoch kafka.Epoch) {
	b.BaseOffset, b.LeaderEpoch = base, epoch
	SetBaseOffset(b.bytes, base)
	SetLeaderEpoch(b.bytes, epoch)
}

// SetBaseOffset gives the batch at the beginning of b its first offset.
func SetBaseOffset(b []byte, base kafka.Offset) {
	binary.BigEndian.PutUint64(b[batchBaseOffset:], uint64(base))
}

// SetLeaderEpoch gives the batch at the beginning of b the epoch of the leader that appends it.
func SetLeaderEpoch(b []byte, epoch kafka.Epoch) {
	binary.BigEndian.PutUint32(b[batchLeaderEpoch:], uint32(epoch))
}

// SetLogAppendTime gives every record the time at which the leader appends the batch, in
// milliseconds (DefaultRecordBatch.setMaxTimestamp, 3.9).
func (b *Batch) SetLogAppendTime(now int64) {
	b.Attributes |= attributeLogAppendTime
	b.MaxTimestamp = now
	binary.BigEndian.PutUint16(b.bytes[batchAttributes:], uint16(b.Attributes))
	binary.BigEndian.PutUint64(b.bytes[batchMaxTime:], uint64(now))
	b.CRC = crc32.Checksum(b.bytes[batchAttributes:], castagnoli)
	binary.BigEndian.PutUint32(b.bytes[batchCRC:], b.CRC)
}

// Batches yields each whole batch of b, and an error, once, for what is none. A batch that b ends
// within is skipped: fetch replies end so.
func Batches(b []byte) iter.Seq2[Batch, error] {
	return func(yield func(Batch, error) bool) {
		for len(b) >= LogOverhead {
			length := int32(binary.BigEndian.Uint32(b[batchLength:]))
			if length >= BatchOverhead-LogOverhead && int(length) > len(b)-LogOverhead {
				return
			}
			batch, err := ParseBatch(b)
			if err != nil {
				yield(Batch{}, err)
				return
			}
			if !yield(batch, nil) {
				return
			}
			b = b[batch.Size():]
		}
	}
}
