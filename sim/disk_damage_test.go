package sim

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model"
)

// damagedTwins are two disks to which the same is done, but that one of them is damaged as well.
type damagedTwins struct {
	t             *rapid.T
	sound, broken *World
}

func newTwins(t *rapid.T, seed uint64) damagedTwins {
	world := func() *World {
		w := New(Config{Seed: seed})
		w.AddNode(NodeConfig{ID: "a", HasDisk: true, Make: func(model.Boot) model.Process { return &flusher{} }})
		return w
	}
	return damagedTwins{t, world(), world()}
}

func (d *damagedTwins) both(do func(w *World, disk *Disk)) {
	do(d.sound, d.sound.Disk("a"))
	do(d.broken, d.broken.Disk("a"))
}

// contents are the files of a disk as they read.
func contents(t *rapid.T, d *Disk) map[string]string {
	out := map[string]string{}
	for _, name := range d.names {
		f := d.files[name]
		b := make([]byte, f.Size())
		_, err := f.ReadAt(b, 0)
		require.True(t, err == nil || len(b) == 0)
		out[name] = string(b)
	}
	return out
}

// Whatever is done to a damaged disk, repaired it holds what it would hold had nothing been damaged.
func TestRepairGivesBackWhatWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newTwins(t, rapid.Uint64Range(0, 99).Draw(t, "seed"))
		damaged := false
		path := func() string { return fmt.Sprintf("x/%d.log", rapid.IntRange(0, 2).Draw(t, "file")) }
		t.Repeat(map[string]func(*rapid.T){
			"write": func(t *rapid.T) {
				p, off := path(), rapid.Int64Range(0, 3000).Draw(t, "off")
				data := bytes.Repeat([]byte{rapid.Byte().Draw(t, "byte")}, rapid.IntRange(1, 1500).Draw(t, "length"))
				d.both(func(_ *World, disk *Disk) {
					f, err := disk.Open(p)
					require.NoError(t, err)
					_, err = f.WriteAt(data, off)
					require.NoError(t, err)
				})
			},
			"truncate": func(t *rapid.T) {
				p, size := path(), rapid.Int64Range(0, 3000).Draw(t, "size")
				d.both(func(_ *World, disk *Disk) {
					f, err := disk.Open(p)
					require.NoError(t, err)
					require.NoError(t, f.Truncate(size))
				})
			},
			"sync": func(t *rapid.T) { p := path(); d.both(func(_ *World, disk *Disk) { disk.Sync(p) }) },
			"remove": func(t *rapid.T) {
				p := path()
				d.both(func(_ *World, disk *Disk) { _ = disk.Remove(p) })
			},
			"power loss": func(t *rapid.T) { d.both(func(_ *World, disk *Disk) { disk.PowerLoss() }) },
			"torn":       func(t *rapid.T) { d.both(func(_ *World, disk *Disk) { disk.PowerLossTorn() }) },
			"revert":     func(t *rapid.T) { d.both(func(_ *World, disk *Disk) { disk.Revert() }) },
			"rot": func(t *rapid.T) {
				p := path()
				if f := d.broken.Disk("a").files[p]; f != nil && f.size > 0 {
					d.broken.DiskDamage("a").Rot(p, rapid.Int64Range(0, f.size-1).Draw(t, "at"), rapid.Uint8Range(0, 7).Draw(t, "bit"))
					damaged = true
				}
			},
			"misdirect": func(t *rapid.T) {
				d.broken.DiskDamage("a").Misdirect(rapid.IntRange(1, 3).Draw(t, "writes"))
				damaged = true
			},
			"": func(t *rapid.T) {
				if !damaged {
					require.Equal(t, contents(t, d.sound.Disk("a")), contents(t, d.broken.Disk("a")))
				}
			},
		})
		d.broken.DiskDamage("a").Repair()
		require.Equal(t, contents(t, d.sound.Disk("a")), contents(t, d.broken.Disk("a")))
	})
}

func damagedDisk(t *testing.T) (w *World, f model.File) {
	w = New(Config{Seed: 3})
	w.AddNode(NodeConfig{ID: "a", HasDisk: true, Make: func(model.Boot) model.Process { return &flusher{} }})
	f, err := w.Disk("a").Open("x.log")
	require.NoError(t, err)
	_, err = f.WriteAt(bytes.Repeat([]byte{'a'}, 4*sector), 0)
	require.NoError(t, err)
	w.Disk("a").Sync("")
	return w, f
}

func read(t *testing.T, f model.File) []byte {
	b := make([]byte, f.Size())
	_, err := f.ReadAt(b, 0)
	require.NoError(t, err)
	return b
}

// A write that goes astray is seen by nobody while there is a page cache, and then misses at its place and
// stands at another.
func TestMisdirectedWritesShowWhenThePowerIsLost(t *testing.T) {
	w, f := damagedDisk(t)
	w.DiskDamage("a").Misdirect(1)
	_, err := f.WriteAt(bytes.Repeat([]byte{'b'}, sector), 4*sector)
	require.NoError(t, err)
	_, err = f.WriteAt(bytes.Repeat([]byte{'c'}, sector), 5*sector)
	require.NoError(t, err)
	w.Disk("a").Sync("")
	whole := slices.Concat(bytes.Repeat([]byte{'a'}, 4*sector), bytes.Repeat([]byte{'b'}, sector),
		bytes.Repeat([]byte{'c'}, sector))
	require.Equal(t, whole, read(t, f))
	w.PowerLoss("a")
	got := read(t, f)
	require.Len(t, got, len(whole))
	require.Equal(t, sector, bytes.Count(got, []byte{'b'}), "it stands somewhere")
	require.NotEqual(t, bytes.Repeat([]byte{'b'}, sector), got[4*sector:5*sector], "and not where it belongs")
	require.Equal(t, whole[5*sector:], got[5*sector:], "the next one is right")
	w.DiskDamage("a").Repair()
	require.Equal(t, whole, read(t, f))
}

// After a torn power loss every write that was not flushed has a sector of junk, and all else is there.
func TestTornPowerLoss(t *testing.T) {
	w, f := damagedDisk(t)
	_, err := f.WriteAt(bytes.Repeat([]byte{'b'}, 3*sector), 4*sector)
	require.NoError(t, err)
	_, err = f.WriteAt(bytes.Repeat([]byte{'B'}, sector), 2*sector)
	require.NoError(t, err)
	w.PowerLossTorn("a")
	got := read(t, f)
	require.Len(t, got, 7*sector)
	junk := 0
	for i := range 7 {
		s := got[i*sector : (i+1)*sector]
		if bytes.Count(s, s[:1]) < sector/2 {
			junk++
			require.Contains(t, []int{2, 4, 5, 6}, i, "what was flushed is whole")
		}
	}
	require.Equal(t, 2, junk)
}
