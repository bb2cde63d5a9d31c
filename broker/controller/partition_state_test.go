package controller

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/broker/znode"
	"sandcastle/model/kafka"
)

type ids = []kafka.BrokerID

func online(live ...kafka.BrokerID) func(kafka.BrokerID) bool {
	return func(id kafka.BrokerID) bool { return slices.Contains(live, id) }
}

func TestInitialState(t *testing.T) {
	s, ok := initialState(ids{3, 1, 2}, online(1, 2), 7)
	require.True(t, ok)
	require.Equal(t, znode.PartitionState{Leader: 1, ControllerEpoch: 7, ISR: ids{1, 2}}, s)
	_, ok = initialState(ids{3}, online(1), 7)
	require.False(t, ok)
}

// The cases are those of Kafka's PartitionLeaderElectionAlgorithmsTest and of facts §5.4.
func TestElectOffline(t *testing.T) {
	for _, tt := range []struct {
		name       string
		assignment ids
		isr        ids
		live       ids
		unclean    bool
		leader     kafka.BrokerID
		wantISR    ids
		recovering bool
		none       bool
	}{
		{name: "first in-sync in assignment order, not in ISR order",
			assignment: ids{2, 4, 3}, isr: ids{3, 4}, live: ids{2, 3, 4}, leader: 4, wantISR: ids{3, 4}},
		{name: "the dead leave the ISR",
			assignment: ids{1, 2, 3}, isr: ids{1, 2, 3}, live: ids{2, 3}, leader: 2, wantISR: ids{2, 3}},
		{name: "live but not in sync is not eligible",
			assignment: ids{1, 2, 3}, isr: ids{1}, live: ids{2, 3}, none: true},
		{name: "unclean takes the first live", unclean: true,
			assignment: ids{1, 2, 3}, isr: ids{1}, live: ids{2, 3}, leader: 2, wantISR: ids{2},
			recovering: true},
		{name: "unclean allowed but not needed", unclean: true,
			assignment: ids{1, 2, 3}, isr: ids{1, 3}, live: ids{2, 3}, leader: 3, wantISR: ids{3}},
		{name: "nobody lives", unclean: true,
			assignment: ids{1, 2}, isr: ids{1}, live: ids{9}, none: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := znode.PartitionState{Leader: 1, LeaderEpoch: 5, ControllerEpoch: 2, ISR: tt.isr}
			got, ok := electOffline(
				before,
				tt.assignment,
				online(tt.live...),
				online(tt.live...),
				tt.unclean,
			)
			require.Equal(t, !tt.none, ok)
			if tt.none {
				require.Equal(t, before, got)
				return
			}
			require.Equal(t, znode.PartitionState{Leader: tt.leader, LeaderEpoch: 6, ControllerEpoch: 2,
				ISR: tt.wantISR, Recovering: tt.recovering}, got)
		})
	}
}

func TestWithoutReplica(t *testing.T) {
	for _, tt := range []struct {
		name   string
		leader kafka.BrokerID
		isr    ids
		dead   kafka.BrokerID
		want   znode.PartitionState
		same   bool
	}{
		{name: "a follower: epoch grows too", leader: 1, isr: ids{1, 2, 3}, dead: 3,
			want: znode.PartitionState{Leader: 1, LeaderEpoch: 6, ISR: ids{1, 2}}},
		{name: "the leader", leader: 1, isr: ids{1, 2}, dead: 1,
			want: znode.PartitionState{Leader: kafka.NoBroker, LeaderEpoch: 6, ISR: ids{2}}},
		{name: "the last in sync stays", leader: 1, isr: ids{1}, dead: 1,
			want: znode.PartitionState{Leader: kafka.NoBroker, LeaderEpoch: 6, ISR: ids{1}}},
		{name: "not in sync", leader: 1, isr: ids{1, 2}, dead: 3, same: true,
			want: znode.PartitionState{Leader: 1, LeaderEpoch: 5, ISR: ids{1, 2}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := znode.PartitionState{Leader: tt.leader, LeaderEpoch: 5, ISR: tt.isr}
			got, changed := withoutReplica(before, tt.dead)
			require.Equal(t, !tt.same, changed)
			require.Equal(t, tt.want, got)
		})
	}
}

// A clean election never chooses a replica that was not in sync, and no choice empties the ISR.
func TestCleanElectionStaysInISR(t *testing.T) {
	some := func(t *rapid.T, label string) ids {
		return rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) kafka.BrokerID {
			return kafka.BrokerID(rapid.IntRange(1, 5).Draw(t, "id"))
		}), 1, 5, rapid.ID).Draw(t, label)
	}
	rapid.Check(t, func(t *rapid.T) {
		assignment, live := some(t, "assignment"), some(t, "live")
		isr := filter(assignment, online(some(t, "isr")...))
		s, ok := electOffline(
			znode.PartitionState{ISR: isr},
			assignment,
			online(live...),
			online(live...),
			false,
		)
		eligible := filter(isr, online(live...))
		require.Equal(t, len(eligible) > 0, ok)
		if ok {
			require.Contains(t, isr, s.Leader)
			require.Equal(t, eligible, s.ISR)
		}
		if len(isr) > 0 {
			after, _ := withoutReplica(znode.PartitionState{Leader: isr[0], ISR: isr}, isr[0])
			require.NotEmpty(t, after.ISR)
		}
	})
}
