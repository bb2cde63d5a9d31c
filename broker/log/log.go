package log

import (
	"time"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// Config is what a topic sets of its logs, under Kafka's names.
type Config struct {
	SegmentBytes       int64
	SegmentMs          time.Duration
	IndexIntervalBytes int32
	// IndexBytes is segment.index.bytes: a segment ends when one of its indexes is full. 0 is 10
	// MiB.
	IndexBytes int64
	// Compacted allows offsets that are missing between batches, as the log cleaner leaves them. It
	// must be true for a log that was ever cleaned or copied from one. Elsewhere a gap is refused
	// when a follower appends, and at recovery it is damage.
	Compacted bool
}

// Log is the log of one replica.
type Log struct {
	disk model.Disk
	dir  string
	cfg  Config

	// Invariant: never empty; base offsets ascend; the last is active, the others are never written
	// to.
	segments []*segment
	epochs   epochCache
	logStart model.Offset
	// recoveryPoint is the offset below which everything is known to be flushed.
	recoveryPoint model.Offset
	// truncations counts them: a flush from before one says nothing about what came after.
	truncations uint64
}

// LogStart is the offset of the first record that can be read.
func (l *Log) LogStart() model.Offset { return l.logStart }

// LogEnd is one past the offset of the last record.
func (l *Log) LogEnd() model.Offset { return l.active().end }

// LatestEpoch is the newest leader epoch of the log, NoEpoch when there is none.
func (l *Log) LatestEpoch() model.Epoch { return l.epochs.latest() }

// Dir is what a flush of the log has to name.
func (l *Log) Dir() string { return l.dir }

func (l *Log) active() *segment { return l.segments[len(l.segments)-1] }

// AssignEpoch notes that epoch begins at start, unless it is known already.
func (l *Log) AssignEpoch(epoch model.Epoch, start model.Offset) error {
	if !l.epochs.assign(epoch, start) {
		return nil
	}
	return l.epochs.write(l.disk, l.dir)
}

// EndOffsetFor answers OffsetForLeaderEpoch: the largest epoch not above the one asked for, and
// where it ends. Both are −1 when the log knows none so old.
func (l *Log) EndOffsetFor(epoch model.Epoch) (model.Epoch, model.Offset) {
	return l.epochs.endOffsetFor(epoch, l.LogEnd())
}

// EpochAt is the leader epoch of the record at an offset, NoEpoch when it is not known.
func (l *Log) EpochAt(offset model.Offset) model.Epoch { return l.epochs.at(offset) }

// AppendAsLeader appends batch, one batch that passed wire.ValidateProduced, and returns its first
// offset. Offset and the leader's epoch are written into batch. The error is a *wire.BatchError
// when batch is not exactly one batch, and otherwise the disk's.
func (l *Log) AppendAsLeader(batch []byte, epoch model.Epoch, now model.Time,
) (model.Offset, error) {
	h, size, err := wire.ParseBatch(batch)
	if err == nil && size != len(batch) {
		err = &wire.BatchError{Code: wire.InvalidRecord, Problem: "more than one batch"}
	}
	if err != nil {
		return 0, err
	}
	h.BaseOffset, h.LeaderEpoch = l.LogEnd(), epoch
	wire.SetBaseOffset(batch, h.BaseOffset)
	wire.SetLeaderEpoch(batch, epoch)
	return h.BaseOffset, l.append(&h, batch)
}

// AppendAsFollower appends what a leader sent: batches that have their offsets and epochs. A batch
// that is cut off at the end is left out. It stops before the first batch that is damaged, with a
// *wire.BatchError, or that does not continue the log, with an *UnexpectedOffsetError; the batches
// before it are in the log then.
func (l *Log) AppendAsFollower(batches []byte, now model.Time) error {
	for batch, err := range wire.Batches(batches) {
		if err != nil {
			return err
		}
		if err := wire.ValidateBatch(batch); err != nil {
			return err
		}
		h, _, err := wire.ParseBatch(batch)
		if err != nil {
			return err
		}
		if end := l.LogEnd(); h.BaseOffset < end || h.BaseOffset > end && !l.cfg.Compacted {
			return &UnexpectedOffsetError{Log: l.dir, Offset: h.BaseOffset, End: end}
		}
		if err := l.append(&h, batch); err != nil {
			return err
		}
	}
	return nil
}

func (l *Log) append(h *wire.BatchHeader, batch []byte) error {
	if l.active().mustRollFor(h, len(batch), &l.cfg) {
		if err := l.roll(h.BaseOffset); err != nil {
			return err
		}
	}
	if h.LeaderEpoch > l.epochs.latest() {
		if err := l.AssignEpoch(h.LeaderEpoch, h.BaseOffset); err != nil {
			return err
		}
	}
	return l.active().append(h, batch, &l.cfg)
}

// roll begins a new active segment at base. An active segment without records gives way to it.
func (l *Log) roll(base model.Offset) error {
	if old := l.active(); old.size == 0 {
		if err := old.remove(l.disk); err != nil {
			return err
		}
		if len(l.segments) == 1 {
			l.logStart = base
		}
		l.segments = l.segments[:len(l.segments)-1]
	} else if err := old.seal(); err != nil {
		return err
	}
	s, err := createSegment(l.disk, l.dir, base)
	if err != nil {
		return err
	}
	l.segments = append(l.segments, s)
	return nil
}

// RecoveryPoint is the offset from which a recovery has to look: what lies below is known to be
// durable. The broker writes it to RecoveryPointCheckpoint. After a truncation it must do so before
// the log grows again, or a later recovery believes what it should check (LogManager.truncateTo,
// 3.9).
func (l *Log) RecoveryPoint() model.Offset { return l.recoveryPoint }

// FlushPoint says what a flush that is asked for now will have made durable.
type FlushPoint struct {
	Path        string       // for Effects.Flush
	End         model.Offset // of the log
	truncations uint64
}

// FlushPoint is the present state as a flush would secure it. There is nothing to flush when its
// End is the RecoveryPoint.
func (l *Log) FlushPoint() FlushPoint { return FlushPoint{l.dir, l.LogEnd(), l.truncations} }

// Flushed tells the log that the flush asked for at p has completed. One that the log was truncated
// after counts for nothing.
func (l *Log) Flushed(p FlushPoint) {
	if p.truncations == l.truncations {
		l.recoveryPoint = max(l.recoveryPoint, p.End)
	}
}

// Delete removes every file of the log.
func (l *Log) Delete() error {
	names, err := l.disk.List(l.dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := l.disk.Rename(name, ""); err != nil {
			return err
		}
	}
	return nil
}
