package controller

import (
	"fmt"
	"slices"

	"sandcastle/broker/chain"
	"sandcastle/broker/znode"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Prefer makes Broker the leader of TP, now, whoever leads. It is not an operation of Kafka: it is
// for scenarios that need a certain leader. Only the active controller does it.
type Prefer struct {
	TP     kafka.TopicPartition
	Broker kafka.BrokerID
	// Unclean allows a broker outside the ISR.
	Unclean bool
}

// String implements model.Command.
func (p *Prefer) String() string { return fmt.Sprintf("prefer %s broker-%d", p.TP, p.Broker) }

// Sum implements model.Command.
func (p *Prefer) Sum() uint64 { return model.SumString(kafka.SumPrefer, p.String()) }

// Forbid keeps Broker from being elected leader of TP until it is lifted. It is not an
// operation of Kafka either; every controller must get it.
type Forbid struct {
	TP     kafka.TopicPartition
	Broker kafka.BrokerID
	Lift   bool
}

// String implements model.Command.
func (f *Forbid) String() string {
	return fmt.Sprintf("forbid %s broker-%d lift=%t", f.TP, f.Broker, f.Lift)
}

// Sum implements model.Command.
func (f *Forbid) Sum() uint64 { return model.SumString(kafka.SumForbid, f.String()) }

// forbidden is a replica that is not to lead.
type forbidden struct {
	tp     kafka.TopicPartition
	broker kafka.BrokerID
}

// OnCommand handles Prefer and Forbid; false for any other command.
func (c *Controller) OnCommand(out *model.Effects, command model.Command) bool {
	switch command := command.(type) {
	case *Forbid:
		f := forbidden{command.TP, command.Broker}
		x := c.cluster
		x.forbidden = slices.DeleteFunc(x.forbidden, func(o forbidden) bool { return o == f })
		if !command.Lift {
			x.forbidden = append(x.forbidden, f)
		}
	case *Prefer:
		if c.active {
			c.enqueue(out, chain.NewLazy("prefer a leader", func() chain.Step {
				return c.partitions.prefer(command)
			}))
		}
	default:
		return false
	}
	return true
}

// prefer writes the chosen leader in a new epoch and notifies the replicas, as any election does.
func (m *partitionStateMachine) prefer(command *Prefer) chain.Step {
	p := m.cluster.partition(command.TP)
	if p == nil || !p.hasState() {
		return chain.New("prefer a leader of nothing")
	}
	inSync := false
	return &stateUpdate{
		name: command.String(), states: m.states, left: []*partition{p},
		decide: func(_ *model.Effects, p *partition) (znode.PartitionState, bool) {
			s := p.state
			inSync = slices.Contains(s.ISR, command.Broker)
			if !m.cluster.eligible(p)(command.Broker) || s.Leader == command.Broker ||
				!inSync && !command.Unclean {
				return s, false
			}
			s.Leader = command.Broker
			s.LeaderEpoch++
			if !inSync {
				s.ISR, s.Recovering = []kafka.BrokerID{command.Broker}, true
			}
			return s, true
		},
		written: func(out *model.Effects, list []*partition, then chain.Next) {
			for _, p := range list {
				m.announceLeader(out, p, !inSync)
			}
			m.batch.flush(out)
			then(out)
		},
	}
}
