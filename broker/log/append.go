package log

import (
	"fmt"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// AppendAsLeader appends batch, one batch that passed wire.ValidateProduced, and returns its first
// offset. Offset and the leader's epoch are written into batch, and with LogAppendTime the time.
// The error is a *wire.BatchError when batch is not exactly one batch or longer than a segment may
// be, and otherwise the disk's.
func (l *Log) AppendAsLeader(batch []byte, epoch model.Epoch, now model.Time,
) (model.Offset, error) {
	h, size, err := wire.ParseBatch(batch)
	if err == nil && size != len(batch) {
		err = &wire.BatchError{Code: wire.InvalidRecord, Problem: "more than one batch"}
	}
	if err == nil && int64(size) > l.cfg.SegmentBytes {
		err = &wire.BatchError{Code: wire.RecordListTooLarge, Problem: fmt.Sprintf(
			"a batch of %d bytes, a segment has %d", size, l.cfg.SegmentBytes)}
	}
	if err != nil {
		return 0, err
	}
	if l.cfg.LogAppendTime {
		wire.SetLogAppendTime(&h, batch, now.Millis())
	}
	h.BaseOffset, h.LeaderEpoch = l.LogEnd(), epoch
	wire.SetBaseOffset(batch, h.BaseOffset)
	wire.SetLeaderEpoch(batch, epoch)
	return h.BaseOffset, l.append(&h, batch, now)
}

// AppendAsFollower appends what a leader sent: batches that have their offsets and epochs. A batch
// that is cut off at the end is left out. It stops before the first batch that is damaged, with a
// *wire.BatchError, or that begins before the log's end, with an *UnexpectedOffsetError; the
// batches before it are in the log then. Offsets may be missing between batches: a leader's cleaner
// took them.
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
		if end := l.LogEnd(); h.BaseOffset < end {
			return &UnexpectedOffsetError{Log: l.dir, Offset: h.BaseOffset, End: end}
		} else if h.BaseOffset > end {
			l.cfg.Compacted = true // the leader's is, or was once
		}
		if err := l.append(&h, batch, now); err != nil {
			return err
		}
	}
	return nil
}

func (l *Log) append(h *wire.BatchHeader, batch []byte, now model.Time) error {
	if l.active().mustRollFor(h, len(batch), &l.cfg, now) {
		if err := l.roll(h.BaseOffset, now); err != nil {
			return err
		}
	}
	if h.LeaderEpoch > l.epochs.latest() {
		if err := l.AssignEpoch(h.LeaderEpoch, h.BaseOffset); err != nil {
			return err
		}
	}
	return l.active().append(h, batch, &l.cfg, now)
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
func (l *Log) roll(base model.Offset, now model.Time) error {
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
	s, err := createSegment(l.disk, l.dir, base, now)
	if err != nil {
		return err
	}
	l.segments = append(l.segments, s)
	l.chain(len(l.segments) - 1)
	return nil
}
