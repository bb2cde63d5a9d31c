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
	disk *Disk // nil for a file that cannot fail
	// Invariant: every chunk but the last holds chunkSize bytes, and all together hold size.
	chunks  [][]byte
	cold    []*coldChunk // by index, in place of chunks that are nil; may be shorter
	size    int64
	undo    []change // what is not durable, oldest first
	changes uint64   // counts the changes ever made
	damage  []damage // what stands there that nobody wrote
	hidden  []hidden // what is going to, once the page cache is gone
	// overwrites counts the changes that were no appends.
	overwrites uint64
}

// change is one write or truncation that is not durable, with what it replaced. Appends that follow
// one another are one change.
type change struct {
	number  uint64
	off     int64  // where it begins
	oldSize int64  // of the file before it
	newSize int64  // of the file after it
	old     []byte // what stood from off on; for a truncation, what it cut off
	// damage is what was wrong with old.
	damage []damage
}

// Size implements model.File.
func (f *File) Size() int64 { return f.size }

// ReadAt implements io.ReaderAt.
func (f *File) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("read at offset %d", off)
	}
	if err := f.disk.failing(opRead); err != nil {
		return 0, err
	}
	return f.peek(p, off)
}

// peek is ReadAt of the page cache.
func (f *File) peek(p []byte, off int64) (int, error) {
	n := 0
	for n < len(p) && off < f.size {
		k := copy(p[n:], f.chunk(off / chunkSize)[off%chunkSize:])
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
	if f.disk.failing(opRead) != nil {
		return nil
	}
	if off < 0 || n <= 0 || off+int64(n) > f.size || off/chunkSize != (off+int64(n)-1)/chunkSize {
		return nil
	}
	at := off % chunkSize
	return f.chunk(off / chunkSize)[at : at+int64(n) : at+int64(n)]
}

// WriteAt implements io.WriterAt. A write beyond the end fills the gap with zeros.
func (f *File) WriteAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("write at offset %d", off)
	}
	if len(p) == 0 {
		return 0, nil
	}
	op := opWrite
	if off+int64(len(p)) > f.size {
		op = opGrow
	}
	if err := f.disk.failing(op); err != nil {
		return 0, err
	}
	if off < f.size {
		f.overwrites++
	} else if off > f.size {
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
			_, _ = f.peek(c.old, off) // in range
		}
		f.undo = append(f.undo, c)
	}
	damaged := f.cover(off, off+int64(len(p)))
	if c := &f.undo[len(f.undo)-1]; len(damaged) > 0 {
		c.damage = damaged
	}
	if f.disk != nil && f.disk.strays.left > 0 {
		before := make([]byte, len(p))
		_, _ = f.peek(before, off) // zeros where nothing was
		f.poke(p, off)
		f.disk.misplace(f, p, before, off)
		return len(p), nil
	}
	f.poke(p, off)
	return len(p), nil
}

// poke puts bytes in place and lets the file grow; off is at most the size.
func (f *File) poke(p []byte, off int64) {
	for len(p) > 0 {
		i := int(off / chunkSize)
		if i == len(f.chunks) {
			f.chunks = append(f.chunks, nil)
			f.cool(i + 1)
		}
		f.warm(i)
		c := f.chunks[i]
		n := copy(c[off%chunkSize:], p)
		if more := min(len(p)-n, chunkSize-len(c)); more > 0 {
			f.chunks[i] = extend(c, p[n:n+more], i > 0)
			n += more
		}
		p, off = p[n:], off+int64(n)
	}
	f.size = max(f.size, off)
}

// extend appends to a chunk. A whole chunk is allocated at once if the file is big already, for
// then it is going to be filled; else room grows by doubling.
func extend(c, more []byte, big bool) []byte {
	need := len(c) + len(more)
	if need <= cap(c) {
		return append(c, more...)
	}
	if need == chunkSize && len(c) == 0 {
		return append([]byte(nil), more...) // not cleared first
	}
	room := chunkSize
	for !big && room/2 >= max(need, 64) {
		room /= 2
	}
	bigger := make([]byte, need, room)
	copy(bigger[copy(bigger, c):], more)
	return bigger
}

// Truncate implements model.File.
func (f *File) Truncate(size int64) error {
	if size < 0 {
		return fmt.Errorf("truncate to %d bytes", size)
	}
	if err := f.disk.failing(opWrite); err != nil {
		return err
	}
	if size == f.size {
		return nil
	}
	f.changes++
	f.overwrites++
	c := change{
		number:  f.changes,
		off:     min(size, f.size),
		oldSize: f.size,
		newSize: size,
		old:     []byte{},
	}
	if size < f.size {
		c.old = make([]byte, f.size-size)
		_, _ = f.peek(c.old, size) // in range
		c.damage = f.cover(size, f.size)
	}
	f.undo = append(f.undo, c)
	f.resize(size)
	return nil
}

// resize cuts the file, or extends it with zeros.
func (f *File) resize(size int64) {
	if size < f.size {
		f.cover(size, f.size)
		f.size = size
		n := int((size + chunkSize - 1) / chunkSize)
		clear(f.chunks[n:])
		f.chunks = f.chunks[:n]
		if n < len(f.cold) {
			clear(f.cold[n:])
			f.cold = f.cold[:n]
		}
		if n > 0 {
			f.warm(n - 1)
			f.chunks[n-1] = f.chunks[n-1][:size-int64(n-1)*chunkSize]
		}
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
	f.restore(c, c.off, c.off+int64(len(c.old)))
}

// restore puts back what stood between two places before a change, with what was wrong with it.
func (f *File) restore(c change, from, to int64) {
	f.cover(from, to)
	f.poke(c.old[from-c.off:to-c.off], from)
	for _, d := range c.damage {
		if a, b := max(d.off, from), min(d.end(), to); a < b {
			f.damage = append(f.damage, damage{a, d.was[a-d.off : b-d.off]})
		}
	}
}

// tear leaves part of a change done. Of bytes that were written over, each sector is either new or
// old. Of bytes that were appended, a number of sectors is there, and the last of these may be
// garbled. A truncation is done whole or not at all.
func (f *File) tear(c change, rand *model.Rand) {
	if c.newSize < c.oldSize {
		f.revert(c)
		return
	}
	for at, end := c.off, c.off+int64(len(c.old)); at < end; {
		next := min(at/sector*sector+sector, end)
		if rand.Chance(1, 2) {
			f.restore(c, at, next)
		}
		at = next
	}
	if c.newSize == c.oldSize {
		return
	}
	first := c.oldSize / sector
	there := int64(rand.Below(uint64((c.newSize-1)/sector - first + 2)))
	if there == 0 {
		f.resize(c.oldSize)
		return
	}
	f.resize(min(c.newSize, (first+there)*sector))
	if rand.Chance(1, 2) {
		from := max(c.oldSize, (first+there-1)*sector)
		f.cover(from, f.size)
		for at := from; at < f.size; at++ {
			f.warm(int(at / chunkSize))
			f.chunks[at/chunkSize][at%chunkSize] = byte(rand.Uint64())
		}
	}
}
