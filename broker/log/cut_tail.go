package log

import (
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// CutTail takes the last records off the log of tp on the disk of a broker that does not run, with
// the whole batches that reach into them, as a loss of what was never flushed does. Indexes,
// checkpoints and the clean-shutdown marker stay as they are. It looks at no more than the batches'
// headers, and takes what is behind a damaged one for lost already. The error is the disk's, or
// that of a name in the directory.
func CutTail(disk model.Disk, tp kafka.TopicPartition, records int) error {
	if err := finishSwaps(disk, tp.String()); err != nil {
		return err
	}
	bases, err := segmentBases(disk, tp.String())
	if err != nil || records <= 0 {
		return err
	}
	left := kafka.Offset(records)
	for i := len(bases) - 1; i >= 0 && left > 0; i-- {
		s, err := openSegment(disk, tp.String(), bases[i], 0)
		if err != nil {
			return err
		}
		var batches []batchAt
		err = s.each(0, func(h *wire.BatchHeader, pos int64) bool {
			batches = append(batches, batchAt{h.BaseOffset, h.LastOffset(), pos})
			return true
		})
		if err := diskError(err); err != nil {
			return err
		}
		cut := s.size
		for n := len(batches); n > 0 && left > 0; n-- {
			b := batches[n-1]
			cut, left = b.pos, left-(b.last-b.base+1)
		}
		if cut == 0 && i > 0 {
			err = s.remove(disk)
		} else {
			err = s.file.Truncate(cut)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
