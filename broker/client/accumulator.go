package client

import (
	"slices"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// producerTopic is one topic that a producer writes to.
type producerTopic struct {
	name    string
	known   *topicMetadata
	queues  []*partitionQueue // by partition; empty until the topic's metadata is known
	sticky  stickyPartition
	waiting []waitingSend // sends that wait for metadata, in order
}

type waitingSend struct {
	send     *Send
	deadline model.Time
}

// partitionQueue holds the batches of one partition that are to be sent, the oldest first.
// Records go to the last one.
type partitionQueue struct {
	tp      kafka.TopicPartition
	batches []*producerBatch
	sent    []*producerBatch // in flight
	led     bool             // a leader is known and can be addressed
	epoch   kafka.Epoch      // its leader epoch
	seq     sequences        // of an idempotent producer
}

// allFull is true when no batch waits for more records.
func (q *partitionQueue) allFull() bool {
	return len(q.batches) == 0 || q.batches[len(q.batches)-1].full()
}

// producerBatch is a batch of records on its way. Its records share one fate.
type producerBatch struct {
	q       *partitionQueue
	builder wire.BatchBuilder
	data    []byte // the finished batch, once it was drained
	room    []byte // what data was, when the batch has its outcome
	limit   int    // size in bytes beyond which no record is added
	closed  bool   // a record found no room
	records []sentRecord
	first   int64      // timestamp of its first record
	created model.Time // when its first record came: linger and delivery timeout count from here

	attempts int
	retryAt  model.Time  // after a failed attempt: not before
	epoch    kafka.Epoch // the leader epoch known at the last attempt
	// unknown is set by the first attempt that may have been appended although no success was
	// reported. From then on the batch can succeed, but it cannot fail for certain.
	unknown bool
	done    bool // its records have their outcome

	// Of an idempotent producer, from the first time the batch leaves.
	who       producerIdentity
	sequence  int32
	sequenced bool
	restarted bool // sequence was rewritten since the batch left last
	requeued  bool // sent again, or to be
}

// sentRecord is a record whose outcome is open.
type sentRecord struct {
	op    uint64
	value string
}

func (b *producerBatch) full() bool {
	return b.closed || b.data != nil || b.builder.Size() >= b.limit
}

func (b *producerBatch) size() int {
	if b.data != nil {
		return len(b.data)
	}
	return b.builder.Size()
}

// backingOff reports whether a failed attempt is too recent. A newer leader is tried at once
// (KIP-951).
func (b *producerBatch) backingOff(now model.Time) bool {
	return b.attempts > 0 && now < b.retryAt && b.q.epoch <= b.epoch
}

// finish gives the batch its bytes.
func (b *producerBatch) finish(codec wire.Codec, with *wire.Compressor) []byte {
	if b.data != nil {
		return b.data
	}
	b.data = b.builder.Compressed(codec, with)
	return b.data
}

// accumulate adds a record to the last batch of q, or to a new one when it has no room there. It
// returns nil when the buffer is used up.
func (p *Producer) accumulate(out *model.Effects, q *partitionQueue,
	c *Send,
) *producerBatch {
	if n := len(q.batches); n > 0 {
		if b := q.batches[n-1]; !b.full() {
			delta := c.timestamp(out.Wall) - b.first
			size := wire.RecordSize(int32(b.builder.Count()), delta, c.Key, c.Value, c.Headers...)
			if b.builder.Size()+size <= b.limit {
				b.builder.Append(c.timestamp(out.Wall), c.Key, c.Value, c.Headers...)
				return b
			}
			b.closed = true
		}
	}
	one := wire.BatchOverhead + wire.RecordSize(0, 0, c.Key, c.Value, c.Headers...)
	limit := max(p.cfg.BatchSize, one)
	if p.buffered+limit > p.cfg.BufferMemory {
		return nil
	}
	p.buffered += limit
	b := p.newBatch()
	b.q, b.limit, b.created, b.first = q, limit, out.Now, c.timestamp(out.Wall)
	b.builder.Append(b.first, c.Key, c.Value, c.Headers...)
	q.batches = append(q.batches, b)
	if p.cfg.Linger > 0 {
		p.alarm.by(out, out.Now.Add(p.cfg.Linger))
	}
	p.alarm.by(out, out.Now.Add(p.cfg.DeliveryTimeout))
	return b
}

// newBatch returns an empty batch.
func (p *Producer) newBatch() *producerBatch {
	n := len(p.spareBatches)
	if n == 0 {
		return &producerBatch{}
	}
	b := p.spareBatches[n-1]
	p.spareBatches = p.spareBatches[:n-1]
	room := b.room
	*b = producerBatch{records: b.records}
	b.builder.Reuse(room)
	return b
}

// freeBatch has the memory of a batch serve another: it has its outcome, and nobody knows it any
// more.
func (p *Producer) freeBatch(b *producerBatch) {
	clear(b.records)
	b.records = b.records[:0]
	p.spareBatches = append(p.spareBatches, b)
}

// take removes the first of the batches that are to be sent. A short queue keeps its memory.
func (q *partitionQueue) take() *producerBatch {
	b := q.batches[0]
	if len(q.batches) <= 8 {
		q.batches = slices.Delete(q.batches, 0, 1)
	} else {
		q.batches[0] = nil
		q.batches = q.batches[1:]
	}
	return b
}

// ready reports whether q's first batch is a reason to send a request
// (RecordAccumulator.batchReady, 3.9).
func (p *Producer) ready(now model.Time, q *partitionQueue) bool {
	if len(q.batches) == 0 || p.muted(q) || p.idem != nil && p.idem.holds(q) {
		return false
	}
	b := q.batches[0]
	if b.backingOff(now) {
		return false
	}
	return len(q.batches) > 1 || b.full() || b.attempts > 0 || p.closing ||
		now >= b.created.Add(p.cfg.Linger)
}

// muted: with one request in flight, a partition sends nothing while a batch of it is out, also
// when its leader has moved. That is what keeps the order.
func (p *Producer) muted(q *partitionQueue) bool {
	return p.cfg.MaxInFlight == 1 && len(q.sent) > 0
}

// requeue puts a batch back where it is sent next: in front, but behind those whose sequence comes
// first (RecordAccumulator.insertInSequenceOrder, 3.9).
func (q *partitionQueue) requeue(b *producerBatch) {
	at := 0
	for b.sequenced && at < len(q.batches) && q.batches[at].sequenced &&
		precedes(q.batches[at].sequence, b.sequence) {
		at++
	}
	b.requeued = true
	q.batches = slices.Insert(q.batches, at, b)
}

// removeSent takes a batch out of those in flight.
func (q *partitionQueue) removeSent(b *producerBatch) { q.sent = without(q.sent, b) }

// without takes b out of a short list, in place.
func without(list []*producerBatch, b *producerBatch) []*producerBatch {
	for i := range list {
		if list[i] == b {
			return slices.Delete(list, i, i+1)
		}
	}
	return list
}
