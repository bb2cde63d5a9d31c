package controller

import (
	"slices"

	"sandcastle/broker/znode"
	"sandcastle/model/kafka"
)

// initialState is the first leader and ISR of a new partition: the first online replica in
// assignment order leads, all online replicas are in sync, for the log is empty. False when none is
// online (ZkPartitionStateMachine.initializeLeaderAndIsrForPartitions, 3.9).
func initialState(assignment []kafka.BrokerID, online func(kafka.BrokerID) bool, epoch kafka.Epoch,
) (znode.PartitionState, bool) {
	live := filter(assignment, online)
	if len(live) == 0 {
		return znode.PartitionState{}, false
	}
	return znode.PartitionState{Leader: live[0], ControllerEpoch: epoch, ISR: live}, true
}

// electOffline chooses the leader of a partition whose leader is gone: the first replica in
// assignment order that may lead and is in the ISR. Without one, and if unclean is allowed, the
// first that may lead, which is then alone in the ISR: what it lacks is lost. The ISR loses its
// members that are offline, the leader epoch grows by one. False when nobody is eligible
// (Election.leaderForOffline, 3.9).
func electOffline(s znode.PartitionState, assignment []kafka.BrokerID,
	online, mayLead func(kafka.BrokerID) bool,
	unclean bool,
) (znode.PartitionState, bool) {
	for _, id := range assignment {
		if mayLead(id) && slices.Contains(s.ISR, id) {
			s.Leader = id
			s.LeaderEpoch++
			s.ISR = filter(s.ISR, online)
			return s, true
		}
	}
	if !unclean {
		return s, false
	}
	i := slices.IndexFunc(assignment, mayLead)
	if i < 0 {
		return s, false
	}
	s.Leader, s.ISR, s.Recovering = assignment[i], []kafka.BrokerID{assignment[i]}, true
	s.LeaderEpoch++
	return s, true
}

// withoutReplica removes a dead broker from the ISR, but never the last member: it alone has
// everything that was committed. If it led, there is no leader now. The leader epoch grows by one
// in any case, also when only a follower left, so that the leader learns the new ISR
// (ReplicaStateMachine.scala, doRemoveReplicasFromIsr with LeaderAndIsr.newLeaderAndIsr, 3.9; KRaft
// stopped doing so in 3.6). False when the broker was not in the ISR and nothing changes.
func withoutReplica(s znode.PartitionState, dead kafka.BrokerID) (znode.PartitionState, bool) {
	if !slices.Contains(s.ISR, dead) {
		return s, false
	}
	if s.Leader == dead {
		s.Leader = kafka.NoBroker
	}
	if len(s.ISR) > 1 {
		s.ISR = filter(s.ISR, func(id kafka.BrokerID) bool { return id != dead })
	}
	s.LeaderEpoch++
	return s, true
}

// filter returns a new slice of those for which keep is true.
func filter[T any](list []T, keep func(T) bool) []T {
	kept := make([]T, 0, len(list))
	for _, x := range list {
		if keep(x) {
			kept = append(kept, x)
		}
	}
	return kept
}
