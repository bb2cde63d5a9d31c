package controller

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/model"
)

// A reassignment (KIP-455) goes in three steps, each of them written down in the topic's node or the
// partition's state, so that the next controller goes on where this one ends
// (KafkaController.onPartitionReassignment, 3.9):
//
//	begin     the replicas are the old and the new ones; the leader epoch grows; the new ones copy
//	wait      until every new replica is in the ISR
//	complete  the leader moves if it is to go; ISR and replicas are the new ones; the others delete

// HandleAlterPartitionReassignments answers AlterPartitionReassignments v0: it begins, changes or
// cancels reassignments and replies when they are written down.
func (c *Controller) HandleAlterPartitionReassignments(now model.Time, out *model.Effects,
	req *kmsg.AlterPartitionAssignmentsRequest, reply Reply,
) {
	fail := func(now model.Time, out *model.Effects) {
		resp := kmsg.NewPtrAlterPartitionAssignmentsResponse()
		resp.ErrorCode = int16(wire.NotController)
		reply(now, out, resp)
	}
	if !c.active {
		fail(now, out)
		return
	}
	c.enqueue(now, out, event{
		run: func(now model.Time, out *model.Effects) {
			resp := kmsg.NewPtrAlterPartitionAssignmentsResponse()
			var begun []*partition
			for i := range req.Topics {
				t := kmsg.NewAlterPartitionAssignmentsResponseTopic()
				t.Topic = req.Topics[i].Topic
				for j := range req.Topics[i].Partitions {
					part := kmsg.NewAlterPartitionAssignmentsResponseTopicPartition()
					part.Partition = req.Topics[i].Partitions[j].Partition
					p, code, why := c.reassign(t.Topic, &req.Topics[i].Partitions[j])
					if part.ErrorCode = int16(code); why != "" {
						part.ErrorMessage = &why
					}
					if code == wire.None {
						begun = append(begun, p)
					}
					t.Partitions = append(t.Partitions, part)
				}
				resp.Topics = append(resp.Topics, t)
			}
			c.beginReassignments(now, out, begun, func(now model.Time, out *model.Effects) {
				reply(now, out, resp)
				c.completeReassignments(now, out, begun, c.finish)
			})
		},
		abort: fail,
	})
}

// reassign changes the assignment of one partition in the context: to the replicas that are asked
// for, or back to those of before with none.
func (c *Controller) reassign(topic string, req *kmsg.AlterPartitionAssignmentsRequestTopicPartition,
) (*partition, wire.Code, string) {
	p := c.ctx.partition(model.TopicPartition{Topic: topic, Partition: req.Partition})
	if p == nil || !p.hasState() || c.ctx.topics[topic].deletion != nil {
		return nil, wire.UnknownTopicOrPartition, "the partition does not exist"
	}
	a := &p.assignment
	origin := filter(a.Replicas, func(id model.BrokerID) bool { return !slices.Contains(a.Adding, id) })
	target := origin
	if req.Replicas == nil {
		if !p.reassigning() {
			return nil, wire.NoReassignmentInProgress, "no reassignment is in progress"
		}
	} else {
		var why string
		if target, why = c.checkReplicas(req.Replicas); why != "" {
			return nil, wire.InvalidReplicaAssignment, why
		}
	}
	without := func(list, other []model.BrokerID) []model.BrokerID {
		return filter(list, func(id model.BrokerID) bool { return !slices.Contains(other, id) })
	}
	gone := without(a.Replicas, slices.Concat(target, origin)) // added before, not wanted any more
	p.dropped = append(p.dropped, gone...)
	a.Adding, a.Removing = without(target, origin), without(origin, target)
	a.Replicas = slices.Concat(target, a.Removing)
	return p, wire.None, ""
}

// beginReassignments writes the assignments of list down, has the epochs grow and tells the
// replicas, new ones among them.
func (c *Controller) beginReassignments(now model.Time, out *model.Effects, list []*partition,
	then next,
) {
	c.writeAssignmentsOf(now, out, list, func(now model.Time, out *model.Effects) {
		c.bumpEpochs(now, out, list, func(now model.Time, out *model.Effects) {
			for _, p := range list {
				kind := model.ReassignmentStarted
				if !p.reassigning() { // the order changed, or it was cancelled
					kind = model.ReassignmentCompleted
				}
				out.Note(model.Note{
					Kind: kind, Topic: p.tp.Topic, Partition: p.tp.Partition,
					Brokers: slices.Clone(p.assignment.Replicas),
				})
				c.batch.addLeaderAndIsr(p, p.assignment.Replicas, false)
				c.batch.addLeaderAndIsr(p, p.assignment.Adding, true)
				for _, id := range p.dropped {
					c.batch.addStopReplica(p, id, true)
				}
				p.dropped = nil
			}
			c.flush(now, out)
			then(now, out)
		})
	})
}

// writeAssignmentsOf writes the topic nodes of list.
func (c *Controller) writeAssignmentsOf(now model.Time, out *model.Effects, list []*partition,
	then next,
) {
	var writes []request
	for i, p := range list {
		if i == 0 || list[i-1].tp.Topic != p.tp.Topic {
			writes = append(writes, request{kind: opSet, path: znode.TopicPath(p.tp.Topic), guarded: true,
				data: znode.EncodeTopic(c.ctx.topics[p.tp.Topic].node()), version: anyVersion})
		}
	}
	c.submit(now, out, writes, func(now model.Time, out *model.Effects, _ []result) { then(now, out) })
}

// bumpEpochs has the leader epochs of list grow by one, so that everybody hears of the new replicas.
func (c *Controller) bumpEpochs(now model.Time, out *model.Effects, list []*partition, then next) {
	if len(list) == 0 {
		then(now, out)
		return
	}
	c.readStates(now, out, list, func(now model.Time, out *model.Effects) {
		var changes []stateChange
		for _, p := range list {
			s := p.state
			s.LeaderEpoch++
			changes = append(changes, stateChange{p, s})
		}
		c.writeStates(now, out, changes, func(now model.Time, out *model.Effects, _, late []*partition) {
			c.bumpEpochs(now, out, late, then)
		})
	})
}

// target is what the replicas of p are to be in the end.
func (p *partition) target() []model.BrokerID {
	return filter(p.assignment.Replicas, func(id model.BrokerID) bool {
		return !slices.Contains(p.assignment.Removing, id)
	})
}

// completeReassignments ends those of list whose new replicas are all in sync.
func (c *Controller) completeReassignments(now model.Time, out *model.Effects, list []*partition,
	then next,
) {
	ready := slices.DeleteFunc(slices.Clone(list), func(p *partition) bool {
		return !p.reassigning() || c.ctx.topics[p.tp.Topic] == nil ||
			c.ctx.topics[p.tp.Topic].deletion != nil
	})
	if len(ready) == 0 {
		then(now, out)
		return
	}
	c.readStates(now, out, ready, func(now model.Time, out *model.Effects) {
		var changes []stateChange
		for _, p := range ready {
			if s, ok := c.reassigned(p); ok {
				changes = append(changes, stateChange{p, s})
			}
		}
		c.writeStates(now, out, changes, func(now model.Time, out *model.Effects,
			written, late []*partition,
		) {
			c.endReassignments(now, out, written, func(now model.Time, out *model.Effects) {
				c.completeReassignments(now, out, late, then)
			})
		})
	})
}

// reassigned is the state of p without the replicas that go; false as long as one that comes is not
// in sync, or nobody of those that stay may lead (Election.leaderForReassign, 3.9).
func (c *Controller) reassigned(p *partition) (znode.PartitionState, bool) {
	s, target := p.state, p.target()
	for _, id := range target {
		if !slices.Contains(s.ISR, id) {
			return s, false
		}
	}
	if !slices.Contains(target, s.Leader) || !c.ctx.online(p, s.Leader) {
		i := slices.IndexFunc(target, c.eligible(p))
		if i < 0 {
			return s, false
		}
		s.Leader = target[i]
	}
	s.LeaderEpoch++
	s.ISR = filter(s.ISR, func(id model.BrokerID) bool { return slices.Contains(target, id) })
	return s, true
}

// endReassignments has the replicas that go delete their logs, and writes the new assignment.
func (c *Controller) endReassignments(now model.Time, out *model.Effects, list []*partition,
	then next,
) {
	gone := map[*partition][]model.BrokerID{}
	for _, p := range list {
		gone[p] = p.assignment.Removing
		p.assignment = znode.Assignment{Replicas: p.target()}
	}
	c.writeAssignmentsOf(now, out, list, func(now model.Time, out *model.Effects) {
		for _, p := range list {
			c.noteLeader(out, p)
			out.Note(model.Note{
				Kind: model.ReassignmentCompleted, Topic: p.tp.Topic, Partition: p.tp.Partition,
				Brokers: slices.Clone(p.assignment.Replicas),
			})
			c.batch.addLeaderAndIsr(p, p.assignment.Replicas, false)
			for _, id := range gone[p] {
				c.batch.addStopReplica(p, id, true)
			}
		}
		c.flush(now, out)
		then(now, out)
	})
}

// HandleListPartitionReassignments answers ListPartitionReassignments v0 out of what the controller
// knows.
func (c *Controller) HandleListPartitionReassignments(now model.Time, out *model.Effects,
	req *kmsg.ListPartitionReassignmentsRequest, reply Reply,
) {
	resp := kmsg.NewPtrListPartitionReassignmentsResponse()
	if !c.active {
		resp.ErrorCode = int16(wire.NotController)
		reply(now, out, resp)
		return
	}
	asked := func(tp model.TopicPartition) bool {
		return req.Topics == nil ||
			slices.ContainsFunc(req.Topics, func(t kmsg.ListPartitionReassignmentsRequestTopic) bool {
				return t.Topic == tp.Topic && slices.Contains(t.Partitions, tp.Partition)
			})
	}
	for _, p := range c.ctx.partitions(func(_ *topic, p *partition) bool {
		return p.reassigning() && asked(p.tp)
	}) {
		if n := len(resp.Topics); n == 0 || resp.Topics[n-1].Topic != p.tp.Topic {
			t := kmsg.NewListPartitionReassignmentsResponseTopic()
			t.Topic = p.tp.Topic
			resp.Topics = append(resp.Topics, t)
		}
		part := kmsg.NewListPartitionReassignmentsResponseTopicPartition()
		part.Partition, part.Replicas = p.tp.Partition, wireIDs(p.assignment.Replicas)
		part.AddingReplicas = wireIDs(p.assignment.Adding)
		part.RemovingReplicas = wireIDs(p.assignment.Removing)
		t := &resp.Topics[len(resp.Topics)-1]
		t.Partitions = append(t.Partitions, part)
	}
	reply(now, out, resp)
}
