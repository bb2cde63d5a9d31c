// AlterPartition (key 56): v0–v3.
// Does: the leaders' changes of their ISRs, checked and written by the controller (KIP-497); topic
// ids from v2 on.
// Does not: compare the broker epochs of v3 (KIP-903), as with ZooKeeper.
// State: alter_partition.go; the leader's side is replica/isr_by_controller.go.
// Lessons: replication/*.

package controller

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/chain"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// isrProposal is a new ISR of one partition that its leader asks for.
type isrProposal struct {
	p                *partition // nil when there is no such partition
	leaderEpoch      kafka.Epoch
	version          int32
	isr              []kafka.BrokerID
	recovering       bool
	answer           *kmsg.AlterPartitionResponseTopicPartition
	unknownTopicID   bool
	ineligibleAnswer wire.Code
}

// HandleAlterPartition answers AlterPartition v0–v3: it checks and writes the ISRs that leaders ask
// for, and notifies them and all brokers (KafkaController.processAlterPartition, 3.9; KIP-497).
func (c *Controller) HandleAlterPartition(out *model.Effects,
	req *kmsg.AlterPartitionRequest, reply Reply,
) {
	fail := func(out *model.Effects, code wire.Code) {
		resp := kmsg.NewPtrAlterPartitionResponse()
		resp.ErrorCode = int16(code)
		reply(out, resp)
	}
	c.whenActive(out, chain.Do("alter partition", func(out *model.Effects, then chain.Next) {
		b := c.cluster.broker(kafka.BrokerID(req.BrokerID))
		if b == nil || b.epoch != req.BrokerEpoch {
			fail(out, wire.StaleBrokerEpoch)
			then(out)
			return
		}
		c.alterPartitions(out, req, reply, then)
	}), func(out *model.Effects) { fail(out, wire.NotController) })
}

func (c *Controller) alterPartitions(out *model.Effects,
	req *kmsg.AlterPartitionRequest, reply Reply, then chain.Next,
) {
	resp, proposals := c.cluster.proposals(req)
	var changes []stateChange
	asked := map[*partition]*isrProposal{}
	for i := range proposals {
		a := &proposals[i]
		if code, decided := c.cluster.judge(kafka.BrokerID(req.BrokerID), a); decided {
			a.respond(code)
			continue
		}
		if asked[a.p] != nil {
			a.respond(wire.InvalidRequest)
			continue
		}
		a.respond(wire.UnknownServerError) // unless it is written
		s := a.p.state
		s.ISR, s.Recovering = a.isr, a.recovering
		changes = append(changes, stateChange{a.p, s})
		asked[a.p] = a
	}
	c.states.write(out, changes, func(out *model.Effects,
		written, late []*partition,
	) {
		for _, p := range written {
			asked[p].respond(wire.None)
		}
		for _, p := range late {
			asked[p].respond(wire.InvalidUpdateVersion)
		}
		reply(out, resp)
		c.events.answered()
		chain.New("ISRs written",
			chain.Action("notify the brokers", func(out *model.Effects) {
				c.batch.sendStates(out, written)
			}),
			chain.Do("read the states of refused writes", func(out *model.Effects,
				then chain.Next,
			) {
				c.states.read(out, late, then)
			}),
			c.reassignments.complete(written),
		).Run(out, then)
	})
}

// proposals parses the request, and makes a response of the same shape for their answers.
func (x *cluster) proposals(req *kmsg.AlterPartitionRequest,
) (*kmsg.AlterPartitionResponse, []isrProposal) {
	resp := kmsg.NewPtrAlterPartitionResponse()
	resp.Topics = make([]kmsg.AlterPartitionResponseTopic, len(req.Topics))
	var proposals []isrProposal
	for i := range req.Topics {
		t, rt := &req.Topics[i], &resp.Topics[i]
		rt.Topic, rt.TopidID = t.Topic, t.TopicID
		name, unknown := t.Topic, false
		ineligible := wire.OperationNotAttempted
		if req.GetVersion() > 1 {
			ineligible = wire.IneligibleReplica
			if known := x.byID[t.TopicID]; known != nil {
				name = known.name
			} else {
				unknown = true
			}
		}
		rt.Partitions = make([]kmsg.AlterPartitionResponseTopicPartition, len(t.Partitions))
		for j := range t.Partitions {
			ask, answer := &t.Partitions[j], &rt.Partitions[j]
			answer.Default()
			answer.Partition = ask.Partition
			proposals = append(proposals, isrProposal{
				p:           x.partition(kafka.TopicPartition{Topic: name, Partition: ask.Partition}),
				leaderEpoch: kafka.Epoch(ask.LeaderEpoch), version: ask.PartitionEpoch,
				isr: proposedISR(ask), recovering: ask.LeaderRecoveryState == 1, answer: answer,
				unknownTopicID: unknown, ineligibleAnswer: ineligible,
			})
		}
	}
	return resp, proposals
}

// proposedISR is the new ISR, which v3 names with broker epochs (KIP-903). With ZooKeeper these are
// not compared (KafkaController.tryProcessAlterPartition, 3.9).
func proposedISR(ask *kmsg.AlterPartitionRequestTopicPartition) []kafka.BrokerID {
	isr := []kafka.BrokerID{}
	for _, id := range ask.NewISR {
		isr = append(isr, kafka.BrokerID(id))
	}
	for _, member := range ask.NewEpochISR {
		isr = append(isr, kafka.BrokerID(member.BrokerID))
	}
	return isr
}

// judge decides what needs no writing: refusals, and a state that is as asked for already
// (KafkaController.tryProcessAlterPartition, 3.9). A leader that is ahead of this controller
// obeys a newer one.
func (x *cluster) judge(leader kafka.BrokerID, a *isrProposal) (wire.Code, bool) {
	switch {
	case a.unknownTopicID:
		return wire.UnknownTopicID, true
	case a.p == nil || !a.p.hasState():
		return wire.UnknownTopicOrPartition, true
	}
	s := &a.p.state
	same := s.Leader == leader && s.LeaderEpoch == a.leaderEpoch && slices.Equal(s.ISR, a.isr) &&
		s.Recovering == a.recovering
	switch {
	case a.version > a.p.version || a.leaderEpoch > s.LeaderEpoch:
		return wire.NotController, true
	case a.leaderEpoch < s.LeaderEpoch:
		return wire.FencedLeaderEpoch, true
	case same:
		return wire.None, true
	case a.version < a.p.version:
		return wire.InvalidUpdateVersion, true
	case a.recovering && (len(a.isr) > 1 || !s.Recovering), !slices.Contains(a.isr, leader):
		return wire.InvalidRequest, true
	}
	for _, id := range a.isr {
		if !x.serving(id) || !slices.Contains(a.p.assignment.Replicas, id) {
			return a.ineligibleAnswer, true
		}
	}
	return wire.None, false
}

// respond answers a proposal: with the state as it is now, or with why it was refused.
func (a *isrProposal) respond(code wire.Code) {
	a.answer.ErrorCode = int16(code)
	if code != wire.None {
		return
	}
	s := a.p.state
	a.answer.LeaderID, a.answer.LeaderEpoch = int32(s.Leader), int32(s.LeaderEpoch)
	a.answer.ISR, a.answer.PartitionEpoch = wireIDs(s.ISR), a.p.version
	if s.Recovering {
		a.answer.LeaderRecoveryState = 1
	}
}
