package sim

import (
	"slices"

	"sandcastle/model"
)

// damage is a range of a file in which something else stands than was written there.
type damage struct {
	off int64
	was []byte // what was written
}

func (d *damage) end() int64 { return d.off + int64(len(d.was)) }

// hidden is a range that is wrong on the platter while the page cache still has what was written.
// It shows when the power is lost.
type hidden struct {
	off int64
	is  []byte
}

func (h *hidden) end() int64 { return h.off + int64(len(h.is)) }

// flip changes one bit of the file where it lies.
func (f *File) flip(off int64, bit uint8) {
	was := make([]byte, 1)
	_, _ = f.peek(was, off) // in range
	if !slices.ContainsFunc(f.damage, func(d damage) bool { return d.off <= off && off < d.end() }) {
		f.damage = append(f.damage, damage{off, slices.Clone(was)})
	}
	f.put([]byte{was[0] ^ 1<<bit}, off)
}

// put changes bytes that are there, without its being a write of the process.
func (f *File) put(p []byte, off int64) {
	for len(p) > 0 {
		i := int(off / chunkSize)
		f.warm(i)
		n := copy(f.chunks[i][off%chunkSize:], p)
		p, off = p[n:], off+int64(n)
	}
}

// cover takes out of the lists of damage what is written over, or cut off, between from and to, and
// returns what showed of it.
func (f *File) cover(from, to int64) (gone []damage) {
	if len(f.damage) == 0 && len(f.hidden) == 0 {
		return nil
	}
	var left []damage
	for _, d := range f.damage {
		for _, part := range [...]struct {
			list     *[]damage
			from, to int64
		}{{&left, d.off, from}, {&gone, from, to}, {&left, to, d.end()}} {
			if a, b := max(d.off, part.from), min(d.end(), part.to); a < b {
				*part.list = append(*part.list, damage{a, d.was[a-d.off : b-d.off]})
			}
		}
	}
	f.damage = left
	// A write that went astray and is partly written over since shows no more: nobody could tell.
	f.hidden = slices.DeleteFunc(f.hidden, func(h hidden) bool { return h.off < to && from < h.end() })
	return gone
}

// show puts in place what was wrong on the platter all the time: the page cache is gone.
func (f *File) show() {
	list := f.hidden
	f.hidden = nil
	for _, h := range list {
		is := h.is[:max(0, min(int64(len(h.is)), f.size-h.off))]
		if len(is) == 0 {
			continue
		}
		was := make([]byte, len(is))
		_, _ = f.peek(was, h.off) // in range
		for _, d := range f.cover(h.off, h.off+int64(len(is))) {
			copy(was[d.off-h.off:], d.was) // damage upon damage
		}
		f.damage = append(f.damage, damage{h.off, was})
		f.put(is, h.off)
	}
}

// repair puts back what was written wherever it is known, as a scrubber does from a mirror.
func (f *File) repair() {
	for _, d := range f.damage {
		f.put(d.was, d.off)
	}
	f.damage, f.hidden = nil, nil
}

// strays are the writes that a disk is going to put in a wrong place.
type strays struct {
	left int
	rand *model.Rand
}

// misplace has the platter hold what was written at off of f in a sector somewhere else, and what
// was there before at off.
func (d *Disk) misplace(f *File, p, before []byte, off int64) {
	d.strays.left--
	victim := d.files[d.names[d.strays.rand.Below(uint64(len(d.names)))]]
	f.hidden = append(f.hidden, hidden{off, before})
	if victim.size == 0 {
		return // it went to where nothing is: lost
	}
	at := int64(d.strays.rand.Below(uint64((victim.size-1)/sector+1))) * sector
	n := min(int64(len(p)), victim.size-at)
	victim.hidden = append(victim.hidden, hidden{at, slices.Clone(p[:n])})
}

// PowerLossTorn is a PowerLoss after which all that was not flushed has been written, but for one
// sector of each write, in which there is anything.
func (d *Disk) PowerLossTorn() {
	d.undoRenames()
	for _, name := range d.names {
		f := d.files[name]
		for _, c := range f.undo {
			if end := min(f.size, max(c.newSize, c.off+int64(len(c.old)))); end > c.off {
				f.garble(c.off, end, d.rand)
			}
		}
		f.undo = nil
		f.show()
	}
}

// garble fills one sector between from and to with anything.
func (f *File) garble(from, to int64, rand *model.Rand) {
	first := from / sector
	at := first + int64(rand.Below(uint64((to-1)/sector-first+1)))
	a, b := max(from, at*sector), min(to, (at+1)*sector)
	junk := make([]byte, b-a)
	for i := range junk {
		junk[i] = byte(rand.Uint64())
	}
	f.cover(a, b)
	f.put(junk, a)
}

// DiskDamage is what a disk holds that nobody wrote there, for doing it and ending it.
type DiskDamage struct {
	w *World
	n *node
}

// DiskDamage returns the damage of the disk of a node.
func (w *World) DiskDamage(id model.NodeID) DiskDamage { return DiskDamage{w, w.node(id)} }

// Rot flips one bit, 0 to 7, of the byte at off of a file: bit rot. Repair ends it.
func (x DiskDamage) Rot(path string, off int64, bit uint8) {
	x.w.Fault(model.Fault{Verb: model.FaultRot, Node: x.n.cfg.ID, Detail: path})
	x.n.disk.rotten = true
	x.n.disk.files[path].flip(off, bit%8)
}

// Misdirect has the next so many writes of a node reach a wrong place on its platter: a sector of
// some file holds them, and where they belong is what was there before. The page cache has them
// right, so that nobody sees it before the power is lost. Repair ends it.
func (x DiskDamage) Misdirect(writes int) {
	x.w.Fault(model.Fault{Verb: model.FaultMisdirect, Node: x.n.cfg.ID})
	d := x.n.disk
	if d.strays.rand == nil {
		d.strays.rand = model.NewRand(x.w.cfg.Seed, "strays "+string(x.n.cfg.ID))
	}
	d.strays.left = writes
	d.astray = true
}

// Repair ends Rot and Misdirect: whatever stands on the disk and was not written there is as it
// was written, unless it was written over since.
func (x DiskDamage) Repair() {
	d := x.n.disk
	for _, kind := range [...]struct {
		is   *bool
		verb string
	}{{&d.rotten, model.FaultRot}, {&d.astray, model.FaultMisdirect}} {
		if *kind.is {
			x.w.FaultEnded(model.Fault{Verb: kind.verb, Node: x.n.cfg.ID})
			*kind.is = false
		}
	}
	d.strays.left = 0
	for _, name := range d.names {
		d.files[name].repair()
	}
}

// PowerLossTorn is a PowerLoss that meets every write on its way to the platter: one sector of each
// holds anything afterwards.
func (w *World) PowerLossTorn(id model.NodeID) {
	w.losePower(id, powerLoss{lose: (*Disk).PowerLossTorn, how: "torn"})
}
