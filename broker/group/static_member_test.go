package group

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
)

func (w *world) joinStatic(instance, metadata string, version int16,
) *waiting[*kmsg.JoinGroupResponse] {
	req := joinRequest("", metadata)
	req.InstanceID = &instance
	return do[*kmsg.JoinGroupResponse](w, req, version)
}

// staticPair is a Stable group of the static members i0, which leads, and i1.
func staticPair(t *testing.T) (*world, []string) {
	w := newWorld(t, Config{InitialRebalanceDelay: 3 * second})
	a, b := w.joinStatic("i0", "orders", 9), w.joinStatic("i1", "orders", 9)
	w.advance(6 * second)
	ids := []string{a.must().MemberID, b.must().MemberID}
	require.Equal(t, "i0", *a.resp.Members[0].InstanceID)
	w.sync(ids[1], 1, nil)
	w.sync(ids[0], 1, map[string]string{ids[0]: "p0", ids[1]: "p1"})
	require.Equal(t, Stable, w.view().State)
	return w, ids
}

// TestStaticRestart: a static member that comes back gets its assignment without a rebalance, and
// its old self is fenced (KIP-345).
func TestStaticRestart(t *testing.T) {
	for _, version := range []int16{5, 9} {
		w, ids := staticPair(t)
		leader := w.joinStatic("i0", "orders", version).must()
		require.Zero(t, leader.ErrorCode)
		require.Equal(t, int32(1), leader.Generation)
		require.NotEqual(t, ids[0], leader.MemberID)
		require.Equal(t, version == 9, leader.SkipAssignment)
		require.Equal(t, version == 9, leader.LeaderID == leader.MemberID)
		require.Equal(t, Stable, w.view().State)
		require.Equal(t, "p0", string(w.sync(leader.MemberID, 1, nil).must().MemberAssignment))

		beat := kmsg.NewPtrHeartbeatRequest()
		instance := "i0"
		beat.Group, beat.MemberID, beat.Generation = "billing", ids[0], 1
		beat.InstanceID = &instance
		require.Equal(t, wire.FencedInstanceID,
			wire.Code(do[*kmsg.HeartbeatResponse](w, beat, 4).must().ErrorCode))
		p := PartitionFor("billing", 50)
		before := w.view()
		w.unload(p)
		w.load(p)
		require.Equal(t, before, w.view())
	}
}

// TestStaticRestartNotStored: without the record there is no new id, and the old one is good again.
func TestStaticRestartNotStored(t *testing.T) {
	w, ids := staticPair(t)
	w.fail = wire.NotEnoughReplicas
	before := w.view()
	require.Equal(t, wire.CoordinatorNotAvailable, codeOf(w.joinStatic("i1", "other", 9)))
	require.Equal(t, before, w.view())
	require.Equal(t, wire.None, w.heartbeat(ids[1], 1))
}

// TestStaticInRebalance: while a generation completes, a static member that comes back starts over,
// and a request of its old self that is parked is fenced.
func TestStaticInRebalance(t *testing.T) {
	w, ids := staticPair(t)
	w.join(ids[0])
	old := w.join(ids[1])
	require.Equal(t, int32(2), old.must().Generation)
	sync := w.sync(ids[1], 2, nil)
	again := w.joinStatic("i1", "orders", 9)
	require.Equal(t, wire.FencedInstanceID, wire.Code(sync.must().ErrorCode))
	require.False(t, again.done)
	require.Equal(t, PreparingRebalance, w.view().State)
	leader := w.join(ids[0])
	require.Equal(t, int32(3), again.must().Generation)
	require.Len(t, leader.must().Members, 2)
}

// TestStaticAbsent: static members that do not come back are kept until their session ends; alone
// they cannot make a generation.
func TestStaticAbsent(t *testing.T) {
	w, ids := staticPair(t)
	join := w.join(ids[0])
	for range 110 {
		w.advance(3 * second)
		w.heartbeat(ids[1], 1)
	}
	require.Len(t, join.must().Members, 2)
	w.advance(time.Minute)
	require.Equal(t, Empty, w.view().State)

	w, ids = staticPair(t)
	req := kmsg.NewPtrLeaveGroupRequest()
	i0, i9 := "i0", "i9"
	req.Group = "billing"
	req.Members = []kmsg.LeaveGroupRequestMember{
		{InstanceID: &i0}, {InstanceID: &i9}, {MemberID: "x", InstanceID: &i0},
	}
	resp := do[*kmsg.LeaveGroupResponse](w, req, 3).must()
	require.Equal(t, int16(wire.None), resp.Members[0].ErrorCode)
	require.Equal(t, int16(wire.UnknownMemberID), resp.Members[1].ErrorCode)
	require.Equal(t, int16(wire.UnknownMemberID), resp.Members[2].ErrorCode)
	require.Equal(t, ids[1], w.view().Leader)
}
