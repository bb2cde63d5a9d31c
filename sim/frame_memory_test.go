package sim

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What is lent has room for what was asked for, and what was returned is lent again.
func TestFrameMemory(t *testing.T) {
	var f frameMemory
	for _, n := range []int{0, 1, 63, 64, 65, 128, 129, 4096, 5000, 1 << 20, 64 << 17, 1 << 24} {
		frame := f.Lend(n)
		require.Empty(t, frame, n)
		require.GreaterOrEqual(t, cap(frame), n)
		f.Return(append(frame, 1, 2, 3))
		if n <= leastFrame<<(frameSizes-1) {
			require.Same(t, &frame[:1][0], &f.Lend(n)[:1][0], n)
		}
	}
	odd := make([]byte, 100)
	f.Return(odd)
	require.Same(t, &odd[0], &f.Lend(leastFrame)[:1][0], "a frame that grew has room for a smaller one")
	f.Return(make([]byte, 10))
	for range 2 * keptFrames / leastFrame {
		f.Return(make([]byte, leastFrame))
	}
	require.Len(t, f.free[0], keptFrames/leastFrame)
}

// A frame that is used after it was returned is found out, if that is asked for.
func TestPoisonedFrames(t *testing.T) {
	f := frameMemory{poison: true}
	frame := append(f.Lend(3), 1, 2, 3)
	f.Return(frame)
	require.Equal(t, []byte{poisoned, poisoned, poisoned}, frame)
}
