package controller

import "sandcastle/model"

// SetUncleanLeaderElection changes unclean.leader.election.enable for topics that say nothing of
// their own. Once it is allowed, partitions that wait for a replica in sync get a leader
// (KafkaController.enableDefaultUncleanLeaderElection, 3.9).
func (c *Controller) SetUncleanLeaderElection(out *model.Effects, enabled bool) {
	was := c.cfg.UncleanLeaderElection
	c.cfg.UncleanLeaderElection = enabled
	if enabled && !was {
		c.OnUncleanAllowed(out)
	}
}

// OnUncleanAllowed is told that a topic allows unclean leader election now
// (KafkaController.enableTopicUncleanLeaderElection, 3.9).
func (c *Controller) OnUncleanAllowed(out *model.Effects) {
	if !c.active {
		return
	}
	c.enqueue(out, event{run: func(out *model.Effects) {
		c.electAll(out, func(out *model.Effects) {
			c.flush(out)
			c.finish(out)
		})
	}})
}
