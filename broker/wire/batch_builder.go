package wire

import (
	"encoding/binary"
	"hash/crc32"
)

// RecordHeader is a header of a record: any number of them, keys need not differ.
type RecordHeader struct {
	Key   string
	Value []byte
}

// BatchBuilder puts records into one uncompressed batch of format v2. The zero value is ready for
// use.
type BatchBuilder struct {
	buf   []byte
	count int32
	base  int64 // timestamp of the first record, milliseconds
	max   int64

	producer  BatchProducer
	sequenced bool // producer was set
}

// BatchProducer is what an idempotent producer writes into a batch: by it the leader recognises a
// batch that it has already (KIP-98).
type BatchProducer struct {
	ID           int64
	Epoch        int16
	BaseSequence int32 // of the first record; each further record has the next
}

// SetProducer makes the batch one of an idempotent producer.
func (b *BatchBuilder) SetProducer(p BatchProducer) { b.producer, b.sequenced = p, true }

// RewriteProducer gives the finished batch that is all of b another producer state, and the CRC
// that goes with it.
func RewriteProducer(b []byte, p BatchProducer) {
	putProducer(b, p)
	binary.BigEndian.PutUint32(b[batchCRC:], crc32.Checksum(b[batchAttributes:], castagnoli))
}

func putProducer(b []byte, p BatchProducer) {
	binary.BigEndian.PutUint64(b[batchProducerID:], uint64(p.ID))
	binary.BigEndian.PutUint16(b[batchProducerEpoch:], uint16(p.Epoch))
	binary.BigEndian.PutUint32(b[batchBaseSequence:], uint32(p.BaseSequence))
}

// Reuse has the batch grow in the memory of another that nobody uses any more. A builder that holds
// records already is left alone.
func (b *BatchBuilder) Reuse(room []byte) {
	if b.count == 0 {
		b.buf = room[:0]
	}
}

// Reserve makes room for a batch of size bytes, so that Append need not grow it. A builder that
// holds records already is left alone.
func (b *BatchBuilder) Reserve(size int) {
	if b.count == 0 && cap(b.buf) < size {
		b.buf = make([]byte, 0, size)
	}
}

// Append adds a record with a timestamp in milliseconds. A nil key or value is null.
func (b *BatchBuilder) Append(timestamp int64, key, value []byte, headers ...RecordHeader) {
	if b.count == 0 {
		if b.buf == nil {
			b.buf = make([]byte, 0, BatchOverhead+RecordSize(b.count, 0, key, value, headers...))
		}
		b.buf = append(b.buf[:0], make([]byte, BatchOverhead)...)
		b.base, b.max = timestamp, timestamp
	}
	b.buf = appendRecord(b.buf, b.count, timestamp-b.base, key, value, headers)
	b.count++
	b.max = max(b.max, timestamp)
}

// appendRecord writes one record with its offset and timestamp deltas.
func appendRecord(b []byte, index int32, delta int64, key, value []byte, headers []RecordHeader,
) []byte {
	b = binary.AppendVarint(b, int64(recordBody(index, delta, key, value, headers)))
	b = append(b, 0) // attributes
	b = binary.AppendVarint(b, delta)
	b = binary.AppendVarint(b, int64(index))
	b = appendField(b, key)
	b = appendField(b, value)
	b = binary.AppendVarint(b, int64(len(headers)))
	for _, h := range headers {
		b = binary.AppendVarint(b, int64(len(h.Key)))
		b = append(b, h.Key...)
		b = appendField(b, h.Value)
	}
	return b
}

func appendField(b, field []byte) []byte {
	if field == nil {
		return binary.AppendVarint(b, -1)
	}
	return append(binary.AppendVarint(b, int64(len(field))), field...)
}

// RecordSize is how many bytes a record adds as number index of a batch, its timestamp delta after
// the first record's.
func RecordSize(index int32, delta int64, key, value []byte, headers ...RecordHeader) int {
	body := recordBody(index, delta, key, value, headers)
	return varintSize(int64(body)) + body
}

func recordBody(index int32, delta int64, key, value []byte, headers []RecordHeader) int {
	size := 1 + varintSize(delta) + varintSize(int64(index)) + fieldSize(key) + fieldSize(value) +
		varintSize(int64(len(headers)))
	for _, h := range headers {
		size += varintSize(int64(len(h.Key))) + len(h.Key) + fieldSize(h.Value)
	}
	return size
}

func fieldSize(field []byte) int {
	if field == nil {
		return 1
	}
	return varintSize(int64(len(field))) + len(field)
}

func varintSize(x int64) int {
	u := uint64(x<<1) ^ uint64(x>>63)
	n := 1
	for ; u >= 0x80; u >>= 7 {
		n++
	}
	return n
}

// Count is how many records were added.
func (b *BatchBuilder) Count() int { return int(b.count) }

// Size is the length in bytes of the batch so far.
func (b *BatchBuilder) Size() int {
	if b.count == 0 {
		return BatchOverhead
	}
	return len(b.buf)
}

// Compressed is Bytes with the records compressed by codec.
func (b *BatchBuilder) Compressed(codec Codec, with *Compressor) []byte {
	batch := b.Bytes()
	if codec == Uncompressed {
		return batch
	}
	return packBatch(batch[:BatchOverhead], batch[BatchOverhead:], codec, with)
}

// Batch is Bytes, parsed.
func (b *BatchBuilder) Batch() Batch { return mustParse(b.Bytes()) }

// Bytes finishes the batch and returns it; the builder is empty afterwards and the bytes are the
// caller's. Base offset is 0, no leader epoch, and no producer id unless one was set.
func (b *BatchBuilder) Bytes() []byte {
	if b.count == 0 {
		panic("wire: a batch without records")
	}
	out := b.buf
	binary.BigEndian.PutUint32(out[batchLength:], uint32(len(out)-LogOverhead))
	binary.BigEndian.PutUint32(out[batchLeaderEpoch:], 1<<32-1)
	out[batchMagic] = 2
	binary.BigEndian.PutUint32(out[batchLastDelta:], uint32(b.count-1))
	binary.BigEndian.PutUint64(out[batchBaseTime:], uint64(b.base))
	binary.BigEndian.PutUint64(out[batchMaxTime:], uint64(b.max))
	if !b.sequenced {
		b.producer = BatchProducer{ID: -1, Epoch: -1, BaseSequence: -1}
	}
	putProducer(out, b.producer)
	binary.BigEndian.PutUint32(out[batchCount:], uint32(b.count))
	binary.BigEndian.PutUint32(out[batchCRC:], crc32.Checksum(out[batchAttributes:], castagnoli))
	*b = BatchBuilder{}
	return out
}
