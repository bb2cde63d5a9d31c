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
	var builder wire.BatchBuilder
	for _, r := range records {
		builder.Append(out.Now.Millis(), r.Key, r.Value)
	}
	batch := builder.Batch()
	if _, err := p.appendAsLeader(out, &batch); err != nil {
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

func (b *Broker) handleJoinGroup(out *model.Effects, r *request) {
	b.groups.HandleJoinGroup(out, r.Body.(*kmsg.JoinGroupRequest), group.ClientInfo{
		ID: r.ClientID, Host: string(r.conn.peer),
	}, b.replier(r))
}

func (b *Broker) handleSyncGroup(out *model.Effects, r *request) {
	b.groups.HandleSyncGroup(out, r.Body.(*kmsg.SyncGroupRequest), b.replier(r))
}

func (b *Broker) handleHeartbeat(out *model.Effects, r *request) {
	b.groups.HandleHeartbeat(out, r.Body.(*kmsg.HeartbeatRequest), b.replier(r))
}

func (b *Broker) handleLeaveGroup(out *model.Effects, r *request) {
	b.groups.HandleLeaveGroup(out, r.Body.(*kmsg.LeaveGroupRequest), b.replier(r))
}

func (b *Broker) handleOffsetCommit(out *model.Effects, r *request) {
	b.groups.HandleOffsetCommit(out, r.Body.(*kmsg.OffsetCommitRequest), b.replier(r))
}

func (b *Broker) handleOffsetFetch(out *model.Effects, r *request) {
	b.groups.HandleOffsetFetch(out, r.Body.(*kmsg.OffsetFetchRequest), b.replier(r))
}

func (b *Broker) handleDescribeGroups(out *model.Effects, r *request) {
	b.groups.HandleDescribeGroups(out, r.Body.(*kmsg.DescribeGroupsRequest), b.replier(r))
}

func (b *Broker) handleListGroups(out *model.Effects, r *request) {
	b.groups.HandleListGroups(out, r.Body.(*kmsg.ListGroupsRequest), b.replier(r))
}

func (b *Broker) handleDeleteGroups(out *model.Effects, r *request) {
	b.groups.HandleDeleteGroups(out, r.Body.(*kmsg.DeleteGroupsRequest), b.replier(r))
}

func (b *Broker) handleOffsetDelete(out *model.Effects, r *request) {
	b.groups.HandleOffsetDelete(out, r.Body.(*kmsg.OffsetDeleteRequest), b.replier(r))
}
