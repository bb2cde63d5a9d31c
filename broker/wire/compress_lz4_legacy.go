package wire

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// In messages of magic 0 Kafka's LZ4 frames have a wrong checksum of their header: it covers the
// frame's magic number too, and clients of the time want it so (KAFKA-3160,
// Lz4BlockOutputStream.useBrokenFlagDescriptorChecksum, 3.9).

const (
	lz4Magic = 4 // bytes
	// Bits of the frame's flags for optional fields of the header.
	lz4HasSize = 1 << 3 // 8 bytes
	lz4HasDict = 1 << 0 // 4 bytes
)

// lz4Checksum finds the checksum byte of a frame's header; false when the frame has none.
func lz4Checksum(frame []byte) (at int, ok bool) {
	if len(frame) < lz4Magic+2 {
		return 0, false
	}
	at = lz4Magic + 2
	if frame[lz4Magic]&lz4HasSize != 0 {
		at += 8
	}
	if frame[lz4Magic]&lz4HasDict != 0 {
		at += 4
	}
	return at, at < len(frame)
}

// mendLZ4 returns frame with the right checksum of its header, whichever it had.
func mendLZ4(frame []byte) []byte {
	at, ok := lz4Checksum(frame)
	if !ok {
		return frame
	}
	frame = slices.Clone(frame)
	frame[at] = byte(shortXXH32(frame[lz4Magic:at]) >> 8)
	return frame
}

// breakLZ4 gives frame the checksum that magic 0 has.
func breakLZ4(frame []byte) {
	if at, ok := lz4Checksum(frame); ok {
		frame[at] = byte(shortXXH32(frame[:at]) >> 8)
	}
}

// shortXXH32 is xxHash32 with seed 0 without its rounds of 16 bytes: of fewer than 16, which is all
// that a header of LZ4 without a dictionary has.
func shortXXH32(b []byte) uint32 {
	const (
		prime1, prime2, prime3 uint32 = 2654435761, 2246822519, 3266489917
		prime4, prime5         uint32 = 668265263, 374761393
	)
	h := prime5 + uint32(len(b))
	for ; len(b) >= 4; b = b[4:] {
		h = bits.RotateLeft32(h+binary.LittleEndian.Uint32(b)*prime3, 17) * prime4
	}
	for _, c := range b {
		h = bits.RotateLeft32(h+uint32(c)*prime5, 11) * prime1
	}
	h = (h ^ h>>15) * prime2
	h = (h ^ h>>13) * prime3
	return h ^ h>>16
}
