package logs

import (
	"fmt"
	"time"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// BrokenSequences checks that the batches of an idempotent producer in a log follow on one another:
// no number is missing and none comes twice, and its epoch does not go back (KIP-98). A producer
// that may have been forgotten begins anew.
func (b *Book) BrokenSequences(now model.Time, replicas []kafka.ReplicaView) (list []Violation) {
	b.each(replicas, func(c *logCopy, r *kafka.ReplicaView) {
		t := b.rules.of(r.TP.Topic)
		// Compaction may have taken batches before this look: here, or on the leader that they came from.
		leads := r.Leading && c.led == r.LeaderEpoch
		gaps := t.compacts && !(leads && c.since.cleanings == 0)
		// A leader whose disk lost batches writes others in the same epoch: a follower that has the
		// lost ones goes on with them.
		diverged := b.part(r.TP).damaged && !leads
		for i := c.fresh; i < len(c.batches); i++ {
			x := &c.batches[i]
			if x.producer < 0 || x.control() {
				continue
			}
			before, known := c.producers[x.producer]
			if known && !diverged && before.mustBeKnown(r, b.clocks.latest(now), t.producerExpiration) {
				if wrong := before.broken(x, gaps); wrong != "" {
					list = append(list, Violation{
						Anomaly: kafka.BrokenSequence, Identity: fmt.Sprint(r.TP, r.Broker, x.producer, x.pepoch),
						Explanation: fmt.Sprintf(
							"%s on broker %d holds a batch (%s) that does not follow on the one "+
								"before it of its producer: %s",
							r.TP,
							r.Broker,
							x.describe(),
							wrong,
						),
						Witnesses: []kafka.Witness{
							witness(now, r.Broker, fmt.Sprintf("%s: producer %d of epoch %d ends at sequence %d, "+
								"offset %d", r.TP, x.producer, before.epoch, before.sequence, before.last)),
							witness(now, r.Broker, r.TP.String()+": "+x.describe()),
						},
					})
				}
			}
			c.learn(x)
		}
	})
	return list
}

// mustBeKnown tells whether the log of r cannot have forgotten the producer: its last batch is
// there, and it has not been silent for producer.id.expiration.ms.
func (p *producer) mustBeKnown(
	r *kafka.ReplicaView,
	now model.Time,
	expiration time.Duration,
) bool {
	silent := time.Duration(now.Millis()-p.maxTime) * time.Millisecond
	return p.sure && p.last >= r.LogStart && silent < expiration
}

// broken says why a batch cannot be the producer's next one, or with gaps one behind it; "" if it
// can.
func (p *producer) broken(x *batch, gaps bool) string {
	ahead := x.pepoch > p.epoch || nextSequence(x.sequence, -int64(p.sequence)) < 1<<30
	switch {
	case gaps && x.pepoch >= p.epoch && ahead:
		return ""
	case x.pepoch < p.epoch:
		return fmt.Sprintf("epoch %d comes behind %d", x.pepoch, p.epoch)
	case x.pepoch > p.epoch && x.sequence != 0:
		return fmt.Sprintf("epoch %d begins with sequence %d", x.pepoch, x.sequence)
	case x.pepoch == p.epoch && x.sequence != nextSequence(p.sequence, 1):
		return fmt.Sprintf("sequence %d comes behind %d", x.sequence, p.sequence)
	}
	return ""
}
