package sim

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model"
)

// diskModel is what a file may become: every state since the last flush.
type diskModel struct {
	states [][]byte // the flushed one, then one for each change
	// append i tells whether the change that led to states[i] added bytes right after an addition
	// that is not durable either: a disk sees both as one.
	append []bool
}

func (m *diskModel) now() []byte { return m.states[len(m.states)-1] }

func (m *diskModel) push(state []byte, appends bool) {
	m.states, m.append = append(m.states, state), append(m.append, appends)
}

// flushed makes states[i] durable.
func (m *diskModel) flushed(i int) { m.states, m.append = m.states[i:], m.append[i:] }

// survivors calls may with each pair of states between which a power loss may leave the file.
func (m *diskModel) survivors(may func(before, after []byte) bool) bool {
	if may(m.states[0], m.states[0]) {
		return true
	}
	for i := 1; i < len(m.states); i++ {
		first := i
		for first > 1 && m.append[first] && m.append[first-1] {
			first--
		}
		if may(m.states[first-1], m.states[i]) {
			return true
		}
	}
	return false
}

// torn tells whether got is after with some sectors as they were before: bytes written over are old
// or new by the sector, appended ones end at a sector, and the last of these may be anything.
func torn(before, after, got []byte) bool {
	if bytes.Equal(got, after) || bytes.Equal(got, before) {
		return true
	}
	if len(after) < len(before) || len(got) < len(before) || len(got) > len(after) {
		return false
	}
	if len(got) != len(after) && len(got) != len(before) && len(got)%sector != 0 {
		return false
	}
	for at := 0; at < len(got); at += sector {
		end := min(at+sector, len(got))
		old := max(at, min(end, len(before))) // up to here bytes were written over
		if old > at && !bytes.Equal(got[at:old], before[at:old]) &&
			!bytes.Equal(got[at:old], after[at:old]) {
			return false
		}
		if end != len(got) && !bytes.Equal(got[old:end], after[old:end]) {
			return false
		}
	}
	return true
}

// Whatever is written, cut, flushed and lost, a file reads as a plain slice would, and a power loss
// leaves what was flushed with a prefix of the later changes, the last of them torn at most.
func TestDiskAgainstSlices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := NewDisk(model.NewRand(rapid.Uint64().Draw(t, "seed"), "disk"))
		f, err := d.Open("dir/file")
		require.NoError(t, err)
		d.Sync("")
		m := diskModel{}
		m.push([]byte{}, false)
		var pending *flushMark // a flush under way, which covers the states up to covers
		var covers, writes int
		read := func() []byte {
			b := make([]byte, f.Size())
			_, err := f.ReadAt(b, 0)
			require.NoError(t, err)
			return b
		}
		write := func(t *rapid.T, off int) {
			data := make([]byte, rapid.IntRange(1, 3000).Draw(t, "bytes"))
			for i := range data {
				data[i] = byte(i + 37*writes)
			}
			writes++
			_, err := f.WriteAt(data, int64(off))
			require.NoError(t, err)
			next := bytes.Clone(m.now())
			if gap := off - len(next); gap > 0 {
				next = append(next, make([]byte, gap)...)
				m.push(bytes.Clone(next), false)
			}
			appends := off == len(next)
			next = append(next, make([]byte, max(0, off+len(data)-len(next)))...)
			copy(next[off:], data)
			m.push(next, appends)
		}
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) { write(t, len(m.now())) },
			"write":  func(t *rapid.T) { write(t, rapid.IntRange(0, len(m.now())+10).Draw(t, "off")) },
			"truncate": func(t *rapid.T) {
				size := rapid.IntRange(0, len(m.now())+2000).Draw(t, "size")
				require.NoError(t, f.Truncate(int64(size)))
				if size == len(m.now()) {
					return // it changes nothing: appends before and behind it are one
				}
				next := append(bytes.Clone(m.now()), make([]byte, max(0, size-len(m.now())))...)
				m.push(next[:size], false)
			},
			"ask for a flush": func(t *rapid.T) {
				mark := d.mark("dir")
				pending, covers = &mark, len(m.states)-1
			},
			"flush": func(t *rapid.T) {
				if pending == nil {
					t.Skip("none asked for")
				}
				d.settle(*pending)
				m.flushed(covers)
				pending = nil
			},
			"power loss": func(t *rapid.T) {
				d.PowerLoss()
				g, err := d.Open("dir/file")
				require.NoError(t, err)
				require.Same(t, f, g, "the file was flushed once, so it is there")
				got := read()
				require.True(t, m.survivors(func(before, after []byte) bool {
					return torn(before, after, got)
				}), "a power loss left what no order of writes explains")
				m, pending = diskModel{}, nil
				m.push(got, false)
			},
			"": func(t *rapid.T) { require.True(t, bytes.Equal(m.now(), read()), "the page cache") },
		})
	})
}

// Every outcome of a power loss must come up, or lessons could not show them.
func TestPowerLossShowsEveryOutcome(t *testing.T) {
	seen := map[string]int{}
	fresh := bytes.Repeat([]byte("x"), 5000)
	for seed := range uint64(200) {
		d := NewDisk(model.NewRand(seed, "disk"))
		f, _ := d.Open("log")
		_, _ = f.WriteAt(make([]byte, 1000), 0)
		d.Sync("")
		_, _ = f.WriteAt(fresh, 1000)
		d.PowerLoss()
		got := make([]byte, f.Size())
		_, _ = f.ReadAt(got, 0)
		require.Equal(t, make([]byte, 1000), got[:1000], "what was flushed")
		switch tail := got[1000:]; {
		case len(tail) == 0:
			seen["all lost"]++
		case bytes.Equal(tail, fresh):
			seen["all there"]++
		case bytes.Equal(tail, fresh[:len(tail)]):
			seen["cut short"]++
		default:
			seen["garbled"]++
		}
	}
	for _, outcome := range []string{"all lost", "all there", "cut short", "garbled"} {
		require.Greater(t, seen[outcome], 5, outcome)
	}
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

// benchmarkAppend appends to a file that is removed, for good, when it is big.
func benchmarkAppend(b *testing.B, size int) {
	batch := make([]byte, size)
	d := NewDisk(model.NewRand(1, "disk"))
	f, _ := d.Open("log")
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		if f.Size() > 1<<25 {
			_ = d.Remove("log")
			f, _ = d.Open("log")
			d.Sync("")
		}
		_, _ = f.WriteAt(batch, f.Size())
	}
}

func BenchmarkDiskAppend1MiB(b *testing.B) { benchmarkAppend(b, 1<<20) }

func BenchmarkDiskAppend200B(b *testing.B) { benchmarkAppend(b, 200) }

func TestRevertKeepsNothingUnflushed(t *testing.T) {
	d := NewDisk(model.NewRand(1, "disk"))
	f, err := d.Open("x/1.log")
	require.NoError(t, err)
	_, err = f.WriteAt([]byte("abc"), 0)
	require.NoError(t, err)
	d.Sync("")
	_, err = f.WriteAt([]byte("defg"), 2)
	require.NoError(t, err)
	require.NoError(t, d.Rename("x/1.log", "x/2.log"))
	_, err = d.Open("x/3.log")
	require.NoError(t, err)
	d.Revert()
	names, err := d.List("")
	require.NoError(t, err)
	require.Equal(t, []string{"x/1.log"}, names)
	b := make([]byte, 3)
	_, err = f.ReadAt(b, 0)
	require.NoError(t, err)
	require.Equal(t, "abc", string(b))
	require.EqualValues(t, 3, f.Size())
}
