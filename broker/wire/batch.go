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
	// Opened is how many bytes of records were decompressed before they could not be.
	Opened int
}

// Error implements error.
func (e *BatchError) Error() string { return e.Code.String() + ": " + e.Problem }

func badBatch(code Code, format string, args ...any) error {
	return &BatchError{Code: code, Problem: fmt.Sprintf(format, args...)}
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
	h := readHeader(b)
	if h.Length < BatchOverhead-LogOverhead || h.LastOffsetDelta < 0 {
		return h, badBatch(CorruptMessage, "a batch of %d bytes up to offset delta %d", h.Length,
			h.LastOffsetDelta)
	}
	if h.BaseOffset > math.MaxInt64-kafka.Offset(h.LastOffsetDelta)-1 {
		return h, badBatch(CorruptMessage, "offset %d and %d more", h.BaseOffset, h.LastOffsetDelta)
	}
	return h, nil
}

// readHeader reads the fields of a header, whatever they say.
func readHeader(b []byte) BatchHeader {
	return BatchHeader{
		BaseOffset:      kafka.Offset(binary.BigEndian.Uint64(b[batchBaseOffset:])),
		Length:          int32(binary.BigEndian.Uint32(b[batchLength:])),
		LeaderEpoch:     kafka.Epoch(binary.BigEndian.Uint32(b[batchLeaderEpoch:])),
		Magic:           int8(b[batchMagic]),
		CRC:             headerCRC(b),
		Attributes:      int16(binary.BigEndian.Uint16(b[batchAttributes:])),
		LastOffsetDelta: int32(binary.BigEndian.Uint32(b[batchLastDelta:])),
		BaseTimestamp:   int64(binary.BigEndian.Uint64(b[batchBaseTime:])),
		MaxTimestamp:    int64(binary.BigEndian.Uint64(b[batchMaxTime:])),
		ProducerID:      int64(binary.BigEndian.Uint64(b[batchProducerID:])),
		ProducerEpoch:   int16(binary.BigEndian.Uint16(b[batchProducerEpoch:])),
		BaseSequence:    int32(binary.BigEndian.Uint32(b[batchBaseSequence:])),
		Count:           int32(binary.BigEndian.Uint32(b[batchCount:])),
	}
}

func headerCRC(b []byte) uint32 { return binary.BigEndian.Uint32(b[batchCRC:]) }

// Batch is one whole record batch that has been parsed. The parser makes one, or BatchHeader.Batch
// for whoever has parsed the header already, so that who has one need not parse again.
//
// Invariant: the header is what stands in bytes. Only methods of Batch change either.
type Batch struct {
	BatchHeader
	bytes  []byte
	opened int
}

// Opened is how many bytes of records ValidateProduced has decompressed to look at them, also of a
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

// NextBatch cuts off the batch at the beginning of b. There is none, and no error, when b is empty
// or ends within it: fetch replies end so.
func NextBatch(b []byte) (batch Batch, rest []byte, err error) {
	if len(b) < LogOverhead {
		return Batch{}, nil, nil
	}
	length := int32(binary.BigEndian.Uint32(b[batchLength:]))
	if length >= BatchOverhead-LogOverhead && int(length) > len(b)-LogOverhead {
		return Batch{}, nil, nil
	}
	if batch, err = ParseBatch(b); err != nil {
		return Batch{}, nil, err
	}
	return batch, b[batch.Size():], nil
}

// Batches yields each whole batch of b, and an error, once, for what is none.
func Batches(b []byte) iter.Seq2[Batch, error] {
	return func(yield func(Batch, error) bool) {
		for {
			batch, rest, err := NextBatch(b)
			if err == nil && batch.bytes == nil || !yield(batch, err) || err != nil {
				return
			}
			b = rest
		}
	}
}
