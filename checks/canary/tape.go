package canary

import (
	"encoding/binary"
	"hash/crc32"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// batch is a record batch of format v2 (DefaultRecordBatch, 3.9), uncompressed, of records that are
// alike.
type batch struct {
	base     kafka.Offset
	n        int // records, one if 0
	epoch    kafka.Epoch
	millis   int64 // the timestamp of every record
	producer int64 // 0 for none
	sequence int32
	key      string // "" for null
	value    string // "" for null
}

func (b batch) last() kafka.Offset { return b.base + kafka.Offset(max(b.n, 1)) - 1 }

// bytes is the batch as it lies on a disk.
func (b batch) bytes() []byte {
	const headerSize, fromAttributes = 61, 21
	out := make([]byte, headerSize)
	n := max(b.n, 1)
	for i := range n {
		r := binary.AppendVarint([]byte{0}, 0) // no attributes; the timestamp of the batch
		r = binary.AppendVarint(r, int64(i))
		for _, field := range []string{b.key, b.value} {
			if field == "" {
				r = binary.AppendVarint(r, -1)
			} else {
				r = append(binary.AppendVarint(r, int64(len(field))), field...)
			}
		}
		r = binary.AppendVarint(r, 0) // headers
		out = append(binary.AppendVarint(out, int64(len(r))), r...)
	}
	producer, epoch, sequence := b.producer, int16(0), b.sequence
	if producer == 0 {
		producer, epoch, sequence = -1, -1, -1
	}
	put := binary.BigEndian
	put.PutUint64(out, uint64(b.base))
	put.PutUint32(out[8:], uint32(len(out)-12))
	put.PutUint32(out[12:], uint32(b.epoch))
	out[16] = 2
	put.PutUint32(out[23:], uint32(n-1))
	put.PutUint64(out[27:], uint64(b.millis))
	put.PutUint64(out[35:], uint64(b.millis))
	put.PutUint64(out[43:], uint64(producer))
	put.PutUint16(out[51:], uint16(epoch))
	put.PutUint32(out[53:], uint32(sequence))
	put.PutUint32(out[57:], uint32(n))
	put.PutUint32(out[17:], crc32.Checksum(out[fromAttributes:], crc32.MakeTable(crc32.Castagnoli)))
	return out
}

// tape is a made-up log. It implements kafka.LogInside and kafka.LogLookups.
type tape struct {
	batches []batch
	state   kafka.LogState
	damaged bool // the last byte of its last batch is another
	// shifted has reads begin so many batches too late.
	shifted int
}

// singles are batches of one record from offset 0 on, a second apart.
func singles(n int) *tape {
	t := &tape{}
	for i := range n {
		t.batches = append(t.batches, batch{
			base: kafka.Offset(i), epoch: 1, millis: int64(i) * 1000, value: "v",
		})
	}
	return t
}

// EachBatch implements kafka.LogInside.
func (t *tape) EachBatch(from kafka.Offset, yield func([]byte) bool) {
	for i, b := range t.batches {
		if b.last() < from {
			continue
		}
		raw := b.bytes()
		if t.damaged && i == len(t.batches)-1 {
			raw[len(raw)-1] ^= 1
		}
		if !yield(raw) {
			return
		}
	}
}

// EachRecord implements kafka.LogInside. Of a batch it shows the first record alone.
func (t *tape) EachRecord(from, to kafka.Offset, yield func(kafka.RecordView) bool) {
	for _, b := range t.batches {
		if b.last() < from || b.base >= to {
			continue
		}
		r := kafka.RecordView{
			Offset: b.base, Timestamp: b.millis, Sum: model.SumString(1, b.key+"/"+b.value),
		}
		if b.key != "" {
			r.Key = []byte(b.key)
		}
		if b.value != "" {
			r.Value = []byte(b.value)
		}
		if !yield(r) {
			return
		}
	}
}

// Describe implements kafka.LogInside.
func (t *tape) Describe(s *kafka.LogState) { *s = t.state }

// Read implements kafka.LogLookups.
func (t *tape) Read(from kafka.Offset, maxBytes int, upTo kafka.Offset) ([]byte, bool) {
	var got []byte
	skip := t.shifted
	for _, b := range t.batches {
		if b.last() < from {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		raw := b.bytes()
		if b.last() >= upTo || len(got) > 0 && len(got)+len(raw) > maxBytes {
			break
		}
		got = append(got, raw...)
	}
	return got, true
}

// Since implements kafka.LogLookups.
func (t *tape) Since(millis int64) (kafka.Offset, int64, bool) {
	for _, b := range t.batches {
		if b.millis >= millis {
			return b.base, b.millis, true
		}
	}
	return 0, 0, false
}

// view is the log as the replica that leads on broker 1, committed to its end.
func (t *tape) view() kafka.ReplicaView {
	v := kafka.ReplicaView{
		Broker: 1, TP: orders(), Leading: true, LeaderEpoch: 1, Log: t, Lookups: t, MinISR: 1,
		ISR: []kafka.BrokerID{1},
	}
	if n := len(t.batches); n > 0 {
		v.LogStart, v.LogEnd = t.batches[0].base, t.batches[n-1].last()+1
		v.HighWatermark = v.LogEnd
	}
	return v
}
