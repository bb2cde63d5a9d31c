package log

import (
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Log is the log of one replica.
type Log struct {
	disk model.Disk
	dir  string
	cfg  Config

	// Invariant: never empty; base offsets ascend; the last is active, the others are never written
	// to.
	segments []*segment
	epochs   epochCache
	logStart kafka.Offset
	// recoveryPoint is the offset below which everything is known to be flushed.
	recoveryPoint kafka.Offset
	// truncations counts them: a flush from before one says nothing about what came after.
	truncations uint64
	scanned     int64
	producers   producers
}

// LogStart is the offset of the first record that can be read.
func (l *Log) LogStart() kafka.Offset { return l.logStart }

// LogEnd is one past the offset of the last record.
func (l *Log) LogEnd() kafka.Offset { return l.active().end }

// LatestEpoch is the newest leader epoch of the log, NoEpoch when there is none.
func (l *Log) LatestEpoch() kafka.Epoch { return l.epochs.latest() }

// Size is the length of all segments together in bytes, without their indexes.
func (l *Log) Size() int64 {
	var size int64
	for _, s := range l.segments {
		size += s.size
	}
	return size
}

// Scanned is how many bytes of batches all lookups so far have looked at behind what the indexes
// say, which is what finding a record costs.
func (l *Log) Scanned() int64 { return l.scanned }

// Dir is what a flush of the log has to name.
func (l *Log) Dir() string { return l.dir }

func (l *Log) active() *segment { return l.segments[len(l.segments)-1] }

// AssignEpoch notes that epoch begins at start, unless it is known already.
func (l *Log) AssignEpoch(epoch kafka.Epoch, start kafka.Offset) error {
	if !l.epochs.assign(epoch, start) {
		return nil
	}
	return l.epochs.write(l.disk, l.dir)
}

// EndOffsetFor answers OffsetForLeaderEpoch: the largest epoch not above the one asked for, and
// where it ends. Both are −1 when the log knows none so old.
func (l *Log) EndOffsetFor(epoch kafka.Epoch) (kafka.Epoch, kafka.Offset) {
	return l.epochs.endOffsetFor(epoch, l.LogEnd())
}

// EpochAt is the leader epoch of the record at an offset, NoEpoch when it is not known.
func (l *Log) EpochAt(offset kafka.Offset) kafka.Epoch { return l.epochs.at(offset) }

// RecoveryPoint is the offset from which a recovery has to look: what lies below is known to be
// durable. The broker writes it to RecoveryPointCheckpoint. After a truncation it must do so before
// the log grows again, or a later recovery believes what it should check (LogManager.truncateTo,
// 3.9).
func (l *Log) RecoveryPoint() kafka.Offset { return l.recoveryPoint }

// FlushPoint says what a flush that is asked for now will have made durable.
type FlushPoint struct {
	Path        string       // for Effects.Flush
	End         kafka.Offset // of the log
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
		if err := l.disk.Remove(name); err != nil {
			return err
		}
	}
	return nil
}
