package wire

import (
	"encoding/binary"
	"iter"

	"sandcastle/model"
)

// Codec is a compression of record batches, by its number in the batch's attributes.
type Codec int8

// The codecs of Kafka. Only uncompressed batches can be opened here; others are stored and served as
// they are.
const (
	Uncompressed Codec = iota
	Gzip
	Snappy
	LZ4
	Zstd
)

// Record is one record of a batch. Key and Value are nil for null and point into the batch.
type Record struct {
	Offset    model.Offset
	Timestamp int64 // milliseconds
	Key       []byte
	Value     []byte
	Headers   []RecordHeader
}

// AllRecords yields every record of the batches in b, and an error, once, where they stop making sense.
func AllRecords(b []byte) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for batch, err := range Batches(b) {
			if err != nil {
				yield(Record{}, err)
				return
			}
			for r, err := range Records(batch) {
				if !yield(r, err) || err != nil {
					return
				}
			}
		}
	}
}

// Records yields the records of one batch, whose header was parsed before.
func Records(batch []byte) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		h, size, err := ParseBatch(batch)
		if err == nil && h.Codec() != Uncompressed {
			err = badBatch(UnsupportedCompressionType, "codec %d", h.Codec())
		}
		if err != nil {
			yield(Record{}, err)
			return
		}
		c := cursor{b: batch[BatchOverhead:size]}
		for range h.Count {
			r := c.record(&h)
			if c.bad {
				yield(Record{}, badBatch(CorruptMessage, "records of the batch at offset %d", h.BaseOffset))
				return
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// cursor reads the varints of records. The first thing that does not fit makes it bad for good.
type cursor struct {
	b   []byte
	bad bool
}

func (c *cursor) varint() int64 {
	v, n := binary.Varint(c.b)
	if n <= 0 {
		c.bad, c.b = true, nil
		return 0
	}
	c.b = c.b[n:]
	return v
}

func (c *cursor) take(n int64) []byte {
	if n < 0 || n > int64(len(c.b)) {
		c.bad, c.b = true, nil
		return nil
	}
	field := c.b[:n:n]
	c.b = c.b[n:]
	return field
}

// field reads a length and that many bytes, nil for −1.
func (c *cursor) field() []byte {
	n := c.varint()
	if n == -1 {
		return nil
	}
	return c.take(n)
}

func (c *cursor) record(h *BatchHeader) Record {
	rest := c.take(c.varint())
	if c.bad {
		return Record{}
	}
	in := cursor{b: rest}
	in.take(1) // attributes
	r := Record{Timestamp: h.BaseTimestamp + in.varint(), Offset: h.BaseOffset + model.Offset(in.varint())}
	r.Key, r.Value = in.field(), in.field()
	headers := in.varint()
	for ; headers > 0 && !in.bad; headers-- {
		key := in.take(in.varint())
		r.Headers = append(r.Headers, RecordHeader{Key: string(key), Value: in.field()})
	}
	c.bad = c.bad || in.bad || headers < 0 || len(in.b) > 0
	return r
}
