package group

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

const second = time.Second

func delayed(t *testing.T) *world {
	return newWorld(t, Config{InitialRebalanceDelay: 3 * second})
}

// TestInitialDelay: a new group waits 3 s for others, and 3 s more for as long as others come, but
// no longer than the rebalance timeout.
func TestInitialDelay(t *testing.T) {
	w := delayed(t)
	_, first := w.joinNew()
	w.advance(2999 * time.Millisecond)
	require.False(t, first.done)
	w.advance(time.Millisecond)
	require.Equal(t, int32(1), first.must().Generation)
	require.Len(t, first.resp.Members, 1)

	w = delayed(t)
	joins := []*waiting[*kmsg.JoinGroupResponse]{}
	began := w.now
	for w.now.Sub(began) < 60*second {
		req := joinRequest("", "orders")
		req.RebalanceTimeoutMillis = 10_000
		joins = append(joins, do[*kmsg.JoinGroupResponse](w, req, 3))
		w.advance(2 * second)
		if joins[0].done {
			break
		}
	}
	require.Equal(t, 10*second, w.now.Sub(began))
	require.Len(t, joins[0].must().Members, 5)

	w = newWorld(t, Config{})
	_, first = w.joinNew()
	w.advance(0)
	require.True(t, first.done)

	// A group that had generations before waits once, whoever comes.
	w = delayed(t)
	ids := w.stable(1)
	require.Equal(t, wire.None, w.leaveGroup(ids[0]))
	_, first = w.joinNew()
	w.advance(second)
	w.joinNew()
	w.advance(2 * second)
	require.Len(t, first.must().Members, 2)
}

// TestThreePlusOne: three members have a partition each, a fourth has none, and then one dies.
func TestThreePlusOne(t *testing.T) {
	w := delayed(t)
	ids := w.stable(3)
	fourth, join4 := w.joinNew()
	require.False(t, join4.done)
	require.Equal(t, PreparingRebalance, w.view().State)
	var joins []*waiting[*kmsg.JoinGroupResponse]
	for _, id := range ids {
		require.Equal(t, wire.RebalanceInProgress, w.heartbeat(id, 1))
		joins = append(joins, w.join(id))
	}
	require.Equal(t, int32(2), join4.must().Generation)
	require.Equal(t, ids[0], join4.resp.LeaderID)
	require.Empty(t, join4.resp.Members)
	require.Len(t, joins[0].must().Members, 4)

	sync4 := w.sync(fourth, 2, nil)
	require.False(t, sync4.done)
	require.Equal(t, wire.None, w.heartbeat(fourth, 2))
	w.sync(ids[1], 2, nil)
	w.sync(ids[2], 2, nil)
	w.sync(ids[0], 2, map[string]string{ids[0]: "p0", ids[1]: "p1", ids[2]: "p2"})
	require.Equal(t, wire.None, wire.Code(sync4.must().ErrorCode))
	require.Empty(t, sync4.resp.MemberAssignment)
	require.Equal(t, "range", *sync4.resp.Protocol)
	require.Equal(t, Stable, w.view().State)

	// The third falls silent; the others send heartbeats.
	for range 15 {
		w.advance(3 * second)
		for _, id := range []string{ids[0], ids[1], fourth} {
			w.heartbeat(id, 2)
		}
	}
	require.Equal(t, PreparingRebalance, w.view().State)
	require.Contains(t, w.notes, fmt.Sprintf(
		"member-left group=billing member=%s generation=2 (session expired)", ids[2]))
	for _, id := range []string{ids[0], ids[1], fourth} {
		joins = append(joins, w.join(id))
	}
	require.Len(t, joins[3].must().Members, 3)
	require.Equal(t, int32(3), joins[5].must().Generation)
	require.Equal(t, wire.UnknownMemberID, w.heartbeat(ids[2], 2))
}

// TestSilentMembers: those who do not come back in the rebalance timeout are out, and so are those
// who join and then do not sync.
func TestSilentMembers(t *testing.T) {
	w := delayed(t)
	ids := w.stable(3)
	join := w.join(ids[0])
	for range 100 { // alive, but not coming back
		w.advance(3 * second)
		w.heartbeat(ids[1], 1)
		w.heartbeat(ids[2], 1)
	}
	require.Len(t, join.must().Members, 1)
	require.Contains(t, w.notes, fmt.Sprintf(
		"member-left group=billing member=%s generation=1 (did not re-join)", ids[2]))

	for range 101 {
		w.advance(3 * second)
		w.heartbeat(ids[0], 2)
	}
	require.Contains(t, w.notes, fmt.Sprintf(
		"member-left group=billing member=%s generation=2 (did not sync)", ids[0]))
	require.Equal(t, Empty, w.view().State)
	require.Equal(t, int32(3), w.view().Generation)
}

// TestNewLeader: when the leader does not come back, the first that did leads.
func TestNewLeader(t *testing.T) {
	w := delayed(t)
	ids := w.stable(2)
	req := joinRequest(ids[1], "more")
	req.RebalanceTimeoutMillis = 1000
	join := do[*kmsg.JoinGroupResponse](w, req, 9)
	require.Equal(t, wire.None, w.leaveGroup(ids[0]))
	require.Equal(t, ids[1], join.must().LeaderID)
	require.Len(t, join.resp.Members, 1)
	require.Equal(t, "more", string(join.resp.Members[0].ProtocolMetadata))
}

// TestPendingMember: an id that was given out holds the join phase up until it is used or expires.
func TestPendingMember(t *testing.T) {
	w := delayed(t)
	ids := w.stable(1)
	given := w.join("").must().MemberID
	require.Equal(t, Stable, w.view().State)
	join := w.join(ids[0])
	require.False(t, join.done)
	w.advance(44 * second)
	require.False(t, join.done)
	w.advance(second)
	require.True(t, join.done)
	require.Equal(t, wire.UnknownMemberID, codeOf(w.join(given)))

	given = w.join("").must().MemberID
	require.Equal(t, wire.None, w.leaveGroup(given))
	require.Equal(t, wire.UnknownMemberID, w.leaveGroup(given))
}

// TestNewMemberTimeout: whoever joins for the first time waits five minutes at most, or its session
// if it knows its id well enough to send heartbeats.
func TestNewMemberTimeout(t *testing.T) {
	for beats, left := range map[int]time.Duration{0: 5 * time.Minute, 1: 45 * second} {
		w := delayed(t)
		req := joinRequest("", "orders")
		req.RebalanceTimeoutMillis, req.SessionTimeoutMillis = 3_600_000, 600_000
		old := do[*kmsg.JoinGroupResponse](w, req, 3)
		w.advance(3 * second)
		w.sync(old.must().MemberID, 1, nil)
		join := do[*kmsg.JoinGroupResponse](w, joinRequest("", "orders"), 3)
		for range beats {
			require.Equal(t, wire.RebalanceInProgress, w.heartbeat(w.view().Members[1].ID, 1))
		}
		w.advance(left - second)
		require.False(t, join.done)
		w.advance(second)
		require.Equal(t, wire.UnknownMemberID, codeOf(join))
	}
}

// TestProtocolVote: each votes for the first of its protocols that all know.
func TestProtocolVote(t *testing.T) {
	w := delayed(t)
	with := func(names ...string) *waiting[*kmsg.JoinGroupResponse] {
		req := joinRequest("", "")
		req.Protocols = nil
		for _, n := range names {
			req.Protocols = append(req.Protocols, kmsg.JoinGroupRequestProtocol{
				Name: n, Metadata: []byte("as " + n),
			})
		}
		return do[*kmsg.JoinGroupResponse](w, req, 3)
	}
	first := with("a", "b", "c")
	with("x", "c", "b")
	with("c", "b", "b")
	require.Equal(t, wire.InconsistentGroupProtocol, codeOf(with("a", "x")))
	w.advance(6 * second)
	require.Equal(t, "c", *first.must().Protocol)
	require.Equal(t, "as c", string(first.resp.Members[2].ProtocolMetadata))
}

// TestHeartbeatsSetNoTimers: a heartbeat moves a deadline, not a timer.
func TestHeartbeatsSetNoTimers(t *testing.T) {
	w := delayed(t)
	ids := w.stable(20)
	before := w.set
	for range 100 {
		w.advance(3 * second)
		for _, id := range ids {
			require.Equal(t, wire.None, w.heartbeat(id, 1))
		}
	}
	require.Less(t, w.set-before, 20)
	require.LessOrEqual(t, len(w.timers), 2)
	w.advance(46 * second)
	require.Equal(t, Empty, w.view().State)
}

// TestJoinLostReply: a member that asks again after a lost answer gets the same generation.
func TestJoinLostReply(t *testing.T) {
	w := delayed(t)
	ids := w.completing(2)
	again := w.join(ids[0]).must()
	require.Equal(t, int32(1), again.Generation)
	require.Len(t, again.Members, 2)
	w.sync(ids[1], 1, nil)
	w.hold = true
	lost := w.sync(ids[0], 1, map[string]string{ids[0]: "a", ids[1]: "b"})
	again2 := w.sync(ids[0], 1, map[string]string{ids[0]: "x", ids[1]: "y"})
	require.Len(t, w.held, 1)
	w.release()
	require.False(t, lost.done)
	require.Equal(t, "a", string(again2.must().MemberAssignment))
}

// TestReentrantReply: a reply makes the next request of its connection arrive during a call.
func TestReentrantReply(t *testing.T) {
	w := delayed(t)
	ids := w.completing(2)
	var codes []int16
	req := kmsg.NewPtrSyncGroupRequest()
	req.Group, req.MemberID, req.Generation = "billing", ids[1], 1
	w.c.HandleSyncGroup(w.out.At(w.now), req,
		func(out *model.Effects, resp kmsg.Response) {
			codes = append(codes, resp.(*kmsg.SyncGroupResponse).ErrorCode)
			leave := kmsg.NewPtrLeaveGroupRequest()
			leave.Version, leave.Group, leave.MemberID = 0, "billing", ids[1]
			w.c.HandleLeaveGroup(out, leave,
				func(_ *model.Effects, resp kmsg.Response) {
					codes = append(codes, resp.(*kmsg.LeaveGroupResponse).ErrorCode)
				})
		})
	require.Equal(t, wire.None, wire.Code(w.sync(ids[0], 1, nil).must().ErrorCode))
	require.Equal(t, []int16{0, 0}, codes)
	require.Equal(t, PreparingRebalance, w.view().State)
	require.Len(t, w.view().Members, 1)
}
