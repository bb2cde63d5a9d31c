package scenarios

import (
	"fmt"
	"strconv"
	"strings"

	"sandcastle/broker"
	"sandcastle/broker/client"
	"sandcastle/model"
)

// workload is one producer of the scenario at work.
type workload struct {
	p       *player
	cfg     *Producer
	node    model.NodeID
	rand    *model.Rand // of keys
	sent    int
	next    model.Time
	padding string
}

// buildClients adds the nodes of all producers and consumers.
func (p *player) buildClients() {
	for i := range p.s.Producers {
		cfg := &p.s.Producers[i]
		w := &workload{
			p: p, cfg: cfg, node: model.NodeID("producer-" + cfg.Name), padding: strings.Repeat(" ",
				int(cfg.Size)),
			rand: model.NewRand(p.seed, "keys "+cfg.Name),
		}
		p.add(w.node, false, false, func(boot model.Boot) model.Process {
			c := cfg.config()
			c.ResetOnUnknownProducer = p.s.Cluster.Variants.Producers == broker.ProducersKIP98
			c.Bootstrap = p.bootstrap()
			return client.NewProducer(boot, c)
		})
		p.producers = append(p.producers, w)
	}
	for i := range p.s.Consumers {
		cfg := &p.s.Consumers[i]
		for range cfg.Members {
			id := model.NodeID(fmt.Sprintf("consumer-%d", len(p.consumers)+1))
			p.consumers = append(p.consumers, id)
			p.consumerOf = append(p.consumerOf, cfg)
			p.add(id, false, false, func(boot model.Boot) model.Process {
				return client.NewConsumer(boot, p.consumerConfig(cfg))
			})
		}
	}
}

// config is the client's form of the producer's settings.
func (cfg *Producer) config() client.ProducerConfig {
	return client.ProducerConfig{
		Acks: cfg.Acks, Linger: cfg.Linger, BatchSize: int(cfg.Batch), MaxInFlight: cfg.InFlight,
		Retries: retries(cfg.Retries), RequestTimeout: cfg.Timeout, MetadataMaxAge: cfg.MetadataAge,
		Idempotence: idempotence(cfg.Idempotence), Compression: cfg.Compression,
	}
}

func idempotence(word string) client.Idempotence {
	switch word {
	case "on":
		return client.IdempotenceOn
	case "off":
		return client.IdempotenceOff
	default:
		return client.IdempotenceDefault
	}
}

// retries is the client's form of retries: −1 for none.
func retries(n int) int {
	if n == 0 {
		return -1
	}
	return n
}

func (p *player) consumerConfig(cfg *Consumer) client.ConsumerConfig {
	c := client.ConsumerConfig{
		Bootstrap: p.bootstrap(), Group: cfg.Group, Topics: cfg.Topics, Assign: cfg.Assign,
		AutoOffsetReset: cfg.From, SessionTimeout: cfg.Session, ProcessTime: cfg.Process,
		AutoCommit: cfg.Commit == "auto", CommitAfterPoll: cfg.Commit == "each-poll",
		Rack: cfg.Rack, NoEpochs: !cfg.Epochs, MetadataMaxAge: cfg.MetadataAge,
	}
	return c
}

// startWorkloads starts every client at its time, now at the earliest.
func (p *player) startWorkloads() {
	now := p.world.Now()
	for _, w := range p.producers {
		at := max(now, model.Time(w.cfg.Start))
		p.world.At(at, func() {
			p.world.Start(w.node)
			w.next = p.world.Now()
			if w.cfg.Rate.N > 0 {
				w.send()
			}
		})
	}
	for i, id := range p.consumers {
		p.world.At(max(now, model.Time(p.consumerOf[i].Start)), func() { p.world.Start(id) })
	}
}

// send sends the record that is due and plans the next. A producer that is down when its record is
// due does not send it.
func (w *workload) send() {
	if w.p.world.Running(w.node) {
		w.p.world.Command(w.node, w.record())
	}
	w.sent++
	w.next = w.next.Add(w.cfg.Rate.Every())
	limit := w.cfg.Count
	if n := len(w.cfg.Values); n > 0 {
		limit = n
	}
	if w.next < model.Time(w.cfg.Until) && (limit == 0 || w.sent < limit) {
		w.p.world.At(w.next, w.send)
	}
}

// record makes the next record: a value that no other record has, padded to its size.
func (w *workload) record() *client.Send {
	c := &client.Send{Topic: w.cfg.Topic, Partition: -1}
	if len(w.cfg.Values) > 0 {
		c.Value = []byte(w.cfg.Values[w.sent])
	} else {
		c.Value = make([]byte, 0, max(int(w.cfg.Size), 16))
		c.Value = strconv.AppendInt(append(append(c.Value, w.cfg.Name...), '-'), int64(w.sent), 10)
	}
	for _, l := range w.cfg.Letters {
		if first := c.Value[0] &^ 0x20; l.From <= first && first <= l.To {
			c.Partition = int32(l.Partition)
		}
	}
	if pad := int(w.cfg.Size) - len(c.Value); pad > 0 && len(w.cfg.Values) == 0 {
		c.Value = append(c.Value, w.padding[:pad]...)
	}
	if w.cfg.Keys > 0 {
		c.Key = strconv.AppendUint([]byte("k"), w.rand.Below(uint64(w.cfg.Keys)), 10)
	}
	return c
}
