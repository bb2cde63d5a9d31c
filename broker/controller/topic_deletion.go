// DeleteTopics (key 20): v0–v6.
// Does: deletes topics by name, or by id (v6, KIP-516), and waits until this broker's metadata has
// dropped them; delete.topic.enable.
// Does not: policies; quotas. A broker that is not the controller answers NOT_CONTROLLER.
// State: topic_deletion.go.   Lessons: log/*.

package controller

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
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

// deletion is the state of a topic that is marked for deletion (TopicDeletionManager.scala, 3.9).
type deletion struct {
	// replicas are by partition number, then by place in the assignment.
	replicas [][]replicaDeletion
	// halted is true while some replica cannot be deleted: until its broker is back.
	halted bool
	// announced is true once brokers were told to forget the topic.
	announced bool
}

// queueDeletion marks the topic in the context: nobody may lead it any more.
func (c *Controller) queueDeletion(t *topic) {
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

// any tells whether some replica is in state s; all whether every one is.
func (d *deletion) any(s replicaDeletion) bool {
	return slices.ContainsFunc(d.replicas, func(r []replicaDeletion) bool {
		return slices.Contains(r, s)
	})
}

func (d *deletion) all(s replicaDeletion) bool {
	other := func(r replicaDeletion) bool { return r != s }
	return !slices.ContainsFunc(d.replicas, func(r []replicaDeletion) bool {
		return slices.ContainsFunc(r, other)
	})
}

// of is the state of the replica of p on the broker id, to whom p is assigned.
func (d *deletion) of(p *partition, id kafka.BrokerID) replicaDeletion {
	return d.replicas[p.tp.Partition][slices.Index(p.assignment.Replicas, id)]
}

// set changes the state of the replica of p on the broker id.
func (d *deletion) set(p *partition, id kafka.BrokerID, s replicaDeletion) {
	if i := slices.Index(p.assignment.Replicas, id); i >= 0 {
		d.replicas[p.tp.Partition][i] = s
	}
}

// onTopicDeletion reads the marks below /admin/delete_topics (KafkaController.processTopicDeletion,
// 3.9).
func (c *Controller) onTopicDeletion(out *model.Effects) {
	list := request{kind: opChildren, path: znode.DeleteTopicsPath, watch: true}
	c.submit(out, []request{list}, func(out *model.Effects, r []result) {
		names := r[0].children
		slices.Sort(names)
		refused := filterNames(names, func(name string) bool {
			return c.ctx.topics[name] == nil || c.cfg.DeleteTopicDisabled
		})
		for _, name := range names {
			if t := c.ctx.topics[name]; t != nil && !c.cfg.DeleteTopicDisabled {
				c.queueDeletion(t)
			}
		}
		c.deleteChildren(out, znode.DeleteTopicsPath, refused, c.resumeAndFinish)
	})
}

// resumeAndFinish ends an event that may have made deletions possible.
func (c *Controller) resumeAndFinish(out *model.Effects) {
	c.resumeDeletions(out, c.finish)
}

// resumeDeletions brings every deletion as far as it can go now
// (TopicDeletionManager.resumeDeletions, 3.9).
func (c *Controller) resumeDeletions(out *model.Effects, then next) {
	var complete, ready []*topic
	for _, name := range c.ctx.names {
		t := c.ctx.topics[name]
		switch {
		case t.deletion == nil || t.deletion.any(deletionStarted):
		case t.deletion.all(deletionSuccessful):
			complete = append(complete, t)
		case !t.deletion.halted:
			ready = append(ready, t)
		}
	}
	if len(ready) > 0 {
		c.startDeletion(out, ready)
	}
	c.completeDeletions(out, complete, then)
}

// startDeletion tells all brokers to forget the topics, then the replicas to stop fetching, then to
// delete what they have. A topic with an offline replica is not finished before that is back
// (TopicDeletionManager.onTopicDeletion and onPartitionDeletion, 3.9).
func (c *Controller) startDeletion(out *model.Effects, topics []*topic) {
	for _, t := range topics {
		t.deletion.announced = true
		c.batch.addPartitions(t.partitions)
	}
	c.batch.addUpdateMetadata(c.ctx.liveIDs())
	c.flush(out)
	for _, remove := range []bool{false, true} {
		for _, t := range topics {
			c.stopReplicas(t, remove)
		}
		c.flush(out)
	}
}

// stopReplicas adds StopReplica to the batch for the replicas of t that are not deleted yet.
func (c *Controller) stopReplicas(t *topic, remove bool) {
	for i, p := range t.partitions {
		for j, id := range p.assignment.Replicas {
			state := &t.deletion.replicas[i][j]
			switch {
			case *state == deletionSuccessful:
			case !c.ctx.online(p, id):
				*state = deletionIneligible
				t.deletion.halted = true
			default:
				if remove {
					*state = deletionStarted
				}
				c.batch.addStopReplica(p, id, remove)
			}
		}
	}
}

// onStopReplicaAnswer records which of the deletions asked for have happened
// (KafkaController.processTopicDeletionStopReplicaResponseReceived, 3.9).
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
	c.enqueue(out, event{run: func(out *model.Effects) {
		for _, p := range asked {
			t := c.ctx.topics[p.tp.Topic]
			if t == nil || t.deletion == nil || c.ctx.broker(id) == nil {
				continue
			}
			if failed[p.tp] || wire.Code(answer.ErrorCode) != wire.None {
				t.deletion.set(p, id, deletionIneligible)
				t.deletion.halted = true
				continue
			}
			t.deletion.set(p, id, deletionSuccessful)
		}
		c.resumeDeletions(out, c.finish)
	}})
}

// failDeletions halts the deletion of topics that have a replica on a broker that died
// (TopicDeletionManager.failReplicaDeletion, 3.9).
func (c *Controller) failDeletions(id kafka.BrokerID, list []*partition) {
	for _, p := range list {
		d := c.ctx.topics[p.tp.Topic].deletion
		if d == nil || d.of(p, id) == deletionSuccessful {
			continue
		}
		d.set(p, id, deletionIneligible)
		d.halted = true
	}
}

// allowDeletionsOn lets halted deletions go on that have a replica on one of the brokers
// (TopicDeletionManager.resumeDeletionForTopics, 3.9).
func (c *Controller) allowDeletionsOn(ids []kafka.BrokerID) {
	for _, id := range ids {
		for _, p := range c.replicasOn(id) {
			if d := c.ctx.topics[p.tp.Topic].deletion; d != nil {
				d.halted = false
			}
		}
	}
}

// completeDeletions removes topics that no broker holds any more from ZooKeeper and from the
// context.
func (c *Controller) completeDeletions(out *model.Effects, topics []*topic,
	then next,
) {
	if len(topics) == 0 {
		c.checkWaiters(out)
		then(out)
		return
	}
	t := topics[0]
	var paths []string
	for _, p := range t.partitions {
		paths = append(paths, znode.PartitionStatePath(p.tp), znode.PartitionPath(p.tp))
	}
	paths = append(paths, znode.PartitionsPath(t.name), znode.TopicPath(t.name),
		znode.TopicConfigPath(t.name), znode.DeleteTopicPath(t.name))
	writes := make([]request, len(paths))
	for i, path := range paths {
		writes[i] = request{kind: opDelete, path: path, guarded: true, version: anyVersion}
	}
	c.submit(out, writes, func(out *model.Effects, _ []result) {
		c.ctx.removeTopic(t.name)
		kafka.AddNote(out, kafka.Note{Kind: kafka.TopicDeleted, Topic: t.name})
		c.completeDeletions(out, topics[1:], then)
	})
}

// HandleDeleteTopics answers DeleteTopics v0–v6: it marks topics for deletion and replies when this
// broker's metadata cache has dropped them, or at the timeout (ZkAdminManager.deleteTopics, 3.9).
func (c *Controller) HandleDeleteTopics(out *model.Effects,
	req *kmsg.DeleteTopicsRequest,
	reply Reply,
) {
	a := newDeletionAnswer(req, reply)
	if !c.active {
		a.failAll(out, wire.NotController)
		return
	}
	c.enqueue(out, event{
		run: func(out *model.Effects) { c.markDeleted(out, req, a) },
		abort: func(out *model.Effects) {
			a.failAll(out, wire.NotController)
		},
	})
}

// markDeleted resolves the topics of a and creates their marks.
func (c *Controller) markDeleted(out *model.Effects, req *kmsg.DeleteTopicsRequest,
	a *answer,
) {
	var marked []int
	var writes []request
	disabled := a.disabledCode(!c.cfg.DeleteTopicDisabled)
	for i := range a.topics {
		at := &a.topics[i]
		if at.code = c.resolve(at, disabled); at.code == wire.None {
			marked = append(marked, i)
			writes = append(writes,
				request{kind: opCreate, path: znode.DeleteTopicPath(at.name), guarded: true})
		}
	}
	c.submit(out, writes, func(out *model.Effects, r []result) {
		for i, at := range marked {
			if code := r[i].code; code != zookeeper.ErrNone && code != zookeeper.ErrNodeExists {
				a.topics[at].code = wire.UnknownServerError
			}
		}
		c.await(out, a, req.TimeoutMillis, c.forgotten)
		c.finish(out)
	})
}

// forgotten tells whether brokers were told to forget a topic and this one has answered.
func (c *Controller) forgotten(at *answerTopic) bool {
	t := c.ctx.topics[at.name]
	if t == nil || t.id != at.id {
		return true
	}
	return t.deletion != nil && t.deletion.announced && t.unanswered == 0
}

// resolve finds the topic that at names by name or id.
func (c *Controller) resolve(at *answerTopic, disabled wire.Code) wire.Code {
	if disabled != wire.None {
		return disabled
	}
	byID := at.id != znode.TopicID{}
	switch {
	case byID && at.name != "":
		return wire.InvalidRequest
	case byID:
		t := c.ctx.byID[at.id]
		if t == nil {
			return wire.UnknownTopicID
		}
		at.name = t.name
		return wire.None
	default:
		t := c.ctx.topics[at.name]
		if t == nil {
			return wire.UnknownTopicOrPartition
		}
		at.id = t.id
		return wire.None
	}
}
