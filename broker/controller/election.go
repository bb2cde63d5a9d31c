package controller

import (
	"slices"

	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// checkController reads /controller, arms its watch, and acts on who is there: obeys, resigns, or
// runs for it (KafkaController.processReelect and processControllerChange, 3.9).
func (c *Controller) checkController(out *model.Effects) {
	exists := request{kind: opExists, path: znode.ControllerPath, watch: true}
	c.submit(out, []request{exists}, func(out *model.Effects, r []result) {
		if r[0].code == zookeeper.ErrNoNode {
			c.controller = kafka.NoBroker
			if c.active {
				c.resignAndCheck(out, "/controller is gone")
				return
			}
			c.campaign(out)
			return
		}
		get := request{kind: opGet, path: znode.ControllerPath}
		c.submit(out, []request{get}, c.onControllerRead)
	})
}

func (c *Controller) onControllerRead(out *model.Effects, r []result) {
	found, err := znode.DecodeController(r[0].data)
	if r[0].code != zookeeper.ErrNone || err != nil {
		c.finish(out) // gone again: the watch has fired, and its event is queued
		return
	}
	c.controller = found.Broker
	switch {
	case c.active && found.Broker != c.cfg.Self:
		c.resign(out, "another controller was elected")
	case !c.active && found.Broker == c.cfg.Self && r[0].stat.EphemeralOwner == c.cfg.Session.ID():
		// We created it but gave up in between. Nobody else can be elected while it is there.
		remove := request{kind: opDelete, path: znode.ControllerPath, version: r[0].stat.Version}
		c.submit(out, []request{remove}, func(out *model.Effects, _ []result) {
			c.finish(out)
		})
	default:
		c.finish(out)
	}
}

// campaign tries to become controller: in one transaction it creates /controller and counts
// /controller_epoch up from the value read before. It fails when another was faster
// (KafkaZkClient.registerControllerAndIncrementControllerEpoch, 3.9).
func (c *Controller) campaign(out *model.Effects) {
	get := request{kind: opGet, path: znode.ControllerEpochPath}
	c.submit(out, []request{get}, func(out *model.Effects, r []result) {
		if r[0].code == zookeeper.ErrNoNode {
			create := request{kind: opCreate, path: znode.ControllerEpochPath,
				data: znode.EncodeControllerEpoch(0)}
			c.submit(out, []request{create}, func(out *model.Effects, _ []result) {
				c.campaign(out) // created, by us or by another
			})
			return
		}
		epoch, err := znode.DecodeControllerEpoch(r[0].data)
		if err != nil {
			c.finish(out)
			return
		}
		c.register(out, epoch+1, r[0].stat.Version)
	})
}

// register claims epoch, expecting /controller_epoch at version.
func (c *Controller) register(out *model.Effects, epoch kafka.Epoch,
	version int32,
) {
	claim := request{kind: opClaim, version: version, data: znode.EncodeControllerEpoch(epoch)}
	claim.claim = znode.EncodeController(znode.Controller{
		Broker: c.cfg.Self, Timestamp: out.Now.Millis(),
	})
	c.submit(out, []request{claim}, func(out *model.Effects, r []result) {
		if r[0].code == zookeeper.ErrNone {
			c.becomeController(out, epoch, r[0].stat.Version)
			return
		}
		c.checkClaim(out, epoch)
	})
}

// checkClaim finds out whether a claim that was answered by an error has succeeded after all: the
// first answer may have been lost with its connection.
func (c *Controller) checkClaim(out *model.Effects, claimed kafka.Epoch) {
	reads := []request{
		{kind: opGet, path: znode.ControllerPath}, {kind: opGet, path: znode.ControllerEpochPath},
	}
	c.submit(out, reads, func(out *model.Effects, r []result) {
		found, err1 := znode.DecodeController(r[0].data)
		epoch, err2 := znode.DecodeControllerEpoch(r[1].data)
		ours := r[0].code == zookeeper.ErrNone && err1 == nil && found.Broker == c.cfg.Self &&
			r[0].stat.EphemeralOwner == c.cfg.Session.ID()
		if ours && err2 == nil && epoch == claimed {
			c.becomeController(out, epoch, r[1].stat.Version)
			return
		}
		c.checkController(out)
	})
}

// becomeController takes office (KafkaController.onControllerFailover, 3.9).
func (c *Controller) becomeController(out *model.Effects, epoch kafka.Epoch,
	version int32,
) {
	if c.active {
		panic("controller: elected while active")
	}
	c.active, c.controller, c.epoch, c.epochVersion = true, c.cfg.Self, epoch, version
	kafka.AddNote(out, kafka.Note{Kind: kafka.ControllerElected, Broker: c.cfg.Self, Epoch: epoch})
	c.loadBrokers(out)
}

// loadBrokers reads the live brokers. The watch is set before the reading, so nothing is missed.
func (c *Controller) loadBrokers(out *model.Effects) {
	c.readBrokers(out, func(out *model.Effects, found []*liveBroker) {
		for _, b := range found {
			c.ctx.addBroker(b)
			c.openQueue(b)
			kafka.AddNote(out, kafka.Note{Kind: kafka.BrokerRegistered, Broker: b.ID})
		}
		c.dropOldNotices(out)
	})
}

// dropOldNotices deletes the notices of ISR changes and of lost log directories: all states are
// read anew anyway, and all brokers are asked what they hold.
func (c *Controller) dropOldNotices(out *model.Effects) {
	lists := []request{
		{kind: opChildren, path: znode.LogDirEventsPath, watch: true},
		{kind: opChildren, path: znode.IsrChangesPath, watch: true},
	}
	c.submit(out, lists, func(out *model.Effects, r []result) {
		c.deleteChildren(out, znode.LogDirEventsPath, r[0].children,
			func(out *model.Effects) {
				c.deleteChildren(out, znode.IsrChangesPath, r[1].children, c.loadTopics)
			})
	})
}

// loadTopics reads topics, assignments, states and marks of deletion.
func (c *Controller) loadTopics(out *model.Effects) {
	lists := []request{
		{kind: opChildren, path: znode.TopicsPath, watch: true},
		{kind: opChildren, path: znode.DeleteTopicsPath, watch: true},
	}
	c.submit(out, lists, func(out *model.Effects, r []result) {
		marked := r[1].children
		c.readTopics(out, r[0].children, func(out *model.Effects, _ []*partition) {
			all := c.ctx.partitions(func(*topic, *partition) bool { return true })
			c.readStates(out, all, func(out *model.Effects) {
				c.startStateMachines(out, all, marked)
			})
		})
	})
}

// startStateMachines tells the brokers of each other, takes the dead out of the ISRs, tells the
// living what they hold, and elects leaders where there is none. Brokers must know each other
// before they can follow (KafkaController.onControllerFailover; ReplicaStateMachine and
// PartitionStateMachine.startup, 3.9).
func (c *Controller) startStateMachines(out *model.Effects, all []*partition,
	marked []string,
) {
	slices.Sort(marked)
	for _, name := range marked {
		if t := c.ctx.topics[name]; t != nil && !c.cfg.DeleteTopicDisabled {
			c.queueDeletion(t)
		}
	}
	c.batch.addUpdateMetadata(c.ctx.liveIDs())
	c.flush(out)
	for _, p := range all {
		if p.hasState() {
			p.phase = partitionOffline
			if c.ctx.online(p, p.state.Leader) {
				p.phase = partitionOnline
			}
		}
	}
	c.removeDeadReplicas(out, c.deadReplicas(all), func(out *model.Effects) {
		for _, p := range all {
			if p.hasState() {
				c.batch.addLeaderAndIsr(p, p.assignment.Replicas, false)
			}
		}
		c.electAll(out, func(out *model.Effects) {
			c.flush(out)
			c.startDeletions(out, marked)
		})
	})
}

// startDeletions resumes deletions that an earlier controller began.
func (c *Controller) startDeletions(out *model.Effects, marked []string) {
	unknown := filterNames(marked, func(name string) bool { return c.ctx.topics[name] == nil })
	c.deleteChildren(out, znode.DeleteTopicsPath, unknown,
		func(out *model.Effects) {
			moving := c.ctx.partitions(func(_ *topic, p *partition) bool { return p.reassigning() })
			c.completeReassignments(out, moving, c.resumeAndFinish)
		})
	c.enqueue(out, event{run: c.onPreferredElection})
	c.armRebalance(out, rebalanceDelay)
}

// deadReplicas lists, for each broker that is not alive, the partitions assigned to it.
func (c *Controller) deadReplicas(all []*partition) []deadBroker {
	var dead []deadBroker
	for _, p := range all {
		if !p.hasState() || c.ctx.topics[p.tp.Topic].deletion != nil {
			continue
		}
		for _, id := range p.assignment.Replicas {
			if c.ctx.online(p, id) {
				continue
			}
			i, ok := slices.BinarySearchFunc(dead, id, func(d deadBroker, id kafka.BrokerID) int {
				return int(d.id) - int(id)
			})
			if !ok {
				dead = slices.Insert(dead, i, deadBroker{id: id})
			}
			dead[i].partitions = append(dead[i].partitions, p)
		}
	}
	return dead
}

// resign gives up everything (KafkaController.onControllerResignation, 3.9). What was under way is
// dropped; admin requests are answered.
func (c *Controller) resign(out *model.Effects, reason string) {
	was := c.active
	c.active = false
	if was {
		kafka.AddNote(out, kafka.Note{
			Kind: kafka.ControllerResigned, Broker: c.cfg.Self, Epoch: c.epoch, Text: reason,
		})
	}
	c.dropEvents(out)
	c.dropWaiters(out)
	c.closeQueues(out)
	c.ctx = newContext()
	c.batch = newRequestBatch()
}

// resignAndCheck resigns and looks who is controller now.
func (c *Controller) resignAndCheck(out *model.Effects, reason string) {
	c.resign(out, reason)
	c.enqueue(out, event{run: c.checkController})
}
