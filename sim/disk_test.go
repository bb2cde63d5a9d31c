package sim

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model"
)

// After any sequence of writes, truncations, flushes and power losses, a file reads as a plain
// slice would, and a power loss leaves the flushed state with a prefix of the later changes, of
// which only the last may be torn. The model keeps every state since the last flush.
func TestDiskAgainstSlices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := NewDisk(model.NewRand(rapid.Uint64().Draw(t, "seed"), "disk"))
		f, err := d.Open("dir/file")
		require.NoError(t, err)
		d.settle(d.mark(""))
		states := [][]byte{{}} // the flushed one, and one more for each change
		now := func() []byte { return states[len(states)-1] }
		read := func() []byte {
			b := make([]byte, f.Size())
			_, err := f.ReadAt(b, 0)
			require.NoError(t, err)
			return b
		}
		t.Repeat(map[string]func(*rapid.T){
			"write": func(t *rapid.T) {
				off := rapid.IntRange(0, len(now())+10).Draw(t, "off")
				data := rapid.SliceOfN(rapid.Byte(), 1, 3000).Draw(t, "data")
				_, err := f.WriteAt(data, int64(off))
				require.NoError(t, err)
				next := bytes.Clone(now())
				if grow := off + len(data) - len(next); grow > 0 {
					next = append(next, make([]byte, grow)...)
				}
				copy(next[off:], data)
				states = append(states, next)
			},
			"truncate": func(t *rapid.T) {
				size := rapid.IntRange(0, len(now())).Draw(t, "size")
				require.NoError(t, f.Truncate(int64(size)))
				states = append(states, bytes.Clone(now()[:size]))
			},
			"flush": func(t *rapid.T) {
				d.settle(d.mark("dir"))
				states = [][]byte{now()}
			},
			"power loss": func(t *rapid.T) {
				d.PowerLoss()
				g, err := d.Open("dir/file")
				require.NoError(t, err)
				require.Same(t, f, g, "the file was flushed once, so it is there")
				requireSurvivor(t, states, read())
				states = [][]byte{read()}
			},
			"": func(t *rapid.T) { require.True(t, bytes.Equal(now(), read()), "the page cache") },
		})
	})
}

// requireSurvivor accepts what a power loss left: some state, possibly with sectors of the next
// one.
func requireSurvivor(t *rapid.T, states [][]byte, got []byte) {
	for i, s := range states {
		if bytes.Equal(s, got) {
			return
		}
		if i+1 < len(states) && torn(s, states[i+1], got) {
			return
		}
	}
	// Appends that follow one another are one change, so a tear may lie in any of them: then the rest
	// must be a prefix of the last state, but for one garbled sector.
	last := states[len(states)-1]
	require.LessOrEqual(t, len(got), maxLen(states), "a power loss made the file longer")
	wrong := 0
	for at := 0; at < len(got); at += sector {
		end := min(at+sector, len(got))
		if end > len(last) || !bytes.Equal(got[at:end], last[at:end]) {
			wrong++
		}
	}
	require.LessOrEqual(t, wrong, 2+len(got)/sector, "not a prefix of what was written")
}

func torn(before, after, got []byte) bool {
	if len(got) < min(len(before), len(after)) || len(got) > max(len(before), len(after)) {
		return false
	}
	differ := 0
	for i := range got {
		if (i >= len(before) || got[i] != before[i]) && (i >= len(after) || got[i] != after[i]) {
			differ++
		}
	}
	return differ <= sector
}

func maxLen(states [][]byte) int {
	n := 0
	for _, s := range states {
		n = max(n, len(s))
	}
	return n
}

// What was flushed survives every power loss to the byte, also when more was appended behind it
// while the flush was under way.
func TestFlushedBytesSurvive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := NewDisk(model.NewRand(rapid.Uint64().Draw(t, "seed"), "disk"))
		f, _ := d.Open("log")
		first := rapid.SliceOfN(rapid.Byte(), 1, 5000).Draw(t, "first")
		second := rapid.SliceOfN(rapid.Byte(), 0, 5000).Draw(t, "second")
		_, _ = f.WriteAt(first, 0)
		mark := d.mark("")
		_, _ = f.WriteAt(second, f.Size())
		d.settle(mark)
		d.PowerLoss()
		got := make([]byte, len(first))
		_, err := f.ReadAt(got, 0)
		require.NoError(t, err)
		require.Equal(t, first, got)
		require.LessOrEqual(t, f.Size(), int64(len(first)+len(second)))
	})
}

func TestUnflushedNamesAreUndone(t *testing.T) {
	d := NewDisk(model.NewRand(1, "disk"))
	f, _ := d.Open("checkpoint")
	_, _ = f.WriteAt([]byte("old"), 0)
	d.settle(d.mark(""))
	tmp, _ := d.Open("checkpoint.tmp")
	_, _ = tmp.WriteAt([]byte("newer"), 0)
	require.NoError(t, d.Rename("checkpoint.tmp", "checkpoint"))
	names, _ := d.List("")
	require.Equal(t, []string{"checkpoint"}, names)

	d.PowerLoss()
	names, _ = d.List("")
	require.Equal(t, []string{"checkpoint"}, names)
	got, _ := d.Open("checkpoint")
	require.EqualValues(t, 3, got.Size(), "the rename was not durable")
	require.Error(t, d.Rename("missing", "x"))
}

// A flush that was under way when the power went covers nothing of what came later.
func TestFlushOfBeforeThePowerLossIsVoid(t *testing.T) {
	d := NewDisk(model.NewRand(1, "disk"))
	_, _ = d.Open("a")
	mark := d.mark("")
	d.PowerLoss()
	_, _ = d.Open("b")
	d.settle(mark)
	d.PowerLoss()
	names, _ := d.List("")
	require.Empty(t, names)
}

func TestBigFilesReadBack(t *testing.T) {
	d := NewDisk(model.NewRand(1, "disk"))
	f, _ := d.Open("big")
	batch := bytes.Repeat([]byte("0123456789abcdef"), 5000)
	for i := range 20 {
		_, err := f.WriteAt(batch, int64(i*len(batch)))
		require.NoError(t, err)
	}
	got := make([]byte, len(batch))
	_, err := f.ReadAt(got, int64(7*len(batch)))
	require.NoError(t, err)
	require.Equal(t, batch, got)
	view := f.(model.Viewer).View(100, 16)
	require.Equal(t, batch[100:116], view)
	require.Nil(t, f.(model.Viewer).View(chunkSize-1, 2), "no chunk holds this range")
}

func BenchmarkDiskAppend1MiB(b *testing.B) {
	batch := make([]byte, 1<<20)
	d := NewDisk(model.NewRand(1, "disk"))
	f, _ := d.Open("log")
	b.SetBytes(int64(len(batch)))
	for b.Loop() {
		if f.Size() > 1<<28 {
			_ = d.Rename("log", "")
			f, _ = d.Open("log")
		}
		_, _ = f.WriteAt(batch, f.Size())
	}
}
