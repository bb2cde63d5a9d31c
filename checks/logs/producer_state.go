package logs

import (
	"fmt"
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// stateEvery is how many looks at new batches it takes until what a log believes of itself is
// looked at too.
const stateEvery = 8

// describe lends what the log believes of itself when that is due, nil when it is not.
func (c *logCopy) describe(r *kafka.ReplicaView) *kafka.LogState {
	fresh := c.fresh < len(c.batches)
	if !c.rolesDue && !c.whole && (!fresh || c.looks%stateEvery != 0) {
		return nil
	}
	r.Log.Describe(&c.state)
	return &c.state
}

// ProducerStates checks that every log knows of its idempotent producers what its batches say: so
// it is alike on all replicas that hold the same. A producer may be forgotten when its last batch
// is gone and the log was opened since, or when it was silent for producer.id.expiration.ms.
func (b *Book) ProducerStates(now model.Time, replicas []kafka.ReplicaView) (list []Violation) {
	b.each(replicas, func(c *logCopy, r *kafka.ReplicaView) {
		s := c.describe(r)
		if s == nil || b.part(r.TP).damaged {
			return
		}
		wrong := ""
		for i := range s.Producers {
			if wrong == "" {
				wrong = c.misknown(&s.Producers[i], r)
			}
		}
		expiration := b.rules.of(r.TP.Topic).producerExpiration
		for id, p := range c.producers { //unordered: the smallest id is the same in any order
			_, known := slices.BinarySearchFunc(s.Producers, id, func(x kafka.ProducerView, id int64) int {
				switch {
				case x.ID < id:
					return -1
				case x.ID > id:
					return 1
				}
				return 0
			})
			if !known && p.mustBeKnown(r, b.clocks.latest(now), expiration) {
				text := fmt.Sprintf("it does not know producer %d, whose batch of epoch %d up to sequence %d "+
					"ends at offset %d", id, p.epoch, p.sequence, p.last)
				if wrong == "" || text < wrong {
					wrong = text
				}
			}
		}
		if wrong == "" {
			return
		}
		list = append(list, Violation{
			Anomaly: kafka.ProducerState, Identity: fmt.Sprint(r.TP, r.Broker),
			Explanation: fmt.Sprintf(
				"what the log of %s on broker %d knows of producers is not what it holds: %s",
				r.TP,
				r.Broker,
				wrong,
			),
			Witnesses: []kafka.Witness{
				witness(now, r.Broker, fmt.Sprintf("%s: log start %d, log end %d", r.TP,
					r.LogStart, r.LogEnd)),
			},
		})
	})
	return list
}

// misknown says what is wrong with what a log knows of a producer.
func (c *logCopy) misknown(x *kafka.ProducerView, r *kafka.ReplicaView) string {
	if x.LastSequence < 0 {
		return ""
	}
	p, known := c.producers[x.ID]
	// What came and went between two looks was below here. Producers are known for longer than that.
	seen := max(c.firstBase(r), r.LogStart)
	switch {
	case x.LastOffset >= r.LogEnd:
		return fmt.Sprintf(
			"producer %d's last batch ends at offset %d, the log at %d",
			x.ID,
			x.LastOffset,
			r.LogEnd,
		)
	case !known && x.LastOffset >= seen:
		return fmt.Sprintf("producer %d has a batch up to offset %d, where it wrote nothing", x.ID,
			x.LastOffset)
	case known && x.LastOffset > p.last && x.LastOffset < seen:
		return ""
	case known && p.sure && !p.is(x):
		return fmt.Sprintf(
			"producer %d has epoch %d, sequence %d at offset %d; its last batch has epoch %d, "+
				"sequence %d at offset %d",
			x.ID,
			x.Epoch,
			x.LastSequence,
			x.LastOffset,
			p.epoch,
			p.sequence,
			p.last,
		)
	}
	return ""
}

// is tells whether x is what a log must know of the producer.
func (p *producer) is(x *kafka.ProducerView) bool {
	return p.epoch == x.Epoch && p.sequence == x.LastSequence && p.last == x.LastOffset
}

// firstBase is where the batches of the copy begin.
func (c *logCopy) firstBase(r *kafka.ReplicaView) kafka.Offset {
	if len(c.batches) == 0 {
		return r.LogEnd
	}
	return c.batches[0].base
}
