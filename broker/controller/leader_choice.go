package controller

import (
	"fmt"
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Prefer makes Broker the leader of TP, now, whoever leads. It is no operation of Kafka: it is for
// scenarios that need a certain leader. Only the active controller does it.
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

// Forbid keeps Broker from being elected leader of TP until it is lifted. It is no operation of
// Kafka either; every controller has to be told.
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

// OnCommand takes Prefer and Forbid, and says whether c was one of them.
func (c *Controller) OnCommand(out *model.Effects, command model.Command) bool {
	switch command := command.(type) {
	case *Forbid:
		f := forbidden{command.TP, command.Broker}
		c.forbidden = slices.DeleteFunc(c.forbidden, func(x forbidden) bool { return x == f })
		if !command.Lift {
			c.forbidden = append(c.forbidden, f)
		}
	case *Prefer:
		if c.active {
			c.enqueue(out, event{run: func(out *model.Effects) {
				c.prefer(out, command)
			}})
		}
	default:
		return false
	}
	return true
}

// eligible tells whether the replica of p on a broker can serve and is not forbidden to lead.
func (c *Controller) eligible(p *partition) func(kafka.BrokerID) bool {
	return func(id kafka.BrokerID) bool {
		return c.ctx.online(p, id) && !slices.Contains(c.forbidden, forbidden{p.tp, id})
	}
}

// prefer writes the chosen leader in a new epoch and tells the replicas, as any election does.
func (c *Controller) prefer(out *model.Effects, command *Prefer) {
	p := c.ctx.partition(command.TP)
	if p == nil || !p.hasState() {
		c.finish(out)
		return
	}
	c.readStates(out, []*partition{p}, func(out *model.Effects) {
		inSync := slices.Contains(p.state.ISR, command.Broker)
		if !c.eligible(p)(command.Broker) || p.state.Leader == command.Broker ||
			!inSync && !command.Unclean {
			c.finish(out)
			return
		}
		s := p.state
		s.Leader = command.Broker
		s.LeaderEpoch++
		if !inSync {
			s.ISR, s.Recovering = []kafka.BrokerID{command.Broker}, true
		}
		c.writeStates(out, []stateChange{{p, s}}, func(out *model.Effects,
			written, late []*partition,
		) {
			c.announceLeaders(out, written, !inSync)
			c.flush(out)
			if len(late) > 0 {
				c.prefer(out, command) // its leader has just changed the ISR
				return
			}
			c.finish(out)
		})
	})
}

// announceLeaders notes the leaders of list, and has the replicas hear of them.
func (c *Controller) announceLeaders(out *model.Effects, list []*partition, unclean bool) {
	for _, p := range list {
		c.noteLeader(out, p)
		if unclean {
			kafka.AddNote(out, kafka.Note{
				Kind: kafka.UncleanElected, Topic: p.tp.Topic, Partition: p.tp.Partition,
				Broker: p.state.Leader, Epoch: p.state.LeaderEpoch,
			})
		}
		c.batch.addLeaderAndIsr(p, p.assignment.Replicas, false)
	}
}
