package log

import (
	"fmt"
	"math"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// segment is one stretch of the log: a file of batches with its two indexes.
type segment struct {
	base kafka.Offset // of the first record it may hold
	end  kafka.Offset // one past the last record
	name string       // path without extension
	file model.File
	// size is how much of the file counts: whole batches, back to back.
	size      int64
	offsets   offsetIndex
	times     timeIndex
	firstTime int64 // largest timestamp of the first batch, −1 for none
	maxTime   int64 // largest timestamp, −1 for none
	// maxTimeAt is the last offset of the first batch that has maxTime.
	maxTimeAt kafka.Offset
	// timeBefore is the largest timestamp of the segments before this one (Log.chain).
	timeBefore int64
	created    model.Time // when this process created or opened it
	modified   model.Time // when it was last appended to, by this process
	recent     recent     // empty in sealed segments
	header     [wire.BatchOverhead]byte
}

// segmentName is the path of a segment's files without extension.
func segmentName(dir string, base kafka.Offset) string {
	return fmt.Sprintf("%s/%020d", dir, int64(base))
}

// openSegment opens or creates the files of the segment that begins at base. What they hold is not
// looked at yet.
func openSegment(disk model.Disk, dir string, base kafka.Offset, now model.Time,
) (*segment, error) {
	s := &segment{base: base, name: segmentName(dir, base), timeBefore: -1,
		created: now, modified: now}
	s.forget()
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

// createSegment makes an empty segment. A crash may have left files of that name.
func createSegment(disk model.Disk, dir string, base kafka.Offset, now model.Time,
) (*segment, error) {
	s, err := openSegment(disk, dir, base, now)
	if err != nil {
		return nil, err
	}
	for _, f := range []model.File{s.file, s.offsets.file, s.times.file} {
		if err := f.Truncate(0); err != nil {
			return nil, err
		}
	}
	s.size = 0
	return s, nil
}

// forget makes the segment know nothing of its batches.
func (s *segment) forget() {
	s.end, s.firstTime, s.maxTime, s.maxTimeAt = s.base, -1, -1, s.base
	s.recent.clear()
}

// mustRollFor tells whether a batch has to go to a new segment (LogSegment.shouldRoll, 3.9): it
// does not fit, the segment is old by the batches' own timestamps, an index is full, or the offset
// is too far from the base. A segment whose first batch has no timestamp is as old as its file.
func (s *segment) mustRollFor(h *wire.BatchHeader, cfg *Config, now model.Time) bool {
	if int64(h.LastOffset()-s.base) > math.MaxInt32 {
		return true
	}
	if s.size == 0 {
		return false
	}
	age := now.Sub(s.created).Milliseconds()
	if s.firstTime >= 0 {
		age = h.MaxTimestamp - s.firstTime
	}
	return s.size+int64(h.Size()) > cfg.SegmentBytes || age > cfg.SegmentMs.Milliseconds() ||
		s.offsets.full(cfg.indexBytes()) || s.times.full(cfg.indexBytes())
}

// append writes a batch at the end.
func (s *segment) append(batch *wire.Batch, cfg *Config, now model.Time) error {
	if _, err := s.file.WriteAt(batch.Bytes(), s.size); err != nil {
		return err
	}
	s.modified = now
	return s.take(&batch.BatchHeader, cfg)
}

// take adds the batch that stands at the end of what counts. An index entry is due for a batch that
// begins more than IndexIntervalBytes behind the last one (LogSegment.append, 3.9).
func (s *segment) take(h *wire.BatchHeader, cfg *Config) error {
	pos := s.size
	s.note(h, pos)
	s.size += int64(h.Size())
	if pos-int64(s.offsets.last().position) <= int64(cfg.IndexIntervalBytes) {
		return nil
	}
	if err := s.offsets.add(h.LastOffset()-s.base, pos); err != nil {
		return err
	}
	return s.times.maybeAdd(s.maxTime, s.maxTimeAt-s.base)
}

// note learns from the header of the batch at pos, which follows what was noted before.
func (s *segment) note(h *wire.BatchHeader, pos int64) {
	if pos == 0 {
		s.firstTime = h.MaxTimestamp
	}
	s.end = h.LastOffset() + 1
	if h.MaxTimestamp > s.maxTime {
		s.maxTime, s.maxTimeAt = h.MaxTimestamp, h.LastOffset()
	}
	s.recent.add(h, pos)
}

// seal ends the segment: its time index gets the last word on its largest timestamp.
func (s *segment) seal() error {
	s.recent.clear()
	if s.end == s.base {
		return nil
	}
	return s.times.maybeAdd(s.maxTime, s.maxTimeAt-s.base)
}

// positionFor is a position at or before the batch that holds offset.
func (s *segment) positionFor(offset kafka.Offset) int64 {
	if pos, ok := s.recent.position(offset); ok {
		return pos
	}
	return s.offsets.lookup(offset - s.base)
}

// each calls f with every batch from pos on, until f says no; f must not keep the header. It stops
// with an error at a batch that does not parse.
func (s *segment) each(pos int64, f func(h *wire.BatchHeader, pos int64) bool) error {
	h := new(wire.BatchHeader) // one for all of them
	for pos < s.size {
		var err error
		if *h, err = s.headerAt(pos); err != nil {
			return err
		}
		if !f(h, pos) {
			return nil
		}
		pos += int64(h.Size())
	}
	return nil
}

// headerAt reads the header of the batch at pos and checks that the batch ends within the segment.
// The error is a *wire.BatchError for bytes that are no batch, and otherwise the disk's.
func (s *segment) headerAt(pos int64) (wire.BatchHeader, error) {
	n := int(min(wire.BatchOverhead, s.size-pos))
	b := view(s.file, pos, n)
	if b == nil {
		b = s.header[:n]
		if err := readFull(s.file, b, pos); err != nil {
			return wire.BatchHeader{}, s.at(pos, err)
		}
	}
	h, err := wire.ParseHeader(b)
	if err == nil && int64(h.Size()) > s.size-pos {
		err = &wire.BatchError{
			Code:    wire.CorruptMessage,
			Problem: fmt.Sprintf("a batch of %d bytes, %d are left", h.Size(), s.size-pos),
		}
	}
	if err != nil {
		return h, s.at(pos, err)
	}
	return h, nil
}

// batchAt reads the whole batch at pos, whose header was read there.
func (s *segment) batchAt(pos int64, h *wire.BatchHeader) (wire.Batch, error) {
	b, err := s.bytes(pos, h.Size())
	if err != nil {
		return wire.Batch{}, err
	}
	return h.Batch(b), nil
}

// bytes reads a range of the file, without a copy when the file lends its own.
func (s *segment) bytes(pos int64, size int) ([]byte, error) {
	if b := view(s.file, pos, size); b != nil {
		return b, nil
	}
	b := make([]byte, size)
	if err := readFull(s.file, b, pos); err != nil {
		return nil, s.at(pos, err)
	}
	return b, nil
}

func (s *segment) at(pos int64, err error) error {
	return fmt.Errorf("%s.log at %d: %w", s.name, pos, err)
}
