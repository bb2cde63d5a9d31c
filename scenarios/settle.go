package scenarios

import (
	"sandcastle/broker/client"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

const finalReader model.NodeID = "final-reader"

// settle ends the faults, waits until the cluster is whole and every send has its outcome, and
// reads every partition once more from the beginning. p.settled stays false when that takes too
// long.
func (p *player) settle() {
	p.heal()
	limit := p.world.Now().Add(p.s.Settle)
	if !p.waitFor(p.atRest, limit) {
		return
	}
	p.readAll()
	p.settled = p.waitFor(p.allRead, p.world.Now().Add(p.s.Settle))
}

// waitFor runs the world until done, looking now and then, because a look costs more than an event.
func (p *player) waitFor(done func() bool, limit model.Time) bool {
	for !done() {
		if p.world.Now() >= limit || p.world.Exhausted() {
			return false
		}
		p.world.Run(min(limit, p.world.Now().Add(settleStep)))
	}
	return true
}

// heal undoes every fault: links are whole, paused nodes go on, dead servers start again. Clients
// that died stay dead.
func (p *player) heal() {
	p.healing = true
	p.world.HealAll()
	p.startServers()
	for _, id := range p.world.Nodes() {
		p.world.Resume(id)
	}
}

// startServers starts every server that is down.
func (p *player) startServers() {
	for _, id := range append([]model.NodeID{zooKeeperNode}, p.brokers...) {
		if !p.world.Running(id) {
			p.world.Start(id)
		}
	}
}

// atRest tells whether every send has an outcome, and every replica of every topic of the scenario
// holds and has committed all that its leader holds.
func (p *player) atRest() bool {
	p.startServers() // a broker that was told to shut down before the end may do so after it
	for _, w := range p.producers {
		// A send that waits for metadata is not in the history yet.
		c, ok := p.world.Process(w.node).(*client.Producer)
		if ok && p.world.Running(w.node) && !c.Done() {
			return false
		}
	}
	for i := range p.s.Topics {
		t := &p.s.Topics[i]
		for n := range p.partitions(t) {
			if !p.whole(kafka.TopicPartition{Topic: t.Name, Partition: int32(n)}) {
				return false
			}
		}
	}
	return true
}

// whole tells whether tp has a leader and all its replicas are in the ISR and end alike.
func (p *player) whole(tp kafka.TopicPartition) bool {
	leaders := p.leaders(tp)
	if len(leaders) == 0 {
		return false
	}
	lead, _ := p.broker(leaders[0]).Replicas().Position(tp)
	followers := p.followers(tp)
	if lead.InSync < lead.Replicas || len(followers) < lead.Replicas-1 {
		return false
	}
	for _, id := range followers {
		at, ok := p.broker(id).Replicas().Position(tp)
		if !ok || at.LogEnd != lead.LogEnd || at.HighWatermark != lead.HighWatermark {
			return false
		}
	}
	return lead.HighWatermark == lead.LogEnd
}

// readAll starts a fresh consumer that reads everything.
func (p *player) readAll() {
	var all []kafka.TopicPartition
	for i := range p.s.Topics {
		for n := range p.partitions(&p.s.Topics[i]) {
			all = append(all, kafka.TopicPartition{Topic: p.s.Topics[i].Name, Partition: int32(n)})
		}
	}
	p.add(finalReader, false, false, func(boot model.Boot) model.Process {
		return client.NewConsumer(boot, client.ConsumerConfig{
			Bootstrap: p.bootstrap(), Assign: all, AutoOffsetReset: "earliest", FinalRead: true,
		})
	})
	p.world.Start(finalReader)
}

func (p *player) allRead() bool {
	p.startServers() // as in atRest: the shutdown may take until now
	c, ok := p.world.Process(finalReader).(*client.Consumer)
	return ok && c.CaughtUp()
}
