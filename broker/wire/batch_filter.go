package wire

import (
	"encoding/binary"
	"hash/crc32"
	"time"
)

// attributeDeleteHorizon says that the batch's base timestamp is its delete horizon.
const attributeDeleteHorizon = 1 << 6

// DeleteHorizon is the time in milliseconds from which on tombstones of the batch may go, false
// while no cleaner has set it (KIP-534).
func (h *BatchHeader) DeleteHorizon() (int64, bool) {
	return h.BaseTimestamp, h.Attributes&attributeDeleteHorizon != 0
}

// BatchFilter takes records out of batches, as the log cleaner does (MemoryRecords.filterTo, 3.9).
// The zero value is ready for use; its memory serves one batch after the other.
type BatchFilter struct {
	record     Record // that is being looked at
	kept       []Record
	out        []byte
	compressor Compressor
}

// Filtered is what a BatchFilter has left of a batch.
type Filtered struct {
	// Batch is the batch with the records that stay, when there are any: the same batch where nothing
	// changed, and otherwise one that is good until the filter is next used.
	Batch         Batch
	Records, Kept int           // how many there were, and are
	Cost          time.Duration // CPU time of the codec
}

// Filter leaves those records of the batch for which keep is true. Their offsets and timestamps
// stay, as do first and last offset of the batch, by which a producer's sequence is known. A batch
// that keeps tombstones and has no delete horizon yet gets horizon, in milliseconds. The error is a
// *BatchError of the records.
func (f *BatchFilter) Filter(batch *Batch, horizon int64, keep func(*Record) bool,
) (Filtered, error) {
	h := &batch.BatchHeader
	c, err := batch.open()
	if err != nil {
		return Filtered{}, err
	}
	out := Filtered{Records: int(h.Count), Cost: h.Codec().DecompressCost(len(c.b))}
	f.kept = f.kept[:0]
	tombstones := false
	for i := range h.Count {
		if f.record = c.record(h); c.bad {
			return out, badBatch(CorruptMessage, "record %d of %d is malformed", i, h.Count)
		}
		if keep(&f.record) {
			f.kept = append(f.kept, f.record)
			tombstones = tombstones || f.record.Value == nil
		}
	}
	out.Kept = len(f.kept)
	if out.Kept == 0 {
		return out, nil
	}
	base, set := h.DeleteHorizon()
	if out.Kept == out.Records && (set || !tombstones) {
		out.Batch = *batch
		return out, nil
	}
	attributes := h.Attributes
	switch {
	case set:
	case tombstones:
		base, attributes = horizon, attributes|attributeDeleteHorizon
	default:
		base = f.kept[0].Timestamp
	}
	out.Cost += f.rebuild(batch, attributes, base)
	out.Batch = mustParse(f.out)
	return out, nil
}

// rebuild makes a batch of the records that stay and says what compressing them costs.
func (f *BatchFilter) rebuild(batch *Batch, attributes int16, base int64) time.Duration {
	b := append(f.out[:0], batch.bytes[:BatchOverhead]...)
	largest := f.kept[0].Timestamp
	for i := range f.kept {
		r := &f.kept[i]
		b = appendRecord(b, int32(r.Offset-batch.BaseOffset), r.Timestamp-base, r.Key, r.Value, r.Headers)
		largest = max(largest, r.Timestamp)
	}
	size := len(b) - BatchOverhead
	codec := batch.Codec()
	if codec != Uncompressed {
		b = append(b[:BatchOverhead], codecs[codec].pack(&f.compressor, b[BatchOverhead:])...)
	}
	f.out = b
	f.finish(attributes, base, largest)
	return codec.CompressCost(size)
}

// Empty is the batch without its records: what is left of a producer's last one, whose header tells
// the producer's epoch and sequence (DefaultRecordBatch.writeEmptyHeader, 3.9). It is good until
// the filter is next used.
func (f *BatchFilter) Empty(batch *Batch) Batch {
	f.kept = f.kept[:0]
	f.out = append(f.out[:0], batch.bytes[:BatchOverhead]...)
	attributes := batch.Attributes &^ (7 | attributeDeleteHorizon)
	f.finish(attributes, -1, batch.MaxTimestamp)
	return mustParse(f.out)
}

// finish writes what differs in the header of f.out.
func (f *BatchFilter) finish(attributes int16, base, largest int64) {
	b := f.out
	binary.BigEndian.PutUint32(b[batchLength:], uint32(len(b)-LogOverhead))
	binary.BigEndian.PutUint16(b[batchAttributes:], uint16(attributes))
	binary.BigEndian.PutUint64(b[batchBaseTime:], uint64(base))
	binary.BigEndian.PutUint64(b[batchMaxTime:], uint64(largest))
	binary.BigEndian.PutUint32(b[batchCount:], uint32(len(f.kept)))
	binary.BigEndian.PutUint32(b[batchCRC:], crc32.Checksum(b[batchAttributes:], castagnoli))
}
