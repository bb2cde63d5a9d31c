package controller

import (
	"slices"

	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// readBrokers lists /brokers/ids, arms its watch, and reads every registration.
func (c *Controller) readBrokers(now model.Time, out *model.Effects,
	then func(now model.Time, out *model.Effects, found []*liveBroker),
) {
	list := request{kind: opChildren, path: znode.BrokerIDsPath, watch: true}
	c.submit(now, out, []request{list}, func(now model.Time, out *model.Effects, r []result) {
		var ids []model.BrokerID
		var reads []request
		for _, name := range r[0].children {
			if id, ok := znode.ParseBrokerID(name); ok {
				ids = append(ids, id)
				reads = append(reads, request{kind: opGet, path: znode.BrokerIDPath(id)})
			}
		}
		c.submit(now, out, reads, func(now model.Time, out *model.Effects, r []result) {
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
			then(now, out, found)
		})
	})
}

// onBrokerChange compares the registered brokers with those known. A broker with a newer epoch has
// died and come back between two looks, and is treated as one that failed and then started
// (KafkaController.processBrokerChange, 3.9; KIP-380).
func (c *Controller) onBrokerChange(now model.Time, out *model.Effects) {
	c.readBrokers(now, out, func(now model.Time, out *model.Effects, found []*liveBroker) {
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
			dead = slices.DeleteFunc(dead, func(id model.BrokerID) bool { return id == b.ID })
		}
		var gone []model.BrokerID
		for _, b := range bounced {
			gone = append(gone, b.ID)
		}
		c.onBrokerStartup(now, out, started, func(now model.Time, out *model.Effects) {
			c.onBrokerFailure(now, out, gone, func(now model.Time, out *model.Effects) {
				c.onBrokerStartup(now, out, bounced, func(now model.Time, out *model.Effects) {
					c.onBrokerFailure(now, out, dead, c.finish)
				})
			})
		})
	})
}

// onBrokerStartup introduces new brokers: first the others hear of them, then they of everything,
// then they are told which replicas they hold; then leaders are elected where there was none.
func (c *Controller) onBrokerStartup(now model.Time, out *model.Effects, started []*liveBroker,
	then next,
) {
	if len(started) == 0 {
		then(now, out)
		return
	}
	existing := c.ctx.liveIDs()
	var ids []model.BrokerID
	for _, b := range started {
		ids = append(ids, b.ID)
		c.ctx.addBroker(b)
		c.openQueue(b)
		out.Note(model.Note{Kind: model.BrokerRegistered, Broker: b.ID})
	}
	c.batch.addUpdateMetadata(existing)
	c.flush(now, out)
	c.batch.addUpdateMetadata(ids)
	c.batch.addPartitions(c.ctx.partitions(func(t *topic, p *partition) bool {
		return p.hasState() && t.deletion == nil
	}))
	c.flush(now, out)
	for _, id := range ids {
		for _, p := range c.replicasOn(id) {
			p.offlineDirs = filter(p.offlineDirs, func(other model.BrokerID) bool { return other != id })
			d := c.ctx.topics[p.tp.Topic].deletion
			if p.hasState() && (d == nil || d.of(p, id) != deletionSuccessful) {
				c.batch.addLeaderAndIsr(p, []model.BrokerID{id}, false)
			}
		}
	}
	c.electAll(now, out, func(now model.Time, out *model.Effects) {
		c.flush(now, out)
		c.completeReassignments(now, out, c.reassigningTo(ids), func(now model.Time,
			out *model.Effects,
		) {
			c.allowDeletionsOn(ids)
			c.resumeDeletions(now, out, then)
		})
	})
}

// replicasOn lists the partitions assigned to the broker id.
func (c *Controller) replicasOn(id model.BrokerID) []*partition {
	return c.ctx.partitions(func(_ *topic, p *partition) bool {
		return slices.Contains(p.assignment.Replicas, id)
	})
}

// onBrokerFailure replaces the leaders that died and takes the dead out of the ISRs.
func (c *Controller) onBrokerFailure(now model.Time, out *model.Effects, ids []model.BrokerID,
	then next,
) {
	if len(ids) == 0 {
		then(now, out)
		return
	}
	var dead []deadBroker
	for _, id := range ids {
		c.ctx.removeBroker(id)
		c.closeQueue(now, out, id)
		out.Note(model.Note{Kind: model.BrokerUnregistered, Broker: id})
		dead = append(dead, deadBroker{id, c.replicasOn(id)})
	}
	c.onReplicasOffline(now, out, dead, then)
}

// onReplicasOffline handles replicas that can serve no more
// (KafkaController.onReplicasBecomeOffline, 3.9).
func (c *Controller) onReplicasOffline(now model.Time, out *model.Effects, dead []deadBroker,
	then next,
) {
	for _, p := range c.ctx.partitions(func(t *topic, p *partition) bool {
		return p.hasState() && t.deletion == nil && !c.ctx.online(p, p.state.Leader)
	}) {
		p.phase = partitionOffline
	}
	c.electAll(now, out, func(now model.Time, out *model.Effects) {
		for i := range dead {
			d := &dead[i]
			c.failDeletions(d.id, d.partitions)
			d.partitions = slices.DeleteFunc(d.partitions, func(p *partition) bool {
				return !p.hasState() || c.ctx.topics[p.tp.Topic].deletion != nil
			})
		}
		c.removeDeadReplicas(now, out, dead, func(now model.Time, out *model.Effects) {
			c.batch.addUpdateMetadata(c.ctx.liveIDs()) // even if nothing changed, a broker is gone
			c.flush(now, out)
			c.resumeDeletions(now, out, then)
		})
	})
}
