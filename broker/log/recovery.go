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

// Open opens the log of tp on disk, or creates it. Segments that lie below the recovery point, and
// all when it is CleanShutdown, are only sanity-checked: they are used as they are if their indexes
// make sense and the headers of the batches agree. The others are read from end to end: their
// indexes and epochs are made anew, batches at or behind the recovery point are checked to the last
// byte (LogLoader, LogSegment.recover, 3.9). The first record that is damaged or missing decides
// what becomes of those behind it. At or behind the recovery point a crash came before they were
// flushed: the log ends there, and they go, as in Kafka. Below it a flushed file was damaged: the
// rest of that file is set aside, and the segments behind it stay. The log starts where its first
// segment does, or where the checkpoint says if that is higher; a log that ends before that is set
// aside and begins again there. The error is the disk's; damage is none, and stands in the
// Recovery.
func Open(disk model.Disk, tp kafka.TopicPartition, cfg Config, at Checkpoint, now model.Time,
) (*Log, Recovery, error) {
	l := &Log{disk: disk, dir: tp.String(), cfg: cfg, recoveryPoint: at.RecoveryPoint,
		logStart: at.LogStart, producers: newProducers()}
	r := Recovery{Scanned: at.RecoveryPoint}
	if err := finishSwaps(disk, l.dir, &r); err != nil {
		return nil, r, err
	}
	bases, err := segmentBases(disk, l.dir)
	if err != nil {
		return nil, r, err
	}
	complete, err := l.removeOrphans(bases, &r)
	if err != nil {
		return nil, r, err
	}
	intact, err := l.epochs.read(disk, l.dir)
	if err != nil {
		return nil, r, err
	}
	if err := l.load(bases, complete, intact, now, &r); err != nil {
		return nil, r, err
	}
	if !intact && l.Size() > 0 {
		r.add(kafka.Damage{Kind: kafka.DamageRebuilt, File: l.dir + "/" + epochCheckpoint,
			Offset: kafka.NoOffset, End: kafka.NoOffset, Reason: "it is missing or damaged"})
	}
	r.noteShort(l, &at)
	if at.LogStart > l.LogEnd() {
		r.Scanned = at.LogStart
		if err := l.setAllAside("the log ends below its start", &r); err != nil {
			return nil, r, err
		}
		return l, r, l.TruncateFullyAndStartAt(at.LogStart)
	}
	l.logStart = max(at.LogStart, l.segments[0].base)
	l.chain(0)
	if at.RecoveryPoint == CleanShutdown {
		r.Scanned = l.LogEnd()
	}
	l.cutEpochs(&r)
	l.recoveryPoint = min(at.RecoveryPoint, l.LogEnd())
	if err := l.loadProducers(&r); err != nil {
		return nil, r, err
	}
	return l, r, l.epochs.write(disk, l.dir)
}

// cutEpochs makes the epochs those of the log. One that begins at its end has no records yet, and
// is forgotten at every start.
func (l *Log) cutEpochs(r *Recovery) {
	end := l.LogEnd()
	if n := l.epochs.behind(end); n > 0 {
		r.add(kafka.Damage{Kind: kafka.DamageDropped, File: l.dir + "/" + epochCheckpoint,
			Count: int64(n), Offset: end, End: kafka.NoOffset,
			Reason: "epochs that begin behind the end of the log"})
	}
	l.epochs.truncateFrom(end)
	l.epochs.truncateFromStart(l.logStart)
}

// load opens the segments that begin at bases, as far as they are sound. The indexes of those in
// complete are there. It reads all of them from end to end if the epochs are not intact.
func (l *Log) load(bases []kafka.Offset, complete map[kafka.Offset]bool, intact bool,
	now model.Time, r *Recovery,
) error {
	if len(bases) == 0 {
		s, err := createSegment(l.disk, l.dir, l.logStart, now)
		l.segments = append(l.segments, s)
		return err
	}
	begins := kafka.Offset(math.MaxInt64)
	if len(l.epochs.entries) > 0 {
		begins = l.epochs.entries[0].start
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
		if intact && limit <= l.recoveryPoint && complete[base] {
			if ok, err := l.loadSegment(s, limit); err != nil {
				return err
			} else if ok {
				l.noteHole(s, limit, r)
				continue
			}
		}
		if intact {
			// Batches tell the truth about epochs; a power loss can leave the file behind or ahead
			// of them.
			l.epochs.truncateFrom(base)
			intact = false
			if limit <= l.recoveryPoint {
				r.add(kafka.Damage{Kind: kafka.DamageRebuilt, File: s.name, Offset: base,
					End: kafka.NoOffset, Reason: "its indexes are missing or do not fit its batches"})
			}
		}
		ends, err := l.recoverSegment(s, limit, r)
		if err != nil {
			return err
		}
		if ends {
			return l.drop(bases[i+1:], r)
		}
		if i+1 < len(bases) {
			if err := s.seal(); err != nil {
				return err
			}
		}
	}
	r.noteFirst(l, begins, l.logStart)
	return nil
}

// drop removes the segments that begin at bases, behind where the log ends.
func (l *Log) drop(bases []kafka.Offset, r *Recovery) error {
	if len(bases) == 0 {
		return nil
	}
	d := kafka.Damage{Kind: kafka.DamageCut, File: l.dir, Count: int64(len(bases)),
		Offset: bases[0], End: kafka.NoOffset, Reason: fmt.Sprintf(
			"%s, and the segments behind it were not flushed", r.Damages[len(r.Damages)-1].Reason)}
	for _, base := range bases {
		s, err := openSegment(l.disk, l.dir, base, 0)
		if err != nil {
			return err
		}
		d.Bytes += s.size
		if err := s.remove(l.disk); err != nil {
			return err
		}
	}
	r.add(d)
	return nil
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

// recoverSegment reads the segment from end to end, makes its indexes anew, and ends it before the
// first batch that is damaged or reaches to limit, where the next segment begins. It tells whether
// the log ends there too.
func (l *Log) recoverSegment(s *segment, limit kafka.Offset, r *Recovery) (bool, error) {
	whole := s.size
	s.forget()
	s.size = 0
	s.offsets.entries, s.times.entries = nil, nil
	if err := s.offsets.file.Truncate(0); err != nil {
		return false, err
	}
	if err := s.times.file.Truncate(0); err != nil {
		return false, err
	}
	for s.size < whole {
		h, err := l.checkBatch(s, whole, limit)
		if err != nil {
			if err := diskError(err); err != nil {
				return false, err
			}
			return l.endAtDamage(s, whole, limit, err.Error(), r)
		}
		if h.LeaderEpoch >= 0 {
			l.epochs.assign(h.LeaderEpoch, h.BaseOffset)
		}
		if err := s.take(&h, &l.cfg); err != nil {
			return false, err
		}
	}
	return l.noteHole(s, limit, r), nil
}

// endAtDamage ends the segment where it is damaged, and tells whether the log ends there too.
func (l *Log) endAtDamage(s *segment, whole int64, limit kafka.Offset, reason string,
	r *Recovery,
) (bool, error) {
	if s.end < l.recoveryPoint {
		if err := l.setTailAside(s, whole, reason, r); err != nil {
			return false, err
		}
		l.noteHole(s, limit, r)
		return false, nil
	}
	r.add(kafka.Damage{Kind: kafka.DamageCut, File: s.name + ".log", Position: s.size,
		Bytes: whole - s.size, Offset: s.end, End: kafka.NoOffset, Reason: reason})
	return true, s.file.Truncate(s.size)
}

// noteHole looks whether the segment reaches to limit, where the next one begins. If not, and the
// hole begins below the recovery point, a flushed file has lost its end: readers pass over the
// hole, as in Kafka. Otherwise the tail of this segment was lost and the next was not: nothing
// behind the hole was flushed, and it is true that the log ends there.
func (l *Log) noteHole(s *segment, limit kafka.Offset, r *Recovery) bool {
	if limit == math.MaxInt64 || s.end >= limit || limit <= l.logStart || l.cfg.Compacted {
		return false
	}
	r.add(kafka.Damage{Kind: kafka.DamageHole, File: s.name + ".log", Offset: s.end, End: limit,
		Reason: fmt.Sprintf("%s.log ends at offset %d, the next begins at %d", s.name, s.end, limit)})
	return s.end >= l.recoveryPoint
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
