package client

import (
	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// Application is what a consumer reads for. It is called within Step.
type Application interface {
	// Take is handed the next record of a partition; what the record points to stays as it is. With
	// false the application takes no more: the consumer is paused, its position is that of this
	// record, and a Resume brings it again.
	Take(tp kafka.TopicPartition, r *wire.Record) bool
	// ReachedEnd is called when everything below the high watermark was taken, and again when more
	// has come and was taken too.
	ReachedEnd(tp kafka.TopicPartition, at kafka.Offset)
}

// offer hands the application the next n records of f and returns how many it took.
func (w *processing) offer(f *fetchedPartition, n int) int {
	app := w.cfg.Application
	if app == nil {
		return n
	}
	for i := range n {
		if !app.Take(f.p.tp, &f.whole[i]) {
			w.paused = true
			n = i
			break
		}
	}
	f.whole = f.whole[n:]
	f.p.endNotified = f.p.endNotified && n == 0
	return n
}

// notifyEnd lets the application know, once, that p has nothing further for now.
func (w *processing) notifyEnd(p *ownedPartition) {
	if w.cfg.Application != nil && !p.endNotified {
		p.endNotified = true
		w.cfg.Application.ReachedEnd(p.tp, p.position)
	}
}
