package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/group"
	"sandcastle/broker/log"
	"sandcastle/broker/replica"
	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// This file joins the group coordinator to the log that is its memory, __consumer_offsets.

func (b *Broker) newGroups() *group.Coordinator {
	return group.New(group.Config{
		OffsetsPartitions: b.cfg.OffsetsTopicPartitions, MinSession: b.cfg.GroupMinSessionTimeout,
		MaxSession: b.cfg.GroupMaxSessionTimeout, InitialRebalanceDelay: b.cfg.GroupInitialRebalanceDelay,
		MaxSize: b.cfg.GroupMaxSize, TimerKind: timerGroups,
		OffsetsRetention: b.cfg.OffsetsRetention, OffsetsRetentionCheck: b.cfg.OffsetsRetentionCheck,
		KnownPartition: func(tp kafka.TopicPartition) bool { return b.metadata.Has(tp) },
	}, offsetsTopic{b}, b.rand, b.cfg.ID)
}

// offsetsTopic is the coordinator's view of __consumer_offsets, and what follows from who leads it.
type offsetsTopic struct{ b *Broker }

// Append implements group.Log: one batch, acknowledged when every in-sync replica has it.
func (t offsetsTopic) Append(
	out *model.Effects,
	partition int32,
	records []group.Record,
	done func(*model.Effects, wire.Code),
) {
	var builder wire.BatchBuilder
	for _, r := range records {
		builder.Append(out.Wall.Millis(), r.Key, r.Value)
	}
	batch := builder.Batch()
	tp := kafka.TopicPartition{Topic: kafka.OffsetsTopic, Partition: partition}
	t.b.replicas.Append(out, tp, &batch, t.b.cfg.OffsetsCommitTimeout, done)
}

// OnRole implements replica.RoleObserver: it loads or unloads the groups of a partition of
// __consumer_offsets.
func (t offsetsTopic) OnRole(out *model.Effects, p *replica.Partition, ledBefore bool) {
	tp := p.TP()
	if tp.Topic != kafka.OffsetsTopic {
		return
	}
	epoch, leads := p.Leads()
	switch {
	case leads && !ledBefore:
		var unread log.Unread
		t.b.groups.Load(out, tp.Partition, epoch, func(yield func(key, value []byte) bool) {
			unread = p.EachRecord(yield)
		})
		if unread.Batches > 0 {
			kafka.AddNote(out, kafka.Damage{Kind: kafka.DamageIgnored, File: tp.String(),
				Count: unread.Batches, Offset: unread.First, End: unread.End,
				Reason: "what groups committed in these batches is not known: " + unread.Reason,
			}.Note(tp))
		}
	case !leads && ledBefore:
		t.b.groups.Unload(out, tp.Partition)
	}
}

// handleJoinGroup tells the coordinator who is joining, too.
func (b *Broker) handleJoinGroup(out *model.Effects, r *request) {
	b.groups.HandleJoinGroup(out, r.Body.(*kmsg.JoinGroupRequest), group.ClientInfo{
		ID: r.ClientID, Host: string(r.conn.peer),
	}, r.Reply)
}
