package client

import (
	"math"
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// producerIdentity is a producer id with its epoch. An id of −1 is none.
type producerIdentity struct {
	id    int64
	epoch int16
}

func noIdentity() producerIdentity { return producerIdentity{id: -1, epoch: -1} }

// idempotence lets a producer send a batch as often as it must without the log holding it twice
// (KIP-98; TransactionManager without transactions, 3.9). It has the producer's id, asked of any
// broker before the first batch leaves, and decides what a refusal of a sequence means.
//
// The epoch is bumped when sequences of a partition cannot go on: the client counts it up by
// itself, every other partition adopts it when nothing of it is open (KIP-360; only a
// transactional producer asks its coordinator for the bump).
type idempotence struct {
	p       *Producer
	who     producerIdentity
	asking  bool       // InitProducerId is out
	retryAt model.Time // not asked before
	bump    bool       // a partition wants a new epoch
	// restart are partitions whose open batches begin with the new epoch at sequence 0.
	restart []*partitionQueue
	doubted []*partitionQueue // with a batch whose fate will never be known
	fatal   string            // why the producer cannot go on; "" while it can
}

// run does what is due before batches are drained (Sender.runOnce, 3.9).
func (i *idempotence) run(out *model.Effects) {
	if i.fatal != "" {
		return
	}
	i.resolve()
	if i.bump {
		i.bumpEpoch(out)
	}
	i.maybeAsk(out)
}

// resolve ends the wait of partitions where a batch with unknown fate was given up: with nothing
// open, either what followed was appended behind it, or the sequence has a gap
// (TransactionManager.maybeResolveSequences, 3.9).
func (i *idempotence) resolve() {
	kept := i.doubted[:0]
	for _, q := range i.doubted {
		s := &q.seq
		if len(s.open) > 0 {
			kept = append(kept, q)
			continue
		}
		s.doubt = false
		if !s.follows(s.next) {
			i.requestBump(q)
		}
	}
	i.doubted = kept
}

// requestBump asks for a new epoch, with which the batches of q begin anew.
func (i *idempotence) requestBump(q *partitionQueue) {
	i.bump = true
	if !slices.Contains(i.restart, q) {
		i.restart = append(i.restart, q)
	}
}

// bumpEpoch counts the epoch up. Behind the last one comes a new producer id.
func (i *idempotence) bumpEpoch(out *model.Effects) {
	i.bump = false
	if i.who.epoch == math.MaxInt16 {
		i.who = noIdentity()
		return
	}
	i.who.epoch++
	i.adopt(out, "bumped")
}

// adopt has the partitions that waited for a new identity begin anew with it.
func (i *idempotence) adopt(out *model.Effects, how string) {
	kafka.AddNote(out, kafka.Note{
		Kind: kafka.ProducerIDAssigned, Offset: kafka.Offset(i.who.id),
		Generation: int32(i.who.epoch), Text: how,
	})
	for _, q := range i.restart {
		q.seq.begin(i.who)
		i.endDoubt(q)
	}
	clear(i.restart)
	i.restart = i.restart[:0]
}

// endDoubt lets new batches of q leave again.
func (i *idempotence) endDoubt(q *partitionQueue) {
	q.seq.doubt = false
	i.doubted = slices.DeleteFunc(i.doubted, func(d *partitionQueue) bool { return d == q })
}

// maybeAsk asks for a producer id if there is none.
func (i *idempotence) maybeAsk(out *model.Effects) {
	if i.who.id >= 0 || i.asking || i.p.closing && i.p.open == 0 {
		return
	}
	if out.Now < i.retryAt {
		i.p.alarm.by(out, i.retryAt)
		return
	}
	i.asking = true
	req := kmsg.NewPtrInitProducerIDRequest()
	req.SetVersion(5)
	req.TransactionTimeoutMillis = math.MaxInt32
	i.p.meta.anyLink().Send(out, req, i.p.cfg.RequestTimeout, i.onAnswer)
}

func (i *idempotence) onAnswer(out *model.Effects, resp kmsg.Response, err error) {
	i.asking = false
	i.retryAt = out.Now.Add(i.p.cfg.RetryBackoff)
	if err != nil {
		if name, _ := transportError(err); name == wire.UnsupportedVersion.String() {
			i.becomeFatal(out, name)
		}
		return
	}
	answer := resp.(*kmsg.InitProducerIDResponse)
	if code := wire.Code(answer.ErrorCode); code != wire.None {
		if !code.Retriable() {
			i.becomeFatal(out, code.String())
		}
		return
	}
	i.who = producerIdentity{answer.ProducerID, answer.ProducerEpoch}
	i.adopt(out, "assigned")
}

// becomeFatal ends every record: without its identity the producer never sends again.
func (i *idempotence) becomeFatal(out *model.Effects, why string) {
	i.fatal = why
	for _, t := range i.p.ordered {
		for _, w := range t.waiting {
			i.p.open--
			i.p.refuse(out, t, w.send, why)
		}
		t.waiting = nil
		for _, q := range t.queues {
			for _, b := range q.sent {
				b.unknown = true
				i.p.fail(out, b, why)
			}
			for _, b := range q.batches {
				i.p.fail(out, b, why)
			}
			q.batches = nil
		}
	}
}

// holds reports whether q's first batch must not leave now
// (RecordAccumulator.shouldStopDrainBatchesForPartition, 3.9).
func (i *idempotence) holds(q *partitionQueue) bool {
	if i.who.id < 0 || i.fatal != "" {
		return true
	}
	s, first := &q.seq, q.batches[0]
	if !first.sequenced {
		// Its sequence would begin a new epoch, or stand behind one of unknown fate.
		return s.doubt || len(s.open) > 0 && s.who != i.who
	}
	// A batch that is sent again waits until it is the first of those that are open: so none
	// overtakes, and only one at a time is in flight until all of them are through.
	return len(s.open) > 0 && s.open[0] != first
}

// drained gives a batch that leaves for the first time its place in the sequence.
func (i *idempotence) drained(b *producerBatch) {
	b.restarted = false
	if b.sequenced {
		return
	}
	s := &b.q.seq
	if s.who != i.who {
		s.begin(i.who) // nothing is open: holds saw to that
	}
	s.assign(b)
}

// mayRetry decides whether a batch that was answered with code is sent again, and what must happen
// before (TransactionManager.canRetry, 3.9). start is the log start offset in the answer, −1 for
// unknown.
func (i *idempotence) mayRetry(b *producerBatch, code wire.Code, start kafka.Offset) bool {
	s := &b.q.seq
	switch code {
	case wire.UnknownProducerID:
		lost := s.ackedOffset < start // what the leader knew of us was deleted with the log's head
		switch {
		case start < 0 || b.restarted:
		case !i.p.cfg.ResetOnUnknownProducer:
			i.requestBump(b.q)
		case lost:
			s.begin(i.who)
		default:
			return false
		}
		return true
	case wire.OutOfOrderSequenceNumber:
		// A batch in front of this one failed and is sent again; or this is the next one, and the
		// sequence has a gap.
		behind := b.restarted || !s.follows(b.sequence)
		if s.doubt && b.sequence == s.after || !s.doubt && !behind {
			i.requestBump(b.q)
		}
		return true
	default:
		return code.Retriable()
	}
}

// onSuccess notes that b is in the log, its first record at base.
func (i *idempotence) onSuccess(b *producerBatch, base kafka.Offset) {
	s := &b.q.seq
	if b.who == s.who {
		s.acknowledge(b.lastSequence())
	}
	if base != kafka.NoOffset {
		s.ackedOffset = max(s.ackedOffset, base+kafka.Offset(len(b.records))-1)
	}
	s.remove(b)
}

// onFailed notes that b was given up after an answer. exhausted says that it ran out of
// retries: then nobody knows whether its sequence was used, and the next batches show it
// (TransactionManager.handleFailedBatch, 3.9).
func (i *idempotence) onFailed(out *model.Effects, b *producerBatch, code wire.Code,
	exhausted bool,
) {
	b.q.seq.remove(b)
	switch {
	case code == wire.UnsupportedVersion:
		i.becomeFatal(out, code.String())
	case code == wire.UnknownProducerID:
		b.q.seq.begin(i.who)
		i.endDoubt(b.q)
	case code == wire.OutOfOrderSequenceNumber, !exhausted:
		i.requestBump(b.q)
	}
}

// onExpired notes that b reached its delivery timeout. If it was sent more than once, no new
// batch leaves until those behind it show what became of it (Sender.sendProducerData, 3.9).
func (i *idempotence) onExpired(b *producerBatch) {
	s := &b.q.seq
	s.remove(b)
	if !b.requeued || !b.sequenced {
		return
	}
	after := nextSequence(b.lastSequence(), 1)
	if !s.doubt {
		s.doubt, s.after = true, after
		i.doubted = append(i.doubted, b.q)
	} else if precedes(s.after, after) {
		s.after = after
	}
}
