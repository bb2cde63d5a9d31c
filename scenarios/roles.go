package scenarios

import (
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
		return p.brokers
	case "all":
		// The admin client and the final reader are the runner's own, and no part of the story.
		return slices.Concat([]model.NodeID{zooKeeperNode}, p.brokers, p.producerNodes(), p.consumers)
	case "controller":
		return p.controllers()
	case "leader":
		return p.leaders(mustPartition(r.Arg))
	case "follower":
		if f := p.followers(mustPartition(r.Arg)); len(f) > 0 {
			return f[:1]
		}
		return nil
	case "followers":
		return p.followers(mustPartition(r.Arg))
	case "coordinator":
		return p.leaders(p.offsetsPartition(r.Arg))
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
	n := (len(p.brokers) - 1) / 2
	rest := slices.Clone(p.brokers)
	var out []model.NodeID
	for range n {
		i := int(p.rand.Below(uint64(len(rest))))
		out = append(out, rest[i])
		rest = slices.Delete(rest, i, i+1)
	}
	slices.Sort(out)
	return out
}
