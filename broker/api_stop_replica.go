// StopReplica (key 5): v3–v4.
// Does: stops a replica and, when asked, deletes its log; fenced like LeaderAndIsr.
// Does not: the delay before files go (file.delete.delay.ms): they go at once.
// State: partition.go.   Lessons: none of its own.

package broker

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// epochDuringDelete is the leader epoch by which StopReplica says that the topic is being deleted,
// so that no epoch fences it (LeaderAndIsr.EpochDuringDelete, 3.9).
const epochDuringDelete = -2

func (b *Broker) handleStopReplica(out *model.Effects, r *request) {
	req := r.Body.(*kmsg.StopReplicaRequest)
	resp := kmsg.NewPtrStopReplicaResponse()
	code := b.admitController(out, req.ControllerID, req.ControllerEpoch, req.BrokerEpoch)
	resp.ErrorCode = int16(code)
	if code == wire.None {
		for i := range req.Topics {
			t := &req.Topics[i]
			for j := range t.PartitionStates {
				ps := &t.PartitionStates[j]
				tp := kafka.TopicPartition{Topic: t.Topic, Partition: ps.Partition}
				rp := kmsg.NewStopReplicaResponsePartition()
				rp.Topic, rp.Partition = t.Topic, ps.Partition
				rp.ErrorCode = int16(b.stopReplica(out, tp, ps))
				resp.Partitions = append(resp.Partitions, rp)
			}
		}
	}
	b.reply(out, r, resp)
}

func (b *Broker) stopReplica(out *model.Effects, tp kafka.TopicPartition,
	ps *kmsg.StopReplicaRequestTopicPartitionState,
) wire.Code {
	p := b.partitions[tp]
	if p == nil {
		return wire.None
	}
	if ps.LeaderEpoch != epochDuringDelete && kafka.Epoch(ps.LeaderEpoch) < p.leaderEpoch {
		return wire.FencedLeaderEpoch
	}
	b.unfollow(p)
	ledBefore := p.role == roleLeader
	p.role, p.followed = roleNone, kafka.NoBroker
	p.failWaiters(out, wire.NotLeaderOrFollower)
	b.onOffsetsRole(out, p, ledBefore)
	if !ps.Delete {
		return wire.None
	}
	p.gone = true
	delete(b.partitions, tp)
	b.checkpoints.forget(tp)
	delete(b.cleaner.reached.offsets, tp)
	b.ordered = slices.DeleteFunc(b.ordered, func(x *Partition) bool { return x == p })
	if err := p.log.Delete(); err != nil {
		return wire.KafkaStorageError
	}
	return wire.None
}
