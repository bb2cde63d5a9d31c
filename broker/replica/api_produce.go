// Produce (key 0): v0–v11.
// Does: acks 0, 1 and all; NOT_ENOUGH_REPLICAS before the append and _AFTER_APPEND after it; checks
// the batch's length, magic, CRC and size; idempotence (KIP-98); the rules of validation.go;
// message sets of magic 0 and 1 (v0–v2) become record batches; says who leads instead (v10,
// KIP-951). Does not: transactions. State: partition.go, isr.go, message_sets.go, deadlines.go;
// who leads is broker/current_leader.go.   Lessons: replication/leader-failover*.

package replica

import (
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/config"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// delayedProduce is a Produce with acks=all that waits until every in-sync replica has its records.
type delayedProduce struct {
	rs   *Set
	from Requester
	resp *kmsg.ProduceResponse
	// internal takes the outcome of an append that the broker made for itself, in place of from.
	internal func(out *model.Effects, code wire.Code)
	waiting  int  // partitions whose outcome is open
	started  bool // every partition was looked at
	done     bool
	parts    []producePart
}

// producePart is one partition of a delayedProduce.
type producePart struct {
	p        *Partition
	required kafka.Offset // the high watermark that acknowledges it
	epoch    kafka.Epoch  // in which it was appended
	local    bool         // it waits for nothing but a flush here (log_flush.go)
	resp     *kmsg.ProduceResponseTopicPartition
	done     bool
}

// HandleProduce answers a request, at once or when the in-sync replicas have its records.
func (rs *Set) HandleProduce(out *model.Effects, req *kmsg.ProduceRequest, from Requester) {
	resp := kmsg.NewPtrProduceResponse()
	w := &produceWork{req: req, op: &delayedProduce{rs: rs, from: from, resp: resp}}
	for i := range req.Topics {
		rt := kmsg.NewProduceResponseTopic()
		rt.Topic = req.Topics[i].Topic
		rt.Partitions = make([]kmsg.ProduceResponseTopicPartition, len(req.Topics[i].Partitions))
		resp.Topics = append(resp.Topics, rt)
	}
	if w.advance(out) {
		w.end(out)
		return
	}
	rs.longProduces.add(out, w)
}

// produce appends one partition's records and returns one past their last offset, or says why not.
// A batch that the log has already is acknowledged as it was the first time.
func (rs *Set) produce(out *model.Effects, req *kmsg.ProduceRequest,
	tp kafka.TopicPartition, records []byte, resp *kmsg.ProduceResponseTopicPartition, opened *int,
) (*Partition, kafka.Offset, wire.Code) {
	resp.BaseOffset, resp.LogStartOffset = -1, -1
	if req.Acks < -1 || req.Acks > 1 {
		return nil, 0, wire.InvalidRequiredAcks
	}
	p, code := rs.leading(tp, -1)
	if code != wire.None {
		return nil, 0, code
	}
	if tp.Topic == kafka.OffsetsTopic {
		return nil, 0, wire.InvalidTopicException // internal topics are the coordinator's to write
	}
	if req.Acks == -1 && len(p.isr.committed) < p.minISR() {
		return nil, 0, wire.NotEnoughReplicas
	}
	batch, invalid := validation{&p.cfg, opened}.produced(out, req.Version, records)
	switch {
	case invalid != nil:
		invalid.fill(resp)
		return nil, 0, invalid.code
	case batch.Bytes() == nil:
		return p, 0, wire.None // an empty message set, which changes nothing
	}
	at, err := p.appendAsLeader(out, &batch)
	var refused *wire.BatchError
	switch {
	case errors.As(err, &refused):
		resp.LogStartOffset = int64(p.log.LogStart()) // says to a client why it is no longer known
		return nil, 0, refused.Code
	case err != nil:
		return nil, 0, wire.KafkaStorageError
	}
	resp.BaseOffset, resp.LogStartOffset = int64(at.Base), int64(p.log.LogStart())
	if p.cfg.TimestampType == config.LogAppendTime {
		resp.LogAppendTime = out.Now.Millis()
	}
	return p, at.End, wire.None
}

// batchCode is the Kafka error for a batch that does not parse.
func batchCode(err error) wire.Code {
	var bad *wire.BatchError
	switch {
	case err == nil:
		return wire.None
	case errors.As(err, &bad):
		return bad.Code
	default:
		return wire.CorruptMessage
	}
}

// start answers at once when nothing has to be waited for, and parks the request otherwise.
func (d *delayedProduce) start(out *model.Effects, timeout time.Duration) {
	d.started, d.waiting = true, 0
	for i := range d.parts {
		part := &d.parts[i]
		if part.done {
			continue
		}
		if code, known := part.outcome(); known && !part.local {
			part.done, part.resp.ErrorCode = true, int16(code)
			continue
		}
		d.waiting++
	}
	if d.waiting == 0 {
		d.answer(out)
		return
	}
	for i := range d.parts {
		part := &d.parts[i]
		if part.local && !part.done {
			return // a flush comes back, or the broker ends
		}
		if !part.done {
			part.p.produces = append(part.p.produces, d)
		}
	}
	d.rs.deadlines.add(out, out.Now.Add(timeout), d)
}

// outcome is the result of the part once it is known (Partition.checkEnoughReplicasReachOffset,
// 3.9).
func (part *producePart) outcome() (wire.Code, bool) {
	p := part.p
	switch {
	case p.role != roleLeader:
		return wire.NotLeaderOrFollower, true
	case p.highWatermark < part.required:
		return wire.None, false
	case p.isr.maximalSize() < p.minISR():
		return wire.NotEnoughReplicasAfterAppend, true
	default:
		return wire.None, true
	}
}

// resolve gives every open part of p its outcome if there is one, or code if that is an error.
func (d *delayedProduce) resolve(out *model.Effects, p *Partition, code wire.Code) {
	for i := range d.parts {
		part := &d.parts[i]
		if part.p != p || part.done {
			continue
		}
		c, known := part.outcome()
		if code != wire.None {
			c, known = code, true
		}
		if known {
			part.done, part.resp.ErrorCode = true, int16(c)
			d.waiting--
		}
	}
	if d.started && d.waiting == 0 && !d.done {
		d.answer(out)
	}
}

// onDeadline ends the wait: the records are in the log, but nobody knows whether they will stay.
func (d *delayedProduce) onDeadline(out *model.Effects) {
	if d.done {
		return
	}
	for i := range d.parts {
		if part := &d.parts[i]; !part.done {
			part.done, part.resp.ErrorCode = true, int16(wire.RequestTimedOut)
			part.p.forgetProduce(d)
		}
	}
	d.answer(out)
}

func (d *delayedProduce) answer(out *model.Effects) {
	for i := range d.parts {
		if part := &d.parts[i]; part.resp.ErrorCode != 0 {
			part.resp.BaseOffset = -1
		}
	}
	from, resp, internal, parts := d.from, d.resp, d.internal, d.parts
	d.done, d.from, d.resp, d.internal, d.parts = true, nil, nil, nil, nil
	if internal != nil {
		internal(out, wire.Code(parts[0].resp.ErrorCode))
		return
	}
	from.Reply(out, resp)
}

// completeProduces answers the writes that the high watermark has reached. Answering one may bring
// the next request of its connection, and with it another append, so the list is taken first.
func (p *Partition) completeProduces(out *model.Effects) {
	for len(p.produces) > 0 {
		d := p.produces[0]
		if d.openAt(p) {
			return // later appends need a higher watermark still
		}
		n := copy(p.produces, p.produces[1:])
		p.produces[n] = nil
		p.produces = p.produces[:n]
		d.resolve(out, p, wire.None)
	}
}

// openAt is true while the part of d that was appended to p cannot be answered.
func (d *delayedProduce) openAt(p *Partition) bool {
	for i := range d.parts {
		if part := &d.parts[i]; part.p == p && !part.done {
			_, known := part.outcome()
			return !known
		}
	}
	return false
}

func (p *Partition) forgetProduce(d *delayedProduce) {
	for i := range p.produces {
		if p.produces[i] == d {
			p.produces = append(p.produces[:i], p.produces[i+1:]...)
			return
		}
	}
}

// failWaiters answers everything that waits on p, because p is not what it was.
func (p *Partition) failWaiters(out *model.Effects, code wire.Code) {
	produces := p.produces
	p.produces = nil
	for _, d := range produces {
		d.resolve(out, p, code)
	}
	p.completeDeletes(out)
	p.touch()
	p.completeFetches(out)
}
