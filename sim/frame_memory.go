package sim

import (
	"bytes"
	"math/bits"
)

// frameMemory is the memory of frames that processes have returned, for the next ones. It
// implements model.FrameMemory.
type frameMemory struct {
	free [frameSizes][][]byte // by the power of two that the capacity reaches
	// poison overwrites what is returned, so that whoever still uses it is found out.
	poison bool
}

const (
	// leastFrame is the capacity of the smallest frame, and frameSizes how often it is doubled for
	// the largest that is kept.
	leastFrame, frameSizes = 64, 18
	// keptFrames is how many bytes of each size are kept, at most.
	keptFrames = 1 << 20
	// poisoned is what stands in a returned frame.
	poisoned = 0xDB
)

// Lend implements model.FrameMemory.
func (f *frameMemory) Lend(n int) []byte {
	size := bits.Len(uint(max(n, 1)-1) / leastFrame)
	if size >= frameSizes {
		return make([]byte, 0, n)
	}
	free := f.free[size]
	if len(free) == 0 {
		return make([]byte, 0, leastFrame<<size)
	}
	last := len(free) - 1
	frame := free[last]
	free[last] = nil
	f.free[size] = free[:last]
	return frame
}

// Return implements model.FrameMemory.
func (f *frameMemory) Return(frame []byte) {
	frame = frame[:cap(frame)]
	if f.poison {
		copy(frame, bytes.Repeat([]byte{poisoned}, len(frame)))
	}
	size := bits.Len(uint(len(frame))/leastFrame) - 1
	if size < 0 || size >= frameSizes || len(f.free[size]) >= max(4, keptFrames/(leastFrame<<size)) {
		return
	}
	f.free[size] = append(f.free[size], frame[:0])
}
