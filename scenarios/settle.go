package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"sandcastle/broker/client"
	"sandcastle/broker/log"
	"sandcastle/broker/replica"
	"sandcastle/broker/zookeeper"
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

// waiting is somebody who waits for something, and why it does not come.
type waiting struct{ who, what string }

// mostReasons is how many reasons the finding of a stuck run tells.
const mostReasons = 4

// stuck is the finding of a run that did not come to rest: who waits for what.
func (p *player) stuck() kafka.Finding {
	reasons := p.reasons()
	if len(reasons) == 0 {
		reasons = []waiting{{"", "nobody waits for anything now, but the time was over"}}
	}
	f := kafka.Finding{Anomaly: kafka.Stuck, Count: 1}
	var told []string
	for _, r := range reasons[:min(len(reasons), mostReasons)] {
		told = append(told, strings.TrimSpace(r.who+" "+r.what))
		f.Witnesses = append(f.Witnesses, kafka.Witness{
			Op: -1, At: p.world.Now(), Who: r.who, Text: r.what,
		})
	}
	if more := len(reasons) - mostReasons; more > 0 {
		told = append(told, fmt.Sprintf("and %d more wait", more))
	}
	why := fmt.Sprintf("the run did not come to rest in %v after every fault had ended", p.s.Settle)
	if ended := p.exhausted(); ended != "" {
		why = ended
	}
	f.Explanation = why + ": " + strings.Join(told, "; ")
	return f
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
func (p *player) reasons() (list []waiting) {
	if !p.world.Running(zooKeeperNode) {
		list = append(list, waiting{string(zooKeeperNode), "does not run, and the brokers wait for it"})
	} else if len(p.controllers()) == 0 {
		list = append(list, waiting{"the cluster", "has no controller: no broker holds its node in " +
			"ZooKeeper"})
	}
	for i := range p.s.Topics {
		for n := range p.partitions(&p.s.Topics[i]) {
			tp := kafka.TopicPartition{Topic: p.s.Topics[i].Name, Partition: int32(n)}
			if !p.whole(tp) {
				list = append(list, p.whyNotWhole(tp)...)
			}
		}
	}
	list = append(list, p.openSends()...)
	if c, ok := p.world.Process(finalReader).(*client.Consumer); ok {
		for _, tp := range c.Unreached() {
			what := fmt.Sprintf("has not read %s to the end: it has no position there yet", tp)
			if at, known := c.Position(tp); known {
				what = fmt.Sprintf("has not read %s to the end: it waits for offset %d", tp, at)
			}
			list = append(list, waiting{string(finalReader), what})
		}
	}
	return list
}

// whyNotWhole says why the replicas of a partition are not all in sync and committed.
func (p *player) whyNotWhole(tp kafka.TopicPartition) (list []waiting) {
	leaders := p.leaders(tp)
	if len(leaders) == 0 {
		return []waiting{p.whyNoLeader(tp)}
	}
	lead, _ := p.broker(leaders[0]).Replicas().Position(tp)
	view, _ := p.broker(leaders[0]).Replicas().View(tp, lead.LogEnd)
	following := 0
	for _, id := range p.brokers {
		b := p.broker(id)
		if b == nil || id == leaders[0] {
			continue
		}
		f, follows := b.Replicas().Following(tp)
		if !follows {
			continue
		}
		following++
		at, _ := b.Replicas().Position(tp)
		if at.LogEnd == lead.LogEnd && slices.Contains(view.ISR, b.ID()) && f.Obstacle == nil {
			continue
		}
		list = append(list, waiting{string(id), whyBehind(tp, f, at, lead, leaders[0])})
	}
	if missing := lead.Replicas - 1 - following; missing > 0 {
		what := fmt.Sprintf("leads %s with %d replicas, of which %d do not follow it: their brokers do "+
			"not run, or were not told to", tp, lead.Replicas, missing)
		list = append(list, waiting{string(leaders[0]), what})
	}
	if len(list) == 0 {
		list = append(list, waiting{string(leaders[0]), fmt.Sprintf("leads %s with log end %d and high "+
			"watermark %d, and waits for its followers to fetch once more, or for the in-sync set to grow "+
			"from %d to %d", tp, lead.LogEnd, lead.HighWatermark, lead.InSync, lead.Replicas)})
	}
	return list
}

// whyBehind says what keeps a follower from being in sync.
func whyBehind(tp kafka.TopicPartition, f replica.Following, at, lead replica.Position,
	leader model.NodeID,
) string {
	var early *log.UnexpectedOffsetError
	switch {
	case errors.As(f.Obstacle, &early):
		return fmt.Sprintf("cannot append %d…%d of %s at its log end %d: %s, whose log ends at %d, "+
			"sends whole batches", early.Offset, early.Last, tp, early.End, leader, lead.LogEnd)
	case f.Obstacle != nil:
		return fmt.Sprintf("gets no further than offset %d of %s: %s", at.LogEnd, tp, f.Obstacle)
	case at.LogEnd == lead.LogEnd:
		return fmt.Sprintf("holds %s to its end at %d, and waits to be taken into the in-sync set by %s",
			tp, at.LogEnd, leader)
	default:
		return fmt.Sprintf("holds %s to offset %d, its leader %s to %d: it %s", tp, at.LogEnd, leader,
			lead.LogEnd, f.Doing)
	}
}

// whyNoLeader says why nobody leads a partition.
func (p *player) whyNoLeader(tp kafka.TopicPartition) waiting {
	zk, running := p.world.Process(zooKeeperNode).(*zookeeper.Server)
	if !running {
		return waiting{tp.String(), "has no leader, and ZooKeeper cannot be asked"}
	}
	state, known := p.partitionState(zk, tp)
	switch {
	case !known:
		return waiting{tp.String(), "was never created: the controller has written no state of it"}
	case state.Leader == kafka.NoBroker:
		return waiting{tp.String(), fmt.Sprintf("has no leader: of its in-sync set %v nobody is there, "+
			"and others may not lead", state.ISR)}
	default:
		return waiting{fmt.Sprintf("broker-%d", state.Leader), fmt.Sprintf("was elected leader of %s in "+
			"epoch %d and does not lead it yet", tp, state.Epoch)}
	}
}

// openSends says of producers what they wait for.
func (p *player) openSends() (list []waiting) {
	for _, w := range p.producers {
		c, ok := p.world.Process(w.node).(*client.Producer)
		if !ok || !p.world.Running(w.node) || c.Done() {
			continue
		}
		open, told := p.recorder.openSends(w.node)
		for _, o := range open {
			what := fmt.Sprintf("waits for the acknowledgement of %d records of %s", o.n, o.tp)
			for _, id := range p.leaders(o.tp) {
				at, _ := p.broker(id).Replicas().Position(o.tp)
				view, _ := p.broker(id).Replicas().View(o.tp, at.LogEnd)
				if w.cfg.Acks == "all" && len(view.ISR) < view.MinISR {
					what += fmt.Sprintf(": %d replicas are in sync, and min.insync.replicas is %d", len(view.ISR),
						view.MinISR)
				}
			}
			list = append(list, waiting{string(w.node), what})
		}
		if told == 0 {
			list = append(list, waiting{string(w.node), "has records that it does not know where to send: " +
				"it waits for metadata, or for a producer id"})
		}
	}
	return list
}
