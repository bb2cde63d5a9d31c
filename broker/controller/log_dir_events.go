package controller

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/chain"
	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// onLogDirEvent reads the notices that brokers leave when they have lost one of several log
// directories. Their answers to LeaderAndIsr show which replicas were in it, so each is sent all of
// its own (KafkaController.processLogDirEventNotification, 3.9; KIP-112). Our brokers have
// one directory, and halt when it fails.
func (c *Controller) onLogDirEvent(out *model.Effects, then chain.Next) {
	c.zk.readChildren(out, znode.LogDirEventsPath, func(out *model.Effects,
		names []string, r []result,
	) {
		var seen []kafka.BrokerID
		for i := range r {
			id, err := znode.DecodeLogDirEvent(r[i].data)
			if r[i].code != zookeeper.ErrNone || err != nil || slices.Contains(seen, id) {
				continue
			}
			seen = append(seen, id)
			for _, p := range c.cluster.replicasOn(id) {
				if p.hasState() && !c.cluster.deleting(p) {
					c.batch.addLeaderAndIsr(p, []kafka.BrokerID{id}, false)
				}
			}
		}
		c.batch.flush(out)
		c.zk.deleteChildren(out, znode.LogDirEventsPath, names, then)
	})
}

// onLeaderAndIsrAnswer implements brokerAnswers: it marks replicas whose disk has failed, and those
// whose disk is back (KafkaController.processLeaderAndIsrResponseReceived, 3.9). As there, nothing
// follows from a refusal because of a newer controller epoch: only ZooKeeper says whether another
// was elected.
func (c *Controller) onLeaderAndIsrAnswer(out *model.Effects, id kafka.BrokerID,
	answer *kmsg.LeaderAndISRResponse,
) {
	if wire.Code(answer.ErrorCode) != wire.None {
		return
	}
	var failed []*partition
	for i := range answer.Topics {
		t := c.cluster.byID[answer.Topics[i].TopicID]
		if t == nil {
			continue
		}
		for _, ps := range answer.Topics[i].Partitions {
			p := c.cluster.partition(kafka.TopicPartition{Topic: t.name, Partition: ps.Partition})
			if p == nil {
				continue
			}
			known := slices.Contains(p.offlineDirs, id)
			switch {
			case !slices.Contains(p.assignment.Replicas, id): // it has moved away meanwhile
			case wire.Code(ps.ErrorCode) == wire.KafkaStorageError && !known:
				p.offlineDirs = append(p.offlineDirs, id)
				failed = append(failed, p)
			case wire.Code(ps.ErrorCode) == wire.None && known:
				p.offlineDirs = filter(p.offlineDirs, func(o kafka.BrokerID) bool { return o != id })
			}
		}
	}
	if len(failed) > 0 {
		c.enqueue(out, chain.NewLazy("disk failure", func() chain.Step {
			there := slices.DeleteFunc(failed, func(p *partition) bool {
				return c.cluster.partition(p.tp) != p || !slices.Contains(p.assignment.Replicas, id)
			})
			return c.brokers.replicasOffline([]offlineReplicas{{id, there}})
		}))
	}
}

// onAnswered implements brokerAnswers: who waits for answers may have all of them now.
func (c *Controller) onAnswered(out *model.Effects) { c.waiters.check(out) }
