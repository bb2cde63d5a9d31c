package controller

import (
	"fmt"
	"slices"

	"sandcastle/broker/chain"
	"sandcastle/broker/znode"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// becomeController implements office (KafkaController.onControllerFailover, 3.9): it reads
// the cluster from ZooKeeper, notifies the brokers, and resumes what the previous controller began.
func (c *Controller) becomeController(out *model.Effects, epoch kafka.Epoch,
	version int32, then chain.Next,
) {
	if c.active {
		panic("controller: elected while active")
	}
	c.active = true
	c.cluster.epoch, c.zk.epochVersion = epoch, version
	kafka.AddNote(out, kafka.Note{Kind: kafka.ControllerElected, Broker: c.cfg.Self, Epoch: epoch})
	f := failover{c: c}
	chain.New(fmt.Sprintf("failover to epoch %d", epoch),
		chain.Do("read the brokers", f.readBrokers),
		chain.Do("drop old notices", f.dropOldNotices),
		chain.Do("read the topics", f.readTopics),
		chain.Do("read the partition states", f.readStates),
		chain.Action("introduce the brokers", f.introduceBrokers),
		chain.NewLazy("remove dead brokers from ISRs", func() chain.Step {
			return c.replicas.removeOffline(c.cluster.offline(f.all))
		}),
		chain.Action("notify the replicas", f.notifyReplicas),
		c.partitions.electAll(),
		chain.Action("send", c.batch.flush),
		chain.Do("resume what was begun", f.resume),
	).Run(out, then)
}

// failover is what the steps of a new controller hand on to each other.
type failover struct {
	c      *Controller
	all    []*partition
	marked []string // for deletion, when the topics were read
}

// readBrokers reads the live brokers. The watch is set before the reading, so nothing is missed.
func (f *failover) readBrokers(out *model.Effects, then chain.Next) {
	f.c.zk.readBrokers(out, func(out *model.Effects, found []*liveBroker) {
		for _, b := range found {
			f.c.brokers.add(out, b)
		}
		then(out)
	})
}

// dropOldNotices deletes the notices of ISR changes and of lost log directories: all states are
// read anew anyway, and all brokers are asked what they hold.
func (f *failover) dropOldNotices(out *model.Effects, then chain.Next) {
	lists := []request{
		{kind: opChildren, path: znode.LogDirEventsPath, watch: true},
		{kind: opChildren, path: znode.IsrChangesPath, watch: true},
	}
	zk := f.c.zk
	zk.submit(out, lists, func(out *model.Effects, r []result) {
		zk.deleteChildren(out, znode.LogDirEventsPath, r[0].children,
			func(out *model.Effects) {
				zk.deleteChildren(out, znode.IsrChangesPath, r[1].children, then)
			})
	})
}

// readTopics reads topics, assignments and marks of deletion.
func (f *failover) readTopics(out *model.Effects, then chain.Next) {
	lists := []request{
		{kind: opChildren, path: znode.TopicsPath, watch: true},
		{kind: opChildren, path: znode.DeleteTopicsPath, watch: true},
	}
	f.c.zk.submit(out, lists, func(out *model.Effects, r []result) {
		f.marked = r[1].children
		f.c.changes.read(out, r[0].children, func(out *model.Effects,
			_ []*partition,
		) {
			f.all = f.c.cluster.all()
			then(out)
		})
	})
}

func (f *failover) readStates(out *model.Effects, then chain.Next) {
	f.c.states.read(out, f.all, then)
}

// introduceBrokers sends the brokers each other's addresses, without which they cannot follow.
// Topics that are marked for deletion get no leaders from here on.
func (f *failover) introduceBrokers(out *model.Effects) {
	c := f.c
	slices.Sort(f.marked)
	c.deletions.markAll(f.marked)
	c.batch.addUpdateMetadata(c.cluster.liveIDs())
	c.batch.flush(out)
	for _, p := range f.all {
		if p.hasState() {
			p.phase = partitionOffline
			if c.cluster.online(p, p.state.Leader) {
				p.phase = partitionOnline
			}
		}
	}
}

// notifyReplicas adds to the batch what each broker holds.
func (f *failover) notifyReplicas(*model.Effects) {
	for _, p := range f.all {
		if p.hasState() {
			f.c.batch.addLeaderAndIsr(p, p.assignment.Replicas, false)
		}
	}
}

// resume goes on with the deletions and reassignments that the previous controller began. Then come
// the elections that an old tool has asked for, and from time to time the preferred leaders.
func (f *failover) resume(out *model.Effects, then chain.Next) {
	c := f.c
	unknown := filter(f.marked, func(name string) bool { return c.cluster.topics[name] == nil })
	chain.New("resume",
		chain.Do("delete marks of unknown topics", func(out *model.Effects, then chain.Next) {
			c.zk.deleteChildren(out, znode.DeleteTopicsPath, unknown, then)
		}),
		chain.NewLazy("complete reassignments", func() chain.Step {
			return c.reassignments.complete(c.cluster.moving())
		}),
		c.deletions.resume(),
	).Run(out, then)
	c.enqueue(out, c.onPreferredElection())
	c.rebalance.arm(out, rebalanceDelay)
}

// offline lists, for each broker, the replicas of list on it that cannot serve.
func (x *cluster) offline(list []*partition) []offlineReplicas {
	var offline []offlineReplicas
	for _, p := range list {
		if !p.hasState() || x.deleting(p) {
			continue
		}
		for _, id := range p.assignment.Replicas {
			if x.online(p, id) {
				continue
			}
			i, ok := slices.BinarySearchFunc(offline, id, func(o offlineReplicas, id kafka.BrokerID) int {
				return int(o.broker) - int(id)
			})
			if !ok {
				offline = slices.Insert(offline, i, offlineReplicas{broker: id})
			}
			offline[i].partitions = append(offline[i].partitions, p)
		}
	}
	return offline
}

// resign implements office: it drops what is under way (KafkaController.onControllerResignation,
// 3.9). Admin requests are answered.
func (c *Controller) resign(out *model.Effects, reason string) {
	was := c.active
	c.active = false
	if was {
		kafka.AddNote(out, kafka.Note{
			Kind: kafka.ControllerResigned, Broker: c.cfg.Self, Epoch: c.cluster.epoch, Text: reason,
		})
	}
	c.zk.abandon()
	c.events.drop(out)
	c.waiters.drop(out)
	c.queues.closeAll(out)
	c.cluster.reset()
	c.batch.clear()
}

// onFenced resigns because a write was refused, and looks who is controller now.
func (c *Controller) onFenced(out *model.Effects) {
	c.resign(out, "another controller was elected")
	c.election.checkLater(out)
}
