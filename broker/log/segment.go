package log

import (
	"fmt"
	"sort"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// segment is one stretch of the log: a file of batches with its two indexes.
type segment struct {
	base    model.Offset // of the first record it may hold
	end     model.Offset // one past the last record
	name    string       // path without extension
	file    model.File
	size    int64
	offsets offsetIndex
	times   timeIndex
	// sinceEntry counts the bytes since the last index entry.
	sinceEntry int64
	firstTime  int64 // timestamp of the first batch, −1 for none
	maxTime    int64 // largest timestamp, −1 for none
	// recent remembers where the last batches stand, since nearly every read is at the tail. It is a ring:
	// recent[next] is the oldest when it is full.
	recent []batchAt
	next   int
}

// batchAt is where a batch stands in a segment.
type batchAt struct {
	base, last model.Offset
	pos        int64
	size       int32
}

// recentBatches is how many batches a segment remembers.
const recentBatches = 256

// openSegment opens or creates the files of the segment that begins at base.
func openSegment(disk model.Disk, dir string, base model.Offset) (*segment, error) {
	s := &segment{
		base: base, end: base, name: fmt.Sprintf("%s/%020d", dir, int64(base)), firstTime: -1, maxTime: -1,
	}
	var err error
	if s.file, err = disk.Open(s.name + ".log"); err != nil {
		return nil, err
	}
	if s.offsets.file, err = disk.Open(s.name + ".index"); err != nil {
		return nil, err
	}
	if s.times.file, err = disk.Open(s.name + ".timeindex"); err != nil {
		return nil, err
	}
	s.size = s.file.Size()
	return s, nil
}

// mustRollFor tells whether a batch has to go to a new segment (LogSegment.shouldRoll, 3.9): it does not
// fit, the segment is old by the batches' own timestamps, an index is full, or the offset is too far from
// the base.
func (s *segment) mustRollFor(h *wire.BatchHeader, size int, cfg *Config) bool {
	if s.size == 0 {
		return false
	}
	indexBytes := cfg.IndexBytes
	if indexBytes == 0 {
		indexBytes = 10 << 20
	}
	return s.size+int64(size) > cfg.SegmentBytes ||
		s.firstTime >= 0 && h.MaxTimestamp-s.firstTime > cfg.SegmentMs.Milliseconds() ||
		int64(len(s.offsets.entries)+1)*offsetEntrySize > indexBytes ||
		int64(h.LastOffset()-s.base) > 1<<31-1
}

// append writes a batch at the end. An index entry is due every IndexIntervalBytes, before the batch.
func (s *segment) append(h *wire.BatchHeader, batch []byte, cfg *Config) error {
	if _, err := s.file.WriteAt(batch, s.size); err != nil {
		return err
	}
	if s.sinceEntry > int64(cfg.IndexIntervalBytes) {
		if err := s.addEntry(h.BaseOffset); err != nil {
			return err
		}
	}
	s.take(h, s.size, len(batch))
	return nil
}

func (s *segment) addEntry(offset model.Offset) error {
	if err := s.offsets.add(offset-s.base, s.size); err != nil {
		return err
	}
	s.sinceEntry = 0
	return s.times.maybeAdd(s.maxTime, s.end-1-s.base)
}

// take notes a batch that stands at pos, the end of what was noted before.
func (s *segment) take(h *wire.BatchHeader, pos int64, size int) {
	at := batchAt{h.BaseOffset, h.LastOffset(), pos, int32(size)}
	if len(s.recent) < recentBatches {
		s.recent = append(s.recent, at)
	} else {
		s.recent[s.next] = at
	}
	s.next = (s.next + 1) % recentBatches
	s.size = pos + int64(size)
	s.sinceEntry += int64(size)
	s.end = h.LastOffset() + 1
	if s.firstTime < 0 {
		s.firstTime = h.MaxTimestamp
	}
	s.maxTime = max(s.maxTime, h.MaxTimestamp)
}

// seal ends the segment: its time index gets the last word on its largest timestamp.
func (s *segment) seal() error {
	s.recent, s.next = nil, 0
	if s.end == s.base {
		return nil
	}
	return s.times.maybeAdd(s.maxTime, s.end-1-s.base)
}

// recentFor finds the remembered batch that holds offset; false when it is older than they are.
func (s *segment) recentFor(offset model.Offset) (batchAt, bool) {
	n := len(s.recent)
	if n == 0 {
		return batchAt{}, false
	}
	first := 0
	if n == recentBatches {
		first = s.next
	}
	i := sort.Search(n, func(i int) bool { return s.recent[(first+i)%n].last >= offset })
	if i == n || i == 0 && s.recent[first%n].base > offset && s.recent[first%n].pos > 0 {
		return batchAt{}, false
	}
	return s.recent[(first+i)%n], true
}

// positionFor is a position at or before the batch that holds offset, from the index.
func (s *segment) positionFor(offset model.Offset) int64 {
	if at, ok := s.recentFor(offset); ok {
		return at.pos
	}
	return s.offsets.lookup(offset - s.base)
}

// each calls f with every batch from pos on, until f says no. It stops with an error at a batch that does
// not parse.
func (s *segment) each(pos int64, f func(h *wire.BatchHeader, pos int64) bool) error {
	for pos < s.size {
		h, err := s.headerAt(pos)
		if err != nil {
			return err
		}
		if !f(&h, pos) {
			return nil
		}
		pos += int64(h.Size())
	}
	return nil
}

// headerAt reads the header of the batch at pos and checks that the batch ends within the segment.
func (s *segment) headerAt(pos int64) (wire.BatchHeader, error) {
	var buf [wire.BatchOverhead]byte
	n := min(int64(len(buf)), s.size-pos)
	b := view(s.file, pos, int(n))
	if b == nil {
		b = buf[:n]
		if _, err := s.file.ReadAt(b, pos); err != nil {
			return wire.BatchHeader{}, fmt.Errorf("%s.log at %d: %w", s.name, pos, err)
		}
	}
	h, err := wire.ParseHeader(b)
	if err == nil && int64(h.Size()) > s.size-pos {
		err = fmt.Errorf("a batch of %d bytes, %d are left", h.Size(), s.size-pos)
	}
	if err != nil {
		return h, fmt.Errorf("%s.log at %d: %w", s.name, pos, err)
	}
	return h, nil
}

// view borrows bytes of a file, nil when the file cannot lend them.
func view(f model.File, off int64, n int) []byte {
	if v, ok := f.(model.Viewer); ok {
		return v.View(off, n)
	}
	return nil
}
