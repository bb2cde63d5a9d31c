package controller

import (
	"sandcastle/broker/chain"
	"sandcastle/model"
)

// SetUncleanLeaderElection changes unclean.leader.election.enable for topics that do not set it
// themselves. Once it is allowed, partitions that wait for a replica in sync get a leader
// (KafkaController.enableDefaultUncleanLeaderElection, 3.9).
func (c *Controller) SetUncleanLeaderElection(out *model.Effects, enabled bool) {
	was := c.partitions.unclean
	c.partitions.unclean = enabled
	if enabled && !was {
		c.OnUncleanAllowed(out)
	}
}

// OnUncleanAllowed is called when a topic begins to allow unclean leader election
// (KafkaController.enableTopicUncleanLeaderElection, 3.9).
func (c *Controller) OnUncleanAllowed(out *model.Effects) {
	if !c.active {
		return
	}
	c.enqueue(out, chain.New("unclean elections", c.partitions.electAll(),
		chain.Action("send", c.batch.flush)))
}
