package scenarios

import (
	"fmt"
	"slices"
	"time"

	"sandcastle/broker/client"
	"sandcastle/model"
)

// clientLoad is what a client does: a producer's rate or a consumer's pace.
type clientLoad struct {
	node    model.NodeID
	rate    Rate          // of a producer
	process time.Duration // of a consumer
}

// change gives clients another load.
func (p *player) change(f *firing) {
	for _, id := range f.nodes {
		was, ok := p.loadNow(f, id)
		if !ok {
			continue
		}
		p.undone[f.Action] = append(p.undone[f.Action], was)
		p.setLoad(f.Verb, clientLoad{id, f.Rate, f.Process})
	}
}

// changeBack ends a change.
func (p *player) changeBack(f *firing) {
	for _, was := range p.undone[f.Action] {
		p.setLoad(f.Verb, was)
	}
	delete(p.undone, f.Action)
}

// loadNow is what a client does now; ok is false for one that the action does not change.
func (p *player) loadNow(f *firing, id model.NodeID) (now clientLoad, ok bool) {
	now.node = id
	if i := slices.Index(p.consumers, id); i >= 0 {
		now.process = p.consumerOf[i].Process
		if pace, changed := p.paces[id]; changed {
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

// setLoad has a client do so much from now on, also when it is started again.
func (p *player) setLoad(verb string, l clientLoad) {
	fault := model.Fault{Verb: verb, Node: l.node}
	if slices.Contains(p.consumers, l.node) {
		fault.Detail = "process " + l.process.String()
		p.world.Fault(fault)
		p.paces[l.node] = l.process
		if p.world.Running(l.node) {
			p.world.Command(l.node, &client.SetProcessTime{Time: l.process})
		}
		return
	}
	for _, w := range p.producers {
		if w.node != l.node {
			continue
		}
		fault.Detail = "rate " + l.rate.String()
		p.world.Fault(fault)
		if w.rate = l.rate; p.world.Running(l.node) {
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
	if a.Verb == "change" {
		d.completeChange(a)
	}
	if a.Verb != "send" || a.Partition.Topic == "" {
		return
	}
	for i := range s.Producers {
		if p := &s.Producers[i]; a.targets("producer-"+p.Name) && p.Topic != a.Partition.Topic {
			d.failAt(a.pos, "", "producer %q writes to topic %q, and not to %s", p.Name, p.Topic, a.Partition)
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
