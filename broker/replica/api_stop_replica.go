// StopReplica (key 5): v3–v4.
// Does: stops a replica and, when asked, deletes its log; fenced like LeaderAndIsr.
// Does not: the delay before files go (file.delete.delay.ms): they go at once.
// State: partition.go.   Lessons: none of its own.

package replica

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// HandleStopReplica answers a request.
func (rs *Set) HandleStopReplica(out *model.Effects, req *kmsg.StopReplicaRequest,
	reply Reply,
) {
	resp := kmsg.NewPtrStopReplicaResponse()
	code := rs.membership.Admit(out, req.ControllerID, req.ControllerEpoch, req.BrokerEpoch)
	resp.ErrorCode = int16(code)
	if code == wire.None {
		for i := range req.Topics {
			t := &req.Topics[i]
			for j := range t.PartitionStates {
				ps := &t.PartitionStates[j]
				tp := kafka.TopicPartition{Topic: t.Topic, Partition: ps.Partition}
				rp := kmsg.NewStopReplicaResponsePartition()
				rp.Topic, rp.Partition = t.Topic, ps.Partition
				rp.ErrorCode = int16(rs.stopReplica(out, tp, ps))
				resp.Partitions = append(resp.Partitions, rp)
			}
		}
	}
	reply(out, resp)
}

func (rs *Set) stopReplica(out *model.Effects, tp kafka.TopicPartition,
	ps *kmsg.StopReplicaRequestTopicPartitionState,
) wire.Code {
	p := rs.partitions[tp]
	if p == nil {
		return wire.None
	}
	if ps.LeaderEpoch != wire.EpochDuringDelete && kafka.Epoch(ps.LeaderEpoch) < p.leaderEpoch {
		return wire.FencedLeaderEpoch
	}
	rs.fetchers.unfollow(p)
	ledBefore := p.role == roleLeader
	p.role, p.followed = roleNone, kafka.NoBroker
	p.failWaiters(out, wire.NotLeaderOrFollower)
	rs.roles.OnRole(out, p, ledBefore)
	if !ps.Delete {
		return wire.None
	}
	rs.remove(p)
	if err := p.log.Delete(); err != nil {
		return wire.KafkaStorageError
	}
	return wire.None
}
