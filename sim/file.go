package sim

import (
	"fmt"
	"io"

	"sandcastle/model"
)

// chunkSize is the unit in which a file grows, so that growing copies nothing of what is there.
const chunkSize = 1 << 18

// File is one file of a Disk. It implements model.File and model.Viewer.
type File struct {
	chunks  [][]byte // each of chunkSize, but for the only one of a small file
	size    int64
	undo    []change // what is not durable, oldest first
	changes uint64   // counts the changes ever made
}

// change is one write or truncation that is not durable, with what it replaced. Appends that follow
// one another are one change.
type change struct {
	number  uint64
	off     int64  // where it begins
	oldSize int64  // of the file before it
	newSize int64  // of the file after it
	old     []byte // what stood from off on; for a truncation, what it cut off
}

// Size implements model.File.
func (f *File) Size() int64 { return f.size }

// ReadAt implements io.ReaderAt.
func (f *File) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("read at offset %d", off)
	}
	n := 0
	for n < len(p) && off < f.size {
		c := f.chunks[off/chunkSize]
		k := copy(p[n:], c[off%chunkSize:min(int64(len(c)), f.size-off/chunkSize*chunkSize)])
		n += k
		off += int64(k)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// View implements model.Viewer: it lends a range that lies in one chunk.
func (f *File) View(off int64, n int) []byte {
	if off < 0 || n <= 0 || off+int64(n) > f.size || off/chunkSize != (off+int64(n)-1)/chunkSize {
		return nil
	}
	at := off % chunkSize
	return f.chunks[off/chunkSize][at : at+int64(n) : at+int64(n)]
}

// WriteAt implements io.WriterAt. A write beyond the end fills the gap with zeros.
func (f *File) WriteAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("write at offset %d", off)
	}
	if len(p) == 0 {
		return 0, nil
	}
	if off > f.size {
		if err := f.Truncate(off); err != nil {
			return 0, err
		}
	}
	f.changes++
	last := len(f.undo) - 1
	if off == f.size && last >= 0 && f.undo[last].newSize == f.size && f.undo[last].old == nil {
		f.undo[last].newSize += int64(len(p))
		f.undo[last].number = f.changes
	} else {
		c := change{number: f.changes, off: off, oldSize: f.size, newSize: max(f.size, off+int64(len(p)))}
		if over := min(int64(len(p)), f.size-off); over > 0 {
			c.old = make([]byte, over)
			_, _ = f.ReadAt(c.old, off) // in range
		}
		f.undo = append(f.undo, c)
	}
	f.poke(p, off)
	return len(p), nil
}

// poke puts bytes in place and lets the file grow.
func (f *File) poke(p []byte, off int64) {
	for len(p) > 0 {
		i, at := int(off/chunkSize), int(off%chunkSize)
		n := min(len(p), chunkSize-at)
		f.room(i, at+n)
		copy(f.chunks[i][at:], p[:n])
		p, off = p[n:], off+int64(n)
	}
	f.size = max(f.size, off)
}

// room makes sure that chunk i has at least n bytes. A file's first chunk grows by doubling.
func (f *File) room(i, n int) {
	for len(f.chunks) <= i {
		if k := len(f.chunks); k > 0 && len(f.chunks[k-1]) < chunkSize {
			f.grow(k-1, chunkSize)
		}
		f.chunks = append(f.chunks, nil)
	}
	if len(f.chunks[i]) < n {
		want := chunkSize
		for i == 0 && want/2 >= max(n, 64) {
			want /= 2
		}
		f.grow(i, want)
	}
}

func (f *File) grow(i, size int) {
	c := make([]byte, size)
	copy(c, f.chunks[i])
	f.chunks[i] = c
}

// Truncate implements model.File.
func (f *File) Truncate(size int64) error {
	if size < 0 {
		return fmt.Errorf("truncate to %d bytes", size)
	}
	if size == f.size {
		return nil
	}
	f.changes++
	c := change{
		number:  f.changes,
		off:     min(size, f.size),
		oldSize: f.size,
		newSize: size,
		old:     []byte{},
	}
	if size < f.size {
		c.old = make([]byte, f.size-size)
		_, _ = f.ReadAt(c.old, size) // in range
	}
	f.undo = append(f.undo, c)
	f.resize(size)
	return nil
}

// resize cuts the file, or extends it with zeros.
func (f *File) resize(size int64) {
	if size < f.size {
		f.size = size
		f.chunks = f.chunks[:(size+chunkSize-1)/chunkSize]
		return
	}
	zeros := make([]byte, min(size-f.size, chunkSize))
	for f.size < size {
		f.poke(zeros[:min(int64(len(zeros)), size-f.size)], f.size)
	}
}

// unflushed is about how many bytes a flush has to write.
func (f *File) unflushed() int64 {
	var n int64
	for i := range f.undo {
		c := &f.undo[i]
		n += max(int64(len(c.old)), c.newSize-c.off)
	}
	return n
}

// settle makes durable every change that a flush covers. An append that went on after the flush was
// asked for is durable up to the size of then.
func (f *File) settle(m fileMark) {
	n := 0
	for n < len(f.undo) && f.undo[n].number <= m.changes {
		n++
	}
	if n < len(f.undo) && f.undo[n].old == nil && f.undo[n].oldSize < m.size &&
		m.size < f.undo[n].newSize {
		f.undo[n].off, f.undo[n].oldSize = m.size, m.size
	}
	f.undo = append(f.undo[:0], f.undo[n:]...)
	if len(f.undo) == 0 {
		f.undo = nil
	}
}

// powerLoss undoes a random number of the last changes, and part of one more.
func (f *File) powerLoss(rand *model.Rand) {
	if len(f.undo) == 0 {
		return
	}
	kept := int(rand.Below(uint64(len(f.undo)) + 1))
	for i := len(f.undo) - 1; i >= kept; i-- {
		c := f.undo[i]
		if i == kept {
			f.tear(c, rand)
			break
		}
		f.revert(c)
	}
	f.undo = nil
}

func (f *File) revert(c change) {
	f.resize(c.oldSize)
	f.poke(c.old, c.off)
}

// tear leaves the first sectors of a change done and the rest not; the sector between may be
// garbled. A truncation is done whole or not at all.
func (f *File) tear(c change, rand *model.Rand) {
	written := c.newSize - c.off
	if c.newSize <= c.oldSize && int64(len(c.old)) > 0 {
		written = int64(len(c.old))
	}
	if c.newSize < c.oldSize || written <= 0 {
		f.revert(c)
		return
	}
	sectors := uint64((written + sector - 1) / sector)
	done := min(written, int64(rand.Below(sectors+1))*sector)
	fresh := make([]byte, done)
	_, _ = f.ReadAt(fresh, c.off) // in range
	f.revert(c)
	if done > 0 && rand.Chance(1, 2) {
		for i := (done - 1) / sector * sector; i < done; i++ {
			fresh[i] = byte(rand.Uint64())
		}
	}
	f.poke(fresh, c.off)
}
