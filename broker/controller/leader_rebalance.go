package controller

import (
	"slices"
	"time"

	"sandcastle/broker/chain"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// rebalanceDelay is how long after its election a controller checks for the first time whether
// leaders are the preferred ones (KafkaController.onControllerFailover, 3.9).
const rebalanceDelay = 5 * time.Second

// leaderRebalance gives leadership back to preferred replicas from time to time
// (auto.leader.rebalance.enable).
type leaderRebalance struct {
	interval   time.Duration // 0 is never
	percentage int64         // of a broker's preferred partitions that others may lead
	timer      model.Timer
	cluster    *cluster
}

// arm sets the time of the next check.
func (r *leaderRebalance) arm(out *model.Effects, in time.Duration) {
	if r.interval > 0 {
		out.SetTimer(r.timer, out.Now.Add(in))
	}
}

// imbalanced lists the partitions whose preferred leader could lead and does not, on brokers where
// these are more than percentage of all that prefer it.
func (r *leaderRebalance) imbalanced() []*partition {
	prefer, away := map[kafka.BrokerID]int64{}, map[kafka.BrokerID][]*partition{}
	for _, p := range r.cluster.partitions(func(t *topic, p *partition) bool {
		return t.deletion == nil && p.hasState()
	}) {
		id := p.assignment.Replicas[0]
		prefer[id]++
		if p.state.Leader != id {
			away[id] = append(away[id], p)
		}
	}
	var list []*partition
	for _, b := range r.cluster.brokers {
		if int64(len(away[b.ID]))*100 <= r.percentage*prefer[b.ID] {
			continue
		}
		for _, p := range away[b.ID] {
			if r.cluster.eligible(p)(b.ID) && slices.Contains(p.state.ISR, b.ID) {
				list = append(list, p)
			}
		}
	}
	return list
}

// onRebalanceTimer elects the preferred replicas of brokers that lead too few of those that prefer
// them (KafkaController.checkAndTriggerAutoLeaderRebalance, 3.9).
func (c *Controller) onRebalanceTimer(out *model.Effects) {
	if !c.active {
		return
	}
	c.rebalance.arm(out, c.rebalance.interval)
	c.enqueue(out, chain.NewLazy("leader rebalance", func() chain.Step {
		return c.partitions.elect(preferredLeader, c.rebalance.imbalanced(), electionCodes{})
	}))
}
