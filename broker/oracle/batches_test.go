package oracle

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// rec is a record; nil key or value is null.
type rec struct {
	key, val []byte
	ts       int64 // milliseconds after the batch's first timestamp
	delta    int32 // offset delta; -1 counts
	headers  [][2]string
}

func kv(k, v string) rec { return rec{key: []byte(k), val: []byte(v), delta: -1} }
func val(v string) rec   { return rec{val: []byte(v), delta: -1} }

// bat is a batch, magic 2.
type bat struct {
	base                       int64
	attrs                      int16
	first                      int64 // timestamp; 0: the run's
	pid                        int64
	epoch                      int16
	seq                        int32
	leaderEpoch                int32
	magic                      int8
	recs                       []rec
	codec                      int // 0 none 1 gzip 2 snappy 3 lz4 4 zstd
	count, lastDelta           int32
	setCount, setDelta, badCRC bool
	length                     int32
	rawRecords                 []byte
	maxTS                      int64
}

func newBat(recs ...rec) *bat {
	return &bat{pid: -1, epoch: -1, seq: -1, leaderEpoch: -1, magic: 2, recs: recs}
}

func strs(vals ...string) *bat {
	var recs []rec
	for _, v := range vals {
		recs = append(recs, kv("k"+v, v))
	}
	return newBat(recs...)
}

func (b *bat) with(f func(*bat)) *bat { f(b); return b }

func (b *bat) idem(pid int64, epoch int16, seq int32) *bat {
	b.pid, b.epoch, b.seq = pid, epoch, seq
	return b
}

func varint(dst []byte, v int64) []byte { return binary.AppendVarint(dst, v) }

func bytesField(dst, b []byte) []byte {
	if b == nil {
		return varint(dst, -1)
	}
	return append(varint(dst, int64(len(b))), b...)
}

func (b *bat) encode() []byte {
	first := b.first
	if first == 0 {
		first = base
	}
	var body []byte
	max := first
	for i, r := range b.recs {
		one := []byte{0}
		one = varint(one, r.ts)
		d := int64(i)
		if r.delta >= 0 {
			d = int64(r.delta)
		}
		one = varint(one, d)
		one = bytesField(one, r.key)
		one = bytesField(one, r.val)
		one = varint(one, int64(len(r.headers)))
		for _, h := range r.headers {
			one = bytesField(one, []byte(h[0]))
			one = bytesField(one, []byte(h[1]))
		}
		body = varint(body, int64(len(one)))
		body = append(body, one...)
		if first+r.ts > max {
			max = first + r.ts
		}
	}
	if b.maxTS != 0 {
		max = b.maxTS
	}
	if b.rawRecords != nil {
		body = b.rawRecords
	}
	attrs := b.attrs
	if b.codec != 0 {
		attrs |= int16(b.codec)
		c, err := kgo.DefaultCompressor(
			[]kgo.CompressionCodec{
				kgo.NoCompression(), kgo.GzipCompression(), kgo.SnappyCompression(),
				kgo.Lz4Compression(), kgo.ZstdCompression(),
			}[b.codec],
		)
		if err != nil {
			panic(err)
		}
		out, used := c.Compress(new(bytes.Buffer), body)
		if int(used) != b.codec {
			panic("codec")
		}
		body = append([]byte(nil), out...)
	}
	count, last := int32(len(b.recs)), int32(len(b.recs)-1)
	if b.setCount {
		count = b.count
	}
	if b.setDelta {
		last = b.lastDelta
	}
	tail := binary.BigEndian.AppendUint16(nil, uint16(attrs))
	tail = binary.BigEndian.AppendUint32(tail, uint32(last))
	tail = binary.BigEndian.AppendUint64(tail, uint64(first))
	tail = binary.BigEndian.AppendUint64(tail, uint64(max))
	tail = binary.BigEndian.AppendUint64(tail, uint64(b.pid))
	tail = binary.BigEndian.AppendUint16(tail, uint16(b.epoch))
	tail = binary.BigEndian.AppendUint32(tail, uint32(b.seq))
	tail = binary.BigEndian.AppendUint32(tail, uint32(count))
	tail = append(tail, body...)
	crc := crc32.Checksum(tail, castagnoli)
	if b.badCRC {
		crc ^= 1
	}
	n := int32(4 + 1 + 4 + len(tail))
	if b.length != 0 {
		n = b.length
	}
	out := binary.BigEndian.AppendUint64(nil, uint64(b.base))
	out = binary.BigEndian.AppendUint32(out, uint32(n))
	out = binary.BigEndian.AppendUint32(out, uint32(b.leaderEpoch))
	out = append(out, byte(b.magic))
	out = binary.BigEndian.AppendUint32(out, crc)
	return append(out, tail...)
}

// message is a message of magic 0 or 1, in a set of its own.
func message(magic int8, offset int64, attrs byte, key, val []byte, badCRC bool) []byte {
	body := []byte{byte(magic), attrs}
	if magic == 1 {
		body = binary.BigEndian.AppendUint64(body, uint64(base))
	}
	for _, b := range [][]byte{key, val} {
		if b == nil {
			body = binary.BigEndian.AppendUint32(body, 0xffffffff)
			continue
		}
		body = binary.BigEndian.AppendUint32(body, uint32(len(b)))
		body = append(body, b...)
	}
	crc := crc32.ChecksumIEEE(body)
	if badCRC {
		crc ^= 1
	}
	out := binary.BigEndian.AppendUint64(nil, uint64(offset))
	out = binary.BigEndian.AppendUint32(out, uint32(4+len(body)))
	out = binary.BigEndian.AppendUint32(out, crc)
	return append(out, body...)
}

// batches puts batches into words, one each.
func (t *target) batches(b []byte) (out []string) {
	dec := kgo.DefaultDecompressor()
	for len(b) >= 17 {
		n := int(int32(binary.BigEndian.Uint32(b[8:])))
		if n < 0 || 12+n > len(b) {
			out = append(out, "cut batch")
			return out
		}
		one := b[:12+n]
		b = b[12+n:]
		magic := one[16]
		if magic < 2 {
			out = append(out, t.oldMessage(one))
			continue
		}
		var rb kmsg.RecordBatch
		if err := rb.ReadFrom(one); err != nil {
			out = append(out, "undecodable batch")
			return out
		}
		crc := "crc ok"
		if uint32(rb.CRC) != crc32.Checksum(one[21:], castagnoli) {
			crc = "BAD CRC"
		}
		pid := "-"
		if rb.ProducerID >= 0 {
			pid = fmt.Sprintf(
				"%s/%d/%d",
				t.alias("pid", fmt.Sprint(rb.ProducerID)),
				rb.ProducerEpoch,
				rb.FirstSequence,
			)
		}
		body := rb.Records
		if codec := rb.Attributes & 7; codec != 0 {
			d, err := dec.Decompress(body, kgo.CompressionCodecType(codec))
			if err != nil {
				out = append(out, "undecompressible: "+err.Error())
				continue
			}
			body = d
		}
		recs := ""
		for i := int32(0); i < rb.NumRecords && i < 20; i++ {
			var r kmsg.Record
			l, w := binary.Varint(body)
			if w <= 0 || int(l) > len(body)-w || l < 0 {
				recs += " (bad)"
				break
			}
			if err := r.ReadFrom(body[:w+int(l)]); err != nil {
				recs += " (undecodable)"
				break
			}
			body = body[w+int(l):]
			recs += fmt.Sprintf(
				" %d:%s=%s@%s",
				rb.FirstOffset+int64(r.OffsetDelta),
				r.Key,
				shorten(r.Value),
				t.time(rb.FirstTimestamp+r.TimestampDelta64),
			)
			if len(r.Headers) > 0 {
				recs += fmt.Sprintf("h%d", len(r.Headers))
			}
		}
		out = append(
			out,
			fmt.Sprintf(
				"at %d last +%d count %d epoch %d attrs %d first %s max %s pid %s %s:%s",
				rb.FirstOffset,
				rb.LastOffsetDelta,
				rb.NumRecords,
				rb.PartitionLeaderEpoch,
				rb.Attributes,
				t.time(rb.FirstTimestamp),
				t.time(rb.MaxTimestamp),
				pid,
				crc,
				recs,
			),
		)
	}
	if len(b) > 0 {
		out = append(out, "cut batch")
	}
	return out
}

func shorten(b []byte) string {
	s := string(b)
	if len(s) > 20 {
		return fmt.Sprintf("%s…%d", s[:8], len(s))
	}
	return strings.ToValidUTF8(s, "?")
}

func (t *target) oldMessage(b []byte) string {
	off := int64(binary.BigEndian.Uint64(b))
	magic := b[16]
	attrs := b[17]
	rest := b[18:]
	ts := ""
	if magic == 1 {
		ts = " " + t.time(int64(binary.BigEndian.Uint64(rest)))
		rest = rest[8:]
	}
	crc := "crc ok"
	if binary.BigEndian.Uint32(b[12:]) != crc32.ChecksumIEEE(b[16:]) {
		crc = "BAD CRC"
	}
	return fmt.Sprintf("message at %d magic %d attrs %d%s %s %q", off, magic, attrs, ts, crc, rest)
}
