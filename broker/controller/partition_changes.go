package controller

import (
	"slices"

	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// deadBroker names a broker that is not alive and partitions that are assigned to it.
type deadBroker struct {
	id         kafka.BrokerID
	partitions []*partition
}

// readStates refreshes the states of list from ZooKeeper.
func (c *Controller) readStates(out *model.Effects, list []*partition, then next) {
	reads := make([]request, len(list))
	for i, p := range list {
		reads[i] = request{kind: opGet, path: znode.PartitionStatePath(p.tp)}
	}
	c.submit(out, reads, func(out *model.Effects, r []result) {
		for i, p := range list {
			if r[i].code != zookeeper.ErrNone {
				continue
			}
			if s, err := znode.DecodePartitionState(p.tp, r[i].data); err == nil {
				p.state, p.version = s, r[i].stat.Version
			}
		}
		then(out)
	})
}

// electAll elects leaders for every partition that waits for one.
func (c *Controller) electAll(out *model.Effects, then next) {
	fresh, offline := c.ctx.electable()
	c.initialize(out, fresh, func(out *model.Effects) {
		c.elect(out, offline, then)
	})
}

// initialize gives new partitions their first leader and ISR and adds what brokers must hear of it
// to the batch. A partition without a live replica stays new.
func (c *Controller) initialize(out *model.Effects, fresh []*partition, then next) {
	var list []*partition
	var states []znode.PartitionState
	for _, p := range fresh {
		s, ok := initialState(p.assignment.Replicas, c.ctx.onlineFor(p), c.epoch)
		if !ok {
			c.reportOffline(out, p)
			continue
		}
		list, states = append(list, p), append(states, s)
	}
	c.createParents(out, list, func(out *model.Effects) {
		writes := make([]request, len(list))
		for i, p := range list {
			writes[i] = request{kind: opCreate, path: znode.PartitionStatePath(p.tp), guarded: true,
				data: znode.EncodePartitionState(states[i])}
		}
		c.submit(out, writes, func(out *model.Effects, r []result) {
			c.onInitialized(out, list, states, r, then)
		})
	})
}

// createParents makes the nodes above the states of list.
func (c *Controller) createParents(out *model.Effects, list []*partition,
	then next,
) {
	var writes []request
	for i, p := range list {
		if i == 0 || list[i-1].tp.Topic != p.tp.Topic {
			writes = append(writes,
				request{kind: opCreate, path: znode.PartitionsPath(p.tp.Topic), guarded: true})
		}
		writes = append(writes, request{kind: opCreate, path: znode.PartitionPath(p.tp), guarded: true})
	}
	c.submit(out, writes, func(out *model.Effects, _ []result) { then(out) })
}

func (c *Controller) onInitialized(out *model.Effects, list []*partition,
	states []znode.PartitionState, r []result, then next,
) {
	var existing []*partition
	for i, p := range list {
		switch r[i].code {
		case zookeeper.ErrNone:
			c.applyState(p, states[i], 0)
			c.noteLeader(out, p)
			c.batch.addLeaderAndIsr(p, p.state.ISR, true)
		case zookeeper.ErrNodeExists:
			existing = append(existing, p)
		}
	}
	if len(existing) == 0 {
		then(out)
		return
	}
	// An earlier controller wrote the state, or we did and the answer was lost.
	c.readStates(out, existing, func(out *model.Effects) {
		for _, p := range existing {
			c.applyState(p, p.state, p.version)
			c.batch.addLeaderAndIsr(p, p.assignment.Replicas, true)
		}
		then(out)
	})
}

// applyState takes over a state that ZooKeeper has at version.
func (c *Controller) applyState(p *partition, s znode.PartitionState, version int32) {
	p.state, p.version = s, version
	p.phase = partitionOffline
	if c.ctx.online(p, s.Leader) {
		p.phase, p.reported = partitionOnline, false
	}
}

func (c *Controller) noteLeader(out *model.Effects, p *partition) {
	kafka.AddNote(out, kafka.Note{
		Kind: kafka.LeaderElected, Topic: p.tp.Topic, Partition: p.tp.Partition,
		Broker: p.state.Leader, Epoch: p.state.LeaderEpoch, Brokers: slices.Clone(p.state.ISR),
	})
}

// reportOffline notes once that p has no eligible leader.
func (c *Controller) reportOffline(out *model.Effects, p *partition) {
	if p.reported {
		return
	}
	p.reported = true
	kafka.AddNote(out, kafka.Note{
		Kind: kafka.PartitionOffline, Topic: p.tp.Topic, Partition: p.tp.Partition,
		Epoch: p.state.LeaderEpoch, Brokers: slices.Clone(p.state.ISR),
	})
}

// elect finds leaders for partitions whose leader is gone. The state is read first, because the old
// leader may have changed the ISR until its end; a write that is too late all the same is tried
// again (ZkPartitionStateMachine.doElectLeaderForPartitions, 3.9).
func (c *Controller) elect(out *model.Effects, list []*partition, then next) {
	if len(list) == 0 {
		then(out)
		return
	}
	c.readStates(out, list, func(out *model.Effects) {
		c.readUnclean(out, c.withoutLiveISR(list), func(out *model.Effects,
			unclean map[string]bool,
		) {
			c.writeElected(out, list, unclean, then)
		})
	})
}

// withoutLiveISR lists the topics that have a partition with nobody in sync online. In list the
// partitions of a topic stand together.
func (c *Controller) withoutLiveISR(list []*partition) []string {
	var names []string
	for _, p := range list {
		last := len(names) > 0 && names[len(names)-1] == p.tp.Topic
		if !last && !slices.ContainsFunc(p.state.ISR, c.ctx.onlineFor(p)) {
			names = append(names, p.tp.Topic)
		}
	}
	return names
}

// readUnclean looks up which of topics allow unclean leader election, by their own setting or the
// broker's.
func (c *Controller) readUnclean(out *model.Effects, topics []string,
	then func(*model.Effects, map[string]bool),
) {
	reads := make([]request, len(topics))
	for i, name := range topics {
		reads[i] = request{kind: opGet, path: znode.TopicConfigPath(name)}
	}
	c.submit(out, reads, func(out *model.Effects, r []result) {
		unclean := map[string]bool{}
		for i, name := range topics {
			unclean[name] = c.cfg.UncleanLeaderElection
			config, err := znode.DecodeConfig(r[i].data)
			if value, ok := config["unclean.leader.election.enable"]; ok && err == nil {
				unclean[name] = value == "true"
			}
		}
		then(out, unclean)
	})
}

func (c *Controller) writeElected(out *model.Effects, list []*partition,
	unclean map[string]bool, then next,
) {
	var changes []stateChange
	outside := map[*partition]bool{} // whose new leader is not of the ISR
	for _, p := range list {
		if p.state.ControllerEpoch > c.epoch {
			continue // a newer controller's business; ours ends as soon as we write anything
		}
		s, ok := electOffline(p.state, p.assignment.Replicas, c.ctx.onlineFor(p), c.eligible(p),
			unclean[p.tp.Topic])
		if !ok {
			c.reportOffline(out, p)
			continue
		}
		changes = append(changes, stateChange{p, s})
		outside[p] = !slices.Contains(p.state.ISR, s.Leader)
	}
	c.writeStates(out, changes, func(out *model.Effects,
		written, late []*partition,
	) {
		for _, p := range written {
			c.announceLeaders(out, []*partition{p}, outside[p])
		}
		c.elect(out, late, then)
	})
}

// stateChange is a state that is to be written for p.
type stateChange struct {
	p     *partition
	state znode.PartitionState
}

// writeStates writes states at the versions last read and applies those that were written. late are
// the partitions whose leader was faster; their states must be read again.
func (c *Controller) writeStates(out *model.Effects, changes []stateChange,
	then func(out *model.Effects, written, late []*partition),
) {
	writes := make([]request, len(changes))
	for i := range changes {
		changes[i].state.ControllerEpoch = c.epoch
		writes[i] = request{kind: opSet, path: znode.PartitionStatePath(changes[i].p.tp), guarded: true,
			data: znode.EncodePartitionState(changes[i].state), version: changes[i].p.version}
	}
	c.submit(out, writes, func(out *model.Effects, r []result) {
		var written []*partition
		var unsure []stateChange
		for i, change := range changes {
			switch r[i].code {
			case zookeeper.ErrNone:
				c.applyState(change.p, change.state, r[i].stat.Version)
				written = append(written, change.p)
			case zookeeper.ErrBadVersion:
				unsure = append(unsure, change)
			}
		}
		c.findOwnWrites(out, written, unsure, then)
	})
}

// findOwnWrites reads states again that had another version than expected. One that is as it was to
// be was written: the connection broke before the answer came, and the second try failed. Kafka 3.9
// takes that for a leader's write, and elects once more.
func (c *Controller) findOwnWrites(out *model.Effects, written []*partition,
	unsure []stateChange,
	then func(out *model.Effects, written, late []*partition),
) {
	if len(unsure) == 0 {
		then(out, written, nil)
		return
	}
	list := make([]*partition, len(unsure))
	for i := range unsure {
		list[i] = unsure[i].p
	}
	c.readStates(out, list, func(out *model.Effects) {
		var late []*partition
		for i, p := range list {
			if !p.state.Equal(unsure[i].state) {
				late = append(late, p)
				continue
			}
			c.applyState(p, p.state, p.version)
			written = append(written, p)
		}
		slices.SortFunc(written, comparePartitions)
		then(out, written, late)
	})
}

// removeDeadReplicas takes dead brokers out of ISRs, one broker after the other
// (ZkReplicaStateMachine, transition to OfflineReplica, 3.9).
func (c *Controller) removeDeadReplicas(out *model.Effects, dead []deadBroker,
	then next,
) {
	if len(dead) == 0 {
		then(out)
		return
	}
	c.removeDead(out, dead[0], func(out *model.Effects) {
		c.removeDeadReplicas(out, dead[1:], then)
	})
}

func (c *Controller) removeDead(out *model.Effects, dead deadBroker, then next) {
	if len(dead.partitions) == 0 {
		then(out)
		return
	}
	c.readStates(out, dead.partitions, func(out *model.Effects) {
		var changes []stateChange
		for _, p := range dead.partitions {
			if p.state.ControllerEpoch > c.epoch {
				continue
			}
			c.batch.addLeaderAndIsr(p, p.assignment.Replicas, false)
			if s, ok := withoutReplica(p.state, dead.id); ok {
				changes = append(changes, stateChange{p, s})
			}
		}
		c.writeStates(out, changes, func(out *model.Effects, _, late []*partition) {
			c.removeDead(out, deadBroker{dead.id, late}, then)
		})
	})
}
