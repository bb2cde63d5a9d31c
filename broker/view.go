package broker

import (
	"slices"

	"sandcastle/broker/group"
	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// ID is the broker's id.
func (b *Broker) ID() kafka.BrokerID { return b.cfg.ID }

// IsController tells whether this broker believes itself the controller.
func (b *Broker) IsController() bool { return b.controller.Active() }

// Serving tells whether the broker has registered and answers requests.
func (b *Broker) Serving() bool { return b.registered.phase == serving }

// Leads tells whether this broker leads tp, and in which epoch.
func (b *Broker) Leads(tp kafka.TopicPartition) (kafka.Epoch, bool) {
	p := b.partitions[tp]
	if p == nil || p.role != roleLeader {
		return kafka.NoEpoch, false
	}
	return p.leaderEpoch, true
}

// Follows tells whether this broker follows tp's leader.
func (b *Broker) Follows(tp kafka.TopicPartition) bool {
	p := b.partitions[tp]
	return p != nil && p.role == roleFollower
}

// Groups are the groups that this broker coordinates, sorted by id.
func (b *Broker) Groups() []group.View { return b.groups.Groups() }

// Replicas are this broker's replicas as white-box checks see them, by partition. Batches are those
// from the offset that from gives on; a nil from asks for all.
func (b *Broker) Replicas(from func(kafka.TopicPartition) kafka.Offset) []kafka.ReplicaView {
	views := make([]kafka.ReplicaView, 0, len(b.ordered))
	for _, p := range b.ordered {
		start := kafka.Offset(0)
		if from != nil {
			start = from(p.tp)
		}
		views = append(views, p.view(start))
	}
	return views
}

// Replica is this broker's replica of tp, with its batches from an offset on; false for none.
func (b *Broker) Replica(tp kafka.TopicPartition, from kafka.Offset) (kafka.ReplicaView, bool) {
	p := b.partitions[tp]
	if p == nil {
		return kafka.ReplicaView{}, false
	}
	return p.view(from), true
}

func (p *Partition) view(from kafka.Offset) kafka.ReplicaView {
	defer p.overlook(p.log.Scanned())
	return kafka.ReplicaView{
		Broker: p.b.cfg.ID, TP: p.tp, Leading: p.role == roleLeader, LeaderEpoch: p.leaderEpoch,
		LogStart: p.log.LogStart(), HighWatermark: p.highWatermark, LogEnd: p.log.LogEnd(),
		ISR: slices.Clone(p.isr.committed), Batches: p.log.Batches(max(from, p.log.LogStart())),
		Compacted: p.cfg.CleanupCompact || p.cfg.mayHaveGaps, MinISR: p.minISR(), Values: p.values,
	}
}

// values calls yield with the records in [from, to), until it says no or one cannot be read.
func (p *Partition) values(from, to kafka.Offset, yield func(kafka.Offset, []byte) bool) {
	defer p.overlook(p.log.Scanned())
	p.log.EachRecord(from, to, func(r *wire.Record) bool { return yield(r.Offset, r.Value) })
}

// overlook leaves out of LogBytes what a view has read since the log had scanned so much.
func (p *Partition) overlook(scanned int64) { p.overlooked += p.log.Scanned() - scanned }

// LogBytes sums up the logs of this broker's replicas, without Kafka's own topics: how large they
// are, and how much of them lookups have had to look at behind their indexes.
func (b *Broker) LogBytes() (size, scanned int64) {
	for _, p := range b.ordered {
		if p.tp.Topic != offsetsTopic {
			size += p.log.Size()
			scanned += p.log.Scanned() - p.overlooked
		}
	}
	return size, scanned
}

// Position is where a replica stands.
type Position struct {
	LogEnd, HighWatermark kafka.Offset
	InSync                int // members of the ISR, as the leader knows it
	Replicas              int // assigned
}

// Position tells where this broker's replica of tp stands; false when it has none.
func (b *Broker) Position(tp kafka.TopicPartition) (Position, bool) {
	p := b.partitions[tp]
	if p == nil {
		return Position{}, false
	}
	return Position{p.log.LogEnd(), p.highWatermark, len(p.isr.committed), len(p.replicas)}, true
}
