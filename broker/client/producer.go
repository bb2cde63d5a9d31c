package client

import (
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Producer is a Kafka producer. It takes the commands Send and Close.
type Producer struct {
	cfg        ProducerConfig
	acks       int16
	codec      wire.Codec
	compressor wire.Compressor
	node       string
	rand       *model.Rand
	backoff    retryBackoff

	links   *wire.Links
	meta    *clusterMetadata
	synced  int // the metadata answer that topics and leaders stand for
	alarm   alarm
	topics  map[string]*producerTopic
	ordered []*producerTopic  // by the order of first use
	leaders []*producerLeader // by broker id

	lastOp   uint64
	open     int // operations without an outcome, and sends that wait for metadata
	buffered int // bytes of buffer.memory in use
	mops     []kafka.Mop
	// Memory of what is over, for what comes next.
	spareBatches []*producerBatch
	spareCalls   []*produceCall
	closing      bool
	closed       bool
	idem         *idempotence // nil when the producer is not idempotent
}

// NewProducer makes a producer. It panics on a configuration that Check refuses.
func NewProducer(boot model.Boot, cfg ProducerConfig) *Producer {
	if err := cfg.Check(); err != nil {
		panic(err)
	}
	cfg = cfg.withDefaults()
	p := &Producer{
		cfg: cfg, acks: cfg.acks(), node: string(boot.Node), rand: boot.Rand,
		backoff: retryBackoff{boot.Rand, cfg.RetryBackoff, cfg.RetryBackoffMax},
		topics:  map[string]*producerTopic{}, alarm: newAlarm(timerWork),
	}
	p.codec, _ = wire.ParseCodec(cfg.Compression)
	p.links = wire.NewLinks(wire.LinksConfig{ClientID: p.node, TimerKind: timerLinks, Handshake: true})
	p.meta = newClusterMetadata(cfg.Bootstrap, p.backoff, p.links)
	p.meta.timeout, p.meta.maxAge, p.meta.create = cfg.RequestTimeout, cfg.MetadataMaxAge, true
	if cfg.idempotent() {
		p.idem = &idempotence{p: p, who: noIdentity()}
	}
	return p
}

// Step implements model.Process.
func (p *Producer) Step(in model.Event, out *model.Effects) {
	switch {
	case in.Kind == model.Commanded:
		p.onCommand(out, in.Command)
	case p.links.HandleEvent(in, out):
	case in.Kind == model.TimerFired && in.Timer.Kind == timerMetadata:
		p.meta.alarm.rang()
	case in.Kind == model.TimerFired:
		p.onAlarm(out)
	}
	if p.closed {
		return
	}
	if p.synced != p.meta.answers {
		p.onMetadata(out)
	}
	if p.idem != nil {
		p.idem.run(out)
	}
	p.drain(out)
	p.meta.run(out)
	p.maybeClose(out)
}

// Done is true when every record has its outcome.
func (p *Producer) Done() bool { return p.open == 0 }

func (p *Producer) onCommand(out *model.Effects, c model.Command) {
	switch c := c.(type) {
	case *Send:
		p.onSend(out, c)
	case *Close:
		p.closing = true
	default:
		panic("client: a producer does not know the command " + c.String())
	}
}

// onSend passes the record on, or lets it wait for the topic's metadata as Kafka's send blocks.
func (p *Producer) onSend(out *model.Effects, c *Send) {
	t := p.topics[c.Topic]
	if t == nil {
		t = &producerTopic{
			name:   c.Topic,
			known:  p.meta.track(c.Topic),
			sticky: stickyPartition{current: -1},
		}
		p.topics[c.Topic] = t
		p.ordered = append(p.ordered, t)
	}
	if p.closing {
		p.refuse(out, t, c, "PRODUCER_CLOSED")
		return
	}
	if p.idem != nil && p.idem.fatal != "" {
		p.refuse(out, t, c, p.idem.fatal)
		return
	}
	if len(t.waiting) == 0 && t.has(c.Partition) {
		p.send(out, t, c)
		return
	}
	p.meta.refresh()
	deadline := out.Now.Add(p.cfg.MaxBlock)
	t.waiting = append(t.waiting, waitingSend{c, deadline})
	p.open++
	p.alarm.by(out, deadline)
}

// has reports whether t is known to have the partition, or any for AnyPartition.
func (t *producerTopic) has(partition int32) bool {
	return int(partition) < len(t.queues) && len(t.queues) > 0
}

// send chooses the partition, which is when the operation begins, and accumulates the record.
func (p *Producer) send(out *model.Effects, t *producerTopic, c *Send) {
	partition, sticky := c.Partition, false
	switch {
	case partition >= 0:
	case c.Key != nil:
		partition = PartitionForKey(c.Key, len(t.queues))
	default:
		partition, sticky = t.sticky.choose(p.rand, t, p.cfg.BatchSize), true
	}
	q := t.queues[partition]
	r := p.invoke(out, q.tp, c)
	size := wire.RecordSize(0, 0, c.Key, c.Value, c.Headers...)
	if wire.BatchOverhead+size > p.cfg.MaxRequestSize {
		p.finish(out, q.tp, r, kafka.Fail, wire.MessageTooLarge.String())
		return
	}
	b := p.accumulate(out, q, c)
	if b == nil {
		p.finish(out, q.tp, r, kafka.Fail, "BUFFER_EXHAUSTED")
		return
	}
	b.records = append(b.records, r)
	if sticky {
		t.sticky.produced(p.rand, t, size, p.cfg.BatchSize)
	}
}

// refuse ends a record that never got to a partition. The history knows no record without one, so
// it stands under the partition that was asked for, or 0.
func (p *Producer) refuse(out *model.Effects, t *producerTopic, c *Send, why string) {
	tp := kafka.TopicPartition{Topic: t.name, Partition: max(c.Partition, 0)}
	p.finish(out, tp, p.invoke(out, tp, c), kafka.Fail, why)
}

// onMetadata adopts what the newest answer says about topics and leaders.
func (p *Producer) onMetadata(out *model.Effects) {
	p.synced = p.meta.answers
	for _, l := range p.leaders {
		l.queues = l.queues[:0]
	}
	for _, t := range p.ordered {
		for n := len(t.queues); n < len(t.known.partitions); n++ {
			t.queues = append(t.queues, &partitionQueue{
				tp: kafka.TopicPartition{Topic: t.name, Partition: int32(n)}, epoch: kafka.NoEpoch,
				seq: newSequences(),
			})
		}
		for _, q := range t.queues {
			known, addr, ok := p.meta.leader(q.tp)
			q.led, q.epoch = ok, known.epoch
			if ok {
				l := p.leader(known.leader, addr)
				l.queues = append(l.queues, q)
			}
		}
		p.release(out, t)
	}
}

// release sends what waited for t's metadata.
func (p *Producer) release(out *model.Effects, t *producerTopic) {
	hopeless := t.known.asked && t.known.code != wire.None && !t.known.code.Retriable()
	for len(t.waiting) > 0 {
		c := t.waiting[0].send
		switch {
		case t.has(c.Partition):
			p.open--
			p.send(out, t, c)
		case hopeless:
			p.open--
			p.refuse(out, t, c, t.known.code.String())
		default:
			p.meta.refresh()
			return
		}
		t.waiting[0] = waitingSend{}
		t.waiting = t.waiting[1:]
	}
}

// Closed tells whether it was closed and is done with it.
func (p *Producer) Closed() bool { return p.closed }

// maybeClose ends the producer when it was asked to and nothing is open.
func (p *Producer) maybeClose(out *model.Effects) {
	if !p.closing || p.open > 0 {
		return
	}
	p.closed = true
	p.alarm.stop(out)
	p.meta.close(out)
}
