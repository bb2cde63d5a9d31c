package log

import (
	"slices"

	"sandcastle/model/kafka"
)

// FirstBase is the base offset of the oldest segment, at or below the log start.
func (l *Log) FirstBase() kafka.Offset { return l.segments[0].base }

// ActiveBase is the base offset of the active segment. It is higher after a roll.
func (l *Log) ActiveBase() kafka.Offset { return l.active().base }

// SealedFlushPoint is what a flush of the segments before the active one will have made durable,
// and the files that it has to name: those with records at or behind the recovery point, and the
// snapshot of the producers that belongs to the active one (UnifiedLog.roll, LocalLog.flush, 3.9).
func (l *Log) SealedFlushPoint() (FlushPoint, []string) {
	var paths []string
	if at, err := l.snapshots(); err == nil && slices.Contains(at, l.ActiveBase()) {
		paths = append(paths, l.snapshotName(l.ActiveBase()))
	}
	for _, s := range l.segments[:len(l.segments)-1] {
		if s.end > l.recoveryPoint {
			paths = append(paths, s.name+".log", s.name+".index", s.name+".timeindex")
		}
	}
	return FlushPoint{l.dir, l.ActiveBase(), l.truncations}, paths
}
