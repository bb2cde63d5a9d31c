// ControlledShutdown (key 7): v0–v3.
// Does: moves the leaders off a broker that stops, takes it out of the ISRs, names what it still
// leads.
// State: controlled_shutdown.go; the broker's side is broker/shutdown.go.
// Lessons: replication/*.

package controller

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// HandleControlledShutdown answers ControlledShutdown v0–v3: it moves the leaders off a broker that
// is about to stop, takes it out of the ISRs of the partitions that it follows, and names those
// that it still leads (KafkaController.doControlledShutdown, 3.9).
func (c *Controller) HandleControlledShutdown(out *model.Effects,
	req *kmsg.ControlledShutdownRequest, reply Reply,
) {
	fail := func(out *model.Effects, code wire.Code) {
		resp := kmsg.NewPtrControlledShutdownResponse()
		resp.ErrorCode = int16(code)
		reply(out, resp)
	}
	if !c.active {
		fail(out, wire.NotController)
		return
	}
	c.enqueue(out, event{
		run: func(out *model.Effects) {
			id := kafka.BrokerID(req.BrokerID)
			b := c.ctx.broker(id)
			switch {
			case b == nil:
				fail(out, wire.BrokerNotAvailable)
			case req.GetVersion() >= 2 && req.BrokerEpoch >= 0 && req.BrokerEpoch < b.epoch:
				fail(out, wire.StaleBrokerEpoch)
			default:
				c.shutDown(out, b, reply)
				return
			}
			c.finish(out)
		},
		abort: func(out *model.Effects) { fail(out, wire.NotController) },
	})
}

// shutDown moves what can be moved. A partition with one replica stays where it is.
func (c *Controller) shutDown(out *model.Effects, b *liveBroker, reply Reply) {
	if !b.stopping {
		b.stopping = true
		kafka.AddNote(out, kafka.Note{Kind: kafka.ShutdownStarted, Broker: b.ID})
	}
	list := slices.DeleteFunc(c.replicasOn(b.ID), func(p *partition) bool {
		return !p.hasState() || len(p.assignment.Replicas) < 2 ||
			c.ctx.topics[p.tp.Topic].deletion != nil
	})
	c.moveOff(out, b.ID, list, func(out *model.Effects) {
		c.flush(out)
		resp := kmsg.NewPtrControlledShutdownResponse()
		for _, p := range list {
			if p.state.Leader == b.ID {
				left := kmsg.NewControlledShutdownResponsePartitionsRemaining()
				left.Topic, left.Partition = p.tp.Topic, p.tp.Partition
				resp.PartitionsRemaining = append(resp.PartitionsRemaining, left)
			}
		}
		reply(out, resp)
		c.finish(out)
	})
}

// moveOff writes the states of list without the broker: where it led with another leader, if there
// is one, and without all brokers that stop in the ISR; where it followed without it in the ISR. It
// goes on following what it led, until it ends or asks again; what it followed it stops
// (Election.leaderForControlledShutdown, KafkaController.doControlledShutdown, 3.9).
func (c *Controller) moveOff(out *model.Effects, id kafka.BrokerID,
	list []*partition, then next,
) {
	if len(list) == 0 {
		then(out)
		return
	}
	c.readStates(out, list, func(out *model.Effects) {
		var changes []stateChange
		led := map[*partition]bool{}
		for _, p := range list {
			led[p] = p.state.Leader == id
			s, ok := withoutReplica(p.state, id)
			if led[p] {
				s, ok = c.leaderAtShutdown(p)
			} else {
				c.batch.addStopReplica(p, id, false)
			}
			if ok {
				changes = append(changes, stateChange{p, s})
			}
		}
		c.writeStates(out, changes, func(out *model.Effects,
			written, late []*partition,
		) {
			for _, p := range written {
				told := p.assignment.Replicas
				if led[p] {
					c.noteLeader(out, p)
				} else {
					told = without(told, []kafka.BrokerID{id})
				}
				c.batch.addLeaderAndIsr(p, told, false)
			}
			c.moveOff(out, id, late, then)
		})
	})
}

// leaderAtShutdown is the state of p with the first leader in sync that does not stop; false when
// there is none.
func (c *Controller) leaderAtShutdown(p *partition) (znode.PartitionState, bool) {
	s := p.state
	if s.Leader = c.firstEligible(p, p.assignment.Replicas, s.ISR); s.Leader == kafka.NoBroker {
		return s, false
	}
	s.LeaderEpoch++
	s.ISR = filter(s.ISR, func(id kafka.BrokerID) bool {
		b := c.ctx.broker(id)
		return b == nil || !b.stopping
	})
	return s, true
}
