package log

import (
	"errors"
	"fmt"
	"math"
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

// Open opens the log of tp on disk, or creates it. Segments that lie below recoveryPoint, and all
// when it is CleanShutdown, are believed with their indexes if these make sense. The others are
// read from end to end: their indexes and epochs are made anew, batches at or behind the recovery
// point are checked to the last byte, and the log ends before the first one that is damaged
// (LogLoader, LogSegment.recover, 3.9). The error is the disk's; damage is none, and stands in the
// Recovery.
func Open(disk model.Disk, tp model.TopicPartition, cfg Config, recoveryPoint model.Offset,
	now model.Time,
) (*Log, Recovery, error) {
	l := &Log{disk: disk, dir: tp.String(), cfg: cfg, recoveryPoint: recoveryPoint}
	recovery := Recovery{Scanned: recoveryPoint}
	bases, err := segmentBases(disk, l.dir)
	if err != nil {
		return nil, recovery, err
	}
	if err := l.load(bases, &recovery); err != nil {
		return nil, recovery, err
	}
	l.logStart = l.segments[0].base
	if recoveryPoint == CleanShutdown {
		recovery.Scanned = l.LogEnd()
	}
	l.epochs.truncateFrom(l.LogEnd())
	l.recoveryPoint = min(recoveryPoint, l.LogEnd())
	return l, recovery, l.epochs.write(disk, l.dir)
}

// load opens the segments that begin at bases, as far as they are sound.
func (l *Log) load(bases []model.Offset, recovery *Recovery) error {
	believe, err := l.epochs.read(l.disk, l.dir)
	if err != nil {
		return err
	}
	if len(bases) == 0 {
		s, err := createSegment(l.disk, l.dir, 0)
		l.segments = append(l.segments, s)
		return err
	}
	for i, base := range bases {
		s, err := openSegment(l.disk, l.dir, base)
		if err != nil {
			return err
		}
		l.segments = append(l.segments, s)
		limit := model.Offset(math.MaxInt64)
		if i+1 < len(bases) {
			limit = bases[i+1]
		}
		if believe && limit <= l.recoveryPoint {
			if ok, err := s.load(limit); err != nil {
				return err
			} else if ok {
				continue
			}
		}
		if believe {
			// Batches tell the truth about epochs; a power loss can leave the file behind or ahead
			// of them.
			l.epochs.truncateFrom(base)
			believe = false
		}
		if err := l.recoverSegment(s, limit, recovery); err != nil {
			return err
		}
		if recovery.Reason != "" {
			recovery.Dropped, err = l.drop(bases[i+1:])
			return err
		}
		if i+1 < len(bases) {
			if err := s.seal(); err != nil {
				return err
			}
		}
	}
	return nil
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

// load believes a segment that was flushed: it reads the indexes and what lies behind their last
// entries. It is false when they do not fit the file, and then has learned nothing.
func (s *segment) load(limit model.Offset) (bool, error) {
	ok, err := s.offsets.load(s.size)
	if err == nil && ok {
		ok, err = s.times.load()
	}
	if err != nil || !ok {
		return false, err
	}
	if err := s.learn(); err != nil {
		return false, diskError(err)
	}
	n := len(s.times.entries)
	if n > 0 && s.base+model.Offset(s.times.entries[n-1].offset) >= s.end {
		return false, nil
	}
	if limit != math.MaxInt64 {
		s.recent.clear()
	}
	return s.end <= limit, nil
}

// diskError is err unless it says that bytes are no batch.
func diskError(err error) error {
	var bad *wire.BatchError
	if errors.As(err, &bad) {
		return nil
	}
	return err
}

// recoverSegment reads the segment from end to end, makes its indexes anew, and cuts it before the
// first batch that is damaged or reaches to limit, where the next segment begins.
func (l *Log) recoverSegment(s *segment, limit model.Offset, recovery *Recovery) error {
	whole := s.size
	s.forget()
	s.size = 0
	s.offsets.entries, s.times.entries = nil, nil
	if err := s.offsets.file.Truncate(0); err != nil {
		return err
	}
	if err := s.times.file.Truncate(0); err != nil {
		return err
	}
	for s.size < whole {
		h, err := l.checkBatch(s, whole, limit)
		if err != nil {
			if err := diskError(err); err != nil {
				return err
			}
			recovery.Cut, recovery.Reason = whole-s.size, err.Error()
			return s.file.Truncate(s.size)
		}
		if h.LeaderEpoch >= 0 {
			l.epochs.assign(h.LeaderEpoch, h.BaseOffset)
		}
		if err := s.take(&h, &l.cfg); err != nil {
			return err
		}
	}
	if limit != math.MaxInt64 && limit > l.recoveryPoint && s.end < limit && !l.cfg.Compacted {
		// The tail of this segment was lost and the next was not: nothing behind the hole was
		// flushed.
		recovery.Reason = fmt.Sprintf("%s.log ends at offset %d, the next begins at %d",
			s.name, s.end, limit)
	}
	return nil
}

// checkBatch looks at the batch behind those that count, in a file of whole bytes. The error is a
// *wire.BatchError for damage, and otherwise the disk's.
func (l *Log) checkBatch(s *segment, whole int64, limit model.Offset) (wire.BatchHeader, error) {
	pos := s.size
	s.size = whole
	h, err := s.headerAt(pos)
	s.size = pos
	if err != nil {
		return h, err
	}
	strange := h.BaseOffset < s.end || h.BaseOffset > s.end && !l.cfg.Compacted
	if strange || h.LastOffset() >= limit || h.LastOffset()-s.base > math.MaxInt32 {
		return h, s.at(pos, &wire.BatchError{Code: wire.CorruptMessage, Problem: fmt.Sprintf(
			"offsets %d to %d behind %d", h.BaseOffset, h.LastOffset(), s.end)})
	}
	if h.LastOffset() < l.recoveryPoint {
		return h, nil
	}
	b, err := s.bytes(pos, h.Size())
	if err != nil {
		return h, err
	}
	if err := wire.ValidateBatch(b); err != nil {
		return h, s.at(pos, err)
	}
	return h, nil
}
