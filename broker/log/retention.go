package log

import (
	"time"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// DeletionReason is why a segment was deleted.
type DeletionReason uint8

const (
	// LogStartBreached is for a segment that lies below the log start: DeleteRecords moved that.
	LogStartBreached DeletionReason = iota
	// RetentionBytesBreached is for a segment without which the log is not below RetentionBytes.
	RetentionBytesBreached
	// RetentionMsBreached is for a segment whose last timestamp is older than RetentionMs.
	RetentionMsBreached
)

// String names the reason as notes do.
func (r DeletionReason) String() string {
	return [...]string{"log start offset", "retention.bytes", "retention.ms"}[r]
}

// Deletion is one segment that was deleted.
type Deletion struct {
	Base, End kafka.Offset // its first offset, and one past its last
	Size      int64        // in bytes
	Reason    DeletionReason
}

// DeleteOldSegments deletes the oldest segments, as long as one after the other is below the log
// start, or too much, or too old; the two only with CleanupDelete (UnifiedLog.deleteOldSegments,
// 3.9). Segments go whole, and never records at or behind the high watermark. The active one goes
// too when all of its records may: a new one is begun first. The log start moves along. Files go at
// once: Kafka's file.delete.delay.ms is for readers that are in the middle of them.
func (l *Log) DeleteOldSegments(now model.Time, highWatermark kafka.Offset) ([]Deletion, error) {
	deleted, err := l.deleteWhile(nil, LogStartBreached, now, highWatermark,
		func(i int, _ *segment) bool {
			return i+1 < len(l.segments) && l.segments[i+1].base <= l.logStart
		})
	if err != nil || !l.cfg.CleanupDelete {
		return deleted, err
	}
	if l.cfg.RetentionBytes >= 0 {
		excess := l.Size() - l.cfg.RetentionBytes
		deleted, err = l.deleteWhile(deleted, RetentionBytesBreached, now, highWatermark,
			func(_ int, s *segment) bool {
				excess -= s.size
				return excess >= 0
			})
		if err != nil {
			return deleted, err
		}
	}
	if l.cfg.RetentionMs < 0 {
		return deleted, nil
	}
	return l.deleteWhile(deleted, RetentionMsBreached, now, highWatermark,
		func(_ int, s *segment) bool { return s.age(now) > l.cfg.RetentionMs })
}

// age is how old the newest record of the segment is by its timestamp; without any it is since when
// the file has not changed.
func (s *segment) age(now model.Time) time.Duration {
	if s.maxTime < 0 {
		return now.Sub(s.modified)
	}
	return time.Duration(now.Millis()-s.maxTime) * time.Millisecond
}

// deleteWhile deletes segments from the oldest on as long as old says so of the i-th.
func (l *Log) deleteWhile(deleted []Deletion, reason DeletionReason, now model.Time,
	highWatermark kafka.Offset, old func(i int, s *segment) bool,
) ([]Deletion, error) {
	n := 0
	for ; n < len(l.segments); n++ {
		s, upper := l.segments[n], l.LogEnd()
		if n+1 < len(l.segments) {
			upper = l.segments[n+1].base
		} else if s.size == 0 {
			break
		}
		if highWatermark < upper || !old(n, s) {
			break
		}
	}
	if n == 0 {
		return deleted, nil
	}
	if n == len(l.segments) {
		if err := l.Roll(now); err != nil {
			return deleted, err
		}
	}
	// What is deleted cannot be read any longer, even if a file stays because the disk fails.
	if err := l.IncrementLogStart(l.segments[n].base); err != nil {
		return deleted, err
	}
	for range n {
		s := l.segments[0]
		if err := s.remove(l.disk); err != nil {
			return deleted, err
		}
		l.segments[0], l.segments = nil, l.segments[1:]
		deleted = append(deleted, Deletion{s.base, s.end, s.size, reason})
	}
	first := l.segments[0].base
	return deleted, l.removeSnapshots(func(at kafka.Offset) bool { return at < first })
}

// IncrementLogStart moves the log start to an offset, if that is higher: for DeleteRecords, and for
// a follower whose leader's log start moved. Records below it cannot be read any longer; their
// segments go with the next DeleteOldSegments. The error is an *OutOfRangeError when to lies behind
// the log's end, and otherwise the disk's. That to is no higher than the high watermark is the
// caller's to see to (UnifiedLog.maybeIncrementLogStartOffset, 3.9).
//
// The broker has to write the log start to LogStartCheckpoint: the segments alone tell a restart
// less.
func (l *Log) IncrementLogStart(to kafka.Offset) error {
	if to > l.LogEnd() {
		return &OutOfRangeError{Log: l.dir, Offset: to, Start: l.logStart, End: l.LogEnd()}
	}
	if to <= l.logStart {
		return nil
	}
	before := l.segmentFor(l.logStart)
	l.logStart = to
	l.recoveryPoint = max(l.recoveryPoint, to) // what is below need not survive
	if l.segmentFor(to) != before {
		l.chain(0)
	}
	if l.cfg.ForgetProducersWithLog {
		l.producers.forget(func(e *producerEntry) bool { return e.last() != nil && e.last().last < to })
	}
	if l.epochs.truncateFromStart(to) {
		return l.epochs.write(l.disk, l.dir)
	}
	return nil
}
