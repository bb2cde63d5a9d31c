package controller

import (
	"fmt"

	"sandcastle/broker/chain"
	"sandcastle/broker/znode"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// replicaStateMachine removes replicas from ISRs that they can no longer be in, and adds what
// brokers must know of it to the batch (ZkReplicaStateMachine, 3.9).
type replicaStateMachine struct {
	cluster *cluster
	states  *stateStore
	batch   *requestBatch
}

// offlineReplicas are replicas on one broker that cannot serve: the broker is dead, or its disk has
// failed.
type offlineReplicas struct {
	broker     kafka.BrokerID
	partitions []*partition
}

// removeOffline removes offline replicas from ISRs, one broker after the other (transition to
// OfflineReplica).
func (m *replicaStateMachine) removeOffline(list []offlineReplicas) chain.Step {
	steps := make([]chain.Step, len(list))
	for i, offline := range list {
		steps[i] = &stateUpdate{
			name:   fmt.Sprintf("broker %d leaves ISRs", offline.broker),
			states: m.states, left: offline.partitions,
			decide: func(_ *model.Effects, p *partition) (znode.PartitionState, bool) {
				if p.state.ControllerEpoch > m.cluster.epoch {
					return p.state, false
				}
				m.batch.addLeaderAndIsr(p, p.assignment.Replicas, false)
				return withoutReplica(p.state, offline.broker)
			},
		}
	}
	return chain.New("replicas go offline", steps...)
}

// moveOff writes the states of list without a broker that is to stop: where it led, with another
// leader, if there is one, and without all brokers that stop in the ISR; where it followed, without
// it in the ISR. The broker goes on following what it led, until it ends or asks again; what it
// followed it stops (Election.leaderForControlledShutdown, KafkaController.doControlledShutdown,
// 3.9).
func (m *replicaStateMachine) moveOff(id kafka.BrokerID, list []*partition) chain.Step {
	led := map[*partition]bool{}
	return &stateUpdate{
		name: fmt.Sprintf("move partitions off broker %d", id), states: m.states, left: list,
		decide: func(_ *model.Effects, p *partition) (znode.PartitionState, bool) {
			if led[p] = p.state.Leader == id; led[p] {
				return m.leaderAtShutdown(p)
			}
			m.batch.addStopReplica(p, id, false)
			return withoutReplica(p.state, id)
		},
		written: func(out *model.Effects, list []*partition, then chain.Next) {
			for _, p := range list {
				notified := p.assignment.Replicas
				if led[p] {
					noteLeader(out, p)
				} else {
					notified = without(notified, []kafka.BrokerID{id})
				}
				m.batch.addLeaderAndIsr(p, notified, false)
			}
			then(out)
		},
	}
}

// leaderAtShutdown is the state of p with the first leader in sync that does not stop; false when
// there is none.
func (m *replicaStateMachine) leaderAtShutdown(p *partition) (znode.PartitionState, bool) {
	s := p.state
	s.Leader = m.cluster.firstEligible(p, p.assignment.Replicas, s.ISR)
	if s.Leader == kafka.NoBroker {
		return s, false
	}
	s.LeaderEpoch++
	s.ISR = filter(s.ISR, func(id kafka.BrokerID) bool {
		b := m.cluster.broker(id)
		return b == nil || !b.stopping
	})
	return s, true
}
