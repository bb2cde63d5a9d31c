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
	"sandcastle/model/kafka"
)

// admitController checks the fences that all three of the controller's requests carry, and
// remembers the newest controller epoch.
func (b *Broker) admitController(
	out *model.Effects,
	controllerID, epoch int32,
	brokerEpoch int64,
) wire.Code {
	switch {
	case kafka.Epoch(epoch) < b.controllerEpoch:
		kafka.AddNote(out, kafka.Note{
			Kind: kafka.ControllerFenced, Broker: kafka.BrokerID(controllerID), Epoch: kafka.Epoch(epoch),
		})
		return wire.StaleControllerEpoch
	case brokerEpoch >= 0 && brokerEpoch < b.registered.epoch:
		return wire.StaleBrokerEpoch
	}
	b.controllerEpoch = kafka.Epoch(epoch)
	return wire.None
}

func (b *Broker) handleLeaderAndIsr(out *model.Effects, r *request) {
	req := r.Body.(*kmsg.LeaderAndISRRequest)
	resp := kmsg.NewPtrLeaderAndISRResponse()
	code := b.admitController(out, req.ControllerID, req.ControllerEpoch, req.BrokerEpoch)
	if code != wire.None {
		resp.ErrorCode = int16(code)
		b.reply(out, r, resp)
		return
	}
	names := make([]string, len(req.TopicStates))
	for i := range req.TopicStates {
		names[i] = req.TopicStates[i].Topic
	}
	b.configs.Load(out, names, func(out *model.Effects) {
		if kafka.Epoch(req.ControllerEpoch) < b.controllerEpoch {
			resp.ErrorCode = int16(wire.StaleControllerEpoch) // another came while this one waited
		} else {
			b.applyLeaderAndIsr(out, req, resp)
		}
		b.reply(out, r, resp)
	})
}

// applyLeaderAndIsr is the request once the configuration of every topic in it is known.
func (b *Broker) applyLeaderAndIsr(
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
			tp := kafka.TopicPartition{Topic: t.Topic, Partition: ps.Partition}
			rp.ErrorCode = int16(b.applyPartitionState(out, tp, leaderState{
				controllerEpoch: kafka.Epoch(req.ControllerEpoch), leader: kafka.BrokerID(ps.Leader),
				leaderEpoch: kafka.Epoch(ps.LeaderEpoch), isr: brokerIDs(ps.ISR),
				replicas: brokerIDs(ps.Replicas), version: ps.ZKVersion, topicID: t.TopicID,
			}))
			rt.Partitions = append(rt.Partitions, rp)
		}
		resp.Topics = append(resp.Topics, rt)
	}
	b.fetchAll(out)
}

func brokerIDs(ids []int32) []kafka.BrokerID {
	out := make([]kafka.BrokerID, len(ids))
	for i, id := range ids {
		out[i] = kafka.BrokerID(id)
	}
	return out
}

// applyPartitionState makes this broker what s says it is for tp. A leader epoch that is not newer
// than the known one is refused, as in ReplicaManager.becomeLeaderOrFollower (3.9).
func (b *Broker) applyPartitionState(out *model.Effects, tp kafka.TopicPartition,
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
		if p, err = b.openPartition(out, tp); err != nil {
			return wire.KafkaStorageError
		}
	}
	ledBefore := p.role == roleLeader
	if s.leader == b.cfg.ID {
		b.unfollow(p)
		if err := p.becomeLeader(out, s); err != nil {
			return wire.KafkaStorageError
		}
	} else {
		p.becomeFollower(out, s)
		b.follow(out, p)
	}
	b.onOffsetsRole(out, p, ledBefore)
	return wire.None
}

// openPartition opens the log of tp, recovering it as the last incarnation left it, and starts with
// the high watermark that was last written down.
func (b *Broker) openPartition(out *model.Effects, tp kafka.TopicPartition,
) (*Partition, error) {
	cfg := b.settings.Topic(tp.Topic)
	l, recovery, err := log.Open(b.dir, tp, b.logConfig(cfg), b.lastCheckpoint(tp), out.Now)
	if err != nil {
		return nil, err
	}
	p := &Partition{
		b: b, tp: tp, log: l, cfg: cfg, meter: b.meters.topic(tp.Topic), leader: kafka.NoBroker,
		leaderEpoch: kafka.NoEpoch, followed: kafka.NoBroker,
	}
	p.flush = flushState{rolledAt: l.ActiveBase(), last: out.Now}
	p.highWatermark = max(l.LogStart(), min(b.checkpoints.highWatermark(tp), l.LogEnd()))
	if l.LogEnd() > 0 {
		kafka.AddNote(out, kafka.Note{
			Kind: kafka.LogRecovered, Topic: tp.Topic, Partition: tp.Partition, Offset: l.LogEnd(),
			Text: recovery.String(),
		})
	}
	b.partitions[tp] = p
	at, _ := slices.BinarySearchFunc(b.ordered, tp, func(x *Partition, tp kafka.TopicPartition) int {
		return x.tp.Compare(tp)
	})
	b.ordered = slices.Insert(b.ordered, at, p)
	return p, nil
}
