package sim

import (
	"sandcastle/model"
)

// tailBytes is how much of the end of what is durable is compared after a loss of power.
const tailBytes = 512

// durable is what a flush has promised of a file: so many bytes, with their last ones.
type durable struct {
	size int64
	sum  uint64
	// overwrites is File.overwrites when the flush was asked for: what was written over or cut since
	// may or may not be there.
	overwrites uint64
}

// tailSum is the sum of the last bytes before a size.
func tailSum(f *File, size int64) uint64 {
	b := make([]byte, min(size, tailBytes))
	_, _ = f.peek(b, size-int64(len(b))) // in range
	return model.Sum64(uint64(size), b)
}

// promised is what a flush is going to promise of its files, as they are when it is asked for.
type promised struct {
	file *File
	durable
}

// asks notes what a flush that a process asks for covers.
func (a *audit) asks(n *node, path string) (list []promised) {
	for _, name := range n.disk.names {
		if name == path || path == "" || len(name) > len(path) && name[:len(path)] == path &&
			name[len(path)] == '/' {
			f := n.disk.files[name]
			list = append(list, promised{f, durable{f.size, tailSum(f, f.size), f.overwrites}})
		}
	}
	return list
}

// keeps notes that a flush is done.
func (a *audit) keeps(f *pendingFlush) {
	n := f.node
	if f.failed != "" {
		return
	}
	a.demand(n.disk.fault != FlushFailing && n.disk.fault != DiskFailing, n,
		"a flush succeeded on a disk that refuses flushes")
	if f.mark.losses != n.disk.losses {
		return
	}
	for _, p := range f.promised {
		if p.file.overwrites == p.overwrites {
			if before, ok := a.durable[p.file]; ok && before.overwrites == p.overwrites &&
				before.size > p.size {
				continue // of a flush that was asked for later
			}
			left := p.file.afterRevert()
			a.demand(left == p.size, n, "a flush was asked for when a file had %d bytes, and was done "+
				"when it had %d; of these a loss of power leaves %d", p.size, p.file.size, left)
			a.durable[p.file] = p.durable
		} else {
			delete(a.durable, p.file)
		}
	}
}

// afterRevert is how long the file would be after a loss of power that kept nothing else than what
// is durable.
func (f *File) afterRevert() int64 {
	if len(f.undo) > 0 {
		return f.undo[0].oldSize
	}
	return f.size
}

// releases looks whether what waits for a flush is let go after it, and not after one that failed.
func (a *audit) releases(f *pendingFlush) {
	n, now := f.node, a.w.kernel.now
	least := f.asked.Add(n.cfg.Hardware.Flush)
	a.demand(now >= least, n, "a flush was done at %s; it takes until %s at least", now, least)
	a.demand(f.failed == "" || len(f.release) == 0, n, "a failed flush let go what waited for it")
}

// losesPower looks whether the disk of a node has after a loss of power what its flushes promised,
// and where nothing else is kept, no more than that.
func (a *audit) losesPower(n *node, nothingKept bool) {
	for _, name := range n.disk.names {
		f := n.disk.files[name]
		d, ok := a.durable[f]
		if !ok || f.overwrites != d.overwrites {
			continue
		}
		a.demand(f.size >= d.size, n, "%s has %d bytes after a loss of power, and %d were flushed", name,
			f.size, d.size)
		if f.size >= d.size && len(f.damage) == 0 {
			a.demand(tailSum(f, d.size) == d.sum, n, "%s has not what was flushed before offset %d", name,
				d.size)
		}
		if nothingKept {
			a.demand(f.size <= d.size, n, "%s has %d bytes after a loss of power that kept nothing else, "+
				"and only %d were flushed", name, f.size, d.size)
		}
	}
}

// bytesOn is how much a disk holds.
func bytesOn(d *Disk) (total int64) {
	if d == nil {
		return 0
	}
	for _, name := range d.names {
		total += d.files[name].size
	}
	return total
}

// breaks notes how much a disk holds that lets nothing be added, and mends looks at it again.
func (a *audit) breaks(n *node, fault DiskFault) {
	if fault == DiskFull || fault == DiskFailing {
		a.full[n.disk] = bytesOn(n.disk)
	}
}

func (a *audit) mends(n *node) {
	before, ok := a.full[n.disk]
	if !ok {
		return
	}
	delete(a.full, n.disk)
	now := bytesOn(n.disk)
	a.demand(now <= before, n, "%d bytes were added to a disk that was full or failing", now-before)
}
