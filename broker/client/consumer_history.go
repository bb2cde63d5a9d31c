package client

import (
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// consumerHistory writes a consumer's operations into the history.
type consumerHistory struct {
	client string
	group  string // group.id
	member bool   // polls are the group's once the consumer has subscribed
	final  bool   // the operations are those of a FinalRead
	lastOp uint64

	rebalance *kafka.RebalanceLog // changes of ownership since the last completed poll
}

// invoke begins an operation and returns it for its completion.
func (h *consumerHistory) invoke(out *model.Effects, op kafka.Op) kafka.Op {
	h.lastOp++
	op.ID, op.Type, op.Client, op.Final = h.lastOp, kafka.Invoke, h.client, h.final
	moved := op.F == kafka.FSeek || op.F == kafka.FReset
	if h.member || op.F != kafka.FPoll && !moved {
		op.Group = h.group
	}
	kafka.AddOp(out, op)
	return op
}

// complete ends an operation.
func (h *consumerHistory) complete(out *model.Effects, outcome kafka.OpType, op kafka.Op) {
	op.Type = outcome
	kafka.AddOp(out, op)
}

// invokePoll begins a poll.
func (h *consumerHistory) invokePoll(out *model.Effects) kafka.Op {
	return h.invoke(out, kafka.Op{
		F: kafka.FPoll, Value: []kafka.Mop{{F: kafka.FPoll}}, Isolation: "read_uncommitted",
	})
}

// throw is a poll that ends at once with an error for the application.
func (h *consumerHistory) throw(out *model.Effects, why string) {
	op := h.invoke(out, kafka.Op{F: kafka.FPoll, Value: []kafka.Mop{{F: kafka.FPoll}}})
	op.Error = why
	h.complete(out, kafka.Fail, op)
}

// moved tells that the position in a partition is another one now, by a seek or a reset.
func (h *consumerHistory) moved(out *model.Effects, f kafka.Function, p *ownedPartition,
	why string,
) {
	op := h.invoke(out, kafka.Op{
		F: f, Why: why, Offsets: []kafka.PartitionOffset{{Key: p.tp, Offset: p.position}},
	})
	h.complete(out, kafka.OK, op)
}

// assigned notes what the consumer was assigned, for the next completed poll to report.
func (h *consumerHistory) assigned(tps []kafka.TopicPartition) {
	if len(tps) > 0 {
		log := h.rebalanceLog()
		log.Assigned = append(log.Assigned, keys(tps)...)
	}
}

// droppedPartition notes what the consumer gave up, likewise.
func (h *consumerHistory) droppedPartition(tp kafka.TopicPartition, how fate) {
	switch log := h.rebalanceLog(); how {
	case revoked:
		log.Revoked = append(log.Revoked, tp.String())
	case lost:
		log.Lost = append(log.Lost, tp.String())
	}
}

func (h *consumerHistory) rebalanceLog() *kafka.RebalanceLog {
	if h.rebalance == nil {
		h.rebalance = &kafka.RebalanceLog{}
	}
	return h.rebalance
}

// takeRebalance returns the changes of ownership that no poll has reported yet, and begins anew.
func (h *consumerHistory) takeRebalance() *kafka.RebalanceLog {
	log := h.rebalance
	h.rebalance = nil
	return log
}
