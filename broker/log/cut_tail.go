package log

import (
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// CutTail takes the last records off the log of tp on the disk of a broker that does not run, with
// the whole batches that reach into them, as a loss of what was never flushed does. Indexes,
// checkpoints and the clean-shutdown marker stay as they are. It looks at no more than the batches'
// headers, and takes what is behind a damaged one for lost already. It returns how many bytes were
// cut off, also when it could not go on; the error is the disk's, or that of a name in the
// directory.
func CutTail(disk model.Disk, tp kafka.TopicPartition, records int) (bytes int64, err error) {
	if err := finishSwaps(disk, tp.String(), &Recovery{}); err != nil {
		return 0, err
	}
	bases, err := segmentBases(disk, tp.String())
	if err != nil || records <= 0 {
		return 0, err
	}
	left := kafka.Offset(records)
	for i := len(bases) - 1; i >= 0 && left > 0; i-- {
		s, err := openSegment(disk, tp.String(), bases[i], 0)
		if err != nil {
			return bytes, err
		}
		var batches []batchAt
		err = s.each(0, func(h *wire.BatchHeader, pos int64) bool {
			batches = append(batches, batchAt{h.BaseOffset, h.LastOffset(), pos})
			return true
		})
		if err := diskError(err); err != nil {
			return bytes, err
		}
		cut := s.size
		for n := len(batches); n > 0 && left > 0; n-- {
			b := batches[n-1]
			cut, left = b.pos, left-(b.last-b.base+1)
		}
		if cut == 0 && i > 0 {
			bytes += s.size // it may be half removed when it fails
			err = s.remove(disk)
		} else if err = s.file.Truncate(cut); err == nil {
			bytes += s.size - cut
		}
		if err != nil {
			return bytes, err
		}
	}
	return bytes, nil
}
