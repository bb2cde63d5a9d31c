package controller

import (
	"fmt"
	"slices"

	"sandcastle/broker/chain"
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// readBrokers lists /brokers/ids, arms its watch, and reads every registration.
func (z *zkClient) readBrokers(out *model.Effects,
	then func(out *model.Effects, found []*liveBroker),
) {
	list := request{kind: opChildren, path: znode.BrokerIDsPath, watch: true}
	z.submit(out, []request{list}, func(out *model.Effects, r []result) {
		var ids []kafka.BrokerID
		var reads []request
		for _, name := range r[0].children {
			if id, ok := znode.ParseBrokerID(name); ok {
				ids = append(ids, id)
				reads = append(reads, request{kind: opGet, path: znode.BrokerIDPath(id)})
			}
		}
		z.submit(out, reads, func(out *model.Effects, r []result) {
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

// brokerChanges handles brokers that start and fail, and disks that fail.
type brokerChanges struct {
	zk            *zkClient
	cluster       *cluster
	queues        *brokerQueues
	batch         *requestBatch
	partitions    *partitionStateMachine
	replicas      *replicaStateMachine
	deletions     *topicDeletions
	reassignments *reassignments
}

// onChange compares the registered brokers with those known. A broker with a newer epoch has
// died and come back between two looks, and is treated as one that failed and then started
// (KafkaController.processBrokerChange, 3.9; KIP-380).
func (bc *brokerChanges) onChange() chain.Step {
	var started, bounced []*liveBroker
	var bouncedIDs, dead []kafka.BrokerID
	compare := func(found []*liveBroker) {
		dead = bc.cluster.liveIDs()
		for _, b := range found {
			known := bc.cluster.broker(b.ID)
			switch {
			case known == nil:
				started = append(started, b)
			case known.epoch < b.epoch:
				bounced, bouncedIDs = append(bounced, b), append(bouncedIDs, b.ID)
			}
			dead = slices.DeleteFunc(dead, func(id kafka.BrokerID) bool { return id == b.ID })
		}
	}
	return chain.New("broker change",
		chain.Do("read the brokers", func(out *model.Effects, then chain.Next) {
			bc.zk.readBrokers(out, func(out *model.Effects, found []*liveBroker) {
				compare(found)
				then(out)
			})
		}),
		chain.NewLazy("new brokers", func() chain.Step { return bc.start(started) }),
		chain.NewLazy("bounced brokers fail", func() chain.Step { return bc.fail(bouncedIDs) }),
		chain.NewLazy("bounced brokers start", func() chain.Step { return bc.start(bounced) }),
		chain.NewLazy("dead brokers", func() chain.Step { return bc.fail(dead) }),
	)
}

// start introduces new brokers: the others get their addresses, they get all metadata and then the
// replicas that they hold; then leaders are elected where there was none
// (KafkaController.onBrokerStartup, 3.9).
func (bc *brokerChanges) start(started []*liveBroker) chain.Step {
	var ids []kafka.BrokerID
	for _, b := range started {
		ids = append(ids, b.ID)
	}
	if len(ids) == 0 {
		return chain.New("no broker started")
	}
	return chain.New(fmt.Sprintf("brokers %v started", ids),
		chain.Action("introduce them", func(out *model.Effects) {
			bc.introduce(out, started, ids)
		}),
		bc.partitions.electAll(),
		chain.Action("send", bc.batch.flush),
		chain.NewLazy("complete reassignments", func() chain.Step {
			return bc.reassignments.complete(bc.cluster.movingTo(ids))
		}),
		chain.NewLazy("resume topic deletions", func() chain.Step {
			bc.deletions.allowOn(ids)
			return bc.deletions.resume()
		}),
	)
}

// introduce puts new brokers into the cluster, and exchanges what they and the others must know.
// It leaves their LeaderAndIsr in the batch.
func (bc *brokerChanges) introduce(out *model.Effects, started []*liveBroker,
	ids []kafka.BrokerID,
) {
	existing := bc.cluster.liveIDs()
	for _, b := range started {
		bc.add(out, b)
	}
	bc.batch.addUpdateMetadata(existing)
	bc.batch.flush(out)
	bc.batch.addUpdateMetadata(ids)
	bc.batch.addPartitions(bc.cluster.partitions(func(t *topic, p *partition) bool {
		return p.hasState() && t.deletion == nil
	}))
	bc.batch.flush(out)
	for _, id := range ids {
		for _, p := range bc.cluster.replicasOn(id) {
			p.offlineDirs = without(p.offlineDirs, []kafka.BrokerID{id})
			d := bc.cluster.topics[p.tp.Topic].deletion
			if p.hasState() && (d == nil || d.of(p, id) != deletionSuccessful) {
				bc.batch.addLeaderAndIsr(p, []kafka.BrokerID{id}, false)
			}
		}
	}
}

// add makes a broker known that has registered.
func (bc *brokerChanges) add(out *model.Effects, b *liveBroker) {
	bc.cluster.addBroker(b)
	bc.queues.open(b)
	kafka.AddNote(out, kafka.Note{Kind: kafka.BrokerRegistered, Broker: b.ID})
}

// fail replaces the leaders that died and removes the dead from the ISRs
// (KafkaController.onBrokerFailure, 3.9).
func (bc *brokerChanges) fail(ids []kafka.BrokerID) chain.Step {
	if len(ids) == 0 {
		return chain.New("no broker failed")
	}
	var offline []offlineReplicas
	return chain.New(fmt.Sprintf("brokers %v failed", ids),
		chain.Action("remove them", func(out *model.Effects) {
			for _, id := range ids {
				bc.cluster.removeBroker(id)
				bc.queues.close(out, id)
				kafka.AddNote(out, kafka.Note{Kind: kafka.BrokerUnregistered, Broker: id})
				offline = append(offline, offlineReplicas{id, bc.cluster.replicasOn(id)})
			}
		}),
		chain.NewLazy("their replicas", func() chain.Step { return bc.replicasOffline(offline) }),
	)
}

// replicasOffline handles replicas that can no longer serve
// (KafkaController.onReplicasBecomeOffline, 3.9).
func (bc *brokerChanges) replicasOffline(offline []offlineReplicas) chain.Step {
	return chain.New("replicas are offline",
		chain.Action("leave partitions without a leader", func(*model.Effects) {
			for _, p := range bc.cluster.partitions(func(t *topic, p *partition) bool {
				return p.hasState() && t.deletion == nil && !bc.cluster.online(p, p.state.Leader)
			}) {
				p.phase = partitionOffline
			}
		}),
		bc.partitions.electAll(),
		chain.NewLazy("remove them from ISRs", func() chain.Step {
			for i := range offline {
				o := &offline[i]
				bc.deletions.fail(o.broker, o.partitions)
				o.partitions = slices.DeleteFunc(o.partitions, func(p *partition) bool {
					return !p.hasState() || bc.cluster.deleting(p)
				})
			}
			return bc.replicas.removeOffline(offline)
		}),
		chain.Action("send", func(out *model.Effects) {
			bc.batch.addUpdateMetadata(bc.cluster.liveIDs()) // even if nothing changed, a broker is gone
			bc.batch.flush(out)
		}),
		bc.deletions.resume(),
	)
}
