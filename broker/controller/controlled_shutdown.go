// ControlledShutdown (key 7): v0–v3.
// Does: moves the leaders off a broker that stops, takes it out of the ISRs, names what it still
// leads.
// State: controlled_shutdown.go; the broker's side is broker/shutdown.go.
// Lessons: replication/*.

package controller

import (
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/chain"
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
	c.whenActive(out, chain.NewLazy("controlled shutdown", func() chain.Step {
		b := c.cluster.broker(kafka.BrokerID(req.BrokerID))
		switch {
		case b == nil:
			return chain.Action("refuse", func(out *model.Effects) { fail(out, wire.BrokerNotAvailable) })
		case req.GetVersion() >= 2 && req.BrokerEpoch >= 0 && req.BrokerEpoch < b.epoch:
			return chain.Action("refuse", func(out *model.Effects) { fail(out, wire.StaleBrokerEpoch) })
		default:
			return c.shutDown(b, reply)
		}
	}), func(out *model.Effects) { fail(out, wire.NotController) })
}

// shutDown moves what can be moved. A partition with one replica stays where it is.
func (c *Controller) shutDown(b *liveBroker, reply Reply) chain.Step {
	var list []*partition
	return chain.New(fmt.Sprintf("shutdown of broker %d", b.ID),
		chain.Action("begin", func(out *model.Effects) {
			if !b.stopping {
				b.stopping = true
				kafka.AddNote(out, kafka.Note{Kind: kafka.ShutdownStarted, Broker: b.ID})
			}
			list = slices.DeleteFunc(c.cluster.replicasOn(b.ID), func(p *partition) bool {
				return !p.hasState() || len(p.assignment.Replicas) < 2 || c.cluster.deleting(p)
			})
		}),
		chain.NewLazy("move partitions", func() chain.Step { return c.replicas.moveOff(b.ID, list) }),
		chain.Action("send", c.batch.flush),
		chain.Action("answer", func(out *model.Effects) { reply(out, shutdownAnswer(b.ID, list)) }),
	)
}

// shutdownAnswer names the partitions of list that the broker still leads.
func shutdownAnswer(id kafka.BrokerID, list []*partition) *kmsg.ControlledShutdownResponse {
	resp := kmsg.NewPtrControlledShutdownResponse()
	for _, p := range list {
		if p.state.Leader == id {
			left := kmsg.NewControlledShutdownResponsePartitionsRemaining()
			left.Topic, left.Partition = p.tp.Topic, p.tp.Partition
			resp.PartitionsRemaining = append(resp.PartitionsRemaining, left)
		}
	}
	return resp
}
