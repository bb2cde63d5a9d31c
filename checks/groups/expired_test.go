package groups

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// A group that was away for longer than the retention begins anew: without offsets, and with
// generation 1. One that was not may not.
func TestGroupThatWasAway(t *testing.T) {
	for away, want := range map[time.Duration][]kafka.Anomaly{
		2 * time.Hour:    nil,
		10 * time.Minute: {kafka.RegressedGeneration, kafka.LostOffset},
	} {
		s := begin()
		s.stable(2)
		s.answer(s.commit("a", 2, 5), 0)
		for _, member := range []string{"a", "b"} {
			s.answer(s.ask(kafka.GroupExchange{API: kafka.LeaveGroup, Member: member, Generation: -1}), 0)
		}
		s.pass(away)
		s.joins("c", 1, "b")
		s.reads(-1)
		s.keep(s.f.Gone())
		require.Equal(t, want, s.found)
	}
}

// Coordinators judge the age of offsets by wall clocks, and those may be wrong.
func TestOffsetsExpireByWrongClocks(t *testing.T) {
	for _, fault := range []model.Fault{
		{Verb: model.FaultShiftClock, Node: "broker-1", By: -2 * time.Hour},
		{Verb: model.FaultDriftClock, Node: "broker-1"},
		{Verb: model.FaultShiftClock, Node: "broker-1", By: time.Minute},
	} {
		s := begin()
		s.commits(5)
		s.line(&kafka.TraceLine{TraceLine: model.TraceLine{Node: "broker-1", Kind: "fault", Fault: &fault}})
		s.pass(45 * time.Minute)
		s.reads(-1)
		s.keep(s.f.Gone())
		if fault.By == time.Minute {
			require.Equal(t, []kafka.Anomaly{kafka.LostOffset}, s.found)
		} else {
			require.Empty(t, s.found)
		}
	}
}

// Where disks may have lost what a coordinator stored, its group may as well still have it, and the
// members go on; who never was a member does not.
func TestGroupThatMayHaveLostNothing(t *testing.T) {
	s := begin()
	s.stable(1)
	s.f.forgetLost(s.now, func(int32) bool { return true })
	s.moves()
	s.joins("b", 1, "a")
	s.syncs("b", 1, "2")
	s.beats("a", 1, 0)
	require.Empty(t, s.found)
	s.beats("z", 1, 0)
	require.Equal(t, []kafka.Anomaly{kafka.ZombieMember}, s.found)
}
