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

// reassignment is a move of a partition to other replicas (KIP-455). It goes in three steps, and
// what they do is written down in the partition's state and in the topic's node, so that the next
// controller goes on where this one ends (KafkaController.onPartitionReassignment, 3.9):
//
//	begin     the replicas are the new and the old ones; the leader epoch grows; the new ones copy
//	wait      until every new replica is in the ISR
//	complete  the leader moves if it is to go; ISR and replicas are the new ones; the others delete
//
// Kafka removes leaving replicas from the ISR one epoch after the other; here it is one write. The
// state is written before the topic's node, so that a replica that is to delete its log has left
// the ISR first whatever happens between the two.
type reassignment struct {
	p      *partition
	to     znode.Assignment
	answer *kmsg.AlterPartitionAssignmentsResponseTopicPartition
}

// reassignments begins and completes reassignments.
type reassignments struct {
	zk      *zkClient
	cluster *cluster
	states  *stateStore
	batch   *requestBatch
}

// begin writes the new assignments of moves, in new leader epochs, and notifies the replicas, new
// ones among them. Replicas that an earlier move had added and that are no longer wanted delete
// their logs.
func (rs *reassignments) begin(moves []*reassignment) chain.Step {
	list := make([]*partition, len(moves))
	byPartition := map[*partition]*reassignment{}
	for i, m := range moves {
		list[i], byPartition[m.p] = m.p, m
	}
	leaders := map[*partition]kafka.BrokerID{}
	return &stateUpdate{
		name: "begin reassignments", states: rs.states, left: list,
		decide: func(_ *model.Effects, p *partition) (znode.PartitionState, bool) {
			m := byPartition[p]
			s, ok := rs.begun(m)
			if !ok {
				refuse(m.answer, wire.InvalidReplicaAssignment,
					"none of the replicas that stay is in sync")
				return s, false
			}
			refuse(m.answer, wire.UnknownServerError, "ZooKeeper refused") // unless it is written
			leaders[p] = p.state.Leader
			return s, true
		},
		written: func(out *model.Effects, list []*partition, then chain.Next) {
			gone := map[*partition][]kafka.BrokerID{}
			for _, p := range list {
				m := byPartition[p]
				m.answer.ErrorCode, m.answer.ErrorMessage = 0, nil
				gone[p], p.assignment = without(p.assignment.Replicas, m.to.Replicas), m.to
			}
			rs.announce(out, list, leaders, gone, then)
		},
	}
}

// begun is the state of a partition at the start of a move: in a new epoch, by which everybody
// learns the new replicas, and without those that are no longer wanted. False when all that
// are in sync would go. With ZooKeeper Kafka 3.9 goes on then, and has the last whole copy deleted;
// a KRaft controller refuses, and so do we (ReplicationControlManager.cancelPartitionReassignment,
// 3.9).
func (rs *reassignments) begun(m *reassignment) (znode.PartitionState, bool) {
	s := m.p.state
	s.ISR = filter(s.ISR, func(id kafka.BrokerID) bool { return slices.Contains(m.to.Replicas, id) })
	if len(s.ISR) == 0 {
		return s, false
	}
	if s.Leader != kafka.NoBroker && !slices.Contains(m.to.Replicas, s.Leader) {
		s.Leader = rs.cluster.firstEligible(m.p, m.to.Replicas, s.ISR)
	}
	s.LeaderEpoch++
	return s, true
}

// complete ends those of list whose new replicas are all in sync. A reassignment ends with the
// deletion of its topic, where Kafka first waits for the reassignment.
func (rs *reassignments) complete(list []*partition) chain.Step {
	return chain.NewLazy("complete reassignments", func() chain.Step {
		leaders := map[*partition]kafka.BrokerID{}
		return &stateUpdate{
			name: "complete reassignments", states: rs.states,
			left: filter(list, func(p *partition) bool {
				t := rs.cluster.topics[p.tp.Topic]
				return p.reassigning() && t != nil && t.deletion == nil
			}),
			decide: func(_ *model.Effects, p *partition) (znode.PartitionState, bool) {
				leaders[p] = p.state.Leader
				return rs.reassigned(p)
			},
			written: func(out *model.Effects, list []*partition, then chain.Next) {
				gone := map[*partition][]kafka.BrokerID{}
				for _, p := range list {
					gone[p] = p.assignment.Removing
					p.assignment = znode.Assignment{Replicas: p.target()}
				}
				rs.announce(out, list, leaders, gone, then)
			},
		}
	})
}

// reassigned is the state of p without the replicas that go; false as long as one that comes is not
// in sync, or nobody of those that stay may lead (Election.leaderForReassign, 3.9, which goes on
// without a leader then).
func (rs *reassignments) reassigned(p *partition) (znode.PartitionState, bool) {
	s, target := p.state, p.target()
	for _, id := range target {
		if !slices.Contains(s.ISR, id) {
			return s, false
		}
	}
	if !slices.Contains(target, s.Leader) || !rs.cluster.online(p, s.Leader) {
		if s.Leader = rs.cluster.firstEligible(p, target, s.ISR); s.Leader == kafka.NoBroker {
			return s, false
		}
	}
	s.LeaderEpoch++
	s.ISR = filter(s.ISR, func(id kafka.BrokerID) bool { return slices.Contains(target, id) })
	return s, true
}

// announce writes the topics of list, sends the replicas their new assignment, and has those that
// are gone delete their logs. leaders are the previous ones.
func (rs *reassignments) announce(out *model.Effects, list []*partition,
	leaders map[*partition]kafka.BrokerID, gone map[*partition][]kafka.BrokerID, then chain.Next,
) {
	rs.writeTopics(out, list, func(out *model.Effects) {
		for _, p := range list {
			rs.addAnnouncement(out, p, leaders[p], gone[p])
		}
		rs.batch.flush(out)
		then(out)
	})
}

// addAnnouncement notes the new assignment of p, and adds it to the batch.
func (rs *reassignments) addAnnouncement(out *model.Effects, p *partition,
	previousLeader kafka.BrokerID, gone []kafka.BrokerID,
) {
	kind := kafka.ReassignmentStarted
	if !p.reassigning() { // done, or cancelled, or only the order has changed
		kind = kafka.ReassignmentCompleted
	}
	kafka.AddNote(out, kafka.Note{
		Kind: kind, Topic: p.tp.Topic, Partition: p.tp.Partition,
		Brokers: slices.Clone(p.assignment.Replicas),
	})
	if p.state.Leader != previousLeader && p.state.Leader != kafka.NoBroker {
		noteLeader(out, p)
	}
	rs.batch.addLeaderAndIsr(p, p.assignment.Replicas, false)
	rs.batch.addLeaderAndIsr(p, p.assignment.Adding, true)
	for _, id := range gone {
		rs.batch.addStopReplica(p, id, true)
	}
}

// writeTopics writes the topic nodes of list, which names the partitions of a topic together.
func (rs *reassignments) writeTopics(out *model.Effects, list []*partition,
	then chain.Next,
) {
	var writes []request
	for i, p := range list {
		if i == 0 || list[i-1].tp.Topic != p.tp.Topic {
			writes = append(writes, request{kind: opSet, path: znode.TopicPath(p.tp.Topic), guarded: true,
				data: znode.EncodeTopic(rs.cluster.topics[p.tp.Topic].node()), version: anyVersion})
		}
	}
	rs.zk.submit(out, writes, func(out *model.Effects, _ []result) {
		then(out)
	})
}

// target is what the replicas of p are to be in the end.
func (p *partition) target() []kafka.BrokerID {
	return without(p.assignment.Replicas, p.assignment.Removing)
}

// moving lists the partitions that move.
func (x *cluster) moving() []*partition {
	return x.partitions(func(_ *topic, p *partition) bool { return p.reassigning() })
}

// movingTo lists the partitions that move to one of the brokers.
func (x *cluster) movingTo(ids []kafka.BrokerID) []*partition {
	return x.partitions(func(_ *topic, p *partition) bool {
		return p.reassigning() && slices.ContainsFunc(p.target(), func(id kafka.BrokerID) bool {
			return slices.Contains(ids, id)
		})
	})
}
