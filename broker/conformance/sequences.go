package conformance

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// producer is an idempotent producer (KIP-98).
type producer struct {
	p      *player
	leader kafka.BrokerID
	tp     kafka.TopicPartition
	id     int64
	epoch  int16
}

// producer creates a topic and a producer for it.
func (p *player) producer(topic string) *producer {
	p.Helper()
	tp := topicPartition(topic, 0)
	leader := p.topic(topic, 1, len(p.c.Brokers()))[0]
	resp := p.ask(leader, at(1, kmsg.NewPtrInitProducerIDRequest())).(*kmsg.InitProducerIDResponse)
	p.code(resp.ErrorCode, wire.None, "InitProducerId")
	p.demand(resp.ProducerID >= 0, "producer id %d", resp.ProducerID)
	return &producer{p, leader, tp, resp.ProducerID, resp.ProducerEpoch}
}

// put writes values with sequence numbers from first on.
func (w *producer) put(first int32, values ...string) kmsg.ProduceResponseTopicPartition {
	w.p.Helper()
	b := batch(w.p.c.Now().Millis(), values...)
	wire.RewriteProducer(b, wire.BatchProducer{ID: w.id, Epoch: w.epoch, BaseSequence: first})
	return w.p.put(w.leader, -1, w.tp, b)
}

// duplicates: a batch that comes again is acknowledged at its old offset and kept once.
func duplicates(p *player) {
	w := p.producer("once")
	for i, first := range []int32{0, 2, 2, 0, 3} {
		values := [][]string{{"a", "b"}, {"c"}, {"c"}, {"a", "b"}, {"d"}}[i]
		got := w.put(first, values...)
		p.code(got.ErrorCode, wire.None, "an idempotent batch")
		p.demand(got.BaseOffset == int64(first), "sequence %d is at offset %d", first, got.BaseOffset)
	}
	p.reads(w.leader, w.tp, 0, "a", "b", "c", "d")
	other := p.producer("once-more")
	p.demand(other.id != w.id, "two producers have the id %d", w.id)
}

// gapsInSequences: a batch that leaves some out is refused, and so is one of an epoch that is over.
func gapsInSequences(p *player) {
	w := p.producer("in-order")
	p.code(w.put(0, "a").ErrorCode, wire.None, "the first batch")
	p.code(w.put(2, "c").ErrorCode, wire.OutOfOrderSequenceNumber, "a batch that leaves one out")
	p.code(w.put(1, "b").ErrorCode, wire.None, "the one that was left out")
	w.epoch++
	p.code(w.put(0, "d").ErrorCode, wire.None, "the first batch of a new epoch")
	w.epoch--
	p.code(w.put(2, "c").ErrorCode, wire.InvalidProducerEpoch, "a batch of an old epoch")
	p.reads(w.leader, w.tp, 0, "a", "b", "d")
}
