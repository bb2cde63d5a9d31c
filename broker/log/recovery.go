package log

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// Recovery is what opening a log after a crash found.
type Recovery struct {
	Scanned model.Offset // from where on every batch was checked
	Cut     int64        // bytes that were no valid batch and were cut off
	Reason  string       // why, "" when nothing was cut
	Dropped int          // later segments that went with them
}

// String prints the outcome in a few words.
func (r Recovery) String() string {
	if r.Reason == "" {
		return fmt.Sprintf("every batch from offset %d on is sound", r.Scanned)
	}
	return fmt.Sprintf("%d bytes and %d later segments cut: %s", r.Cut, r.Dropped, r.Reason)
}

// Open opens the log of tp on disk, or creates it. Everything from recoveryPoint on is checked batch by
// batch; the log ends before the first one that is damaged (LogSegment.recover, 3.9). Nothing below the
// recovery point is looked at beyond its headers.
func Open(disk model.Disk, tp model.TopicPartition, cfg Config, recoveryPoint model.Offset,
	now model.Time,
) (*Log, Recovery, error) {
	l := &Log{disk: disk, dir: tp.String(), cfg: cfg, recoveryPoint: recoveryPoint}
	recovery := Recovery{Scanned: recoveryPoint}
	bases, err := segmentBases(disk, l.dir)
	if err != nil {
		return nil, recovery, err
	}
	if len(bases) == 0 {
		bases = []model.Offset{0}
	}
	l.epochs.read(disk, l.dir)
	for i, base := range bases {
		s, err := openSegment(disk, l.dir, base)
		if err != nil {
			return nil, recovery, err
		}
		l.segments = append(l.segments, s)
		if recovery.Cut, recovery.Reason, err = s.recover(recoveryPoint, &l.epochs, &cfg); err != nil {
			return nil, recovery, err
		}
		if recovery.Reason == "" && i+1 < len(bases) && s.end > bases[i+1] {
			recovery.Reason = fmt.Sprintf("segment %d reaches into the next, %d", base, bases[i+1])
		}
		if recovery.Reason != "" {
			recovery.Dropped, err = l.drop(bases[i+1:])
			if err != nil {
				return nil, recovery, err
			}
			break
		}
	}
	for _, s := range l.segments[:len(l.segments)-1] {
		s.recent, s.next = nil, 0
	}
	l.logStart = l.segments[0].base
	l.epochs.truncateFrom(l.LogEnd() + 1)
	l.recoveryPoint = min(recoveryPoint, l.LogEnd())
	return l, recovery, l.epochs.write(disk, l.dir)
}

// drop removes the segments that begin at bases.
func (l *Log) drop(bases []model.Offset) (int, error) {
	for _, base := range bases {
		s, err := openSegment(l.disk, l.dir, base)
		if err != nil {
			return 0, err
		}
		if err := s.remove(l.disk); err != nil {
			return 0, err
		}
	}
	return len(bases), nil
}

// segmentBases lists the base offsets of the segments in dir, ascending.
func segmentBases(disk model.Disk, dir string) ([]model.Offset, error) {
	names, err := disk.List(dir)
	if err != nil {
		return nil, err
	}
	var bases []model.Offset
	for _, name := range names {
		digits, ok := strings.CutSuffix(strings.TrimPrefix(name, dir+"/"), ".log")
		if !ok || len(digits) != 20 {
			continue
		}
		base, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || base < 0 {
			return nil, fmt.Errorf("%s: no name of a segment", name)
		}
		bases = append(bases, model.Offset(base))
	}
	slices.Sort(bases)
	return bases, nil
}

// recover learns what the segment holds and rebuilds its indexes. Batches at or behind the recovery point
// are checked to the last byte, those before it by their headers.
func (s *segment) recover(from model.Offset, epochs *epochCache, cfg *Config) (cut int64, reason string,
	err error,
) {
	if err := s.offsets.file.Truncate(0); err != nil {
		return 0, "", err
	}
	if err := s.times.file.Truncate(0); err != nil {
		return 0, "", err
	}
	size := s.size
	pos := int64(0)
	for pos < size {
		s.size = size
		h, err := s.headerAt(pos)
		if err == nil && h.BaseOffset < s.end {
			err = fmt.Errorf("offset %d comes again", h.BaseOffset)
		}
		if err == nil && h.LastOffset() >= from {
			err = s.check(pos, h.Size())
		}
		if err != nil {
			reason = err.Error()
			break
		}
		s.size = pos
		if s.sinceEntry > int64(cfg.IndexIntervalBytes) {
			if err := s.addEntry(h.BaseOffset); err != nil {
				return 0, "", err
			}
		}
		s.take(&h, pos, h.Size())
		if h.LeaderEpoch >= 0 {
			epochs.assign(h.LeaderEpoch, h.BaseOffset)
		}
		pos += int64(h.Size())
	}
	s.size = pos
	if pos == size {
		return 0, "", nil
	}
	return size - pos, reason, s.file.Truncate(pos)
}

// check verifies the batch at pos as a whole.
func (s *segment) check(pos int64, size int) error {
	b, err := s.bytes(pos, size)
	if err != nil {
		return err
	}
	return wire.ValidateBatch(b)
}
