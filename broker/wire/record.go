package wire

import (
	"encoding/binary"
	"iter"

	"sandcastle/model/kafka"
)

// Record is one record of a batch. Key and Value are nil for null and point into the batch.
type Record struct {
	Offset    kafka.Offset
	Timestamp int64 // milliseconds
	Key       []byte
	Value     []byte
	Headers   []RecordHeader
}

// AllRecords yields every record of the batches in b, and an error, once, where they stop making
// sense.
func AllRecords(b []byte) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for batch, err := range Batches(b) {
			if err != nil {
				yield(Record{}, err)
				return
			}
			for r, err := range batch.Records() {
				if !yield(r, err) || err != nil {
					return
				}
			}
		}
	}
}

// Records yields the records of the batch, and an error, once, where they stop making sense.
// Control batches yield their markers like any record: a consumer asks BatchHeader.Control before.
// A producer may have numbered its records as it likes (ValidateProduced), so offsets need not
// grow.
func (b *Batch) Records() iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		c, err := b.open()
		if err != nil {
			yield(Record{}, err)
			return
		}
		h := b.BatchHeader
		for i := range h.Count {
			r := c.record(&h)
			if c.bad {
				yield(Record{}, badBatch(CorruptMessage, "record %d of %d from offset %d is malformed", i,
					h.Count, h.BaseOffset))
				return
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// open returns a cursor on the records, which it decompresses.
func (b *Batch) open() (cursor, error) {
	records := b.bytes[BatchOverhead:]
	if codec := b.Codec(); codec != Uncompressed {
		var err error
		if records, err = codec.decompress(records); err != nil {
			return cursor{}, err
		}
	}
	return cursor{b: records}, nil
}

// cursor reads the varints of records. The first thing that does not fit makes it bad for good.
type cursor struct {
	b   []byte
	bad bool
}

func (c *cursor) varint() int64 {
	if len(c.b) > 0 && c.b[0] < 0x80 { // most take one byte
		x := int64(c.b[0])
		c.b = c.b[1:]
		return x>>1 ^ -(x & 1)
	}
	v, n := binary.Varint(c.b)
	if n <= 0 {
		c.bad, c.b = true, nil
		return 0
	}
	c.b = c.b[n:]
	return v
}

// varint32 reads what Kafka's format calls a varint: at most five bytes and 32 bits. Timestamps
// alone are longer.
func (c *cursor) varint32() int64 {
	before := len(c.b)
	v := c.varint()
	if v != int64(int32(v)) || before-len(c.b) > 5 {
		c.bad, c.b = true, nil
		return 0
	}
	return v
}

// next cuts off the next n bytes.
func (c *cursor) next(n int64) []byte {
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
	n := c.varint32()
	if n == -1 {
		return nil
	}
	return c.next(n)
}

// record reads one record.
func (c *cursor) record(h *BatchHeader) (r Record) {
	in := cursor{b: c.next(c.varint32())}
	in.next(1) // attributes, of which none is in use
	r.Timestamp = h.BaseTimestamp + in.varint()
	if h.LogAppendTime() {
		r.Timestamp = h.MaxTimestamp
	}
	r.Offset = h.BaseOffset + kafka.Offset(in.varint32())
	r.Key, r.Value = in.field(), in.field()
	headers := in.varint32()
	for ; headers > 0 && !in.bad; headers-- {
		key := in.next(in.varint32())
		r.Headers = append(r.Headers, RecordHeader{Key: string(key), Value: in.field()})
	}
	c.bad = c.bad || in.bad || headers < 0 || len(in.b) > 0
	return r
}

// skip reads one record as record does, without keeping it, and reports whether it was well formed,
// its offset delta, and how much later it is than the base timestamp.
func (c *cursor) skip() (delta, later int64, ok bool) {
	if size, delta, later := skipShort(c.b); size > 0 {
		c.b = c.b[size:]
		return int64(delta), int64(later), true
	}
	return c.skipAny()
}

func (c *cursor) skipAny() (delta, later int64, ok bool) {
	in := cursor{b: c.next(c.varint32())}
	in.next(1)
	later = in.varint()
	delta = in.varint32()
	in.field()
	in.field()
	headers := in.varint32()
	for ; headers > 0 && !in.bad; headers-- {
		in.next(in.varint32())
		in.field()
	}
	return delta, later, !c.bad && !in.bad && headers == 0 && len(in.b) == 0
}

// skipShort is skip for the record at the beginning of b if it is like most: without headers, and
// none of its numbers takes more than three bytes. The size is 0 for any other, good or bad. A
// leader looks at every record of a producer, so this is most of what validation costs.
func skipShort(b []byte) (size, delta, later int) {
	n, at := shortVarint(b, 0)
	size = at + n
	if at == 0 || n < 0 || size > len(b) {
		return 0, 0, 0
	}
	b = b[:size]
	if later, at = shortVarint(b, at+1); at == 0 { // the timestamp, behind the attributes
		return 0, 0, 0
	}
	if delta, at = shortVarint(b, at); at == 0 {
		return 0, 0, 0
	}
	for range 2 { // key and value
		if n, at = shortVarint(b, at); at == 0 || n < -1 {
			return 0, 0, 0
		}
		at += max(n, 0)
	}
	if headers, end := shortVarint(b, at); headers != 0 || end != size {
		return 0, 0, 0
	}
	return size, delta, later
}

// shortVarint reads a zigzag varint of at most three bytes at b[at] and returns where it ends, 0 if
// there is none.
func shortVarint(b []byte, at int) (v, end int) {
	if at >= len(b) {
		return 0, 0
	}
	x := uint(b[at])
	if x < 0x80 {
		return int(x>>1) ^ -int(x&1), at + 1
	}
	if at+1 >= len(b) {
		return 0, 0
	}
	x = x&0x7f | uint(b[at+1])<<7
	if x < 0x80<<7 {
		return int(x>>1) ^ -int(x&1), at + 2
	}
	if at+2 >= len(b) || b[at+2] >= 0x80 {
		return 0, 0
	}
	x = x&(0x80<<7-1) | uint(b[at+2])<<14
	return int(x>>1) ^ -int(x&1), at + 3
}
