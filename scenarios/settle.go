package scenarios

import (
	"fmt"
	"slices"

	"sandcastle/broker/client"
	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/scenarios/cluster"
)

const finalReader model.NodeID = "final-reader"

// settle ends the faults, waits until the cluster is whole and every send has its outcome, and
// reads every partition once more from the beginning. p.settled stays false when that takes too
// long.
func (p *player) settle() {
	if len(p.s.Core) > 0 {
		if f := (groupRest{p}).settleCore(); f != nil {
			p.unrest = append(p.unrest, *f)
		}
	}
	p.heal()
	limit := p.world.Now().Add(p.s.Settle)
	if !p.waitFor(p.atRest, limit) {
		return
	}
	if len(p.s.Core) > 0 {
		p.unrest = append(p.unrest, groupRest{p}.settleWhole()...)
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
	liftForbidden(p)
}

// startServers starts every server that is down.
func (p *player) startServers() {
	for _, id := range append([]model.NodeID{zooKeeperNode}, p.cluster.Brokers...) {
		if !p.world.Running(id) {
			p.world.Start(id)
		}
	}
}

// atRest tells whether every send has an outcome, and all that operators asked for; and whether
// every replica of every topic of the scenario holds and has committed all that its leader holds.
func (p *player) atRest() bool {
	p.startServers() // a broker that was told to shut down before the end may do so after it
	if probe, ok := p.world.Process(probeNode).(*client.Producer); ok && !probe.Done() {
		return false
	}
	for _, w := range p.producers {
		// A send that waits for metadata is not in the history yet.
		c, ok := p.world.Process(w.node).(*client.Producer)
		if ok && p.world.Running(w.node) && !c.Done() {
			return false
		}
	}
	if a, ok := p.world.Process(adminNode).(*client.Admin); ok && !a.Done() {
		return false
	}
	for i := range p.s.Topics {
		t := &p.s.Topics[i]
		if p.cluster.Deleting(t.Name) {
			return false
		}
		for n := range p.topics.Partitions(t.Name) {
			if !p.cluster.Whole(kafka.TopicPartition{Topic: t.Name, Partition: int32(n)}) {
				return false
			}
		}
	}
	return true
}

// losesData tells whether the timeline has disks lose what was written to them.
func losesData(s *Scenario) bool {
	return slices.ContainsFunc(s.Timeline, func(a Action) bool {
		return a.Verb == "tear" || kafka.FaultKindOf(a.Verb).LosesData
	})
}

// readAll starts a fresh consumer that reads everything.
func (p *player) readAll() {
	var all []kafka.TopicPartition
	for i := range p.s.Topics {
		for n := range p.topics.Partitions(p.s.Topics[i].Name) {
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

// mostReasons is how many reasons the finding of a stuck run tells.
const mostReasons = 4

// stuck is the finding of a run that did not come to rest: who waits for what.
func (p *player) stuck() kafka.Finding {
	reasons := p.reasons()
	if len(reasons) == 0 {
		reasons = []cluster.Waiting{{What: "nobody waits for anything now, but the time was over"}}
	}
	why := fmt.Sprintf("the run did not come to rest in %v after every fault had ended", p.s.Settle)
	if p.world.Exhausted() {
		why = fmt.Sprintf("the run was ended after %d events, at %s of virtual time", p.world.Events(),
			p.world.Now())
	}
	return waitingFinding(kafka.Stuck, reasons, p.world.Now(), why)
}

// withStuck adds the finding of a run that did not come to rest. Its last reads did not end, so
// that what nobody had read by then follows from it.
func withStuck(findings []kafka.Finding, stuck kafka.Finding) []kafka.Finding {
	at := slices.IndexFunc(findings, func(f kafka.Finding) bool {
		return f.Anomaly == kafka.Unseen && len(f.Follows) == 0
	})
	if at >= 0 {
		stuck.Follows = []kafka.Consequence{{Anomaly: kafka.Unseen, Count: findings[at].Count}}
		findings = slices.Delete(findings, at, at+1)
	}
	return append(findings, stuck)
}

// reasons says of everything that the end waits for why it is not there, causes before what they
// hold up: the controller, replicas, sends, the last reads.
func (p *player) reasons() (list []cluster.Waiting) {
	list = p.cluster.WhyNoController()
	if a, ok := p.world.Process(adminNode).(*client.Admin); ok && !a.Done() {
		list = append(list, cluster.Waiting{
			Who: string(adminNode), What: "waits for an answer to what operators ask",
		})
	}
	for i := range p.s.Topics {
		if name := p.s.Topics[i].Name; p.cluster.Deleting(name) {
			list = append(list, cluster.Waiting{What: name + " is to be deleted, and is still there"})
		}
		for n := range p.topics.Partitions(p.s.Topics[i].Name) {
			tp := kafka.TopicPartition{Topic: p.s.Topics[i].Name, Partition: int32(n)}
			if !p.cluster.Whole(tp) {
				list = append(list, p.cluster.WhyNotWhole(tp)...)
			}
		}
	}
	for _, o := range p.openSends() {
		list = append(list, o.Waiting)
	}
	if c, ok := p.world.Process(finalReader).(*client.Consumer); ok {
		for _, tp := range c.Unreached() {
			what := fmt.Sprintf("has not read %s to the end: it has no position there yet", tp)
			if at, known := c.Position(tp); known {
				what = fmt.Sprintf("has not read %s to the end: it waits for offset %d", tp, at)
			}
			list = append(list, cluster.Waiting{Who: string(finalReader), What: what})
		}
	}
	return list
}

// openSend is a producer that waits for the outcome of sends to a partition, or of what it does not
// know where to send: its TP is empty.
type openSend struct {
	cluster.Waiting
	TP kafka.TopicPartition
}

// openSends says of producers what they wait for.
func (p *player) openSends() (list []openSend) {
	for _, w := range p.producers {
		c, ok := p.world.Process(w.node).(*client.Producer)
		if !ok || !p.world.Running(w.node) || c.Done() {
			continue
		}
		open, told := p.recorder.OpenSends(w.node)
		for _, o := range open {
			what := fmt.Sprintf("waits for the acknowledgement of %d records of %s", o.Records, o.TP)
			for _, id := range p.cluster.Leaders(o.TP) {
				at, _ := p.cluster.Broker(id).Replicas().Position(o.TP)
				view, _ := p.cluster.Broker(id).Replicas().View(o.TP, at.LogEnd)
				if w.cfg.Acks == "all" && len(view.ISR) < view.MinISR {
					what += fmt.Sprintf(": %d replicas are in sync, and min.insync.replicas is %d", len(view.ISR),
						view.MinISR)
				}
			}
			list = append(list, openSend{cluster.Waiting{Who: string(w.node), What: what}, o.TP})
		}
		if told == 0 {
			list = append(list, openSend{Waiting: cluster.Waiting{Who: string(w.node), What: "has records " +
				"that it does not know where to send: it waits for metadata, or for a producer id"}})
		}
	}
	return list
}
