package wire

import (
	"encoding/binary"
	"errors"

	"github.com/klauspost/compress/snappy"
)

// errTooMuch says that records would be longer than maxDecompressed.
var errTooMuch = errors.New("too many bytes")

// Kafka's snappy is that of snappy-java's streams: a header of 16 bytes, then blocks of at most 32
// KiB, each behind its length. Other clients send one bare block.
const (
	xerialMagic  = "\x82SNAPPY\x00"
	xerialHeader = xerialMagic + "\x00\x00\x00\x01\x00\x00\x00\x01" // version and the oldest reader's
	xerialBlock  = 32 << 10
)

var errSnappy = errors.New("a block is cut off")

func openSnappy(compressed []byte) ([]byte, error) {
	if len(compressed) < len(xerialHeader) || string(compressed[:len(xerialMagic)]) != xerialMagic {
		return openSnappyBlock(nil, compressed)
	}
	var records []byte
	for b := compressed[len(xerialHeader):]; len(b) > 0; {
		if len(b) < 4 {
			return records, errSnappy
		}
		n := binary.BigEndian.Uint32(b)
		if b = b[4:]; uint64(n) > uint64(len(b)) {
			return records, errSnappy
		}
		var err error
		if records, err = openSnappyBlock(records, b[:n]); err != nil {
			return records, err
		}
		b = b[n:]
	}
	return records, nil
}

// openSnappyBlock appends what a block holds to records.
func openSnappyBlock(records, block []byte) ([]byte, error) {
	n, err := snappy.DecodedLen(block)
	if err != nil {
		return records, err
	}
	if n > maxDecompressed-len(records) {
		return records, errTooMuch
	}
	opened, err := snappy.Decode(nil, block)
	return append(records, opened...), err
}

func packSnappy(_ *Compressor, records []byte) []byte {
	out := []byte(xerialHeader)
	for len(records) > 0 {
		n := min(len(records), xerialBlock)
		at := len(out)
		out = packSnappyBlock(append(out, 0, 0, 0, 0), records[:n])
		binary.BigEndian.PutUint32(out[at:], uint32(len(out)-at-4))
		records = records[n:]
	}
	return out
}

// packSnappyBlock appends src, at most xerialBlock bytes, as one block of the snappy format: its
// length, then literals and copies of what came at most 64 KiB earlier. It is written here because
// the library's encoder finds other matches on other machines.
func packSnappyBlock(out, src []byte) []byte {
	const hashBits = 13
	out = binary.AppendUvarint(out, uint64(len(src)))
	var table [1 << hashBits]uint16 // position of the last four bytes with that hash
	done := 0
	for at := 1; at+4 <= len(src); {
		word := binary.LittleEndian.Uint32(src[at:])
		slot := &table[word*0x1e35a7bd>>(32-hashBits)]
		match := int(*slot)
		*slot = uint16(at)
		if match >= at || binary.LittleEndian.Uint32(src[match:]) != word {
			at++
			continue
		}
		n := 4
		for at+n < len(src) && src[match+n] == src[at+n] {
			n++
		}
		out = snappyLiteral(out, src[done:at])
		out = snappyCopy(out, at-match, n)
		at += n
		done = at
	}
	return snappyLiteral(out, src[done:])
}

func snappyLiteral(out, literal []byte) []byte {
	switch n := len(literal) - 1; {
	case n < 0:
		return out
	case n < 60:
		out = append(out, byte(n<<2))
	case n < 1<<8:
		out = append(out, 60<<2, byte(n))
	default:
		out = append(out, 61<<2, byte(n), byte(n>>8))
	}
	return append(out, literal...)
}

// snappyCopy writes a copy of length bytes from offset bytes back, in pieces of at most 64.
func snappyCopy(out []byte, offset, length int) []byte {
	for length > 0 {
		n := min(length, 64)
		out = append(out, byte((n-1)<<2|2), byte(offset), byte(offset>>8))
		length -= n
	}
	return out
}
