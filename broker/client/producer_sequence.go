package client

import (
	"math"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// sequences is where an idempotent producer is in one partition (TxnPartitionEntry, 3.9).
type sequences struct {
	who         producerIdentity
	next        int32        // the sequence of the next record that leaves for the first time
	acked       int32        // the last sequence that was acknowledged; −1 for none
	ackedOffset kafka.Offset // the last offset that was; NoOffset for none
	// open are the batches that left and have no outcome, by sequence: in flight, or to be sent
	// again.
	open []*producerBatch
	// doubt holds new batches back: one was given up of which nobody knows whether it was appended;
	// after is the sequence behind it.
	doubt bool
	after int32
}

func newSequences() sequences {
	return sequences{who: noIdentity(), acked: -1, ackedOffset: kafka.NoOffset}
}

// nextSequence is n steps after sequence; behind the greatest comes 0
// (DefaultRecordBatch.incrementSequence, 3.9).
func nextSequence(sequence, n int32) int32 { return (sequence + n) & math.MaxInt32 }

// precedes reports whether a comes before b, when they are not half of all sequences apart.
func precedes(a, b int32) bool {
	d := (b - a) & math.MaxInt32
	return d > 0 && d < math.MaxInt32/2
}

// follows reports whether sequence is the one behind the last acknowledged.
func (s *sequences) follows(sequence int32) bool { return nextSequence(s.acked, 1) == sequence }

// assign numbers the batch, which leaves for the first time.
func (s *sequences) assign(b *producerBatch) {
	b.become(s.who, s.next)
	s.next = nextSequence(s.next, int32(len(b.records)))
	s.open = append(s.open, b)
}

// begin starts anew at sequence 0 with the identity who, the open batches first.
func (s *sequences) begin(who producerIdentity) {
	s.who, s.next, s.acked = who, 0, -1
	for _, b := range s.open {
		b.become(who, s.next)
		b.restarted = true
		s.next = nextSequence(s.next, int32(len(b.records)))
	}
}

// acknowledge moves the last acknowledged sequence, never back.
func (s *sequences) acknowledge(sequence int32) {
	if s.acked < 0 || precedes(s.acked, sequence) {
		s.acked = sequence
	}
}

// remove takes a batch out of those that are open.
func (s *sequences) remove(b *producerBatch) { s.open = without(s.open, b) }

// become writes the producer state into the batch. A batch that left once keeps it, unless the
// epoch is bumped: with another sequence it could be appended twice.
func (b *producerBatch) become(who producerIdentity, sequence int32) {
	b.who, b.sequence, b.sequenced = who, sequence, true
	state := wire.BatchProducer{ID: who.id, Epoch: who.epoch, BaseSequence: sequence}
	if b.data == nil {
		b.builder.SetProducer(state)
		return
	}
	wire.RewriteProducer(b.data, state)
}

// lastSequence is the sequence of the batch's last record.
func (b *producerBatch) lastSequence() int32 {
	return nextSequence(b.sequence, int32(len(b.records))-1)
}
