package controller

import (
	"slices"

	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// readBrokers lists /brokers/ids, arms its watch, and reads every registration.
func (c *Controller) readBrokers(out *model.Effects,
	then func(out *model.Effects, found []*liveBroker),
) {
	list := request{kind: opChildren, path: znode.BrokerIDsPath, watch: true}
	c.submit(out, []request{list}, func(out *model.Effects, r []result) {
		var ids []kafka.BrokerID
		var reads []request
		for _, name := range r[0].children {
			if id, ok := znode.ParseBrokerID(name); ok {
				ids = append(ids, id)
				reads = append(reads, request{kind: opGet, path: znode.BrokerIDPath(id)})
			}
		}
		c.submit(out, reads, func(out *model.Effects, r []result) {
			var found []*liveBroker
			for i, id := range ids {
				if r[i].code != zookeeper.ErrNone {
					continue // gone meanwhile: the watch has fired
				}
				if b, err := znode.DecodeBroker(id, r[i].data); err == nil {
					found = append(found, &liveBroker{Broker: b, epoch: r[i].stat.Czxid})
				}
			}
			slices.SortFunc(found, func(a, b *liveBroker) int { return int(a.ID) - int(b.ID) })
			then(out, found)
		})
	})
}

// onBrokerChange compares the registered brokers with those known. A broker with a newer epoch has
// died and come back between two looks, and is treated as one that failed and then started
// (KafkaController.processBrokerChange, 3.9; KIP-380).
func (c *Controller) onBrokerChange(out *model.Effects) {
	c.readBrokers(out, func(out *model.Effects, found []*liveBroker) {
		var started, bounced []*liveBroker
		dead := c.ctx.liveIDs()
		for _, b := range found {
			known := c.ctx.broker(b.ID)
			switch {
			case known == nil:
				started = append(started, b)
			case known.epoch < b.epoch:
				bounced = append(bounced, b)
			}
			dead = slices.DeleteFunc(dead, func(id kafka.BrokerID) bool { return id == b.ID })
		}
		var gone []kafka.BrokerID
		for _, b := range bounced {
			gone = append(gone, b.ID)
		}
		c.onBrokerStartup(out, started, func(out *model.Effects) {
			c.onBrokerFailure(out, gone, func(out *model.Effects) {
				c.onBrokerStartup(out, bounced, func(out *model.Effects) {
					c.onBrokerFailure(out, dead, c.finish)
				})
			})
		})
	})
}

// onBrokerStartup introduces new brokers: first the others hear of them, then they of everything,
// then they are told which replicas they hold; then leaders are elected where there was none.
func (c *Controller) onBrokerStartup(out *model.Effects, started []*liveBroker,
	then next,
) {
	if len(started) == 0 {
		then(out)
		return
	}
	existing := c.ctx.liveIDs()
	var ids []kafka.BrokerID
	for _, b := range started {
		ids = append(ids, b.ID)
		c.ctx.addBroker(b)
		c.openQueue(b)
		kafka.AddNote(out, kafka.Note{Kind: kafka.BrokerRegistered, Broker: b.ID})
	}
	c.batch.addUpdateMetadata(existing)
	c.flush(out)
	c.batch.addUpdateMetadata(ids)
	c.batch.addPartitions(c.ctx.partitions(func(t *topic, p *partition) bool {
		return p.hasState() && t.deletion == nil
	}))
	c.flush(out)
	for _, id := range ids {
		for _, p := range c.replicasOn(id) {
			p.offlineDirs = filter(p.offlineDirs, func(other kafka.BrokerID) bool { return other != id })
			d := c.ctx.topics[p.tp.Topic].deletion
			if p.hasState() && (d == nil || d.of(p, id) != deletionSuccessful) {
				c.batch.addLeaderAndIsr(p, []kafka.BrokerID{id}, false)
			}
		}
	}
	c.electAll(out, func(out *model.Effects) {
		c.flush(out)
		c.completeReassignments(out, c.reassigningTo(ids), func(out *model.Effects,
		) {
			c.allowDeletionsOn(ids)
			c.resumeDeletions(out, then)
		})
	})
}

// replicasOn lists the partitions assigned to the broker id.
func (c *Controller) replicasOn(id kafka.BrokerID) []*partition {
	return c.ctx.partitions(func(_ *topic, p *partition) bool {
		return slices.Contains(p.assignment.Replicas, id)
	})
}

// onBrokerFailure replaces the leaders that died and takes the dead out of the ISRs.
func (c *Controller) onBrokerFailure(out *model.Effects, ids []kafka.BrokerID,
	then next,
) {
	if len(ids) == 0 {
		then(out)
		return
	}
	var dead []deadBroker
	for _, id := range ids {
		c.ctx.removeBroker(id)
		c.closeQueue(out, id)
		kafka.AddNote(out, kafka.Note{Kind: kafka.BrokerUnregistered, Broker: id})
		dead = append(dead, deadBroker{id, c.replicasOn(id)})
	}
	c.onReplicasOffline(out, dead, then)
}

// onReplicasOffline handles replicas that can serve no more
// (KafkaController.onReplicasBecomeOffline, 3.9).
func (c *Controller) onReplicasOffline(out *model.Effects, dead []deadBroker,
	then next,
) {
	for _, p := range c.ctx.partitions(func(t *topic, p *partition) bool {
		return p.hasState() && t.deletion == nil && !c.ctx.online(p, p.state.Leader)
	}) {
		p.phase = partitionOffline
	}
	c.electAll(out, func(out *model.Effects) {
		for i := range dead {
			d := &dead[i]
			c.failDeletions(d.id, d.partitions)
			d.partitions = slices.DeleteFunc(d.partitions, func(p *partition) bool {
				return !p.hasState() || c.ctx.topics[p.tp.Topic].deletion != nil
			})
		}
		c.removeDeadReplicas(out, dead, func(out *model.Effects) {
			c.batch.addUpdateMetadata(c.ctx.liveIDs()) // even if nothing changed, a broker is gone
			c.flush(out)
			c.resumeDeletions(out, then)
		})
	})
}
