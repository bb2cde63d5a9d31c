package log

import (
	"fmt"
	"math"
	"time"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// rememberedBatches is how many of a producer's last batches a partition knows again when they are
// sent anew: as many as a producer may have in flight (ProducerStateEntry.NUM_BATCHES_TO_RETAIN,
// 3.9).
const rememberedBatches = 5

// producerEntry is what a partition knows of one producer id.
type producerEntry struct {
	id    int64
	epoch int16
	// batches are the last of this epoch, oldest first; n of them count.
	batches [rememberedBatches]producerBatch
	n       int
	// coordinatorEpoch and transaction are of the format alone until there are transactions.
	coordinatorEpoch int32
	transaction      int64
}

// producerBatch is one batch that is in the log.
type producerBatch struct {
	lastSequence int32
	delta        int32 // last offset − first offset
	last         kafka.Offset
	timestamp    int64 // the batch's largest, in milliseconds
}

// firstSequence wraps from the largest number to 0.
func (b *producerBatch) firstSequence() int32 {
	return addSequence(b.lastSequence, -int64(b.delta))
}

// addSequence counts as producers do: 0 follows on the largest int32.
func addSequence(sequence int32, n int64) int32 {
	const numbers = int64(math.MaxInt32) + 1
	return int32(((int64(sequence)+n)%numbers + numbers) % numbers)
}

// last is the newest batch, nil for none.
func (e *producerEntry) last() *producerBatch {
	if e.n == 0 {
		return nil
	}
	return &e.batches[e.n-1]
}

// duplicate finds a batch with the same epoch and sequence numbers.
func (e *producerEntry) duplicate(h *wire.BatchHeader) *producerBatch {
	if h.ProducerEpoch != e.epoch {
		return nil
	}
	last := addSequence(h.BaseSequence, int64(h.LastOffsetDelta))
	for i := range e.n {
		if b := &e.batches[i]; b.firstSequence() == h.BaseSequence && b.lastSequence == last {
			return b
		}
	}
	return nil
}

// check refuses a batch of a producer that is not the next one
// (ProducerAppendInfo.checkProducerEpoch and checkSequence, 3.9).
func (e *producerEntry) check(h *wire.BatchHeader) error {
	switch last := e.last(); {
	case h.ProducerEpoch < e.epoch:
		return &wire.BatchError{Code: wire.InvalidProducerEpoch, Problem: fmt.Sprintf(
			"producer %d has epoch %d, the batch says %d", e.id, e.epoch, h.ProducerEpoch)}
	case h.ProducerEpoch > e.epoch && h.BaseSequence != 0:
		return &wire.BatchError{Code: wire.OutOfOrderSequenceNumber, Problem: fmt.Sprintf(
			"producer %d begins epoch %d with sequence %d", e.id, h.ProducerEpoch, h.BaseSequence)}
	case h.ProducerEpoch == e.epoch && last != nil &&
		addSequence(last.lastSequence, 1) != h.BaseSequence:
		return &wire.BatchError{Code: wire.OutOfOrderSequenceNumber, Problem: fmt.Sprintf(
			"producer %d sent sequence %d, the last was %d", e.id, h.BaseSequence, last.lastSequence)}
	default:
		return nil
	}
}

// add remembers a batch that is in the log.
func (e *producerEntry) add(h *wire.BatchHeader) {
	if h.ProducerEpoch != e.epoch {
		e.epoch, e.n = h.ProducerEpoch, 0
	}
	if e.n == rememberedBatches {
		copy(e.batches[:], e.batches[1:])
		e.n--
	}
	e.batches[e.n] = producerBatch{
		lastSequence: addSequence(h.BaseSequence, int64(h.LastOffsetDelta)), delta: h.LastOffsetDelta,
		last: h.LastOffset(), timestamp: h.MaxTimestamp,
	}
	e.n++
}

// expired tells whether the producer has been silent for longer than expiration.
func (e *producerEntry) expired(now model.Time, expiration time.Duration) bool {
	last := e.last()
	return last != nil && time.Duration(now.Millis()-last.timestamp)*time.Millisecond >= expiration
}
