// DeleteTopics (key 20): v0–v6.
// Does: deletes topics by name, or by id (v6, KIP-516), and waits until this broker's metadata has
// dropped them; delete.topic.enable.
// Does not: policies; quotas. A broker that is not the controller answers NOT_CONTROLLER.
// State: topic_deletion.go.   Lessons: log/*.

package controller

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/chain"
	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// replicaDeletion is how far the deletion of one replica has come (ReplicaStateMachine.scala, 3.9).
type replicaDeletion uint8

const (
	deletionPending    replicaDeletion = iota // not asked for, or to be asked again
	deletionStarted                           // StopReplica is out
	deletionSuccessful                        // the broker has deleted it
	deletionIneligible                        // the broker is dead or refused
)

// deletion is how far the deletion of a topic has come.
type deletion struct {
	// replicas are by partition number, then by place in the assignment.
	replicas [][]replicaDeletion
	// halted is true while some replica cannot be deleted: until its broker is back.
	halted bool
	// announced is true once brokers were asked to drop the topic from their metadata.
	announced bool
}

// topicDeletions deletes the topics that are marked for it (TopicDeletionManager.scala, 3.9): from
// brokers' metadata, from their disks, and then from ZooKeeper.
type topicDeletions struct {
	zk       *zkClient
	cluster  *cluster
	batch    *requestBatch
	waiters  *waiters
	disabled bool // delete.topic.enable=false
}

// markAll marks those of the named topics that there are.
func (ds *topicDeletions) markAll(names []string) {
	for _, name := range names {
		if t := ds.cluster.topics[name]; t != nil && !ds.disabled {
			t.markDeleted()
		}
	}
}

// markDeleted marks the topic for deletion: nobody may lead its partitions any longer.
func (t *topic) markDeleted() {
	if t.deletion != nil {
		return
	}
	d := &deletion{replicas: make([][]replicaDeletion, len(t.partitions))}
	t.deletion = d
	for i, p := range t.partitions {
		d.replicas[i] = make([]replicaDeletion, len(p.assignment.Replicas))
		p.phase = partitionGone
	}
}

// any tells whether a replica is in state s.
func (d *deletion) any(s replicaDeletion) bool {
	return slices.ContainsFunc(d.replicas, func(r []replicaDeletion) bool {
		return slices.Contains(r, s)
	})
}

// all tells whether every replica is in state s.
func (d *deletion) all(s replicaDeletion) bool {
	other := func(r replicaDeletion) bool { return r != s }
	return !slices.ContainsFunc(d.replicas, func(r []replicaDeletion) bool {
		return slices.ContainsFunc(r, other)
	})
}

// of is how far the replica of p on the broker id is. p must be assigned to the broker.
func (d *deletion) of(p *partition, id kafka.BrokerID) replicaDeletion {
	return d.replicas[p.tp.Partition][slices.Index(p.assignment.Replicas, id)]
}

// set changes the state of the replica of p on the broker id.
func (d *deletion) set(p *partition, id kafka.BrokerID, s replicaDeletion) {
	if i := slices.Index(p.assignment.Replicas, id); i >= 0 {
		d.replicas[p.tp.Partition][i] = s
	}
}

// resume brings every deletion as far as it can go now (TopicDeletionManager.resumeDeletions, 3.9).
func (ds *topicDeletions) resume() chain.Step {
	return chain.NewLazy("resume topic deletions", func() chain.Step {
		var complete, ready []*topic
		for _, name := range ds.cluster.names {
			t := ds.cluster.topics[name]
			switch {
			case t.deletion == nil || t.deletion.any(deletionStarted):
			case t.deletion.all(deletionSuccessful):
				complete = append(complete, t)
			case !t.deletion.halted:
				ready = append(ready, t)
			}
		}
		steps := make([]chain.Step, 0, len(complete)+2)
		steps = append(steps, chain.Action("start deletions", func(out *model.Effects) {
			if len(ready) > 0 {
				ds.start(out, ready)
			}
		}))
		for _, t := range complete {
			steps = append(steps, ds.complete(t))
		}
		steps = append(steps, chain.Action("answer who waits", ds.waiters.check))
		return chain.New("topic deletions", steps...)
	})
}

// start has all brokers drop the topics from their metadata, then the replicas stop fetching, then
// delete what they have. A topic with an offline replica is not finished before
// that is back (TopicDeletionManager.onTopicDeletion and onPartitionDeletion, 3.9).
func (ds *topicDeletions) start(out *model.Effects, topics []*topic) {
	for _, t := range topics {
		t.deletion.announced = true
		ds.batch.addPartitions(t.partitions)
	}
	ds.batch.addUpdateMetadata(ds.cluster.liveIDs())
	ds.batch.flush(out)
	for _, remove := range []bool{false, true} {
		for _, t := range topics {
			ds.stopReplicas(t, remove)
		}
		ds.batch.flush(out)
	}
}

// stopReplicas adds StopReplica to the batch for the replicas of t that are not deleted yet.
func (ds *topicDeletions) stopReplicas(t *topic, remove bool) {
	for i, p := range t.partitions {
		for j, id := range p.assignment.Replicas {
			state := &t.deletion.replicas[i][j]
			switch {
			case *state == deletionSuccessful:
			case !ds.cluster.online(p, id):
				*state = deletionIneligible
				t.deletion.halted = true
			default:
				if remove {
					*state = deletionStarted
				}
				ds.batch.addStopReplica(p, id, remove)
			}
		}
	}
}

// onReplicaDeleted records that the broker id has deleted its replica of p, or failed to.
func (ds *topicDeletions) onReplicaDeleted(p *partition, id kafka.BrokerID, failed bool) {
	t := ds.cluster.topics[p.tp.Topic]
	switch {
	case t == nil || t.deletion == nil || ds.cluster.broker(id) == nil:
	case failed:
		t.deletion.set(p, id, deletionIneligible)
		t.deletion.halted = true
	default:
		t.deletion.set(p, id, deletionSuccessful)
	}
}

// fail halts the deletion of topics that have a replica on a broker that died
// (TopicDeletionManager.failReplicaDeletion, 3.9).
func (ds *topicDeletions) fail(id kafka.BrokerID, list []*partition) {
	for _, p := range list {
		d := ds.cluster.topics[p.tp.Topic].deletion
		if d == nil || d.of(p, id) == deletionSuccessful {
			continue
		}
		d.set(p, id, deletionIneligible)
		d.halted = true
	}
}

// allowOn lets halted deletions go on that have a replica on one of the brokers
// (TopicDeletionManager.resumeDeletionForTopics, 3.9).
func (ds *topicDeletions) allowOn(ids []kafka.BrokerID) {
	for _, id := range ids {
		for _, p := range ds.cluster.replicasOn(id) {
			if d := ds.cluster.topics[p.tp.Topic].deletion; d != nil {
				d.halted = false
			}
		}
	}
}

// complete removes a topic that no broker holds any longer from ZooKeeper and from the cluster.
func (ds *topicDeletions) complete(t *topic) chain.Step {
	return chain.Do("delete "+t.name, func(out *model.Effects, then chain.Next) {
		var paths []string
		for _, p := range t.partitions {
			paths = append(paths, znode.PartitionStatePath(p.tp), znode.PartitionPath(p.tp))
		}
		paths = append(paths, znode.PartitionsPath(t.name), znode.TopicPath(t.name),
			znode.TopicConfigPath(t.name), znode.DeleteTopicPath(t.name))
		ds.zk.delete(out, paths, func(out *model.Effects) {
			ds.cluster.removeTopic(t.name)
			kafka.AddNote(out, kafka.Note{Kind: kafka.TopicDeleted, Topic: t.name})
			then(out)
		})
	})
}

// onTopicDeletion reads the marks below /admin/delete_topics (KafkaController.processTopicDeletion,
// 3.9).
func (c *Controller) onTopicDeletion() chain.Step {
	var refused []string
	return chain.New("topic deletion",
		chain.Do("read the marks", func(out *model.Effects, then chain.Next) {
			list := request{kind: opChildren, path: znode.DeleteTopicsPath, watch: true}
			c.zk.submit(out, []request{list}, func(out *model.Effects, r []result) {
				names := r[0].children
				slices.Sort(names)
				refused = filter(names, func(name string) bool {
					return c.cluster.topics[name] == nil || c.deletions.disabled
				})
				c.deletions.markAll(names)
				then(out)
			})
		}),
		chain.Do("delete refused marks", func(out *model.Effects, then chain.Next) {
			c.zk.deleteChildren(out, znode.DeleteTopicsPath, refused, then)
		}),
		c.deletions.resume(),
	)
}

// onStopReplicaAnswer implements brokerAnswers: it records which of the deletions asked for have
// happened (KafkaController.processTopicDeletionStopReplicaResponseReceived, 3.9).
func (c *Controller) onStopReplicaAnswer(out *model.Effects, id kafka.BrokerID,
	asked []*partition, answer *kmsg.StopReplicaResponse,
) {
	if len(asked) == 0 {
		return
	}
	failed := map[kafka.TopicPartition]bool{}
	for _, ps := range answer.Partitions {
		if wire.Code(ps.ErrorCode) != wire.None {
			failed[kafka.TopicPartition{Topic: ps.Topic, Partition: ps.Partition}] = true
		}
	}
	c.enqueue(out, chain.New("replicas deleted",
		chain.Action("record", func(*model.Effects) {
			for _, p := range asked {
				c.deletions.onReplicaDeleted(p, id,
					failed[p.tp] || wire.Code(answer.ErrorCode) != wire.None)
			}
		}),
		c.deletions.resume(),
	))
}
