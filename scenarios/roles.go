package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

func rolesText(roles []Role) string {
	words := make([]string, len(roles))
	for i, r := range roles {
		words[i] = r.text
	}
	return strings.Join(words, ", ")
}

// resolveAll names the nodes that roles mean at this moment, each once, in order.
func (p *player) resolveAll(roles []Role) []model.NodeID {
	var ids []model.NodeID
	for _, r := range roles {
		for _, id := range p.resolve(r) {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

func (p *player) resolve(r Role) []model.NodeID {
	switch r.Kind {
	case "node":
		return []model.NodeID{model.NodeID(r.Arg)}
	case "zookeeper":
		return []model.NodeID{zooKeeperNode}
	case "brokers":
		return p.cluster.Brokers
	case "all":
		// The admin client and the final reader are the runner's own, and no part of the story.
		return slices.Concat([]model.NodeID{zooKeeperNode}, p.cluster.Brokers, p.producerNodes(),
			p.consumers)
	case "controller":
		return p.cluster.Controllers()
	case "leader":
		return p.cluster.Leaders(mustPartition(r.Arg))
	case "follower":
		if f := p.cluster.Followers(mustPartition(r.Arg)); len(f) > 0 {
			return f[:1]
		}
		return nil
	case "last-in-sync":
		return p.cluster.LastInSync(mustPartition(r.Arg))
	case "followers":
		return p.cluster.Followers(mustPartition(r.Arg))
	case "coordinator":
		return p.cluster.Leaders(p.offsetsPartition(r.Arg))
	case "minority":
		return p.minority()
	default:
		panic("scenarios: no role " + r.Kind)
	}
}

func (p *player) producerNodes() []model.NodeID {
	ids := make([]model.NodeID, len(p.producers))
	for i, w := range p.producers {
		ids[i] = w.node
	}
	return ids
}

func mustPartition(s string) kafka.TopicPartition {
	tp, ok := kafka.ParseTopicPartition(s)
	if !ok {
		panic("scenarios: " + s + " is no partition")
	}
	return tp
}

// minority draws fewer than half of the brokers.
func (p *player) minority() []model.NodeID {
	n := (len(p.cluster.Brokers) - 1) / 2
	rest := slices.Clone(p.cluster.Brokers)
	var out []model.NodeID
	for range n {
		i := int(p.rand.Below(uint64(len(rest))))
		out = append(out, rest[i])
		rest = slices.Delete(rest, i, i+1)
	}
	slices.Sort(out)
	return out
}

// species are the sorts of nodes, as a set: a verb's row says which of them it can be done to.
type species uint8

const (
	aBroker species = 1 << iota
	aZooKeeper
	aProducer
	aConsumer

	aServer = aBroker | aZooKeeper // what has a disk
	aClient = aProducer | aConsumer
	anyNode = aServer | aClient
)

// String names the set in the plural, as in "brokers" or "producers and consumers".
func (s species) String() string {
	var words []string
	for i, word := range [...]string{"brokers", "ZooKeeper", "producers", "consumers"} {
		if s&(1<<i) != 0 {
			words = append(words, word)
		}
	}
	return strings.Join(words, " and ")
}

// speciesOf is the sort of a node, by its name.
func speciesOf(id string) species {
	kind, _, _ := strings.Cut(id, "-")
	return map[string]species{
		"broker": aBroker, "zookeeper": aZooKeeper, "producer": aProducer, "consumer": aConsumer,
	}[kind]
}

// stands is what a role can stand for.
func (r Role) stands() species {
	switch r.Kind {
	case "node":
		return speciesOf(r.Arg)
	case "zookeeper":
		return aZooKeeper
	case "all":
		return anyNode
	default:
		return aBroker
	}
}

// species are the nodes that the verb can be done to.
func (v *verb) species() species {
	if v.of == 0 {
		return anyNode
	}
	return v.of
}

// takers are the nodes that the targets of a verb mean now. Of `all` it takes those to which it can
// be done: to fill the disks of all is no mistake, and leaves out who has none.
func (p *player) takers(v *verb, targets []Role) []model.NodeID {
	return slices.DeleteFunc(p.resolveAll(targets), func(id model.NodeID) bool {
		return speciesOf(string(id))&v.species() == 0
	})
}

// completeTarget refuses a target to which the verb cannot be done.
func (d *decoder) completeTarget(v *verb, r Role) {
	is := r.stands()
	if is&v.species() != 0 {
		return
	}
	noun := map[species]string{
		aBroker: "a broker", aZooKeeper: "ZooKeeper", aProducer: "a producer", aConsumer: "a consumer",
	}[is]
	hint := v.instead
	if hint == "" {
		hint = map[species]string{
			aBroker: "name a broker, such as broker-1 or leader(orders-0)", aProducer: "name a producer",
			aConsumer: "name a consumer, such as consumer-1",
		}[v.species()]
	}
	d.failAt(r.pos, hint, "%s is done to %s, and %s is %s", v.name, v.species(), r.text, noun)
}

// completeRole checks that a role can exist in this scenario.
func (d *decoder) completeRole(s *Scenario, r Role, topics map[string]*Topic) {
	byPartition := []string{"leader", "follower", "followers", "last-in-sync"}
	if tp, ok := kafka.ParseTopicPartition(r.Arg); ok && slices.Contains(byPartition, r.Kind) {
		if t := topics[tp.Topic]; t == nil || int(tp.Partition) >= s.mostPartitions(t) {
			d.failAt(r.pos, "", "%s: there is no partition %s", r.text, tp)
		}
	}
	if r.Kind != "node" {
		return
	}
	nodes := nodeNames(s)
	if !slices.Contains(nodes, r.Arg) {
		hint := "nodes are " + strings.Join(nodes, ", ")
		if near := model.DidYouMean(r.Arg, nodes); near != "" {
			hint = near
		}
		d.failAt(r.pos, hint, "no node is called %q", r.Arg)
	}
}

// nodeNames lists every node of the run.
func nodeNames(s *Scenario) []string {
	names := []string{"zookeeper-1"}
	for i := range s.Cluster.Brokers {
		names = append(names, fmt.Sprintf("broker-%d", i+1))
	}
	for i := range s.Producers {
		names = append(names, "producer-"+s.Producers[i].Name)
	}
	n := 0
	for i := range s.Consumers {
		for range s.Consumers[i].Members {
			n++
			names = append(names, fmt.Sprintf("consumer-%d", n))
		}
	}
	return names
}
