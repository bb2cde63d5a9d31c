package log

import (
	"errors"
	"io"
	"slices"
	"strings"

	"sandcastle/model"
)

var errBroken = errors.New("broken disk")

// memoryDisk is a model.Disk for tests of this package. It is the worst that a log may meet:
// creations, renames and removals survive a power loss at once, contents only as far as chance has
// it, each file on its own.
type memoryDisk struct {
	files map[string]*memoryFile
	lend  bool // files implement model.Viewer to some effect
	left  int  // operations until every one fails; negative for never
}

type memoryFile struct {
	d       *memoryDisk
	data    []byte
	flushed []byte
	changes []memoryChange // since the last flush
}

// memoryChange is a write of data at off, or a truncation to off.
type memoryChange struct {
	off      int64
	data     []byte
	truncate bool
}

func newMemoryDisk() *memoryDisk {
	return &memoryDisk{files: map[string]*memoryFile{}, lend: true, left: -1}
}

func (d *memoryDisk) broken() error {
	if d.left == 0 {
		return errBroken
	}
	if d.left > 0 {
		d.left--
	}
	return nil
}

func (d *memoryDisk) Open(path string) (model.File, error) {
	if err := d.broken(); err != nil {
		return nil, err
	}
	if d.files[path] == nil {
		d.files[path] = &memoryFile{d: d}
	}
	return d.files[path], nil
}

func (d *memoryDisk) List(dir string) ([]string, error) {
	if err := d.broken(); err != nil {
		return nil, err
	}
	return d.names(dir), nil
}

func (d *memoryDisk) names(dir string) []string {
	var names []string
	for name := range d.files {
		if dir == "" || strings.HasPrefix(name, dir+"/") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (d *memoryDisk) Rename(from, to string) error {
	if err := d.broken(); err != nil {
		return err
	}
	if d.files[from] == nil {
		return errors.New(from + ": no such file")
	}
	d.files[to] = d.files[from]
	delete(d.files, from)
	return nil
}

func (d *memoryDisk) Remove(path string) error {
	if err := d.broken(); err != nil {
		return err
	}
	if d.files[path] == nil {
		return errors.New(path + ": no such file")
	}
	delete(d.files, path)
	return nil
}

// sync makes everything durable.
func (d *memoryDisk) sync() {
	for _, f := range d.files {
		f.flushed, f.changes = slices.Clone(f.data), nil
	}
}

// powerLoss leaves of each file its flushed state with the first few changes since, the next one
// torn. draw returns a number from 0 to its argument.
func (d *memoryDisk) powerLoss(draw func(most int) int) {
	for _, name := range d.names("") {
		f := d.files[name]
		f.data = slices.Clone(f.flushed)
		if n := len(f.changes); n > 0 {
			done := draw(n)
			for _, c := range f.changes[:done] {
				f.apply(c)
			}
			if done < n && !f.changes[done].truncate {
				torn := f.changes[done]
				torn.data = torn.data[:draw(len(torn.data))]
				f.apply(torn)
			}
		}
		f.flushed, f.changes = slices.Clone(f.data), nil
	}
}

func (d *memoryDisk) clone() *memoryDisk {
	out := newMemoryDisk()
	out.lend = d.lend
	for name, f := range d.files {
		out.files[name] = &memoryFile{d: out, data: slices.Clone(f.data), flushed: slices.Clone(f.data)}
	}
	return out
}

func (f *memoryFile) apply(c memoryChange) {
	if grow := int(c.off) + len(c.data) - len(f.data); grow > 0 {
		f.data = append(f.data, make([]byte, grow)...)
	}
	if c.truncate {
		f.data = f.data[:c.off]
		return
	}
	copy(f.data[c.off:], c.data)
}

func (f *memoryFile) change(c memoryChange) error {
	if err := f.d.broken(); err != nil {
		return err
	}
	f.apply(c)
	f.changes = append(f.changes, c)
	return nil
}

func (f *memoryFile) ReadAt(p []byte, off int64) (int, error) {
	if err := f.d.broken(); err != nil {
		return 0, err
	}
	if off > int64(len(f.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.data[off:])
	if off+int64(n) == int64(len(f.data)) {
		return n, io.EOF // allowed even when p was filled
	}
	return n, nil
}

func (f *memoryFile) WriteAt(p []byte, off int64) (int, error) {
	return len(p), f.change(memoryChange{off: off, data: slices.Clone(p)})
}

func (f *memoryFile) Truncate(size int64) error {
	return f.change(memoryChange{off: size, truncate: true})
}

func (f *memoryFile) Size() int64 { return int64(len(f.data)) }

func (f *memoryFile) View(off int64, n int) []byte {
	if !f.d.lend || off+int64(n) > int64(len(f.data)) {
		return nil
	}
	return f.data[off : off+int64(n) : off+int64(n)]
}

// blankDisk is a disk that keeps no journal, for benchmarks.
type blankDisk struct{ files map[string]*blankFile }

type blankFile struct{ data []byte }

func newBlankDisk() *blankDisk { return &blankDisk{map[string]*blankFile{}} }

func (d *blankDisk) Open(path string) (model.File, error) {
	if d.files[path] == nil {
		d.files[path] = &blankFile{}
	}
	return d.files[path], nil
}

func (d *blankDisk) List(string) ([]string, error) { return nil, nil }

func (d *blankDisk) Rename(from, to string) error {
	d.files[to] = d.files[from]
	return d.Remove(from)
}

func (d *blankDisk) Remove(path string) error {
	delete(d.files, path)
	return nil
}

func (f *blankFile) ReadAt(p []byte, off int64) (int, error) { return copy(p, f.data[off:]), nil }

func (f *blankFile) WriteAt(p []byte, off int64) (int, error) {
	f.data = append(f.data[:off], p...)
	return len(p), nil
}

func (f *blankFile) Truncate(size int64) error {
	f.data = f.data[:size]
	return nil
}

func (f *blankFile) Size() int64 { return int64(len(f.data)) }

func (f *blankFile) View(off int64, n int) []byte { return f.data[off : off+int64(n)] }
