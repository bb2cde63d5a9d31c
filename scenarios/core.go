package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"sandcastle/broker/client"
	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/scenarios/cluster"
)

// probeNode sends one record to each partition that the healed core must be able to serve.
const probeNode model.NodeID = "probe-1"

// core is the part of the servers that is healed first.
type core struct {
	p      *player
	inside map[model.NodeID]bool // servers
	probed []kafka.TopicPartition
}

// completeCore refuses a core that could do nothing.
func (d *decoder) completeCore(s *Scenario) {
	if len(s.Core) == 0 {
		return
	}
	var is species
	for _, r := range s.Core {
		if r.Kind != "node" && r.Kind != "zookeeper" && r.Kind != "brokers" {
			d.failAt(r.pos, "name servers, such as zookeeper and broker-1",
				"%s is another one at another time, and a core is the same all the time", r.text)
			return
		}
		d.completeRole(s, r, nil)
		if r.stands()&aServer == 0 {
			d.failAt(r.pos, "leave it out: clients always belong to the core", "%s is no server", r.text)
		}
		is |= r.stands()
	}
	switch {
	case is&aZooKeeper == 0:
		d.failAt(s.Core[0].pos, "add zookeeper", "a core without ZooKeeper elects nobody")
	case is&aBroker == 0:
		d.failAt(s.Core[0].pos, "add a broker, such as broker-1", "a core without a broker serves nobody")
	}
}

// settleCore heals the core alone, and waits until it has done what it can. It returns the finding
// of one that does not come to rest, nil when it does.
func (p groupRest) settleCore() *kafka.Finding {
	c := &core{p: p.player, inside: map[model.NodeID]bool{}}
	for _, id := range p.resolveAll(p.s.Core) {
		c.inside[id] = true
	}
	p.healing = true
	p.world.HealAmong(c.holds)
	for _, id := range p.world.Nodes() {
		if c.holds(id) {
			p.world.Resume(id)
		}
	}
	liftForbidden(p.player)
	c.start()
	limit := p.world.Now().Add(max(p.s.Settle, p.joinWait))
	began := p.world.Now()
	rested := p.waitFor(func() bool { c.start(); return len(c.reasons()) == 0 }, limit)
	if rested && len(c.able()) > 0 {
		c.probe()
		p.world.Run(p.world.Now().Add(settleStep))
		rested = p.waitFor(func() bool {
			c.start()
			return len(c.unproven()) == 0
		}, p.world.Now().Add(p.s.Settle))
	}
	if rested {
		return nil
	}
	reasons := append(c.reasons(), c.unproven()...)
	f := waitingFinding(kafka.StuckCore, reasons, p.world.Now(), fmt.Sprintf(
		"the core (%s) was whole for %v, and did not come to rest", rolesText(p.s.Core),
		p.world.Now().Sub(began)))
	return &f
}

// holds tells whether a node is in the core: a server of it, or any client.
func (c *core) holds(id model.NodeID) bool {
	return c.inside[id] || speciesOf(string(id))&aServer == 0
}

// start starts the core's servers that are down.
func (c *core) start() {
	for _, id := range c.servers() {
		if !c.p.world.Running(id) {
			c.p.world.Start(id)
		}
	}
}

// servers are those of the core, ZooKeeper first.
func (c *core) servers() (list []model.NodeID) {
	for _, id := range slices.Concat([]model.NodeID{zooKeeperNode}, c.p.cluster.Brokers) {
		if c.inside[id] {
			list = append(list, id)
		}
	}
	return list
}

// able are the partitions that the core serves by itself: its elected leader is in it and knows
// so, enough replicas are in sync, and of those outside it the controller can be told when they do
// not follow.
func (c *core) able() (list []kafka.TopicPartition) {
	for _, tp := range c.p.partitions() {
		if c.serves(tp) {
			list = append(list, tp)
		}
	}
	return list
}

func (c *core) serves(tp kafka.TopicPartition) bool {
	state, known := c.p.cluster.PartitionState(tp)
	if !known || !c.leads(state, tp) || c.p.cluster.Deleting(tp.Topic) {
		return false
	}
	controller, controlled := c.p.cluster.ElectedController()
	if !controlled || !c.inside[controller] {
		for _, id := range state.ISR {
			if !c.inside[c.p.cluster.Node(id)] {
				return false
			}
		}
	}
	replicas := c.p.cluster.Broker(c.p.cluster.Node(state.Leader)).Replicas()
	at, _ := replicas.Position(tp)
	view, _ := replicas.View(tp, at.LogEnd)
	return len(view.ISR) >= view.MinISR
}

// leads tells whether the elected leader of a partition is in the core and leads it in the epoch
// of its election.
func (c *core) leads(state kafka.PartitionState, tp kafka.TopicPartition) bool {
	leader := c.p.cluster.Node(state.Leader)
	if state.Leader == kafka.NoBroker || !c.inside[leader] {
		return false
	}
	b := c.p.cluster.Broker(leader)
	if b == nil {
		return false
	}
	epoch, leads := b.Replicas().Leads(tp)
	return leads && epoch == state.Epoch
}

// reasons says what the core waits for, of what it can do without the others. While the controller
// is outside, nothing can be demanded of elections: it may hear some and not others.
func (c *core) reasons() (list []cluster.Waiting) {
	controller, known := c.p.cluster.ElectedController()
	switch {
	case !known:
		return append(c.p.cluster.WhyNoController(), cluster.Waiting{
			Who: "the core", What: "has no controller"})
	case !c.inside[controller]:
		return nil
	}
	for _, tp := range c.p.partitions() {
		list = append(list, c.whyUnled(tp)...)
	}
	for _, w := range c.p.openSends() {
		if w.TP.Topic != "" && c.serves(w.TP) {
			list = append(list, w.Waiting)
		}
	}
	for _, group := range (groupRest{c.p}).groups() {
		if c.serves(c.p.offsetsPartition(group)) {
			list = append(list, groupRest{c.p}.whyUnstable(group)...)
		}
	}
	return list
}

// whyUnled says why a partition that the core could lead has no leader, or one without its
// followers in the core.
func (c *core) whyUnled(tp kafka.TopicPartition) []cluster.Waiting {
	state, known := c.p.cluster.PartitionState(tp)
	if !known || c.p.cluster.Deleting(tp.Topic) {
		return nil // it is not there yet, or not any more, or waits for those outside to go
	}
	if state.Leader == kafka.NoBroker {
		for _, id := range state.ISR {
			if node := c.p.cluster.Node(id); c.inside[node] {
				return []cluster.Waiting{{Who: tp.String(), What: fmt.Sprintf(
					"has no leader, although %s of its in-sync set %v is there", node, state.ISR)}}
			}
		}
		return nil
	}
	leader := c.p.cluster.Node(state.Leader)
	if c.inside[leader] && !c.leads(state, tp) {
		return []cluster.Waiting{{Who: string(leader), What: fmt.Sprintf(
			"was elected leader of %s in epoch %d and does not lead it yet", tp, state.Epoch)}}
	}
	return nil
}

// probe sends one record to every partition that the core serves.
func (c *core) probe() {
	p := c.p
	p.add(probeNode, false, false, func(boot model.Boot) model.Process {
		return client.NewProducer(boot, client.ProducerConfig{
			Acks: "all", Bootstrap: p.bootstrap(), DeliveryTimeout: 2 * p.s.Settle,
		})
	})
	p.world.Start(probeNode)
	for _, tp := range c.able() {
		c.probed = append(c.probed, tp)
		value := []byte("probe of " + tp.String()) // and the key: a compacted topic wants one
		p.world.Command(probeNode, &client.Send{
			Topic: tp.Topic, Partition: tp.Partition, Key: value, Value: value,
		})
	}
}

// unproven are the probes that were not acknowledged yet.
func (c *core) unproven() (list []cluster.Waiting) {
	if len(c.probed) == 0 {
		return nil
	}
	probe, ok := c.p.world.Process(probeNode).(*client.Producer)
	if !ok || probe.Done() {
		return nil
	}
	open, _ := c.p.recorder.OpenSends(probeNode)
	for _, o := range open {
		if c.serves(o.TP) {
			list = append(list, cluster.Waiting{Who: string(probeNode), What: fmt.Sprintf(
				"waits for the acknowledgement of a record of %s", o.TP)})
		}
	}
	return list
}

// partitions are those of the scenario's topics.
func (p *player) partitions() (list []kafka.TopicPartition) {
	for i := range p.s.Topics {
		for n := range p.topics.Partitions(p.s.Topics[i].Name) {
			list = append(list, kafka.TopicPartition{Topic: p.s.Topics[i].Name, Partition: int32(n)})
		}
	}
	return list
}

// waitingFinding is a finding with who waits for what as its witnesses.
func waitingFinding(a kafka.Anomaly, reasons []cluster.Waiting, now model.Time, why string,
) kafka.Finding {
	f := kafka.Finding{Anomaly: a, Count: 1}
	var told []string
	for _, r := range reasons[:min(len(reasons), mostReasons)] {
		told = append(told, strings.TrimSpace(r.Who+" "+r.What))
		f.Witnesses = append(f.Witnesses, kafka.Witness{Op: -1, At: now, Who: r.Who, Text: r.What})
	}
	if more := len(reasons) - mostReasons; more > 0 {
		told = append(told, fmt.Sprintf("and %d more wait", more))
	}
	f.Explanation = why + ": " + strings.Join(told, "; ")
	return f
}
