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
	"sandcastle/model/kafka"
)

// Recovery is what opening a log after a crash found.
type Recovery struct {
	Scanned kafka.Offset // from where on every batch was checked
	Cut     int64        // bytes that were no valid batch and were cut off
	Reason  string       // why, "" when nothing was cut
	Dropped int          // later segments that went with them
	// Missing names a file that lost its end though it was flushed. Readers pass over the hole, as
	// in Kafka.
	Missing string
}

// note adds why something was cut.
func (r *Recovery) note(reason string) {
	if r.Reason != "" {
		r.Reason += "; "
	}
	r.Reason += reason
}

// String prints the outcome in a few words.
func (r Recovery) String() string {
	text := fmt.Sprintf("every batch from offset %d on is sound", r.Scanned)
	if r.Reason != "" {
		text = fmt.Sprintf("%d bytes and %d later segments cut: %s", r.Cut, r.Dropped, r.Reason)
	}
	if r.Missing != "" {
		text += "; " + r.Missing
	}
	return text
}

// Open opens the log of tp on disk, or creates it. Segments that lie below the recovery point, and
// all when it is CleanShutdown, are only sanity-checked: they are used as they are if their indexes
// make sense and the headers of the batches agree. The others are read from end to end: their
// indexes and epochs are made anew, batches at or behind the recovery point are checked to the last
// byte, and the log ends before the first one that is damaged (LogLoader, LogSegment.recover, 3.9).
// The log starts where its first segment does, or where the checkpoint says if that is higher; a
// log that ends before that begins again there, empty. The error is the disk's; damage is none, and
// stands in the Recovery.
func Open(disk model.Disk, tp kafka.TopicPartition, cfg Config, at Checkpoint, now model.Time,
) (*Log, Recovery, error) {
	l := &Log{disk: disk, dir: tp.String(), cfg: cfg, recoveryPoint: at.RecoveryPoint,
		logStart: at.LogStart, producers: newProducers()}
	recovery := Recovery{Scanned: at.RecoveryPoint}
	if err := finishSwaps(disk, l.dir); err != nil {
		return nil, recovery, err
	}
	bases, err := segmentBases(disk, l.dir)
	if err != nil {
		return nil, recovery, err
	}
	if err := l.removeOrphans(bases); err != nil {
		return nil, recovery, err
	}
	if err := l.load(bases, now, &recovery); err != nil {
		return nil, recovery, err
	}
	if at.LogStart > l.LogEnd() {
		recovery.note(fmt.Sprintf("%s ends at offset %d, it should start at %d", l.dir, l.LogEnd(),
			at.LogStart))
		recovery.Scanned = at.LogStart
		return l, recovery, l.TruncateFullyAndStartAt(at.LogStart)
	}
	l.logStart = max(at.LogStart, l.segments[0].base)
	l.chain(0)
	if at.RecoveryPoint == CleanShutdown {
		recovery.Scanned = l.LogEnd()
	}
	l.epochs.truncateFrom(l.LogEnd())
	l.epochs.truncateFromStart(l.logStart)
	l.recoveryPoint = min(at.RecoveryPoint, l.LogEnd())
	if err := l.loadProducers(); err != nil {
		return nil, recovery, err
	}
	return l, recovery, l.epochs.write(disk, l.dir)
}

// load opens the segments that begin at bases, as far as they are sound.
func (l *Log) load(bases []kafka.Offset, now model.Time, recovery *Recovery) error {
	intact, err := l.epochs.read(l.disk, l.dir)
	if err != nil {
		return err
	}
	if len(bases) == 0 {
		s, err := createSegment(l.disk, l.dir, l.logStart, now)
		l.segments = append(l.segments, s)
		return err
	}
	for i, base := range bases {
		s, err := openSegment(l.disk, l.dir, base, now)
		if err != nil {
			return err
		}
		l.segments = append(l.segments, s)
		limit := kafka.Offset(math.MaxInt64)
		if i+1 < len(bases) {
			limit = bases[i+1]
		}
		if intact && limit <= l.recoveryPoint {
			if ok, err := l.loadSegment(s, limit); err != nil {
				return err
			} else if ok {
				l.noteHole(s, limit, recovery)
				continue
			}
		}
		if intact {
			// Batches tell the truth about epochs; a power loss can leave the file behind or ahead
			// of them.
			l.epochs.truncateFrom(base)
			intact = false
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

// removeOrphans removes indexes without a segment: a power loss came while one was deleted.
func (l *Log) removeOrphans(bases []kafka.Offset) error {
	names, err := l.disk.List(l.dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		base, ok := baseOf(l.dir, name, ".index")
		if !ok {
			base, ok = baseOf(l.dir, name, ".timeindex")
		}
		if _, found := slices.BinarySearch(bases, base); !ok || found {
			continue
		}
		if err := l.disk.Remove(name); err != nil {
			return err
		}
	}
	return nil
}

// drop removes the segments that begin at bases.
func (l *Log) drop(bases []kafka.Offset) (int, error) {
	for _, base := range bases {
		s, err := openSegment(l.disk, l.dir, base, 0)
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
func segmentBases(disk model.Disk, dir string) ([]kafka.Offset, error) {
	names, err := disk.List(dir)
	if err != nil {
		return nil, err
	}
	var bases []kafka.Offset
	for _, name := range names {
		if base, ok := baseOf(dir, name, ".log"); ok {
			bases = append(bases, base)
		}
	}
	slices.Sort(bases)
	return bases, nil
}

// baseOf is the base offset of the segment whose file of the kind ext is called name. Files with
// other names are none of a segment's.
func baseOf(dir, name, ext string) (kafka.Offset, bool) {
	digits, ok := strings.CutSuffix(strings.TrimPrefix(name, dir+"/"), ext)
	if !ok || len(digits) != 20 {
		return 0, false
	}
	base, err := strconv.ParseInt(digits, 10, 64)
	return kafka.Offset(base), err == nil && base >= 0
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
func (l *Log) recoverSegment(s *segment, limit kafka.Offset, recovery *Recovery) error {
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
			recovery.Cut = whole - s.size
			recovery.note(err.Error())
			return s.file.Truncate(s.size)
		}
		if h.LeaderEpoch >= 0 {
			l.epochs.assign(h.LeaderEpoch, h.BaseOffset)
		}
		if err := s.take(&h, &l.cfg); err != nil {
			return err
		}
	}
	l.noteHole(s, limit, recovery)
	return nil
}

// noteHole looks whether the segment reaches to limit, where the next one begins. If not, the tail
// of this segment was lost and the next was not: nothing behind the hole was flushed, unless it
// lies below the recovery point.
func (l *Log) noteHole(s *segment, limit kafka.Offset, recovery *Recovery) {
	if limit == math.MaxInt64 || s.end >= limit || limit <= l.logStart || l.cfg.Compacted {
		return
	}
	hole := fmt.Sprintf("%s.log ends at offset %d, the next begins at %d", s.name, s.end, limit)
	if limit > l.recoveryPoint {
		recovery.note(hole)
	} else {
		recovery.Missing = hole
	}
}

// checkBatch looks at the batch behind those that count, in a file of whole bytes. The error is a
// *wire.BatchError for damage, and otherwise the disk's.
func (l *Log) checkBatch(s *segment, whole int64, limit kafka.Offset) (wire.BatchHeader, error) {
	pos := s.size
	s.size = whole
	h, err := s.headerAt(pos)
	strange := h.BaseOffset < s.end
	if err == nil && h.BaseOffset > s.end {
		var gap bool
		gap, err = l.mayHaveGap(s, &h, pos, limit)
		strange = !gap
	}
	s.size = pos
	if err != nil {
		return h, err
	}
	if strange || h.LastOffset() >= limit || h.LastOffset()-s.base > math.MaxInt32 {
		return h, s.at(pos, &wire.BatchError{Code: wire.CorruptMessage, Problem: fmt.Sprintf(
			"offsets %d to %d behind %d", h.BaseOffset, h.LastOffset(), s.end)})
	}
	if h.LastOffset() < l.recoveryPoint {
		return h, nil
	}
	batch, err := s.batchAt(pos, &h)
	if err != nil {
		return h, err
	}
	if err := batch.Validate(); err != nil {
		return h, s.at(pos, err)
	}
	return h, nil
}
