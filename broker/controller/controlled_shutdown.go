package controller

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
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
	c.whenActive(out, "controlled shutdown", func(out *model.Effects, then next) {
		id := kafka.BrokerID(req.BrokerID)
		b := c.cluster.broker(id)
		switch {
		case b == nil:
			fail(out, wire.BrokerNotAvailable)
		case req.GetVersion() >= 2 && req.BrokerEpoch >= 0 && req.BrokerEpoch < b.epoch:
			fail(out, wire.StaleBrokerEpoch)
		default:
			c.shutDown(out, b, reply, then)
			return
		}
		then(out)
	}, func(out *model.Effects) { fail(out, wire.NotController) })
}

// shutDown moves what can be moved. A partition with one replica stays where it is.
func (c *Controller) shutDown(out *model.Effects, b *liveBroker, reply Reply,
	then next,
) {
	if !b.stopping {
		b.stopping = true
		kafka.AddNote(out, kafka.Note{Kind: kafka.ShutdownStarted, Broker: b.ID})
	}
	list := slices.DeleteFunc(c.cluster.replicasOn(b.ID), func(p *partition) bool {
		return !p.hasState() || len(p.assignment.Replicas) < 2 || c.cluster.deleting(p)
	})
	c.replicas.moveOff(b.ID, list).run(out, func(out *model.Effects) {
		c.batch.flush(out)
		resp := kmsg.NewPtrControlledShutdownResponse()
		for _, p := range list {
			if p.state.Leader == b.ID {
				left := kmsg.NewControlledShutdownResponsePartitionsRemaining()
				left.Topic, left.Partition = p.tp.Topic, p.tp.Partition
				resp.PartitionsRemaining = append(resp.PartitionsRemaining, left)
			}
		}
		reply(out, resp)
		then(out)
	})
}
