package log

import (
	"slices"
	"strings"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// A cleaned segment is written to files with the first suffix. When they are flushed they get the
// second, the .log last: from then on the cleaned segment is the one that counts, and the old ones
// are removed, oldest first. Wherever a crash interrupts that, what is left of every key's records
// are the newest ones. (LocalLog.replaceSegments, LogLoader.load, 3.9.)
const (
	cleanedSuffix = ".cleaned"
	swapSuffix    = ".swap"
	deletedSuffix = ".deleted"
)

// segmentFiles are the extensions of a segment's files, in the order in which a swap renames them.
func segmentFiles() [3]string { return [...]string{".index", ".timeindex", ".log"} }

// createCleaned makes an empty segment that is to stand at base.
func createCleaned(l *Log, base kafka.Offset, now model.Time) (*segment, error) {
	s := &segment{base: base, name: segmentName(l.dir, base), timeBefore: -1,
		created: now, modified: now}
	s.forget()
	files := [...]*model.File{&s.offsets.file, &s.times.file, &s.file}
	for i, ext := range segmentFiles() {
		f, err := l.disk.Open(s.name + ext + cleanedSuffix)
		if err != nil {
			return nil, err
		}
		if err := f.Truncate(0); err != nil {
			return nil, err
		}
		*files[i] = f
	}
	return s, nil
}

// Paths are the files to flush before Replace.
func (c *Cleaning) Paths() []string {
	var paths []string
	for _, g := range c.groups {
		for _, ext := range segmentFiles() {
			paths = append(paths, g.cleaned.name+ext+cleanedSuffix)
		}
	}
	return paths
}

// Replace puts what was cleaned into its place, after what Paths says was flushed. It is false when
// the log was truncated since, or some of the segments were deleted: then nothing changes, and the
// next round has to begin where this one did. After Replace the broker writes c.End to
// CleanerOffsetCheckpoint. It has to lower what stands there before the log grows again after a
// truncation below it (LogCleanerManager.maybeTruncateCheckpoint, 3.9).
func (l *Log) Replace(c *Cleaning) (bool, error) {
	if !l.has(c) {
		return false, l.abandon(c, nil)
	}
	l.cfg.Compacted = true
	var gone []kafka.Offset
	for _, g := range c.groups {
		if err := l.replace(g); err != nil {
			return false, err
		}
		for _, s := range g.old[1:] {
			gone = append(gone, s.base)
		}
	}
	l.chain(0)
	return true, l.removeSnapshots(func(at kafka.Offset) bool {
		_, found := slices.BinarySearch(gone, at)
		return found
	})
}

// has tells whether all segments that were cleaned are still in the log as they were.
func (l *Log) has(c *Cleaning) bool {
	if c.truncations != l.truncations {
		return false
	}
	i := 0
	for _, g := range c.groups {
		for _, s := range g.old {
			if i >= len(l.segments) || l.segments[i] != s {
				return false
			}
			i++
		}
	}
	return true
}

// abandon removes what was cleaned. It returns why, unless the disk fails.
func (l *Log) abandon(c *Cleaning, why error) error {
	for _, path := range c.Paths() {
		if err := l.disk.Remove(path); err != nil {
			return err
		}
	}
	return why
}

func (l *Log) replace(g cleanedGroup) error {
	for _, ext := range segmentFiles() {
		name := g.cleaned.name + ext
		if err := l.disk.Rename(name+cleanedSuffix, name+swapSuffix); err != nil {
			return err
		}
	}
	at := slices.Index(l.segments, g.old[0])
	for _, s := range g.old[1:] {
		if err := s.remove(l.disk); err != nil {
			return err
		}
	}
	l.segments = slices.Replace(l.segments, at, at+len(g.old), g.cleaned)
	for _, ext := range segmentFiles() {
		name := g.cleaned.name + ext
		if err := l.disk.Rename(name+swapSuffix, name); err != nil {
			return err
		}
	}
	return nil
}

// finishSwaps makes of what a crash has left in dir a directory of segments: it removes what was
// being cleaned or deleted, and finishes every swap that has begun.
func finishSwaps(disk model.Disk, dir string, r *Recovery) error {
	names, err := disk.List(dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if base, ok := baseOf(dir, name, ".log"+swapSuffix); ok {
			if err := finishSwap(disk, dir, base); err != nil {
				return err
			}
		}
	}
	if names, err = disk.List(dir); err != nil {
		return err
	}
	unfinished := leftovers{dir: dir}
	for _, name := range names {
		if !isLeftover(dir, name) {
			continue
		}
		if err := unfinished.remove(disk, name); err != nil {
			return err
		}
	}
	unfinished.report("files of a cleaning or a deletion that a crash interrupted", r)
	return nil
}

// isLeftover tells whether name is a file of a segment that was not finished or is gone.
func isLeftover(dir, name string) bool {
	for _, suffix := range []string{cleanedSuffix, swapSuffix, deletedSuffix} {
		file, ok := strings.CutSuffix(name, suffix)
		if !ok {
			continue
		}
		for _, ext := range segmentFiles() {
			if _, ok := baseOf(dir, file, ext); ok {
				return true
			}
		}
	}
	return false
}

// finishSwap puts the cleaned segment at base into its place, and removes the segments that it
// stands for. Segments behind its last record that it stands for too stay until they are cleaned
// anew: their records are out of date but harm nobody, for newer ones are there.
func finishSwap(disk model.Disk, dir string, base kafka.Offset) error {
	end, err := swapEnd(disk, dir, base)
	if err != nil {
		return err
	}
	bases, err := segmentBases(disk, dir)
	if err != nil {
		return err
	}
	for _, old := range bases {
		if old <= base || old >= end {
			continue
		}
		for _, ext := range []string{".log", ".index", ".timeindex"} {
			if err := removeIfThere(disk, dir, segmentName(dir, old)+ext); err != nil {
				return err
			}
		}
	}
	names, err := disk.List(dir)
	if err != nil {
		return err
	}
	for _, ext := range segmentFiles() {
		name := segmentName(dir, base) + ext
		if _, found := slices.BinarySearch(names, name+swapSuffix); !found {
			continue // a crash came behind it
		}
		if err := disk.Rename(name+swapSuffix, name); err != nil {
			return err
		}
	}
	return nil
}

// swapEnd is one past the last record of the cleaned segment at base.
func swapEnd(disk model.Disk, dir string, base kafka.Offset) (kafka.Offset, error) {
	f, err := disk.Open(segmentName(dir, base) + ".log" + swapSuffix)
	if err != nil {
		return 0, err
	}
	s := &segment{base: base, end: base, name: segmentName(dir, base), file: f, size: f.Size()}
	err = s.each(0, func(h *wire.BatchHeader, _ int64) bool {
		s.end = h.LastOffset() + 1
		return true
	})
	return s.end, diskError(err)
}

func removeIfThere(disk model.Disk, dir, path string) error {
	names, err := disk.List(dir)
	if err != nil {
		return err
	}
	if _, found := slices.BinarySearch(names, path); !found {
		return nil
	}
	return disk.Remove(path)
}
