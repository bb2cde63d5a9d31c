package log

import (
	"cmp"
	"slices"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// EachBatch calls yield with the bytes of each batch from the one on that holds offset from, until
// it says no or a batch cannot be read: for white-box checks, which parse them by themselves.
func (l *Log) EachBatch(from kafka.Offset, yield func(batch []byte) bool) {
	for i := l.segmentFor(from); i < len(l.segments); i++ {
		s := l.segments[i]
		more := true
		err := s.each(s.positionFor(from), func(h *wire.BatchHeader, pos int64) bool {
			if h.LastOffset() < from {
				return true
			}
			b, err := s.bytes(pos, h.Size())
			more = err == nil && yield(b)
			return more
		})
		if err != nil || !more {
			return
		}
	}
}

// Describe fills in what the log believes of itself, for white-box checks.
func (l *Log) Describe(s *kafka.LogState) {
	s.Segments = s.Segments[:0]
	for _, x := range l.segments {
		s.Segments = append(s.Segments, kafka.SegmentView{Base: x.base, Size: x.size})
	}
	s.Epochs = s.Epochs[:0]
	for _, e := range l.epochs.entries {
		s.Epochs = append(s.Epochs, kafka.EpochStart{Epoch: e.epoch, Start: e.start})
	}
	s.Producers = s.Producers[:0]
	//unordered: they are sorted below
	for id, e := range l.producers.byID {
		p := kafka.ProducerView{ID: id, Epoch: e.epoch, LastSequence: -1, LastOffset: kafka.NoOffset}
		if last := e.last(); last != nil {
			p.LastSequence, p.LastOffset = last.lastSequence, last.last
		}
		s.Producers = append(s.Producers, p)
	}
	slices.SortFunc(s.Producers, func(a, b kafka.ProducerView) int { return cmp.Compare(a.ID, b.ID) })
}
