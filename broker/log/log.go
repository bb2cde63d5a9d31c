package log

import (
	"fmt"
	"time"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// Config is what a topic sets of its logs, under Kafka's names.
type Config struct {
	SegmentBytes       int64
	SegmentMs          time.Duration
	IndexIntervalBytes int32
	// IndexBytes is segment.index.bytes: a segment ends when its offset index is full. 0 is 10 MiB.
	IndexBytes int64
}

// Log is the log of one replica.
type Log struct {
	disk model.Disk
	dir  string
	cfg  Config

	// Invariant: never empty; base offsets ascend; the last is active, the others are never written to.
	segments []*segment
	epochs   epochCache
	logStart model.Offset
	// recoveryPoint is the offset below which everything is known to be flushed.
	recoveryPoint model.Offset
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

// EndOffsetFor answers OffsetForLeaderEpoch: the largest epoch not above the one asked for, and where it
// ends. Both are −1 when the log knows none so old.
func (l *Log) EndOffsetFor(epoch model.Epoch) (model.Epoch, model.Offset) {
	return l.epochs.endOffsetFor(epoch, l.LogEnd())
}

// EpochAt is the leader epoch of the record at an offset, NoEpoch when it is not known.
func (l *Log) EpochAt(offset model.Offset) model.Epoch { return l.epochs.at(offset) }

// AppendAsLeader appends one valid batch, giving it its offsets and the leader's epoch, which are written
// into batch. It returns the first offset.
func (l *Log) AppendAsLeader(batch []byte, epoch model.Epoch, now model.Time) (model.Offset, error) {
	base := l.LogEnd()
	wire.SetBaseOffset(batch, base)
	wire.SetLeaderEpoch(batch, epoch)
	h, size, err := wire.ParseBatch(batch)
	if err != nil {
		return 0, err
	}
	return base, l.append(&h, batch[:size])
}

// AppendAsFollower appends what a leader sent: batches that have their offsets and epochs. They must be
// whole, begin at or after the log's end, and ascend. A batch that is cut off at the end is left out.
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
		if h.BaseOffset < l.LogEnd() {
			return fmt.Errorf("%s: a batch at offset %d after the end %d", l.dir, h.BaseOffset, l.LogEnd())
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
	if h.LeaderEpoch >= 0 {
		if err := l.AssignEpoch(h.LeaderEpoch, h.BaseOffset); err != nil {
			return err
		}
	}
	return l.active().append(h, batch, &l.cfg)
}

// roll begins a new active segment at base.
func (l *Log) roll(base model.Offset) error {
	if err := l.active().seal(); err != nil {
		return err
	}
	s, err := openSegment(l.disk, l.dir, base)
	if err != nil {
		return err
	}
	l.segments = append(l.segments, s)
	return nil
}

// Flushed tells the log that a flush has completed that was asked for when its end was end.
func (l *Log) Flushed(end model.Offset) {
	l.recoveryPoint = max(l.recoveryPoint, min(end, l.LogEnd()))
}

// RecoveryPoint is the offset from which a recovery has to look.
func (l *Log) RecoveryPoint() model.Offset { return l.recoveryPoint }

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

// Batches describes every batch from the one that holds offset from on, for white-box checks.
func (l *Log) Batches(from model.Offset) []model.BatchView {
	var views []model.BatchView
	for i := l.segmentFor(from); i < len(l.segments); i++ {
		s := l.segments[i]
		_ = s.each(s.positionFor(from), func(h *wire.BatchHeader, _ int64) bool {
			if h.LastOffset() >= from {
				views = append(views, model.BatchView{
					Base: h.BaseOffset, Last: h.LastOffset(), Epoch: h.LeaderEpoch,
					Sum: uint64(h.CRC)<<32 | uint64(uint32(h.Count)),
				})
			}
			return true
		}) // a batch that cannot be read is missing from the view, which the checks then find
	}
	return views
}
