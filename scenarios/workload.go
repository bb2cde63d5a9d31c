package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sandcastle/broker"
	"sandcastle/broker/client"
	"sandcastle/broker/config"
	"sandcastle/model"
)

// workload is one producer of the scenario at work.
type workload struct {
	p       *player
	cfg     *Producer
	node    model.NodeID
	records *Records
	rate    Rate
	next    model.Time
	plans   int       // counts the plans of the next send: only the last one holds
	spare   *sendPlan // one that is over
}

// sendPlan is the plan of a send.
type sendPlan struct {
	w      *workload
	number int
	fire   func() // onDue
}

// onDue sends what is due, unless there is a later plan.
func (s *sendPlan) onDue() {
	mine := s.number == s.w.plans
	if s.w.spare = s; mine {
		s.w.send()
	}
}

// buildClients adds the nodes of all producers and consumers.
func (p *player) buildClients() {
	for i := range p.s.Producers {
		cfg := &p.s.Producers[i]
		w := &workload{
			p: p, cfg: cfg, node: model.NodeID("producer-" + cfg.Name), records: NewRecords(cfg, p.seed),
			rate: cfg.Rate,
		}
		p.add(w.node, false, false, func(boot model.Boot) model.Process {
			c := cfg.config()
			c.ResetOnUnknownProducer = p.s.Cluster.Variants.Producers == config.ProducersKIP98
			c.Bootstrap = p.bootstrap()
			return client.NewProducer(boot, c)
		})
		p.producers = append(p.producers, w)
	}
	for i := range p.s.Consumers {
		cfg := &p.s.Consumers[i]
		for member := range cfg.Members {
			id := model.NodeID(fmt.Sprintf("consumer-%d", len(p.consumers)+1))
			p.consumers = append(p.consumers, id)
			p.consumerOf = append(p.consumerOf, cfg)
			p.add(id, false, false, func(boot model.Boot) model.Process {
				c := p.consumerConfig(cfg)
				if cfg.Instance != "" && cfg.Members > 1 {
					c.Instance = fmt.Sprintf("%s-%d", cfg.Instance, member+1)
				}
				if pace, changed := p.loads.paces[boot.Node]; changed {
					c.ProcessTime = pace
				}
				return client.NewConsumer(boot, c)
			})
		}
	}
}

// config is the client's form of the producer's settings.
func (cfg *Producer) config() client.ProducerConfig {
	c := client.ProducerConfig{
		Acks: cfg.Acks, Linger: cfg.Linger, BatchSize: int(cfg.Batch), MaxInFlight: cfg.InFlight,
		Retries: retries(cfg.Retries), RequestTimeout: cfg.Timeout, MetadataMaxAge: cfg.MetadataAge,
		Idempotence: idempotence(cfg.Idempotence), Compression: cfg.Compression,
	}
	applySettings(&c, producerTable(), cfg.Config)
	return c
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
		AutoCommit:             cfg.Commit == "auto",
		CommitAfterPoll:        cfg.Commit == "each-poll" || cfg.Commit == "after",
		CommitBeforeProcessing: cfg.Commit == "before",
		RecordProcessing:       cfg.Commit == "before" || cfg.Commit == "after",
		Rack:                   cfg.Rack, NoEpochs: !cfg.Epochs, MetadataMaxAge: cfg.MetadataAge,
		Instance: cfg.Instance, Assignor: cfg.Assignor,
	}
	applySettings(&c, consumerTable(), cfg.Config)
	return c
}

// startWorkloads starts every client at its time, now at the earliest.
func (p *player) startWorkloads() {
	now := p.world.Now()
	for _, w := range p.producers {
		at := max(now, model.Time(w.cfg.Start))
		p.world.At(at, func() {
			p.world.Start(w.node)
			w.begin()
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
		w.p.world.Command(w.node, w.records.Make())
	}
	w.records.Advance()
	w.plan(w.next.Add(w.rate.Every()))
}

// begin sends at the rate from now on, if there is one.
func (w *workload) begin() {
	w.next = w.p.world.Now()
	w.plans++
	if w.rate.N > 0 && w.records.More() {
		w.send()
	}
}

// plan has the next record sent at a time, if its time has not run out by then.
func (w *workload) plan(at model.Time) {
	w.next = at
	w.plans++
	if w.next >= model.Time(w.cfg.Until) || !w.records.More() {
		return
	}
	s := w.spare
	if w.spare = nil; s == nil {
		s = &sendPlan{w: w}
		s.fire = s.onDue
	}
	s.number = w.plans
	w.p.world.At(w.next, s.fire)
}

// clientLoad is what a client does: a producer's rate or a consumer's pace.
type clientLoad struct {
	node    model.NodeID
	rate    Rate          // of a producer
	process time.Duration // of a consumer
}

// clientLoads are what the timeline makes of the clients' loads.
type clientLoads struct {
	paces map[model.NodeID]time.Duration // the consumers' process times
	// replaced are the loads that changes took the place of.
	replaced map[*Action][]clientLoad
}

func newClientLoads() clientLoads {
	return clientLoads{map[model.NodeID]time.Duration{}, map[*Action][]clientLoad{}}
}

// change gives clients another load.
func (l *clientLoads) change(p *player, f *firing) {
	for _, id := range f.nodes {
		was, ok := l.now(p, f, id)
		if !ok {
			continue
		}
		l.replaced[f.Action] = append(l.replaced[f.Action], was)
		l.set(p, f.Verb, clientLoad{id, f.Rate, f.Process})
	}
}

// changeBack ends a change.
func (l *clientLoads) changeBack(p *player, f *firing) {
	for _, was := range l.replaced[f.Action] {
		l.set(p, f.Verb, was)
	}
	delete(l.replaced, f.Action)
}

// now is what a client does; ok is false for one that the action does not change.
func (l *clientLoads) now(p *player, f *firing, id model.NodeID) (now clientLoad, ok bool) {
	now.node = id
	if i := slices.Index(p.consumers, id); i >= 0 {
		now.process = p.consumerOf[i].Process
		if pace, changed := l.paces[id]; changed {
			now.process = pace
		}
		return now, slices.Contains(f.supplied, "process")
	}
	for _, w := range p.producers {
		if w.node == id {
			now.rate = w.rate
		}
	}
	return now, slices.Contains(f.supplied, "rate")
}

// set has a client do so much from now on, also when it is started again.
func (l *clientLoads) set(p *player, verb string, to clientLoad) {
	fault := model.Fault{Verb: verb, Node: to.node}
	if slices.Contains(p.consumers, to.node) {
		fault.Detail = "process " + to.process.String()
		p.world.Fault(fault)
		l.paces[to.node] = to.process
		if p.world.Running(to.node) {
			p.world.Command(to.node, &client.SetProcessTime{Time: to.process})
		}
		return
	}
	for _, w := range p.producers {
		if w.node != to.node {
			continue
		}
		fault.Detail = "rate " + to.rate.String()
		p.world.Fault(fault)
		if w.rate = to.rate; p.world.Running(to.node) {
			w.begin()
		}
	}
}

// String prints the rate as it is written, "none" for none.
func (r Rate) String() string {
	unit := map[time.Duration]string{time.Millisecond: "ms", time.Second: "s", time.Minute: "m"}[r.Per]
	if r.N == 0 {
		return "none"
	}
	return fmt.Sprintf("%d/%s", r.N, unit)
}

// completeClientAction checks what an action says of clients.
func (d *decoder) completeClientAction(s *Scenario, a *Action) {
	switch a.Verb {
	case "change":
		d.completeChange(a)
	case "answer":
		d.completeAnswer(a)
	}
	if a.Verb != "send" || a.Partition.Topic == "" {
		return
	}
	for i := range s.Producers {
		if p := &s.Producers[i]; a.targets("producer-"+p.Name) && p.Topic != a.Partition.Topic {
			d.failAt(a.pos, "", "producer %q writes to topic %q, and not to %s", p.Name, p.Topic,
				a.Partition)
		}
	}
}

// completeAnswer checks that the request can be answered with an error, and by whom.
func (d *decoder) completeAnswer(a *Action) {
	if apis := broker.AnswerableAPIs(); !slices.Contains(apis, a.API) {
		d.failAt(a.pos, "it can be "+strings.Join(apis, ", "),
			"nobody answers %s with an error here", a.API)
	}
	for _, r := range a.To {
		if r.stands()&aBroker == 0 {
			d.failAt(r.pos, "name a broker", "a request is answered by brokers, and %s is none", r.text)
		}
	}
}

// completeChange checks that a change changes something of each of its targets.
func (d *decoder) completeChange(a *Action) {
	rate, process := slices.Contains(a.supplied, "rate"), slices.Contains(a.supplied, "process")
	if !rate && !process {
		d.failAt(a.pos, "give it `rate` for producers, `process` for consumers", "change changes nothing")
	}
	for _, r := range a.Targets {
		switch r.stands() {
		case aProducer:
			if !rate {
				d.failAt(r.pos, "give it `rate`", "%s is a producer and has no `process`", r.text)
			}
		case aConsumer:
			if !process {
				d.failAt(r.pos, "give it `process`", "%s is a consumer and has no `rate`", r.text)
			}
		}
	}
}
