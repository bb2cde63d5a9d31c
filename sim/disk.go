package sim

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"sandcastle/model"
)

// sector is what a disk writes whole or not at all.
const sector = 512

// Disk is a node's file system: a page cache that every write changes at once, and behind it what a
// flush has made durable. The difference is kept as a list of what would have to be undone.
//
// After a power loss a file is what it was at its last flush, with some of the later changes, the
// oldest ones, done to it; one more may be torn (see tear). Other files keep more or fewer of
// theirs: nothing is in order between files. Creations, renames and removals are in one journal, as
// those of ext4 are: any flush makes all earlier ones durable, and a power loss undoes the others.
type Disk struct {
	rand    *model.Rand
	files   map[string]*File
	names   []string // of files, sorted
	journal []rename // not yet durable, oldest first
	settled uint64   // renames that left the journal because they are durable
	losses  uint64   // counts power losses: a flush older than one covers nothing
	fault   DiskFault
	late    time.Duration // by which every use takes longer
	used    bool          // by the step that is taken now
	strays  strays
	rotten  bool   // Rot was done to it, and not RepairDisk
	astray  bool   // Misdirect was
	attic   *attic // nil for a disk that keeps all as it was written
}

// rename is a change of the directory. A creation has from "", a removal to "".
type rename struct {
	from, to string
	moved    *File
	replaced *File // what stood at to, or nil
}

// waited is how long a step waits for its disk, nothing where it did not use it.
func (d *Disk) waited() time.Duration {
	if d == nil || !d.used {
		return 0
	}
	return d.late
}

// NewDisk returns an empty disk; rand decides what survives a power loss.
func NewDisk(rand *model.Rand) *Disk {
	return &Disk{rand: rand, files: map[string]*File{}}
}

// Open implements model.Disk.
func (d *Disk) Open(path string) (model.File, error) {
	if path == "" || strings.HasPrefix(path, "/") || strings.HasSuffix(path, "/") {
		return nil, fmt.Errorf("open %q: no path of a file", path)
	}
	if err := d.failing(opRead); err != nil {
		return nil, err
	}
	if f := d.files[path]; f != nil {
		return f, nil
	}
	if err := d.failing(opGrow); err != nil {
		return nil, err
	}
	f := &File{disk: d}
	d.put(path, f)
	d.journal = append(d.journal, rename{to: path, moved: f})
	return f, nil
}

// List implements model.Disk.
func (d *Disk) List(dir string) ([]string, error) {
	if dir != "" {
		dir = strings.TrimSuffix(dir, "/") + "/"
	}
	if err := d.failing(opRead); err != nil {
		return nil, err
	}
	return d.below(dir), nil
}

// below returns the paths that begin with dir.
func (d *Disk) below(dir string) []string {
	from := sort.SearchStrings(d.names, dir)
	to := from
	for to < len(d.names) && strings.HasPrefix(d.names[to], dir) {
		to++
	}
	return slices.Clone(d.names[from:to])
}

// Rename implements model.Disk.
func (d *Disk) Rename(from, to string) error {
	if err := d.failing(opWrite); err != nil {
		return err
	}
	f := d.files[from]
	if f == nil {
		return fmt.Errorf("rename %q: no such file", from)
	}
	if to == "" {
		return fmt.Errorf("rename %q: to no name", from)
	}
	if from == to {
		return nil
	}
	d.journal = append(d.journal, rename{from: from, to: to, moved: f, replaced: d.files[to]})
	d.drop(from)
	d.put(to, f)
	return nil
}

// Remove implements model.Disk. In the journal it is a rename to nothing.
func (d *Disk) Remove(path string) error {
	if err := d.failing(opWrite); err != nil {
		return err
	}
	f := d.files[path]
	if f == nil {
		return fmt.Errorf("remove %q: no such file", path)
	}
	d.journal = append(d.journal, rename{from: path, moved: f})
	d.drop(path)
	return nil
}

func (d *Disk) put(path string, f *File) {
	if d.files[path] == nil {
		at := sort.SearchStrings(d.names, path)
		d.names = slices.Insert(d.names, at, path)
	}
	d.files[path] = f
}

func (d *Disk) drop(path string) {
	delete(d.files, path)
	if at := sort.SearchStrings(d.names, path); at < len(d.names) && d.names[at] == path {
		d.names = slices.Delete(d.names, at, at+1)
	}
}

// PowerLoss leaves on the disk what was flushed, with whatever of the rest chance has written
// already.
func (d *Disk) PowerLoss() {
	d.undoRenames()
	for _, name := range d.names {
		d.files[name].powerLoss(d.rand)
		d.files[name].show()
	}
}

// Revert leaves on the disk what was flushed and nothing else.
func (d *Disk) Revert() {
	d.undoRenames()
	for _, name := range d.names {
		f := d.files[name]
		for i := len(f.undo) - 1; i >= 0; i-- {
			f.revert(f.undo[i])
		}
		f.undo = nil
		f.show()
	}
}

// undoRenames takes back what was done to the directory and is not durable.
func (d *Disk) undoRenames() {
	for i := len(d.journal) - 1; i >= 0; i-- {
		r := &d.journal[i]
		if r.to != "" {
			d.drop(r.to)
			if r.replaced != nil {
				d.put(r.to, r.replaced)
			}
		}
		if r.from != "" {
			d.put(r.from, r.moved)
		}
	}
	d.journal = nil
	d.losses++
}

// Sync makes durable all that was written at or below path, at once. Flushes of a World take time.
func (d *Disk) Sync(path string) { d.settle(d.mark(path)) }

// flushMark is what a flush that was asked for covers.
type flushMark struct {
	files   []fileMark
	renames uint64 // all up to this number
	losses  uint64
	bytes   int64
}

type fileMark struct {
	f       *File
	changes uint64 // every change up to this number
	size    int64
}

// mark notes the present state of all files at or below path.
func (d *Disk) mark(path string) flushMark {
	m := flushMark{renames: d.settled + uint64(len(d.journal)), losses: d.losses}
	add := func(f *File) {
		if len(f.undo) > 0 {
			m.files = append(m.files, fileMark{f, f.changes, f.size})
			m.bytes += f.unflushed()
		}
	}
	if f := d.files[path]; f != nil {
		add(f)
		return m
	}
	if path != "" {
		path = strings.TrimSuffix(path, "/") + "/"
	}
	for _, name := range d.below(path) {
		add(d.files[name])
	}
	return m
}

// settle makes durable what m covers, unless the power went in between.
func (d *Disk) settle(m flushMark) {
	if m.losses != d.losses {
		return
	}
	if m.renames > d.settled {
		d.journal = slices.Delete(d.journal, 0, int(m.renames-d.settled))
		d.settled = m.renames
	}
	for _, fm := range m.files {
		fm.f.settle(fm)
	}
}
