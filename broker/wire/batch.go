package wire

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"iter"

	"sandcastle/model"
)

// Layout of a record batch of format v2, the only one that is stored (facts of DefaultRecordBatch, 3.9).
// The CRC covers everything from the attributes on, so a leader can set offset and epoch without it.
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
	BaseOffset      model.Offset
	Length          int32 // of what follows it
	LeaderEpoch     model.Epoch
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
func (h *BatchHeader) LastOffset() model.Offset {
	return h.BaseOffset + model.Offset(h.LastOffsetDelta)
}

// Size is the length of the whole batch in bytes.
func (h *BatchHeader) Size() int { return LogOverhead + int(h.Length) }

// Codec is how the records are compressed.
func (h *BatchHeader) Codec() Codec { return Codec(h.Attributes & 7) }

// ParseHeader reads the header of the batch that begins with b, which need not hold all of it. It fails
// when b is too short for a header, or the batch is none of format v2.
func ParseHeader(b []byte) (BatchHeader, error) {
	if len(b) < BatchOverhead {
		return BatchHeader{}, badBatch(CorruptMessage, "%d bytes are no record batch", len(b))
	}
	h := BatchHeader{
		BaseOffset:      model.Offset(binary.BigEndian.Uint64(b[batchBaseOffset:])),
		Length:          int32(binary.BigEndian.Uint32(b[batchLength:])),
		LeaderEpoch:     model.Epoch(binary.BigEndian.Uint32(b[batchLeaderEpoch:])),
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
	if h.Magic != 2 {
		return h, badBatch(UnsupportedForMessageFormat, "magic %d, only 2 is stored", h.Magic)
	}
	if h.Length < BatchOverhead-LogOverhead || h.LastOffsetDelta < 0 {
		return h, badBatch(CorruptMessage, "a batch of %d bytes up to offset delta %d", h.Length,
			h.LastOffsetDelta)
	}
	return h, nil
}

// ParseBatch reads the header of the batch at the beginning of b and returns the batch's size. It fails
// when b does not hold the whole batch.
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

// ValidateBatch checks that b is one whole batch: CRC-32C, and a count that fits the offsets.
func ValidateBatch(b []byte) error {
	h, size, err := ParseBatch(b)
	if err != nil {
		return err
	}
	if sum := crc32.Checksum(b[batchAttributes:size], castagnoli); sum != h.CRC {
		return badBatch(CorruptMessage, "CRC-32C is %08x, the header says %08x", sum, h.CRC)
	}
	if h.Count < 0 || h.LastOffsetDelta+1 < h.Count {
		return badBatch(InvalidRecord, "%d records up to offset delta %d", h.Count, h.LastOffsetDelta)
	}
	return nil
}

// SetBaseOffset gives the batch at the beginning of b its first offset.
func SetBaseOffset(b []byte, base model.Offset) {
	binary.BigEndian.PutUint64(b[batchBaseOffset:], uint64(base))
}

// SetLeaderEpoch gives the batch at the beginning of b the epoch of the leader that appends it.
func SetLeaderEpoch(b []byte, epoch model.Epoch) {
	binary.BigEndian.PutUint32(b[batchLeaderEpoch:], uint32(epoch))
}

// Batches yields each whole batch of b with its header, and an error, once, for what is none. A batch
// that b ends within is passed over in silence: fetch replies end so.
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
