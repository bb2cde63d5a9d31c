package host

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Large frames are used again, never by two at once; small and huge ones are not kept.
func TestFramesAreUsedAgain(t *testing.T) {
	var f frames
	a := f.Lend(leastFrame)
	b := f.Lend(leastFrame)
	a, b = append(a, 1), append(b, 2)
	require.NotSame(t, &a[0], &b[0])
	f.put([][]byte{a, make([]byte, 10), make([]byte, mostFrame+1)})
	again := f.Lend(leastFrame - 1)
	require.Zero(t, cap(again)-(leastFrame-1), "a small frame is its own")
	again = f.Lend(leastFrame)
	require.Empty(t, again)
	require.Same(t, &a[0], &again[:1][0])
	third := f.Lend(leastFrame)
	require.NotSame(t, &a[0], &third[:1][0], "it was given once")
	for range 3 * keptFrames {
		f.put([][]byte{make([]byte, leastFrame)})
	}
	require.Len(t, f.free, keptFrames)
	require.Equal(t, leastFrame*4, cap(f.Lend(leastFrame*4)), "none of them is large enough")
}
