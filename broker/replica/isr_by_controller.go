package replica

import (
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// isrRetryBackoff is how long a request that the controller refused or did not get is held back
// (DefaultAlterPartitionManager, 3.9).
const isrRetryBackoff = 50 * time.Millisecond

// controllerISRStore asks the controller with AlterPartition (KIP-497,
// DefaultAlterPartitionManager, 3.9): all changes that are not decided yet in one request, one
// request at a time, until there is an answer.
type controllerISRStore struct {
	rs        *Set
	undecided []isrChange // at most one a partition, by topic and partition
	busy      bool        // a request is out
	armed     bool        // the back-off runs
}

// write implements isrStore. While an older change of the partition is undecided the new one is
// refused and has to be made again.
func (s *controllerISRStore) write(out *model.Effects, p *Partition) {
	at, found := s.find(p.tp)
	if found {
		p.isr.pending = nil
		return
	}
	s.undecided = slices.Insert(s.undecided, at, p.pendingChange())
	s.send(out)
}

func (s *controllerISRStore) find(tp kafka.TopicPartition) (int, bool) {
	return slices.BinarySearchFunc(s.undecided, tp, func(c isrChange, tp kafka.TopicPartition) int {
		return c.p.tp.Compare(tp)
	})
}

func (s *controllerISRStore) send(out *model.Effects) {
	if s.busy || s.armed || len(s.undecided) == 0 {
		return
	}
	addr, known := s.rs.peers.Address(s.rs.peers.Controller())
	if !known {
		s.retryLater(out)
		return
	}
	sent := slices.Clone(s.undecided)
	s.busy = true
	s.rs.isrLinks.To(addr).Send(out, s.request(sent), s.rs.cfg.ControllerSocketTimeout,
		func(out *model.Effects, resp kmsg.Response, err error) {
			if err == nil && resp.(*kmsg.AlterPartitionResponse).ErrorCode == 0 {
				s.apply(out, sent, resp.(*kmsg.AlterPartitionResponse))
			} else {
				s.retryLater(out)
			}
			s.busy = false
			s.send(out)
		})
}

func (s *controllerISRStore) retryLater(out *model.Effects) {
	s.armed = true
	out.SetTimer(model.Timer{Kind: s.rs.timers.ISRStore}, out.Now.Add(isrRetryBackoff))
}

// onTimer implements isrStore.
func (s *controllerISRStore) onTimer(out *model.Effects) {
	s.armed = false
	s.send(out)
}

// request asks for changes. The members of an ISR go without broker epochs, as in a cluster with
// ZooKeeper (Partition.addBrokerEpochToIsr, 3.9).
func (s *controllerISRStore) request(changes []isrChange) *kmsg.AlterPartitionRequest {
	req := kmsg.NewPtrAlterPartitionRequest()
	req.SetVersion(3)
	req.BrokerID, req.BrokerEpoch = int32(s.rs.cfg.ID), s.rs.membership.BrokerEpoch()
	for i := range changes {
		c := &changes[i]
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Topic != c.p.tp.Topic {
			t := kmsg.NewAlterPartitionRequestTopic()
			t.Topic, t.TopicID = c.p.tp.Topic, c.p.topicID
			req.Topics = append(req.Topics, t)
		}
		part := kmsg.NewAlterPartitionRequestTopicPartition()
		part.Partition, part.LeaderEpoch = c.p.tp.Partition, int32(c.leaderEpoch)
		part.PartitionEpoch = c.version
		for _, id := range c.isr {
			member := kmsg.NewAlterPartitionRequestTopicPartitionNewEpochISR()
			member.BrokerID = int32(id)
			part.NewEpochISR = append(part.NewEpochISR, member)
		}
		t := &req.Topics[len(req.Topics)-1]
		t.Partitions = append(t.Partitions, part)
	}
	return req
}

// apply takes the decisions over. A change that the answer does not mention is asked for again.
func (s *controllerISRStore) apply(out *model.Effects, sent []isrChange,
	resp *kmsg.AlterPartitionResponse,
) {
	names := map[[16]byte]string{}
	for i := range sent {
		names[sent[i].p.topicID] = sent[i].p.tp.Topic
	}
	for i := range resp.Topics {
		t := &resp.Topics[i]
		for j := range t.Partitions {
			answer := &t.Partitions[j]
			at, found := s.find(kafka.TopicPartition{
				Topic: names[t.TopidID], Partition: answer.Partition,
			})
			if !found {
				continue
			}
			c := s.undecided[at]
			s.undecided = slices.Delete(s.undecided, at, at+1)
			c.decide(out, answer)
		}
	}
}

// decide is what an answer makes of a change (Partition.handleAlterPartitionUpdate and
// handleAlterPartitionError, 3.9).
func (c *isrChange) decide(out *model.Effects,
	answer *kmsg.AlterPartitionResponseTopicPartition,
) {
	p := c.p
	if !c.isPending() {
		return // the partition moved on
	}
	switch wire.Code(answer.ErrorCode) {
	case wire.None:
		if kafka.Epoch(answer.LeaderEpoch) == p.leaderEpoch && answer.PartitionEpoch >= p.isr.version {
			isr := brokerIDs(answer.ISR)
			slices.Sort(isr)
			p.onISRChanged(out, isr, answer.PartitionEpoch)
		}
	case wire.OperationNotAttempted, wire.IneligibleReplica:
		p.isr.pending = nil // the version is right, and nothing was changed
	case wire.UnknownTopicOrPartition, wire.UnknownTopicID, wire.FencedLeaderEpoch,
		wire.InvalidUpdateVersion, wire.InvalidRequest, wire.NewLeaderElected:
		// It stays pending: the controller knows more of the partition, and will tell.
	default:
		p.rs.isrStore.write(out, p)
	}
}
