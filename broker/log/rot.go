package log

import (
	"fmt"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// RottingByte picks a byte of the records of tp, in whatever batch and segment, on the disk of a
// broker. below draws a number below n. Damage there is found by whoever checks the batch's CRC. A
// leader serves it unchecked, and before a batch's records stand its offsets and its epoch, which
// Kafka trusts in part unchecked: damage to those is damage to the log that nobody finds.
func RottingByte(disk model.Disk, tp kafka.TopicPartition, below func(n uint64) uint64,
) (path string, off int64, err error) {
	bases, err := segmentBases(disk, tp.String())
	if err != nil {
		return "", 0, err
	}
	type place struct {
		path     string
		from, to int64
	}
	var places []place
	for _, base := range bases {
		s, err := openSegment(disk, tp.String(), base, 0)
		if err != nil {
			return "", 0, err
		}
		err = s.each(0, func(h *wire.BatchHeader, pos int64) bool {
			if h.Size() == wire.BatchOverhead {
				return true // compaction left no record in it
			}
			places = append(places, place{
				s.name + ".log", pos + wire.BatchOverhead, pos + int64(h.Size()),
			})
			return true
		})
		if err := diskError(err); err != nil {
			return "", 0, err
		}
	}
	if len(places) == 0 {
		return "", 0, fmt.Errorf("there is no record of %s", tp)
	}
	p := places[below(uint64(len(places)))]
	return p.path, p.from + int64(below(uint64(p.to-p.from))), nil
}
