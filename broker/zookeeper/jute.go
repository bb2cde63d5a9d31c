package zookeeper

import "encoding/binary"

// maxFrame is jute.maxbuffer: the largest frame, without its length, that either side accepts
// (0xfffff, 3.8).
const maxFrame = 1<<20 - 1

// decoder reads jute, ZooKeeper's serialization: big-endian numbers, byte strings with a four-byte
// length that is −1 for null. The first thing that does not fit makes it bad for good.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) next(n int) []byte {
	if n < 0 || n > len(d.b) {
		d.bad, d.b = true, nil
		return nil
	}
	out := d.b[:n:n]
	d.b = d.b[n:]
	return out
}

func (d *decoder) int32() int32 {
	if b := d.next(4); b != nil {
		return int32(binary.BigEndian.Uint32(b))
	}
	return 0
}

func (d *decoder) int64() int64 {
	if b := d.next(8); b != nil {
		return int64(binary.BigEndian.Uint64(b))
	}
	return 0
}

func (d *decoder) bool() bool {
	b := d.next(1)
	return len(b) == 1 && b[0] != 0
}

func (d *decoder) bytes() []byte {
	n := d.int32()
	if n == -1 || d.bad {
		return nil
	}
	return d.next(int(n))
}

func (d *decoder) string() string { return string(d.bytes()) }

// count reads the length of a vector whose elements take at least least bytes each.
func (d *decoder) count(least int) int {
	n := int(d.int32())
	if n == -1 {
		return 0
	}
	if n < 0 || n > len(d.b)/least {
		d.bad, d.b = true, nil
		return 0
	}
	return n
}

func (d *decoder) strings() []string {
	n := d.count(4)
	out := make([]string, 0, n)
	for range n {
		out = append(out, d.string())
	}
	return out
}

// encoder writes jute.
type encoder struct {
	b []byte
}

func (e *encoder) int32(v int32) { e.b = binary.BigEndian.AppendUint32(e.b, uint32(v)) }
func (e *encoder) int64(v int64) { e.b = binary.BigEndian.AppendUint64(e.b, uint64(v)) }

func (e *encoder) bool(v bool) {
	if v {
		e.b = append(e.b, 1)
	} else {
		e.b = append(e.b, 0)
	}
}

func (e *encoder) bytes(v []byte) {
	if v == nil {
		e.int32(-1)
		return
	}
	e.int32(int32(len(v)))
	e.b = append(e.b, v...)
}

func (e *encoder) string(v string) {
	e.int32(int32(len(v)))
	e.b = append(e.b, v...)
}

func (e *encoder) strings(v []string) {
	e.int32(int32(len(v)))
	for _, s := range v {
		e.string(s)
	}
}
