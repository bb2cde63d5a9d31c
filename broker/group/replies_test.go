package group

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
)

const (
	parked  = wire.Code(-100) // no reply yet
	nothing = wire.None
)

func codeOf(p *waiting[*kmsg.JoinGroupResponse]) wire.Code {
	if !p.done {
		return parked
	}
	return wire.Code(p.resp.ErrorCode)
}

// inState returns a group in a state with two members, of which the first leads, both of
// generation 1. In Empty they are gone.
func inState(t *testing.T, s State) (*world, []string) {
	w := newWorld(t, Config{InitialRebalanceDelay: 3 * time.Second})
	var ids []string
	switch s {
	case Empty:
		require.Equal(t, nothing, commitCode(w.commit("", -1, 1)))
		ids = []string{"app-1", "app-2"}
	case PreparingRebalance:
		ids = w.stable(2)
		_, third := w.joinNew()
		require.False(t, third.done)
	case CompletingRebalance:
		ids = w.completing(2)
	case Stable:
		ids = w.stable(2)
	}
	require.Equal(t, s, w.view().State)
	return w, ids
}

// TestRepliesByState is the table of facts/kafka.md §4.1 (GroupCoordinator.scala, 3.9).
func TestRepliesByState(t *testing.T) {
	states := []State{Empty, PreparingRebalance, CompletingRebalance, Stable}
	unknown, rebalance := wire.UnknownMemberID, wire.RebalanceInProgress
	generation := func(s State) int32 {
		if s == Empty {
			return 0
		}
		return 1
	}
	rows := []struct {
		name string
		want [4]wire.Code
		ask  func(w *world, s State, ids []string) wire.Code
	}{
		{"JoinGroup, new", [4]wire.Code{parked, parked, parked, parked},
			func(w *world, s State, _ []string) wire.Code {
				code := codeOf(do[*kmsg.JoinGroupResponse](w, joinRequest("", "orders"), 3))
				require.Equal(w.t, PreparingRebalance, w.view().State)
				return code
			}},
		{"JoinGroup, known follower, same metadata",
			[4]wire.Code{unknown, parked, nothing, nothing},
			func(w *world, s State, ids []string) wire.Code { return codeOf(w.join(ids[1])) }},
		{"JoinGroup, known leader, same metadata",
			[4]wire.Code{unknown, parked, nothing, parked},
			func(w *world, s State, ids []string) wire.Code { return codeOf(w.join(ids[0])) }},
		{"JoinGroup, known, other metadata", [4]wire.Code{unknown, parked, parked, parked},
			func(w *world, s State, ids []string) wire.Code {
				return codeOf(do[*kmsg.JoinGroupResponse](w, joinRequest(ids[1], "other"), 9))
			}},
		{"JoinGroup, unknown id", [4]wire.Code{unknown, unknown, unknown, unknown},
			func(w *world, s State, ids []string) wire.Code { return codeOf(w.join("who")) }},
		{"SyncGroup, follower", [4]wire.Code{unknown, rebalance, parked, nothing},
			func(w *world, s State, ids []string) wire.Code {
				p := w.sync(ids[1], generation(s), nil)
				if !p.done {
					return parked
				}
				return wire.Code(p.resp.ErrorCode)
			}},
		{"Heartbeat", [4]wire.Code{unknown, rebalance, nothing, nothing},
			func(w *world, s State, ids []string) wire.Code {
				return w.heartbeat(ids[1], generation(s))
			}},
		{"LeaveGroup", [4]wire.Code{unknown, nothing, nothing, nothing},
			func(w *world, s State, ids []string) wire.Code { return w.leaveGroup(ids[1]) }},
		{"OffsetCommit, member", [4]wire.Code{unknown, nothing, rebalance, nothing},
			func(w *world, s State, ids []string) wire.Code {
				return commitCode(w.commit(ids[1], generation(s), 5))
			}},
		{"OffsetCommit, simple", [4]wire.Code{nothing, unknown, unknown, unknown},
			func(w *world, s State, ids []string) wire.Code { return commitCode(w.commit("", -1, 5)) }},
		{"Heartbeat, old generation", [4]wire.Code{unknown, wire.IllegalGeneration,
			wire.IllegalGeneration, wire.IllegalGeneration},
			func(w *world, s State, ids []string) wire.Code { return w.heartbeat(ids[1], 7) }},
		{"OffsetCommit, old generation", [4]wire.Code{unknown, wire.IllegalGeneration,
			wire.IllegalGeneration, wire.IllegalGeneration},
			func(w *world, s State, ids []string) wire.Code {
				return commitCode(w.commit(ids[1], 7, 5))
			}},
		{"JoinGroup, other protocol", [4]wire.Code{parked, wire.InconsistentGroupProtocol,
			wire.InconsistentGroupProtocol, wire.InconsistentGroupProtocol},
			func(w *world, s State, ids []string) wire.Code {
				req := joinRequest("", "orders")
				req.Protocols[0].Name = "sticky"
				return codeOf(do[*kmsg.JoinGroupResponse](w, req, 3))
			}},
		{"JoinGroup, other protocol type", [4]wire.Code{parked, wire.InconsistentGroupProtocol,
			wire.InconsistentGroupProtocol, wire.InconsistentGroupProtocol},
			func(w *world, s State, ids []string) wire.Code {
				req := joinRequest("", "orders")
				req.ProtocolType = "connect"
				return codeOf(do[*kmsg.JoinGroupResponse](w, req, 3))
			}},
	}
	for _, row := range rows {
		for i, s := range states {
			t.Run(row.name+"/"+s.String(), func(t *testing.T) {
				w, ids := inState(t, s)
				require.Equal(t, row.want[i], row.ask(w, s, ids))
			})
		}
	}
}

// TestRepliesWithoutCoordinator: a partition that is not led, one that is loading, a bad group id.
func TestRepliesWithoutCoordinator(t *testing.T) {
	w, ids := inState(t, Stable)
	p := PartitionFor("billing", 50)
	ask := func() (codes [6]wire.Code) {
		codes[0] = codeOf(w.join(ids[0]))
		codes[1] = wire.Code(w.sync(ids[0], 1, nil).must().ErrorCode)
		codes[2] = w.heartbeat(ids[0], 1)
		codes[3] = w.leaveGroup(ids[0])
		codes[4] = commitCode(w.commit(ids[0], 1, 5))
		req := kmsg.NewPtrOffsetFetchRequest()
		req.Group = "billing"
		codes[5] = wire.Code(do[*kmsg.OffsetFetchResponse](w, req, 7).must().ErrorCode)
		req.Topics = []kmsg.OffsetFetchRequestTopic{{Topic: "orders", Partitions: []int32{2}}}
		old := do[*kmsg.OffsetFetchResponse](w, req, 1).must()
		require.Equal(t, codes[5], wire.Code(old.Topics[0].Partitions[0].ErrorCode))
		return codes
	}
	w.unload(p)
	n := wire.NotCoordinator
	require.Equal(t, [6]wire.Code{n, n, n, n, n, n}, ask())

	require.True(t, w.c.BeginLoad(p, 2))
	require.False(t, w.c.BeginLoad(p, 3))
	l := wire.CoordinatorLoadInProgress
	require.Equal(t, [6]wire.Code{l, wire.RebalanceInProgress, wire.None, l, l, l}, ask())
	require.Empty(t, w.c.Groups())
	for k, v := range w.records(p) {
		w.c.Replay(w.now, p, k, v)
	}
	w.c.FinishLoad(w.out.At(w.now), p)
	w.drain()
	require.Equal(t, wire.None, w.heartbeat(ids[0], 1))
	require.Equal(t, Stable, w.view().State)
	require.Contains(t, w.notes, "coordinator-loaded __consumer_offsets-"+itoa(p)+" (1 groups)")
}

func TestJoinRefusals(t *testing.T) {
	w := newWorld(t, Config{MaxSize: 2})
	refused := func(change func(*kmsg.JoinGroupRequest)) wire.Code {
		req := joinRequest("", "orders")
		change(req)
		resp := do[*kmsg.JoinGroupResponse](w, req, 9).must()
		require.Equal(t, int32(-1), resp.Generation)
		return wire.Code(resp.ErrorCode)
	}
	require.Equal(t, wire.InvalidGroupID, refused(func(r *kmsg.JoinGroupRequest) { r.Group = "" }))
	for _, ms := range []int32{0, -1, 5_999, 1_800_001, -1 << 31, 1<<31 - 1} {
		require.Equal(t, wire.InvalidSessionTimeout,
			refused(func(r *kmsg.JoinGroupRequest) { r.SessionTimeoutMillis = ms }))
	}
	require.Equal(t, wire.InconsistentGroupProtocol,
		refused(func(r *kmsg.JoinGroupRequest) { r.ProtocolType = "" }))
	require.Equal(t, wire.InconsistentGroupProtocol,
		refused(func(r *kmsg.JoinGroupRequest) { r.Protocols = nil }))
	require.Equal(t, wire.UnknownMemberID,
		refused(func(r *kmsg.JoinGroupRequest) { r.MemberID, r.Group = "app-1", "other" }))
	w.stable(2)
	require.Equal(t, wire.GroupMaxSizeReached, refused(func(*kmsg.JoinGroupRequest) {}))
}
