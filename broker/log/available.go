package log

import (
	"math"

	"sandcastle/model/kafka"
)

// Available tells how many bytes of whole batches stand between from and upTo in the segment that
// holds from, and whether upTo lies in a later segment. It returns an *OutOfRangeError when from is
// outside the log.
func (l *Log) Available(from, upTo kafka.Offset) (bytes int, later bool, err error) {
	if from < l.logStart || from > l.LogEnd() {
		return 0, false, &OutOfRangeError{Log: l.dir, Offset: from, Start: l.logStart, End: l.LogEnd()}
	}
	if from >= upTo {
		return 0, false, nil
	}
	last := l.segmentFor(upTo)
	for i := l.segmentFor(from); i < len(l.segments); i++ {
		s := l.segments[i]
		if s.end <= from {
			continue
		}
		var scanned int64 // a look, no lookup
		_, bytes, err = s.find(from, math.MaxInt32, upTo, true, &scanned)
		return bytes, i < last, err
	}
	return 0, false, nil
}
