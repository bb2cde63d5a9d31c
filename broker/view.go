package broker

import (
	"slices"

	"sandcastle/model"
)

// ID is the broker's id.
func (b *Broker) ID() model.BrokerID { return b.cfg.ID }

// IsController tells whether this broker believes itself the controller.
func (b *Broker) IsController() bool { return b.controller.Active() }

// Leads tells whether this broker leads tp, and in which epoch.
func (b *Broker) Leads(tp model.TopicPartition) (model.Epoch, bool) {
	p := b.partitions[tp]
	if p == nil || p.role != roleLeader {
		return model.NoEpoch, false
	}
	return p.leaderEpoch, true
}

// Follows tells whether this broker follows tp's leader.
func (b *Broker) Follows(tp model.TopicPartition) bool {
	p := b.partitions[tp]
	return p != nil && p.role == roleFollower
}

// Replicas are this broker's replicas as white-box checks see them, by partition. Batches are those
// from the offset that from gives on; a nil from asks for all.
func (b *Broker) Replicas(from func(model.TopicPartition) model.Offset) []model.ReplicaView {
	views := make([]model.ReplicaView, 0, len(b.ordered))
	for _, p := range b.ordered {
		start := p.log.LogStart()
		if from != nil {
			start = max(start, from(p.tp))
		}
		views = append(views, model.ReplicaView{
			Broker: b.cfg.ID, TP: p.tp, Leading: p.role == roleLeader, LeaderEpoch: p.leaderEpoch,
			LogStart: p.log.LogStart(), HighWatermark: p.highWatermark, LogEnd: p.log.LogEnd(),
			ISR: slices.Clone(p.isr.committed), Batches: p.log.Batches(start),
		})
	}
	return views
}

// Position is where a replica stands.
type Position struct {
	LogEnd, HighWatermark model.Offset
	InSync                int // members of the ISR, as the leader knows it
}

// Position tells where this broker's replica of tp stands; false when it has none.
func (b *Broker) Position(tp model.TopicPartition) (Position, bool) {
	p := b.partitions[tp]
	if p == nil {
		return Position{}, false
	}
	return Position{p.log.LogEnd(), p.highWatermark, len(p.isr.committed)}, true
}
