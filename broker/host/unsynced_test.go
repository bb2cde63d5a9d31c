package host

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

// A flush of one partition among many takes its files and the directories above them alone, and
// leaves nothing behind that others would have to look at.
func TestFlushTakesWhatItNames(t *testing.T) {
	d := fewHandles(t, 10)
	const partitions = 300
	log := func(i int) string { return fmt.Sprintf("orders-%d/00000000000000000000.log", i) }
	for i := range partitions {
		f, err := d.Open(log(i))
		require.NoError(t, err)
		_, err = f.WriteAt([]byte{1}, 0)
		require.NoError(t, err)
	}
	require.Len(t, d.unsynced.parts, partitions+1, "the root is one of them")
	files, dirs := d.unsynced.take("orders-7")
	require.Len(t, files, 1)
	require.Equal(t, []string{".", "orders-7"}, dirs)
	require.Len(t, d.unsynced.parts, partitions-1)
	files, dirs = d.unsynced.take(log(8))
	require.Len(t, files, 1)
	require.Equal(t, []string{"orders-8"}, dirs)
	files, dirs = d.unsynced.take("orders-8")
	require.Empty(t, files)
	require.Empty(t, dirs)
	files, _ = d.unsynced.take("orders")
	require.Empty(t, files, "the name of a directory is whole")

	require.NoError(t, d.Rename(log(9), "orders-9.bak"))
	files, dirs = d.unsynced.take("orders-9.bak")
	require.Len(t, files, 1, "what was written under another name")
	require.Equal(t, []string{"."}, dirs)
	require.NoError(t, d.Remove(log(10)))
	files, _ = d.unsynced.take(log(10))
	require.Empty(t, files)

	files, dirs = d.unsynced.take("")
	require.Len(t, files, partitions-4)
	require.NoError(t, makeDurable(d, files, dirs))
	require.Empty(t, d.unsynced.parts)
}

// A flush that has nothing to do ends after those that were asked for before it: they may still be
// at what it would have to flush.
func TestFlushesEndInOrder(t *testing.T) {
	x, to := newFlusher(), newInbox()
	list := make([]*flushed, 3)
	for i := range list {
		list[i] = &flushed{flush: &model.Flush{Token: uint64(i)}}
		x.begin(list[i])
	}
	x.end(list[1], to)
	require.Empty(t, to.list)
	x.end(list[0], to)
	require.Len(t, to.list, 2)
	x.end(list[2], to)
	for i, m := range to.list {
		require.Equal(t, uint64(i), m.flush.flush.Token)
	}
}
