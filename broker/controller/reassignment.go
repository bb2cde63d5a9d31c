package controller

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// reassignment is a move of a partition to other replicas (KIP-455). It goes in three steps, and
// what they do is written down in the partition's state and in the topic's node, so that the next
// controller goes on where this one ends (KafkaController.onPartitionReassignment, 3.9):
//
//	begin     the replicas are the new and the old ones; the leader epoch grows; the new ones copy
//	wait      until every new replica is in the ISR
//	complete  the leader moves if it is to go; ISR and replicas are the new ones; the others delete
//
// Kafka takes leaving replicas out of the ISR one epoch after the other; here it is one write. The
// state is written before the topic's node, so that a replica that is to delete its log has left
// the ISR first whatever happens between the two.
type reassignment struct {
	p      *partition
	to     znode.Assignment
	answer *kmsg.AlterPartitionAssignmentsResponseTopicPartition
}

// beginReassignments writes the new assignments of moves down, has the epochs grow and tells the
// replicas, new ones among them. Replicas that an earlier move had added and that are not wanted
// any more delete their logs.
func (c *Controller) beginReassignments(out *model.Effects, moves []*reassignment,
	then next,
) {
	if len(moves) == 0 {
		then(out)
		return
	}
	list := make([]*partition, len(moves))
	byPartition := map[*partition]*reassignment{}
	for i, m := range moves {
		list[i], byPartition[m.p] = m.p, m
	}
	c.readStates(out, list, func(out *model.Effects) {
		var changes []stateChange
		for _, m := range moves {
			s, ok := c.begun(m)
			if !ok {
				refuse(m.answer, wire.InvalidReplicaAssignment,
					"none of the replicas that stay is in sync")
				continue
			}
			refuse(m.answer, wire.UnknownServerError, "ZooKeeper refused") // unless it is written
			changes = append(changes, stateChange{m.p, s})
		}
		leaders := leadersOf(changes)
		c.writeStates(out, changes, func(out *model.Effects,
			written, late []*partition,
		) {
			gone := map[*partition][]kafka.BrokerID{}
			for _, p := range written {
				byPartition[p].answer.ErrorCode, byPartition[p].answer.ErrorMessage = 0, nil
				to := byPartition[p].to
				gone[p], p.assignment = without(p.assignment.Replicas, to.Replicas), to
			}
			c.writeTopics(out, written, func(out *model.Effects) {
				c.announceReassignments(out, written, leaders, gone)
				c.flush(out)
				again := make([]*reassignment, len(late))
				for i, p := range late {
					again[i] = byPartition[p]
				}
				c.beginReassignments(out, again, then)
			})
		})
	})
}

// begun is the state of a partition at the start of a move: in a new epoch, by which everybody
// hears of the new replicas, and without those that are not wanted any more. False when all that
// are in sync would go. With ZooKeeper Kafka 3.9 goes on then, and has the last whole copy deleted;
// a KRaft controller refuses, and so do we (ReplicationControlManager.cancelPartitionReassignment,
// 3.9).
func (c *Controller) begun(m *reassignment) (znode.PartitionState, bool) {
	s := m.p.state
	s.ISR = filter(s.ISR, func(id kafka.BrokerID) bool { return slices.Contains(m.to.Replicas, id) })
	if len(s.ISR) == 0 {
		return s, false
	}
	if s.Leader != kafka.NoBroker && !slices.Contains(m.to.Replicas, s.Leader) {
		s.Leader = c.firstEligible(m.p, m.to.Replicas, s.ISR)
	}
	s.LeaderEpoch++
	return s, true
}

// firstEligible is the first of replicas that may lead and is in isr; NoBroker when there is none.
func (c *Controller) firstEligible(p *partition, replicas, isr []kafka.BrokerID) kafka.BrokerID {
	eligible := c.eligible(p)
	for _, id := range replicas {
		if eligible(id) && slices.Contains(isr, id) {
			return id
		}
	}
	return kafka.NoBroker
}

// leadersOf remembers who leads before changes are written.
func leadersOf(changes []stateChange) map[*partition]kafka.BrokerID {
	leaders := make(map[*partition]kafka.BrokerID, len(changes))
	for i := range changes {
		leaders[changes[i].p] = changes[i].p.state.Leader
	}
	return leaders
}

// announceReassignments tells the replicas of list of their new assignment, and those that have
// gone to delete their logs. leaders are those of before.
func (c *Controller) announceReassignments(out *model.Effects, list []*partition,
	leaders map[*partition]kafka.BrokerID, gone map[*partition][]kafka.BrokerID,
) {
	for _, p := range list {
		kind := kafka.ReassignmentStarted
		if !p.reassigning() { // done, or cancelled, or it was only the order that changed
			kind = kafka.ReassignmentCompleted
		}
		kafka.AddNote(out, kafka.Note{
			Kind: kind, Topic: p.tp.Topic, Partition: p.tp.Partition,
			Brokers: slices.Clone(p.assignment.Replicas),
		})
		if p.state.Leader != leaders[p] && p.state.Leader != kafka.NoBroker {
			c.noteLeader(out, p)
		}
		c.batch.addLeaderAndIsr(p, p.assignment.Replicas, false)
		c.batch.addLeaderAndIsr(p, p.assignment.Adding, true)
		for _, id := range gone[p] {
			c.batch.addStopReplica(p, id, true)
		}
	}
}

// writeTopics writes the topic nodes of list, which names the partitions of a topic together.
func (c *Controller) writeTopics(out *model.Effects, list []*partition,
	then next,
) {
	var writes []request
	for i, p := range list {
		if i == 0 || list[i-1].tp.Topic != p.tp.Topic {
			writes = append(writes, request{kind: opSet, path: znode.TopicPath(p.tp.Topic), guarded: true,
				data: znode.EncodeTopic(c.ctx.topics[p.tp.Topic].node()), version: anyVersion})
		}
	}
	c.submit(out, writes, func(out *model.Effects, _ []result) { then(out) })
}

// target is what the replicas of p are to be in the end.
func (p *partition) target() []kafka.BrokerID {
	return without(p.assignment.Replicas, p.assignment.Removing)
}

// completeReassignments ends those of list whose new replicas are all in sync. The deletion of a
// topic takes its reassignments along, where Kafka first waits for their end.
func (c *Controller) completeReassignments(out *model.Effects, list []*partition,
	then next,
) {
	ready := slices.DeleteFunc(slices.Clone(list), func(p *partition) bool {
		t := c.ctx.topics[p.tp.Topic]
		return !p.reassigning() || t == nil || t.deletion != nil
	})
	if len(ready) == 0 {
		then(out)
		return
	}
	c.readStates(out, ready, func(out *model.Effects) {
		var changes []stateChange
		for _, p := range ready {
			if s, ok := c.reassigned(p); ok {
				changes = append(changes, stateChange{p, s})
			}
		}
		leaders := leadersOf(changes)
		c.writeStates(out, changes, func(out *model.Effects,
			written, late []*partition,
		) {
			gone := map[*partition][]kafka.BrokerID{}
			for _, p := range written {
				gone[p] = p.assignment.Removing
				p.assignment = znode.Assignment{Replicas: p.target()}
			}
			c.writeTopics(out, written, func(out *model.Effects) {
				c.announceReassignments(out, written, leaders, gone)
				c.flush(out)
				c.completeReassignments(out, late, then)
			})
		})
	})
}

// reassigned is the state of p without the replicas that go; false as long as one that comes is not
// in sync, or nobody of those that stay may lead (Election.leaderForReassign, 3.9, which goes on
// without a leader then).
func (c *Controller) reassigned(p *partition) (znode.PartitionState, bool) {
	s, target := p.state, p.target()
	for _, id := range target {
		if !slices.Contains(s.ISR, id) {
			return s, false
		}
	}
	if !slices.Contains(target, s.Leader) || !c.ctx.online(p, s.Leader) {
		if s.Leader = c.firstEligible(p, target, s.ISR); s.Leader == kafka.NoBroker {
			return s, false
		}
	}
	s.LeaderEpoch++
	s.ISR = filter(s.ISR, func(id kafka.BrokerID) bool { return slices.Contains(target, id) })
	return s, true
}

// reassigningTo lists the partitions that move to one of the brokers.
func (c *Controller) reassigningTo(ids []kafka.BrokerID) []*partition {
	return c.ctx.partitions(func(_ *topic, p *partition) bool {
		return p.reassigning() && slices.ContainsFunc(p.target(), func(id kafka.BrokerID) bool {
			return slices.Contains(ids, id)
		})
	})
}
