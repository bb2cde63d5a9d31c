package client

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// producerLeader is a broker that leads partitions which the producer writes to.
type producerLeader struct {
	id     kafka.BrokerID
	link   *wire.Link
	queues []*partitionQueue // those that it leads, by topic of first use and partition
	next   int               // where the next request begins, so that no partition starves
	failed uint              // connections in a row that failed, as far as it was noticed
}

func (p *Producer) leader(id kafka.BrokerID, addr string) *producerLeader {
	at, found := slices.BinarySearchFunc(
		p.leaders,
		id,
		func(l *producerLeader, id kafka.BrokerID) int {
			return int(l.id - id)
		},
	)
	if !found {
		p.leaders = slices.Insert(p.leaders, at, &producerLeader{id: id})
	}
	p.leaders[at].link = p.links.To(addr)
	return p.leaders[at]
}

// drain sends what is ready, as many requests as the connections may have in flight. While they
// have as many, records accumulate: this is what fills batches under load even without linger.
func (p *Producer) drain(out *model.Effects) {
	for _, l := range p.leaders {
		for l.link.Open() && l.link.InFlight() < p.cfg.MaxInFlight && p.anyReady(out.Now, l) {
			p.sendBatches(out, l)
		}
		if !l.link.Open() && p.anyReady(out.Now, l) {
			p.connect(out, l)
		}
	}
}

// connect opens the connection to l. Records stay in the accumulator until it stands, so that those
// whose time runs out before are known never to have left. Each failure makes the producer ask who
// leads.
func (p *Producer) connect(out *model.Effects, l *producerLeader) {
	l.link.Connect(out)
	if n := l.link.Failures(); n != l.failed {
		l.failed = n
		if n > 0 {
			p.meta.refresh()
		}
	}
}

func (p *Producer) anyReady(now model.Time, l *producerLeader) bool {
	for _, q := range l.queues {
		if p.ready(now, q) {
			return true
		}
	}
	return false
}

// sendBatches sends one Produce request with the first batch of every partition that l leads, up to
// max.request.size. Batches that still linger go along (RecordAccumulator.drain, 3.9, which also
// stops at the first partition that idempotence holds back; that only delays the others).
func (p *Producer) sendBatches(out *model.Effects, l *producerLeader) {
	call := p.newCall()
	size := 0
	for i := range l.queues {
		q := l.queues[(l.next+i)%len(l.queues)]
		if len(q.batches) == 0 || p.muted(q) || q.batches[0].backingOff(out.Now) ||
			p.idem != nil && p.idem.holds(q) {
			continue
		}
		b := q.batches[0]
		if size+b.size() > p.cfg.MaxRequestSize && size > 0 {
			break
		}
		size += b.size()
		q.take()
		q.sent = append(q.sent, b)
		b.attempts++
		b.epoch = q.epoch
		if p.idem != nil {
			p.idem.drained(b)
		}
		call.batches = append(call.batches, b)
	}
	l.next++
	call.fill()
	if p.acks == 0 {
		l.link.SendNoReply(out, &call.req, p.cfg.RequestTimeout, call.answered)
		return
	}
	l.link.Send(out, &call.req, p.cfg.RequestTimeout, call.answered)
}

// fill makes the request of the batches.
func (c *produceCall) fill() {
	p, req := c.p, &c.req
	*req = kmsg.ProduceRequest{Version: 11, Topics: req.Topics[:0]}
	req.Acks, req.TimeoutMillis = p.acks, int32(p.cfg.RequestTimeout.Milliseconds())
	for _, b := range c.batches {
		at := slices.IndexFunc(req.Topics, func(t kmsg.ProduceRequestTopic) bool {
			return t.Topic == b.q.tp.Topic
		})
		if at < 0 {
			at = len(req.Topics)
			req.Topics = wire.Again(req.Topics)
			t := &req.Topics[at]
			t.Topic, t.Partitions = b.q.tp.Topic, t.Partitions[:0]
		}
		req.Topics[at].Partitions = append(req.Topics[at].Partitions, kmsg.ProduceRequestTopicPartition{
			Partition: b.q.tp.Partition, Records: b.finish(p.codec, &p.compressor),
		})
	}
}

// produceCall is one Produce request that is out.
type produceCall struct {
	p        *Producer
	batches  []*producerBatch
	req      kmsg.ProduceRequest
	answered wire.Done // onDone
}

// newCall returns memory for a request.
func (p *Producer) newCall() *produceCall {
	if n := len(p.spareCalls); n > 0 {
		c := p.spareCalls[n-1]
		p.spareCalls = p.spareCalls[:n-1]
		return c
	}
	c := &produceCall{p: p}
	c.answered = c.onDone
	return c
}

// free has the memory of a request that is over serve another.
func (c *produceCall) free() {
	clear(c.batches)
	c.batches = c.batches[:0]
	c.p.spareCalls = append(c.p.spareCalls, c)
}

func (c *produceCall) onDone(out *model.Effects, resp kmsg.Response, err error) {
	defer c.free()
	for _, b := range c.batches {
		b.q.removeSent(b)
	}
	if err != nil {
		c.onError(out, err)
		return
	}
	if resp == nil { // acks=0: written is all there is to know
		for _, b := range c.batches {
			c.succeed(out, b, kafka.NoOffset)
		}
		return
	}
	answer := resp.(*kmsg.ProduceResponse)
	for _, b := range c.batches {
		part := answerFor(answer, b.q.tp)
		if part == nil {
			c.p.onRefused(out, b, wire.UnknownServerError, kafka.NoOffset)
			continue
		}
		if code := wire.Code(part.ErrorCode); code != wire.None {
			c.p.onRefused(out, b, code, kafka.Offset(part.LogStartOffset))
			continue
		}
		c.succeed(out, b, kafka.Offset(part.BaseOffset))
	}
}

// succeed acknowledges a batch. It is neither queued nor in flight any more; an idempotent
// producer has forgotten it too.
func (c *produceCall) succeed(out *model.Effects, b *producerBatch, base kafka.Offset) {
	if c.p.succeed(out, b, base) {
		c.p.freeBatch(b)
	}
}

func answerFor(answer *kmsg.ProduceResponse,
	tp kafka.TopicPartition,
) *kmsg.ProduceResponseTopicPartition {
	for i := range answer.Topics {
		if answer.Topics[i].Topic != tp.Topic {
			continue
		}
		for j := range answer.Topics[i].Partitions {
			if answer.Topics[i].Partitions[j].Partition == tp.Partition {
				return &answer.Topics[i].Partitions[j]
			}
		}
	}
	return nil
}

// onError ends an attempt that brought no answer. The leader may be another by now.
func (c *produceCall) onError(out *model.Effects, err error) {
	c.p.meta.refresh()
	for _, b := range c.batches {
		switch name, sent := transportError(err); {
		case name == wire.UnsupportedVersion.String():
			c.p.onFailure(out, b, failure{code: wire.UnsupportedVersion, why: name})
		case !sent:
			// It never left: Kafka's producer would still have it in the accumulator.
			b.attempts--
			c.p.onFailure(out, b, failure{code: wire.NetworkException, why: name})
		default:
			b.unknown = true
			c.p.onFailure(out, b, failure{code: wire.NetworkException, why: name})
		}
	}
}
