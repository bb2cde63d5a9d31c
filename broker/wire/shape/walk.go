package shape

import (
	"encoding/binary"
	"math"
)

// Walk goes over the body of a message of a version and counts what it holds: elements of arrays
// and tagged fields. Of an array of numbers the first few do not count, which are the replicas of a
// partition and belong to it. It is false when the body ends before what it
// says is in it. Bytes behind the message are left alone, as kmsg and Kafka do.
func (m *Message) Walk(version int16, body []byte) (elements int, ok bool) {
	version = min(max(version, -1), math.MaxInt8-1) // what stands inside of messages has any
	w := walker{b: body, version: int8(version), flexible: version >= int16(m.flexible)}
	ok = w.walk(m.ops, 0) != bad
	return w.elements, ok
}

// walker goes over the bytes of a message. Every request of a client pays for it, so it holds
// nothing that it does not need and passes on where it is.
type walker struct {
	b        []byte
	version  int8
	flexible bool
	elements int
}

// bad is a place or a length that is not there. Other lengths below zero are those of null.
const bad = math.MinInt32

// walk goes over fields from at on, and returns where they end.
func (w *walker) walk(ops []op, at int) int {
	for i := 0; i < len(ops); {
		o := &ops[i]
		inner := i + 1
		i = inner + int(o.n)
		if w.version < o.from || w.version > o.to {
			continue
		}
		if o.kind == opNumber {
			at += int(o.size) // may be past the end, which the next one finds
			continue
		}
		if at = w.field(o, ops[inner:i], at); at == bad {
			return bad
		}
	}
	if at > len(w.b) {
		return bad
	}
	return at
}

// field goes over one field that is more than a number.
func (w *walker) field(o *op, inner []op, at int) int {
	if o.kind == opTags && !w.flexible {
		return at
	}
	if at >= len(w.b) { // each begins with a length or the like
		return bad
	}
	switch o.kind {
	case opTags:
		if w.b[at] == 0 {
			return at + 1
		}
		return w.tags(inner, at)
	case opArray:
		return w.array(inner, at)
	case opMaybe:
		if int8(w.b[at]) == -1 {
			return at + 1
		}
		return w.walk(inner, at+1)
	case opString:
		return w.content(0, at, 2)
	case opNullableString:
		return w.content(bad+1, at, 2)
	case opBytes:
		return w.content(-1, at, 4) // for kmsg such bytes are empty
	default:
		return w.content(bad+1, at, 4)
	}
}

// content goes over bytes behind their length, which is at least least and takes size bytes unless
// it is a varint.
func (w *walker) content(least, at, size int) int {
	n, at := w.length(at, size)
	if n < least || n > len(w.b)-at {
		return bad
	}
	return at + max(n, 0)
}

// length reads the length of something at a place, and returns where what follows it begins.
func (w *walker) length(at, size int) (n, next int) {
	switch {
	case w.flexible:
		if n, next = w.uvarint(at); n != bad {
			n--
		}
		return n, next
	case size > len(w.b)-at:
		return bad, at
	case size == 2:
		return int(int16(binary.BigEndian.Uint16(w.b[at:]))), at + 2
	default:
		return int(int32(binary.BigEndian.Uint32(w.b[at:]))), at + 4
	}
}

// uvarint reads a number of at most 31 bits; more than there may be bytes in a frame is as bad as
// none.
func (w *walker) uvarint(at int) (n, next int) {
	if at < len(w.b) && w.b[at] < 0x80 {
		return int(w.b[at]), at + 1
	}
	if at >= len(w.b) {
		return bad, at
	}
	long, size := binary.Uvarint(w.b[at:])
	if size <= 0 || size > 5 || long > 1<<31-1 {
		return bad, at
	}
	return int(long), at + size
}

// fewNumbers is how many numbers an array may have that count for nothing.
const fewNumbers = 8

func (w *walker) array(element []op, at int) int {
	n, at := w.length(at, 4)
	switch {
	case n == bad || n > len(w.b)-at:
		return bad
	case n <= 0: // null, or empty
		return at
	}
	if len(element) == 1 && element[0].kind == opNumber {
		if size := int(element[0].size); n > (len(w.b)-at)/size {
			return bad
		}
		w.elements += max(0, n-fewNumbers)
		return at + n*int(element[0].size)
	}
	w.elements += n
	for range n {
		if at = w.walk(element, at); at == bad {
			return bad
		}
	}
	return at
}

// tags goes over tagged fields, into those that are known.
func (w *walker) tags(known []op, at int) int {
	count, at := w.uvarint(at)
	if count < 0 || count > len(w.b)-at {
		return bad
	}
	w.elements += count
	for range count {
		var tag, size int
		tag, at = w.uvarint(at)
		size, at = w.uvarint(at)
		if tag < 0 || size < 0 || size > len(w.b)-at {
			return bad
		}
		field := walker{b: w.b[at : at+size], version: w.version, flexible: w.flexible}
		if field.walk(tagged(known, tag), 0) == bad {
			return bad
		}
		w.elements += field.elements
		at += size
	}
	return at
}

// tagged is the ops of a known tagged field, none of one that is unknown.
func tagged(known []op, tag int) []op {
	for i := 0; i < len(known); i += 1 + int(known[i].n) {
		if int(known[i].tag) == tag {
			return known[i+1 : i+1+int(known[i].n)]
		}
	}
	return nil
}
