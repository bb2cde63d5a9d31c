package host

import "sync"

// frames is the memory of large frames that were sent, or received and returned, for the next ones
// that are sent: a broker that answers fetches a megabyte at a time leaves nothing for the garbage
// collector. It implements model.FrameMemory.
type frames struct {
	mu   sync.Mutex
	free [][]byte
}

const (
	// Smaller frames are not worth keeping, larger ones too much.
	leastFrame, mostFrame = 16 << 10, 4 << 20
	keptFrames            = 8
)

// Lend returns an empty frame with room for n bytes.
func (f *frames) Lend(n int) []byte {
	if n < leastFrame {
		return make([]byte, 0, n)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := len(f.free) - 1; i >= 0; i-- {
		if b := f.free[i]; cap(b) >= n {
			last := len(f.free) - 1
			f.free[i], f.free[last] = f.free[last], nil
			f.free = f.free[:last]
			return b[:0]
		}
	}
	return make([]byte, 0, n)
}

// Return takes a frame that the process has read.
func (f *frames) Return(frame []byte) {
	if cap(frame) >= leastFrame {
		f.put([][]byte{frame})
	}
}

// put takes frames that were written.
func (f *frames) put(list [][]byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, b := range list {
		if c := cap(b); c < leastFrame || c > mostFrame {
			continue
		}
		if len(f.free) == keptFrames { // the oldest goes, so that sizes follow what is asked for
			f.free = append(f.free[:0], f.free[1:]...)
		}
		f.free = append(f.free, b)
	}
}
