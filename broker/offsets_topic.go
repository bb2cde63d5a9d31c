package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/group"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// This file joins the group coordinator to the log that is its memory, __consumer_offsets.

func (b *Broker) newGroups() *group.Coordinator {
	return group.New(group.Config{
		OffsetsPartitions: b.cfg.OffsetsTopicPartitions, MinSession: b.cfg.GroupMinSessionTimeout,
		MaxSession: b.cfg.GroupMaxSessionTimeout, InitialRebalanceDelay: b.cfg.GroupInitialRebalanceDelay,
		MaxSize: b.cfg.GroupMaxSize, CommitTimeout: b.cfg.OffsetsCommitTimeout, TimerKind: timerGroups,
		KnownTopic:     func(topic string) bool { return b.metadata.topics[topic] != nil },
		KnownPartition: func(tp kafka.TopicPartition) bool { return b.metadata.has(tp) },
	}, groupLog{b}, b.rand, b.cfg.ID)
}

// groupLog is the coordinator's view of __consumer_offsets.
type groupLog struct{ b *Broker }

// Append implements group.Log: one batch, acknowledged when every in-sync replica has it.
func (g groupLog) Append(
	out *model.Effects,
	partition int32,
	records []group.Record,
	done func(*model.Effects, wire.Code),
) {
	b := g.b
	p, code := b.leading(kafka.TopicPartition{Topic: offsetsTopic, Partition: partition}, -1)
	if code == wire.None && len(p.isr.committed) < p.minISR() {
		code = wire.NotEnoughReplicas
	}
	if code != wire.None {
		done(out, code)
		return
	}
	var batch wire.BatchBuilder
	for _, r := range records {
		batch.Append(out.Now.Millis(), r.Key, r.Value)
	}
	if _, err := p.appendAsLeader(out, batch.Bytes()); err != nil {
		done(out, wire.KafkaStorageError)
		return
	}
	part := kmsg.NewProduceResponseTopicPartition()
	op := &delayedProduce{b: b, internal: done}
	op.parts = []producePart{{p: p, required: p.log.LogEnd(), resp: &part}}
	op.start(out, b.cfg.OffsetsCommitTimeout)
}

// onOffsetsRole loads or unloads groups when this broker's role for a partition of
// __consumer_offsets may have changed.
func (b *Broker) onOffsetsRole(out *model.Effects, p *Partition, ledBefore bool) {
	if p.tp.Topic != offsetsTopic {
		return
	}
	switch {
	case p.role == roleLeader && !ledBefore:
		b.groups.Load(out, p.tp.Partition, p.leaderEpoch, p.eachRecord)
	case p.role != roleLeader && ledBefore:
		b.groups.Unload(out, p.tp.Partition)
	}
}

// eachRecord calls yield with every record of the log, oldest first, until yield says no.
func (p *Partition) eachRecord(yield func(key, value []byte) bool) {
	p.log.EachRecord(p.log.LogStart(), p.log.LogEnd(), func(r *wire.Record) bool {
		return yield(r.Key, r.Value)
	})
}

// handleJoinGroup tells the coordinator who is joining, too.
func (b *Broker) handleJoinGroup(out *model.Effects, r *request) {
	b.groups.HandleJoinGroup(out, r.Body.(*kmsg.JoinGroupRequest), group.ClientInfo{
		ID: r.ClientID, Host: string(r.conn.peer),
	}, b.replier(r))
}
