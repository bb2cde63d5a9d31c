package replica

import (
	"slices"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// Leads tells whether this broker leads tp, and in which epoch.
func (rs *Set) Leads(tp kafka.TopicPartition) (kafka.Epoch, bool) {
	p := rs.partitions[tp]
	if p == nil || p.role != roleLeader {
		return kafka.NoEpoch, false
	}
	return p.leaderEpoch, true
}

// Follows tells whether this broker follows tp's leader.
func (rs *Set) Follows(tp kafka.TopicPartition) bool {
	p := rs.partitions[tp]
	return p != nil && p.role == roleFollower
}

// Views are this broker's replicas as white-box checks see them, by partition. Batches are those
// from the offset that from gives on; a nil from asks for all. They are good until the replica is
// viewed again.
func (rs *Set) Views(from func(kafka.TopicPartition) kafka.Offset) []kafka.ReplicaView {
	views := make([]kafka.ReplicaView, 0, len(rs.ordered))
	for _, p := range rs.ordered {
		start := kafka.Offset(0)
		if from != nil {
			start = from(p.tp)
		}
		views = append(views, p.view(start))
	}
	return views
}

// View is this broker's replica of tp, with its batches from an offset on; false for none.
func (rs *Set) View(tp kafka.TopicPartition, from kafka.Offset) (kafka.ReplicaView, bool) {
	p := rs.partitions[tp]
	if p == nil {
		return kafka.ReplicaView{}, false
	}
	return p.view(from), true
}

// keptViews is how many batches a view may have whose memory is kept for the next.
const keptViews = 1 << 10

func (p *Partition) view(from kafka.Offset) kafka.ReplicaView {
	defer p.skipScanned(p.log.Scanned())
	batches := slices.Grow(p.viewed[:0], max(0, min(p.viewedLast, int(p.log.LogEnd()-from))))
	batches = p.log.AppendBatches(batches, max(from, p.log.LogStart()))
	p.viewedLast = len(batches)
	if cap(batches) <= keptViews {
		p.viewed = batches
	}
	return kafka.ReplicaView{
		Broker: p.rs.cfg.ID, TP: p.tp, TopicID: p.topicID,
		Leading: p.role == roleLeader, LeaderEpoch: p.leaderEpoch,
		LogStart: p.log.LogStart(), HighWatermark: p.highWatermark, LogEnd: p.log.LogEnd(),
		ISR: slices.Clone(p.isr.committed), Batches: batches,
		Compacted: p.cfg.MayHaveGaps(), MinISR: p.minISR(), Values: p.values,
		Damaged: p.damaged,
		Log:     (*inside)(p), Lookups: (*inside)(p),
	}
}

// values calls yield with the records in [from, to), until it says no or one cannot be read.
func (p *Partition) values(from, to kafka.Offset, yield func(kafka.Offset, []byte) bool) {
	defer p.skipScanned(p.log.Scanned())
	p.log.EachRecord(from, to, func(r *wire.Record) bool { return yield(r.Offset, r.Value) })
}

// damaged is where between from and to values passes over what cannot be read.
func (p *Partition) damaged(from, to kafka.Offset) (first, end kafka.Offset) {
	defer p.skipScanned(p.log.Scanned())
	from, to = max(from, p.log.LogStart()), min(to, p.log.LogEnd())
	unread := p.log.EachRecord(from, to, func(*wire.Record) bool { return true })
	return unread.First, unread.End
}

// skipScanned leaves out of Bytes what a view has read since the log had scanned so much.
func (p *Partition) skipScanned(scanned int64) { p.skipped += p.log.Scanned() - scanned }

// Bytes sums up the logs of this broker's replicas, without Kafka's own topics: how large they
// are, and how much of them lookups have had to look at behind their indexes.
func (rs *Set) Bytes() (size, scanned int64) {
	for _, p := range rs.ordered {
		if p.tp.Topic != kafka.OffsetsTopic {
			size += p.log.Size()
			scanned += p.log.Scanned() - p.skipped
		}
	}
	return size, scanned
}

// Position is where a replica stands.
type Position struct {
	LogStart, HighWatermark, LogEnd kafka.Offset
	InSync                          int // members of the ISR, as the leader knows it
	Replicas                        int // assigned
}

// Position tells where this broker's replica of tp stands; false when it has none.
func (rs *Set) Position(tp kafka.TopicPartition) (Position, bool) {
	p := rs.partitions[tp]
	if p == nil {
		return Position{}, false
	}
	return Position{
		LogStart: p.log.LogStart(), HighWatermark: p.highWatermark, LogEnd: p.log.LogEnd(),
		InSync: len(p.isr.committed), Replicas: len(p.replicas),
	}, true
}
