// LeaderAndIsr (key 4): v5–v7.
// Does: makes this broker leader or follower of each partition, fenced by controller epoch, broker
// epoch (KIP-380) and leader epoch; opens or creates the replica's log first. Does not: full
// updates that delete what they leave out (KIP-866). State: partition.go, topic_configs.go.
// Lessons: replication/*.

package broker

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/log"
	"sandcastle/broker/wire"
	"sandcastle/model"
)

// admitController checks the fences that all three of the controller's requests carry, and
// remembers the newest controller epoch.
func (b *Broker) admitController(
	out *model.Effects,
	controllerID, epoch int32,
	brokerEpoch int64,
) wire.Code {
	switch {
	case model.Epoch(epoch) < b.controllerEpoch:
		out.Note(model.Note{
			Kind: model.ControllerFenced, Broker: model.BrokerID(controllerID), Epoch: model.Epoch(epoch),
		})
		return wire.StaleControllerEpoch
	case brokerEpoch >= 0 && brokerEpoch < b.registered.epoch:
		return wire.StaleBrokerEpoch
	}
	b.controllerEpoch = model.Epoch(epoch)
	return wire.None
}

func (b *Broker) handleLeaderAndIsr(now model.Time, out *model.Effects, r *request) {
	req := r.Body.(*kmsg.LeaderAndISRRequest)
	resp := kmsg.NewPtrLeaderAndISRResponse()
	code := b.admitController(out, req.ControllerID, req.ControllerEpoch, req.BrokerEpoch)
	if code != wire.None {
		resp.ErrorCode = int16(code)
		b.reply(now, out, r, resp)
		return
	}
	names := make([]string, len(req.TopicStates))
	for i := range req.TopicStates {
		names[i] = req.TopicStates[i].Topic
	}
	b.loadTopicConfigs(now, out, names, func(now model.Time, out *model.Effects) {
		if model.Epoch(req.ControllerEpoch) < b.controllerEpoch {
			resp.ErrorCode = int16(wire.StaleControllerEpoch) // another came while this one waited
		} else {
			b.applyLeaderAndIsr(now, out, req, resp)
		}
		b.reply(now, out, r, resp)
	})
}

// applyLeaderAndIsr is the request once the configuration of every topic in it is known.
func (b *Broker) applyLeaderAndIsr(
	now model.Time,
	out *model.Effects,
	req *kmsg.LeaderAndISRRequest,
	resp *kmsg.LeaderAndISRResponse,
) {
	for i := range req.TopicStates {
		t := &req.TopicStates[i]
		rt := kmsg.NewLeaderAndISRResponseTopic()
		rt.TopicID = t.TopicID
		for j := range t.PartitionStates {
			ps := &t.PartitionStates[j]
			rp := kmsg.NewLeaderAndISRResponseTopicPartition()
			rp.Partition = ps.Partition
			tp := model.TopicPartition{Topic: t.Topic, Partition: ps.Partition}
			rp.ErrorCode = int16(b.applyPartitionState(now, out, tp, leaderState{
				controllerEpoch: model.Epoch(req.ControllerEpoch), leader: model.BrokerID(ps.Leader),
				leaderEpoch: model.Epoch(ps.LeaderEpoch), isr: brokerIDs(ps.ISR),
				replicas: brokerIDs(ps.Replicas), version: ps.ZKVersion, topicID: t.TopicID,
			}))
			rt.Partitions = append(rt.Partitions, rp)
		}
		resp.Topics = append(resp.Topics, rt)
	}
	b.fetchAll(now, out)
}

func brokerIDs(ids []int32) []model.BrokerID {
	out := make([]model.BrokerID, len(ids))
	for i, id := range ids {
		out[i] = model.BrokerID(id)
	}
	return out
}

// applyPartitionState makes this broker what s says it is for tp. A leader epoch that is not newer
// than the known one is refused, as in ReplicaManager.becomeLeaderOrFollower (3.9).
func (b *Broker) applyPartitionState(now model.Time, out *model.Effects, tp model.TopicPartition,
	s leaderState,
) wire.Code {
	p := b.partitions[tp]
	if p != nil && s.leaderEpoch <= p.leaderEpoch {
		return wire.StaleControllerEpoch
	}
	if !slices.Contains(s.replicas, b.cfg.ID) {
		return wire.UnknownTopicOrPartition
	}
	if p == nil {
		var err error
		if p, err = b.openPartition(now, out, tp); err != nil {
			return wire.KafkaStorageError
		}
	}
	ledBefore := p.role == roleLeader
	if s.leader == b.cfg.ID {
		b.unfollow(p)
		if err := p.becomeLeader(now, out, s); err != nil {
			return wire.KafkaStorageError
		}
	} else {
		p.becomeFollower(now, out, s)
		b.follow(out, p)
	}
	b.onOffsetsRole(now, out, p, ledBefore)
	return wire.None
}

// openPartition opens the log of tp, recovering it as the last incarnation left it, and starts with
// the high watermark that was last written down.
func (b *Broker) openPartition(now model.Time, out *model.Effects, tp model.TopicPartition,
) (*Partition, error) {
	cfg := b.topics.config(tp.Topic)
	l, recovery, err := log.Open(b.dir, tp, b.logConfig(cfg), b.lastCheckpoint(tp), now)
	if err != nil {
		return nil, err
	}
	p := &Partition{
		b: b, tp: tp, log: l, cfg: cfg, meter: b.meters.topic(tp.Topic), leader: model.NoBroker,
		leaderEpoch: model.NoEpoch, followed: model.NoBroker,
	}
	p.flush = flushState{rolledAt: l.ActiveBase(), last: now}
	p.highWatermark = max(l.LogStart(), min(b.checkpoints.highWatermark(tp), l.LogEnd()))
	if l.LogEnd() > 0 {
		out.Note(model.Note{
			Kind: model.LogRecovered, Topic: tp.Topic, Partition: tp.Partition, Offset: l.LogEnd(),
			Text: recovery.String(),
		})
	}
	b.partitions[tp] = p
	at, _ := slices.BinarySearchFunc(b.ordered, tp, func(x *Partition, tp model.TopicPartition) int {
		return x.tp.Compare(tp)
	})
	b.ordered = slices.Insert(b.ordered, at, p)
	return p, nil
}
