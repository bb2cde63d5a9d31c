package model

import (
	"encoding/binary"
	"math/bits"
)

// Sum64 mixes b into the running hash h, eight bytes at a time. It is the one hash of the project:
// of traces, commands and batches. It is not cryptographic.
func Sum64(h uint64, b []byte) uint64 {
	h ^= uint64(len(b)) * 0x9e3779b97f4a7c15
	for len(b) >= 8 {
		h = mix(h ^ binary.LittleEndian.Uint64(b))
		b = b[8:]
	}
	if len(b) > 0 {
		var tail [8]byte
		copy(tail[:], b)
		h = mix(h ^ binary.LittleEndian.Uint64(tail[:]))
	}
	return h
}

// SumString is Sum64 of a string.
func SumString(h uint64, s string) uint64 {
	h ^= uint64(len(s)) * 0x9e3779b97f4a7c15
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 0x100000001b3
	}
	return mix(h)
}

// SumUint mixes one number into the running hash h.
func SumUint(h, x uint64) uint64 { return mix(h ^ x) }

// mix folds the 128-bit product, which spreads every input bit over the result.
func mix(x uint64) uint64 {
	hi, lo := bits.Mul64(x^0xa0761d6478bd642f, 0xe7037ed1a0b428db)
	return hi ^ lo
}
