package log

import (
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// OffsetsBefore is what ListOffsets v0 asks (UnifiedLog.legacyFetchOffsetsBefore, 3.9): of the
// offsets at which segments begin, and the log's end as of now, the newest most, descending, that
// are older than timestamp in milliseconds by when their segment was last written to; −1 stands for
// the newest and −2 for the oldest.
func (l *Log) OffsetsBefore(timestamp int64, most int32, now model.Time) []kafka.Offset {
	type place struct {
		offset kafka.Offset
		millis int64
	}
	var places []place
	for _, s := range l.segments {
		places = append(places, place{max(s.base, l.logStart), s.modified.Millis()})
	}
	if l.active().size > 0 {
		places = append(places, place{l.LogEnd(), now.Millis()})
	}
	const latest, earliest = -1, -2
	last := len(places) - 1
	switch timestamp {
	case latest:
	case earliest:
		last = 0
	default:
		for last >= 0 && places[last].millis > timestamp {
			last--
		}
	}
	var offsets []kafka.Offset
	for ; last >= 0 && len(offsets) < int(most); last-- {
		offsets = append(offsets, places[last].offset)
	}
	return offsets
}
