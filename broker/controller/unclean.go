package controller

import "sandcastle/model"

// SetUncleanLeaderElection changes unclean.leader.election.enable for topics that say nothing of
// their own. Once it is allowed, partitions that wait for a replica in sync get a leader
// (KafkaController.enableDefaultUncleanLeaderElection, 3.9).
func (c *Controller) SetUncleanLeaderElection(now model.Time, out *model.Effects, enabled bool) {
	was := c.cfg.UncleanLeaderElection
	c.cfg.UncleanLeaderElection = enabled
	if enabled && !was {
		c.OnUncleanAllowed(now, out)
	}
}

// OnUncleanAllowed is told that a topic allows unclean leader election now
// (KafkaController.enableTopicUncleanLeaderElection, 3.9).
func (c *Controller) OnUncleanAllowed(now model.Time, out *model.Effects) {
	if !c.active {
		return
	}
	c.enqueue(now, out, event{run: func(now model.Time, out *model.Effects) {
		c.electAll(now, out, func(now model.Time, out *model.Effects) {
			c.flush(now, out)
			c.finish(now, out)
		})
	}})
}
