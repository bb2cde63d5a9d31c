// Produce (key 0): v0–v11.
// Does: acks 0, 1 and all; NOT_ENOUGH_REPLICAS before the append and _AFTER_APPEND after it; the
// rules of produce_request.go and validation.go; idempotence (KIP-98); message sets of magic 0 and
// 1 (v0–v2) become record batches; says who leads instead (v10, KIP-951). Does not: transactions: a
// batch of one is NOT_ENOUGH_REPLICAS, since no coordinator can be asked about it. State:
// partition.go, isr.go, message_sets.go, deadlines.go; who leads is broker/current_leader.go.
// Lessons: replication/leader-failover*.

package replica

import (
	"errors"
	"slices"
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
	// kept says that somebody may look at it when it is done: its memory serves no other request.
	kept  bool
	parts []producePart
	work  produceWork
	turn  uint64 // counts the requests that had this memory
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
	if r := refusedWhole(req); r != nil {
		refuseProduce(out, req, from, r)
		return
	}
	op := rs.newProduce(from)
	w := &op.work
	w.req, w.topics = req, produceTopics(req)
	op.resp.Topics = slices.Grow(op.resp.Topics[:0], len(w.topics))[:len(w.topics)]
	parts := 0
	for i := range w.topics {
		rt, n := &op.resp.Topics[i], len(w.topics[i].Partitions)
		rt.Topic, rt.Partitions = w.topics[i].Topic, slices.Grow(rt.Partitions[:0], n)[:n]
		parts += n
	}
	op.kept = parts > keptParts
	if w.advance(out) {
		w.end(out)
		return
	}
	rs.longProduces.add(out, w)
}

// keptParts is how many partitions a request may have whose memory is kept for the next.
const keptParts = 1000

// newProduce returns memory for a request.
func (rs *Set) newProduce(from Requester) *delayedProduce {
	var d *delayedProduce
	if n := len(rs.spareProduces); n > 0 {
		d = rs.spareProduces[n-1]
		rs.spareProduces = rs.spareProduces[:n-1]
	} else {
		d = &delayedProduce{rs: rs, resp: kmsg.NewPtrProduceResponse()}
	}
	d.from, d.done, d.work.op = from, false, d
	return d
}

// free has the memory of a request that is over serve another.
func (d *delayedProduce) free() {
	if d.kept {
		return
	}
	resp := d.resp
	*resp = kmsg.ProduceResponse{Topics: resp.Topics[:0]}
	clear(d.parts)
	*d = delayedProduce{rs: d.rs, resp: resp, parts: d.parts[:0], turn: d.turn + 1, done: true}
	d.rs.spareProduces = append(d.rs.spareProduces, d)
}

// produce appends one partition's records and returns one past their last offset, or says why not.
// A batch that the log has already is acknowledged as it was the first time, and told with its own
// timestamp as the time of that append (UnifiedLog.append, 3.9).
func (rs *Set) produce(out *model.Effects, req *kmsg.ProduceRequest,
	tp kafka.TopicPartition, records []byte, resp *kmsg.ProduceResponseTopicPartition, opened *int,
) (*Partition, kafka.Offset, wire.Code) {
	resp.BaseOffset, resp.LogStartOffset = -1, -1
	p, code := rs.leading(tp, -1)
	if code == wire.UnknownTopicOrPartition {
		return nil, 0, code
	}
	oldFormat := req.Version < batchesSince && wire.IsMessageSet(records)
	if !oldFormat {
		var invalid *refusal
		if records, invalid = requested(req.Version, records); invalid != nil {
			return nil, 0, invalid.code
		}
	}
	switch {
	case req.Acks < -1 || req.Acks > 1:
		return nil, 0, wire.InvalidRequiredAcks
	case tp.Topic == kafka.OffsetsTopic:
		return nil, 0, wire.InvalidTopicException // internal topics are the coordinator's to write
	case code != wire.None:
		return nil, 0, code
	case transactional(records):
		message := unverifiedTransaction
		resp.ErrorMessage = &message
		return nil, 0, wire.NotEnoughReplicas
	case req.Acks == -1 && len(p.isr.committed) < p.minISR():
		resp.LogStartOffset = int64(p.log.LogStart())
		return nil, 0, wire.NotEnoughReplicas
	case records == nil:
		return p, 0, wire.None // not a whole batch of an old client, which changes nothing
	}
	at, code := p.produce(out, records, oldFormat, resp, opened)
	return p, at, code
}

// produce appends records that a request may carry, as a record batch or in the old format.
func (p *Partition) produce(out *model.Effects, records []byte, oldFormat bool,
	resp *kmsg.ProduceResponseTopicPartition, opened *int,
) (kafka.Offset, wire.Code) {
	v := validation{&p.cfg, opened, &p.rs.compressor}
	var batch wire.Batch
	var invalid *refusal
	if oldFormat {
		batch, invalid = v.messageSet(out, records)
	} else {
		batch, invalid = v.produced(out, records)
	}
	if invalid != nil {
		invalid.fill(resp)
		return 0, p.refused(resp, invalid.code)
	}
	if batch.Bytes() == nil {
		return 0, wire.None // an empty message set, which changes nothing
	}
	at, err := p.appendAsLeader(out, &batch)
	if err != nil {
		var refused *wire.BatchError
		if errors.As(err, &refused) {
			return 0, p.refused(resp, refused.Code)
		}
		return 0, wire.KafkaStorageError
	}
	resp.BaseOffset, resp.LogStartOffset = int64(at.Base), int64(p.log.LogStart())
	switch {
	case at.Duplicate:
		resp.LogAppendTime = at.Timestamp
	case p.cfg.TimestampType == config.LogAppendTime:
		resp.LogAppendTime = out.Wall.Millis()
	}
	return at.End, wire.None
}

// refused says beside the code of a refused batch where the log begins, which tells an idempotent
// producer why its records are no longer known; not for faults that have nothing to do with what is
// in the log (ReplicaManager.appendToLocalLog, 3.9).
func (p *Partition) refused(resp *kmsg.ProduceResponseTopicPartition, code wire.Code) wire.Code {
	switch code {
	case wire.CorruptMessage, wire.MessageTooLarge, wire.RecordListTooLarge:
	default:
		resp.LogStartOffset = int64(p.log.LogStart())
	}
	return code
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
	d.rs.deadlines.add(out, timeout, d, d.turn)
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
func (d *delayedProduce) onDeadline(out *model.Effects, turn uint64) {
	if d.done || d.turn != turn {
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
	from, internal := d.from, d.internal
	d.done, d.from, d.internal = true, nil, nil
	if internal != nil {
		internal(out, wire.Code(d.parts[0].resp.ErrorCode))
		return
	}
	from.Reply(out, d.resp)
	d.free()
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
