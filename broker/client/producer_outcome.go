package client

import (
	"slices"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// refusals are the errors that a broker gives before it appends anything: the batch is certainly
// not in the log because of this attempt. Every other error leaves it open,
// NOT_LEADER_OR_FOLLOWER of acks=all too: a leader that is deposed while it waits for its
// followers answers so, and the batch may survive (DelayedProduce, 3.9).
var refusals = [...]wire.Code{
	wire.CorruptMessage, wire.MessageTooLarge, wire.RecordListTooLarge, wire.InvalidTopicException,
	wire.NotEnoughReplicas, wire.InvalidRequiredAcks, wire.InvalidTimestamp, wire.UnsupportedVersion,
	wire.InvalidRequest, wire.UnsupportedForMessageFormat, wire.PolicyViolation,
	wire.UnsupportedCompressionType, wire.InvalidRecord, wire.OutOfOrderSequenceNumber,
	wire.UnknownProducerID, wire.InvalidProducerEpoch,
}

// refused reports whether code means that nothing was appended.
func (p *Producer) refused(code wire.Code) bool {
	switch code {
	case wire.NotLeaderOrFollower, wire.UnknownTopicOrPartition:
		return p.acks != -1
	default:
		return slices.Contains(refusals[:], code)
	}
}

// staleMetadata are the errors after which the client asks who leads (InvalidMetadataException,
// 3.9).
func staleMetadata(code wire.Code) bool {
	switch code {
	case wire.UnknownTopicOrPartition, wire.LeaderNotAvailable, wire.NotLeaderOrFollower,
		wire.NetworkException, wire.ReplicaNotAvailable, wire.KafkaStorageError, wire.FencedLeaderEpoch,
		wire.UnknownTopicID:
		return true
	default:
		return false
	}
}

// failure is how an attempt ended without success.
type failure struct {
	code  wire.Code
	why   string       // for the history; the code's name unless the request got no answer
	start kafka.Offset // the log start offset in the answer
}

// onRefused handles an attempt that was answered with an error.
func (p *Producer) onRefused(out *model.Effects, b *producerBatch, code wire.Code,
	start kafka.Offset,
) {
	if !p.refused(code) {
		b.unknown = true
	}
	if staleMetadata(code) {
		p.meta.refresh()
	}
	if code == wire.DuplicateSequenceNumber {
		// The log has it, too long ago for the leader to remember where.
		p.succeed(out, b, kafka.NoOffset)
		return
	}
	p.onFailure(out, b, failure{code, code.String(), start})
}

// onFailure sends the batch again if it may be, and otherwise gives it up (Sender.completeBatch,
// 3.9).
func (p *Producer) onFailure(out *model.Effects, b *producerBatch, f failure) {
	if b.done {
		return
	}
	if out.Now >= b.created.Add(p.cfg.DeliveryTimeout) {
		// Kafka bumps the epoch when the answer wins this race, and may so append a batch again that
		// is in flight behind this one.
		p.giveUp(out, b, f.why)
		return
	}
	exhausted := b.attempts > max(p.cfg.Retries, 0)
	if !exhausted && p.mayRetry(b, f) {
		p.retry(out, b, f.why)
		return
	}
	p.fail(out, b, f.why)
	if p.idem != nil {
		p.idem.onFailed(out, b, f.code, exhausted)
	}
}

func (p *Producer) mayRetry(b *producerBatch, f failure) bool {
	if p.idem != nil {
		return p.idem.mayRetry(b, f.code, f.start)
	}
	return f.code.Retriable()
}

// retry puts the batch back into its queue. Without idempotence retries reorder, as long as more
// than one request may be in flight: batches that were sent together and fail together come back
// in the opposite order, and others may have overtaken them.
func (p *Producer) retry(out *model.Effects, b *producerBatch, why string) {
	if b.attempts > 0 {
		b.retryAt = p.backoff.after(out.Now, b.attempts)
		p.alarm.by(out, b.retryAt)
		kafka.AddNote(out, kafka.Note{
			Kind: kafka.ProduceRetried, Topic: b.q.tp.Topic, Partition: b.q.tp.Partition, Text: why,
		})
	}
	b.q.requeue(b)
}

// succeed acknowledges the batch whose first record got the offset base. It is false for one that
// had its outcome before: it was given up, but the answer came after all.
func (p *Producer) succeed(out *model.Effects, b *producerBatch, base kafka.Offset) bool {
	if p.idem != nil {
		p.idem.onSuccess(b, base)
	}
	if b.done {
		return false
	}
	p.close(b)
	for i, r := range b.records {
		offset := base
		if base != kafka.NoOffset {
			offset += kafka.Offset(i)
		}
		kafka.AddOp(out, kafka.Op{
			Type: kafka.OK, F: kafka.FSend, ID: r.op, Client: p.node, Acks: p.cfg.Acks,
			Value: p.mop(kafka.Mop{F: kafka.FSend, Key: b.q.tp, Value: r.value, Offset: offset}),
		})
	}
	p.open -= len(b.records)
	if base != kafka.NoOffset {
		kafka.AddNote(out, kafka.Note{
			Kind: kafka.RecordsAcked, Topic: b.q.tp.Topic, Partition: b.q.tp.Partition,
			Offset: base + kafka.Offset(len(b.records)),
		})
	}
	return true
}

// fail gives the batch up: for certain, if no attempt of it can be in the log, otherwise with an
// unknown outcome.
func (p *Producer) fail(out *model.Effects, b *producerBatch, why string) {
	if b.done {
		return
	}
	p.close(b)
	outcome := kafka.Fail
	if b.unknown {
		outcome = kafka.Info
	}
	for _, r := range b.records {
		p.finish(out, b.q.tp, r, outcome, why)
	}
}

func (p *Producer) close(b *producerBatch) {
	b.done, b.data, b.room = true, nil, b.data
	p.buffered -= b.limit
}

// invoke begins the operation of one record.
func (p *Producer) invoke(out *model.Effects, tp kafka.TopicPartition, c *Send) sentRecord {
	p.lastOp++
	p.open++
	r := sentRecord{op: p.lastOp, value: string(identity(c.Value))}
	kafka.AddOp(out, kafka.Op{
		Type: kafka.Invoke, F: kafka.FSend, ID: r.op, Client: p.node, Acks: p.cfg.Acks,
		RecordKey: string(c.Key),
		Value:     p.mop(kafka.Mop{F: kafka.FSend, Key: tp, Value: r.value, Offset: kafka.NoOffset}),
	})
	return r
}

// mop is a list of one. Whoever follows the operations may keep it, so one allocation serves many.
func (p *Producer) mop(m kafka.Mop) []kafka.Mop {
	if len(p.mops) == 0 {
		p.mops = make([]kafka.Mop, 64)
	}
	one := p.mops[:1:1]
	p.mops = p.mops[1:]
	one[0] = m
	return one
}

// finish ends the operation of one record without success.
func (p *Producer) finish(out *model.Effects, tp kafka.TopicPartition, r sentRecord,
	outcome kafka.OpType, why string,
) {
	p.open--
	kafka.AddOp(out, kafka.Op{
		Type: outcome, F: kafka.FSend, ID: r.op, Client: p.node, Acks: p.cfg.Acks, Error: why,
		Value: p.mop(kafka.Mop{F: kafka.FSend, Key: tp, Value: r.value, Offset: kafka.NoOffset}),
	})
}

// onAlarm gives up what has waited too long and sets the alarm again.
func (p *Producer) onAlarm(out *model.Effects) {
	p.alarm.rang()
	for _, t := range p.ordered {
		for len(t.waiting) > 0 && out.Now >= t.waiting[0].deadline {
			c := t.waiting[0].send
			t.waiting = t.waiting[1:]
			p.open--
			p.refuse(out, t, c, wire.RequestTimedOut.String())
		}
		if len(t.waiting) > 0 {
			p.alarm.by(out, t.waiting[0].deadline)
		}
		for _, q := range t.queues {
			p.expire(out, q)
		}
	}
}

// expire ends the batches of q that reached delivery.timeout.ms, in flight or not (KIP-91).
func (p *Producer) expire(out *model.Effects, q *partitionQueue) {
	overdue := func(b *producerBatch) bool { return out.Now >= b.created.Add(p.cfg.DeliveryTimeout) }
	for _, b := range q.sent {
		if overdue(b) {
			b.unknown = true
			p.giveUp(out, b, wire.RequestTimedOut.String())
		} else {
			p.alarm.by(out, b.created.Add(p.cfg.DeliveryTimeout))
		}
	}
	kept := q.batches[:0]
	for _, b := range q.batches {
		if overdue(b) {
			p.giveUp(out, b, wire.RequestTimedOut.String())
			continue
		}
		kept = append(kept, b)
		p.alarm.by(out, b.created.Add(p.cfg.DeliveryTimeout))
		if ends := b.created.Add(p.cfg.Linger); ends > out.Now {
			p.alarm.by(out, ends)
		}
		if b.retryAt > out.Now {
			p.alarm.by(out, b.retryAt)
		}
	}
	clear(q.batches[len(kept):])
	q.batches = kept
}

// giveUp ends a batch that reached delivery.timeout.ms.
func (p *Producer) giveUp(out *model.Effects, b *producerBatch, why string) {
	if b.done {
		return
	}
	p.fail(out, b, why)
	if p.idem != nil {
		p.idem.onExpired(b)
	}
}
