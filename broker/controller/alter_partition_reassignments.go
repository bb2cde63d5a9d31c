// AlterPartitionReassignments (key 45): v0.
// Does: begins, changes and cancels moves of replicas (KIP-455). One that would delete the last
// replica in sync is refused, as with KRaft.
// Does not: throttle; that is replica/replication_quota.go, by the settings of topics and brokers.
// State: alter_partition_reassignments.go, reassignment.go.   Lessons: replication/*.
//
// ListPartitionReassignments (key 46): v0.
// Does: the moves of replicas that are under way (KIP-455).
// State: alter_partition_reassignments.go.   Lessons: replication/*.

package controller

import (
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/chain"
	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// HandleAlterPartitionReassignments answers AlterPartitionReassignments v0: it begins, changes or
// cancels reassignments and replies when they are written down
// (KafkaController.processApiPartitionReassignment, 3.9).
func (c *Controller) HandleAlterPartitionReassignments(out *model.Effects,
	req *kmsg.AlterPartitionAssignmentsRequest, reply Reply,
) {
	c.whenActive(out, chain.NewLazy("alter reassignments", func() chain.Step {
		resp, moves := c.reassignments.parse(req)
		begun := make([]*partition, len(moves))
		for i, m := range moves {
			begun[i] = m.p
		}
		return chain.New("alter reassignments", c.reassignments.begin(moves),
			chain.Action("answer", func(out *model.Effects) {
				reply(out, resp)
				c.events.answered()
			}),
			c.reassignments.complete(begun),
		)
	}), func(out *model.Effects) {
		resp := kmsg.NewPtrAlterPartitionAssignmentsResponse()
		resp.ErrorCode = int16(wire.NotController)
		reply(out, resp)
	})
}

// parse returns the moves that a request asks for, with a response of its shape in which the others
// are refused. Of a partition that is named twice the last counts.
func (rs *reassignments) parse(req *kmsg.AlterPartitionAssignmentsRequest,
) (*kmsg.AlterPartitionAssignmentsResponse, []*reassignment) {
	resp := kmsg.NewPtrAlterPartitionAssignmentsResponse()
	resp.ErrorMessage = new(string)
	var moves []*reassignment
	byPartition := map[*partition]*reassignment{}
	for i := range req.Topics {
		t := kmsg.NewAlterPartitionAssignmentsResponseTopic()
		t.Topic = req.Topics[i].Topic
		asked := req.Topics[i].Partitions
		// The answers are pointed to, so they must not move.
		t.Partitions = make([]kmsg.AlterPartitionAssignmentsResponseTopicPartition, 0, len(asked))
		for j := range asked {
			tp := kafka.TopicPartition{Topic: t.Topic, Partition: asked[j].Partition}
			m, code, why := rs.newReassignment(tp, asked[j].Replicas)
			if m != nil && byPartition[m.p] != nil {
				byPartition[m.p].to = m.to
				continue
			}
			answer := kmsg.NewAlterPartitionAssignmentsResponseTopicPartition()
			answer.Partition = tp.Partition
			t.Partitions = append(t.Partitions, answer)
			at := &t.Partitions[len(t.Partitions)-1]
			refuse(at, code, why)
			if m != nil {
				m.answer, byPartition[m.p] = at, m
				moves = append(moves, m)
			}
		}
		resp.Topics = append(resp.Topics, t)
	}
	return resp, moves
}

func refuse(answer *kmsg.AlterPartitionAssignmentsResponseTopicPartition, code wire.Code,
	why string,
) {
	if answer.ErrorCode = int16(code); code != wire.None {
		answer.ErrorMessage = &why
	}
}

// newReassignment is a move of tp to the replicas asked for, or with nil back to the previous ones;
// nil and why not when that cannot be (KafkaController.validateReplicas and maybeBuildReassignment,
// 3.9).
func (rs *reassignments) newReassignment(tp kafka.TopicPartition, asked []int32,
) (*reassignment, wire.Code, string) {
	p := rs.cluster.partition(tp)
	var now znode.Assignment
	if p != nil {
		now = p.assignment
	}
	origin := without(now.Replicas, now.Adding)
	target := origin
	if asked != nil {
		var why string
		if target, why = rs.newReplicas(asked, origin); why != "" {
			return nil, wire.InvalidReplicaAssignment, why
		}
	} else if p == nil || !p.reassigning() {
		return nil, wire.NoReassignmentInProgress, "no reassignment of the partition is in progress"
	}
	switch {
	case p == nil || rs.cluster.topics[tp.Topic].deletion != nil:
		return nil, wire.UnknownTopicOrPartition, "the partition does not exist"
	case !p.hasState():
		return nil, wire.UnknownServerError, "the partition never had a leader"
	}
	m := &reassignment{p: p}
	m.to.Adding, m.to.Removing = without(target, origin), without(origin, target)
	m.to.Replicas = slices.Concat(target, m.to.Removing)
	return m, wire.None, ""
}

// newReplicas reads a list of replicas, each once, those that are new on live brokers, or says what
// is wrong with it. One that stays may be dead.
func (rs *reassignments) newReplicas(list []int32, origin []kafka.BrokerID,
) ([]kafka.BrokerID, string) {
	if len(list) == 0 {
		return nil, "a partition needs a replica"
	}
	var ids []kafka.BrokerID
	for _, n := range list {
		id := kafka.BrokerID(n)
		switch {
		case id < 0:
			return nil, fmt.Sprintf("%d is no broker id", id)
		case slices.Contains(ids, id):
			return nil, fmt.Sprintf("broker %d stands twice", id)
		case !slices.Contains(origin, id) && !rs.cluster.serving(id):
			return nil, fmt.Sprintf("broker %d is not alive", id)
		}
		ids = append(ids, id)
	}
	return ids, ""
}

// without is list less the members of other.
func without(list, other []kafka.BrokerID) []kafka.BrokerID {
	return filter(list, func(id kafka.BrokerID) bool { return !slices.Contains(other, id) })
}

// HandleListPartitionReassignments answers ListPartitionReassignments v0 out of what the controller
// knows (KafkaController.processListPartitionReassignments, 3.9).
func (c *Controller) HandleListPartitionReassignments(out *model.Effects,
	req *kmsg.ListPartitionReassignmentsRequest, reply Reply,
) {
	c.whenActive(out, chain.Action("list reassignments", func(out *model.Effects) {
		reply(out, reassignmentList(c.cluster.movingOf(req)))
	}), func(out *model.Effects) {
		resp := kmsg.NewPtrListPartitionReassignmentsResponse()
		resp.ErrorCode = int16(wire.NotController)
		reply(out, resp)
	})
}

// movingOf lists the partitions that move among those that the request names, or among all if it
// names none.
func (x *cluster) movingOf(req *kmsg.ListPartitionReassignmentsRequest) []*partition {
	if req.Topics == nil {
		return x.moving()
	}
	var list []*partition
	for _, t := range req.Topics {
		for _, n := range t.Partitions {
			p := x.partition(kafka.TopicPartition{Topic: t.Topic, Partition: n})
			if p != nil && p.reassigning() {
				list = append(list, p)
			}
		}
	}
	slices.SortFunc(list, comparePartitions)
	return slices.Compact(list)
}

func reassignmentList(list []*partition) *kmsg.ListPartitionReassignmentsResponse {
	resp := kmsg.NewPtrListPartitionReassignmentsResponse()
	resp.ErrorMessage = new(string)
	for _, p := range list {
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
	return resp
}
