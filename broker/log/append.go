package log

import (
	"fmt"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Appended is where a leader's append put a batch.
type Appended struct {
	Base kafka.Offset // of its first record
	End  kafka.Offset // one past its last
	// Duplicate says that the batch is in the log already, and was not appended again; Timestamp is
	// its largest then, in milliseconds.
	Duplicate bool
	Timestamp int64
}

// AppendAsLeader appends batch, unless an idempotent producer has sent it before. Offset and the
// leader's epoch are written into batch, and with LogAppendTime the time. The error is a
// *wire.BatchError when batch is longer than a segment may be, or not its producer's next one, and
// otherwise the disk's.
func (l *Log) AppendAsLeader(batch *wire.Batch, epoch kafka.Epoch, now model.Time,
) (Appended, error) {
	if size := batch.Size(); int64(size) > l.cfg.SegmentBytes {
		return Appended{}, &wire.BatchError{Code: wire.RecordListTooLarge, Problem: fmt.Sprintf(
			"a batch of %d bytes, a segment has %d", size, l.cfg.SegmentBytes)}
	}
	known, err := l.producers.check(&batch.BatchHeader, &l.cfg)
	if err != nil {
		return Appended{}, err
	}
	if known != nil {
		return Appended{
			known.last - kafka.Offset(known.delta), known.last + 1, true, known.timestamp,
		}, nil
	}
	if l.cfg.LogAppendTime {
		batch.SetLogAppendTime(now.Millis())
	}
	batch.Place(l.LogEnd(), epoch)
	return Appended{Base: batch.BaseOffset, End: batch.LastOffset() + 1}, l.append(batch, now)
}

// AppendAsFollower appends what a leader sent: batches that have their offsets and epochs. A batch
// that is cut off at the end is left out. It stops before the first batch that is damaged, with a
// *wire.BatchError, or that begins before the log's end, with an *UnexpectedOffsetError; the
// batches before it are in the log then. Offsets may be missing between batches: a leader's cleaner
// took them.
func (l *Log) AppendAsFollower(batches []byte, now model.Time) error {
	for {
		batch, rest, err := wire.NextBatch(batches)
		if err != nil || batch.Bytes() == nil {
			return err
		}
		batches = rest
		if err := batch.Validate(); err != nil {
			return err
		}
		if end := l.LogEnd(); batch.BaseOffset < end {
			return &UnexpectedOffsetError{
				Log: l.dir, Offset: batch.BaseOffset, Last: batch.LastOffset(), End: end,
			}
		} else if batch.BaseOffset > end {
			l.cfg.Compacted = true // the leader's is, or was once
		}
		if err := l.append(&batch, now); err != nil {
			return err
		}
	}
}

func (l *Log) append(batch *wire.Batch, now model.Time) error {
	if l.active().mustRollFor(&batch.BatchHeader, &l.cfg, now) {
		if err := l.roll(batch.BaseOffset, now); err != nil {
			return err
		}
	}
	if batch.LeaderEpoch > l.epochs.latest() {
		if err := l.AssignEpoch(batch.LeaderEpoch, batch.BaseOffset); err != nil {
			return err
		}
	}
	if err := l.active().append(batch, &l.cfg, now); err != nil {
		return err
	}
	l.producers.add(&batch.BatchHeader)
	return nil
}

// Roll begins a new segment at the log's end, so that the old one can be deleted or cleaned. An
// active segment without records stays.
func (l *Log) Roll(now model.Time) error {
	if l.active().size == 0 {
		return nil
	}
	return l.roll(l.LogEnd(), now)
}

// roll begins a new active segment at base. An active segment without records gives way to it.
func (l *Log) roll(base kafka.Offset, now model.Time) error {
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
	} else if err := l.SnapshotProducers(); err != nil {
		return err
	}
	s, err := createSegment(l.disk, l.dir, base, now)
	if err != nil {
		return err
	}
	l.segments = append(l.segments, s)
	l.chain(len(l.segments) - 1)
	return nil
}
