package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/group"
	"sandcastle/broker/wire"
	"sandcastle/model"
)

// This file joins the group coordinator to the log that is its memory, __consumer_offsets.

func (b *Broker) newGroups() *group.Coordinator {
	return group.New(group.Config{
		OffsetsPartitions: b.cfg.OffsetsTopicPartitions, MinSession: b.cfg.GroupMinSessionTimeout,
		MaxSession: b.cfg.GroupMaxSessionTimeout, InitialRebalanceDelay: b.cfg.GroupInitialRebalanceDelay,
		MaxSize: b.cfg.GroupMaxSize, CommitTimeout: b.cfg.OffsetsCommitTimeout, TimerKind: timerGroups,
		KnownTopic:     func(topic string) bool { return b.metadata.topics[topic] != nil },
		KnownPartition: func(tp model.TopicPartition) bool { return b.metadata.has(tp) },
	}, groupLog{b}, b.rand, b.cfg.ID)
}

// groupLog is the coordinator's view of __consumer_offsets.
type groupLog struct{ b *Broker }

// Append implements group.Log: one batch, acknowledged when every in-sync replica has it.
func (g groupLog) Append(
	now model.Time,
	out *model.Effects,
	partition int32,
	records []group.Record,
	done func(model.Time, *model.Effects, wire.Code),
) {
	b := g.b
	p, code := b.leading(model.TopicPartition{Topic: offsetsTopic, Partition: partition}, -1)
	if code == wire.None && len(p.isr.committed) < p.minISR() {
		code = wire.NotEnoughReplicas
	}
	if code != wire.None {
		done(now, out, code)
		return
	}
	var batch wire.BatchBuilder
	for _, r := range records {
		batch.Append(now.Millis(), r.Key, r.Value)
	}
	if _, err := p.appendAsLeader(now, out, batch.Bytes()); err != nil {
		done(now, out, wire.KafkaStorageError)
		return
	}
	part := kmsg.NewProduceResponseTopicPartition()
	op := &delayedProduce{b: b, internal: done}
	op.parts = []producePart{{p: p, required: p.log.LogEnd(), resp: &part}}
	op.start(now, out, b.cfg.OffsetsCommitTimeout)
}

// onOffsetsRole loads or unloads groups when this broker's role for a partition of
// __consumer_offsets may have changed.
func (b *Broker) onOffsetsRole(now model.Time, out *model.Effects, p *Partition, ledBefore bool) {
	if p.tp.Topic != offsetsTopic {
		return
	}
	switch {
	case p.role == roleLeader && !ledBefore:
		b.groups.Load(now, out, p.tp.Partition, p.leaderEpoch, p.eachRecord)
	case p.role != roleLeader && ledBefore:
		b.groups.Unload(now, out, p.tp.Partition)
	}
}

// eachRecord calls yield with every record of the log, oldest first, until yield says no.
func (p *Partition) eachRecord(yield func(key, value []byte) bool) {
	p.log.EachRecord(p.log.LogStart(), p.log.LogEnd(), func(r *wire.Record) bool {
		return yield(r.Key, r.Value)
	})
}

func (b *Broker) handleJoinGroup(now model.Time, out *model.Effects, r *request) {
	b.groups.HandleJoinGroup(now, out, r.Body.(*kmsg.JoinGroupRequest), group.ClientInfo{
		ID: r.ClientID, Host: string(r.conn.peer),
	}, b.replier(r))
}

func (b *Broker) handleSyncGroup(now model.Time, out *model.Effects, r *request) {
	b.groups.HandleSyncGroup(now, out, r.Body.(*kmsg.SyncGroupRequest), b.replier(r))
}

func (b *Broker) handleHeartbeat(now model.Time, out *model.Effects, r *request) {
	b.groups.HandleHeartbeat(now, out, r.Body.(*kmsg.HeartbeatRequest), b.replier(r))
}

func (b *Broker) handleLeaveGroup(now model.Time, out *model.Effects, r *request) {
	b.groups.HandleLeaveGroup(now, out, r.Body.(*kmsg.LeaveGroupRequest), b.replier(r))
}

func (b *Broker) handleOffsetCommit(now model.Time, out *model.Effects, r *request) {
	b.groups.HandleOffsetCommit(now, out, r.Body.(*kmsg.OffsetCommitRequest), b.replier(r))
}

func (b *Broker) handleOffsetFetch(now model.Time, out *model.Effects, r *request) {
	b.groups.HandleOffsetFetch(now, out, r.Body.(*kmsg.OffsetFetchRequest), b.replier(r))
}

func (b *Broker) handleDescribeGroups(now model.Time, out *model.Effects, r *request) {
	b.groups.HandleDescribeGroups(now, out, r.Body.(*kmsg.DescribeGroupsRequest), b.replier(r))
}

func (b *Broker) handleListGroups(now model.Time, out *model.Effects, r *request) {
	b.groups.HandleListGroups(now, out, r.Body.(*kmsg.ListGroupsRequest), b.replier(r))
}

func (b *Broker) handleDeleteGroups(now model.Time, out *model.Effects, r *request) {
	b.groups.HandleDeleteGroups(now, out, r.Body.(*kmsg.DeleteGroupsRequest), b.replier(r))
}

func (b *Broker) handleOffsetDelete(now model.Time, out *model.Effects, r *request) {
	b.groups.HandleOffsetDelete(now, out, r.Body.(*kmsg.OffsetDeleteRequest), b.replier(r))
}
