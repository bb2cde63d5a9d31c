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
	// ReachedEnd is told that everything below the high watermark was taken. It is told again when
	// more has come and was taken too.
	ReachedEnd(tp kafka.TopicPartition, at kafka.Offset)
}

// hand gives the application the next n records of f and returns how many it took.
func (c *Consumer) hand(f *fetchedPartition, n int) int {
	app := c.cfg.Application
	if app == nil {
		return n
	}
	for i := range n {
		if !app.Take(f.p.tp, &f.whole[i]) {
			c.paused = true
			n = i
			break
		}
	}
	f.whole = f.whole[n:]
	f.p.atEnd = f.p.atEnd && n == 0
	return n
}

// tellEnd tells the application, once, that p has no more for now.
func (c *Consumer) tellEnd(p *ownedPartition) {
	if c.cfg.Application != nil && !p.atEnd {
		p.atEnd = true
		c.cfg.Application.ReachedEnd(p.tp, p.position)
	}
}
