package group

import (
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

const timerKind = 9

// tester is a *testing.T or a *rapid.T.
type tester interface {
	require.TestingT
	Helper()
	Fatalf(format string, args ...any)
}

// world drives a coordinator: a clock that fires its timers, and a log that can be slow or refuse.
type world struct {
	t      tester
	now    model.Time
	c      *Coordinator
	cfg    Config
	out    model.Effects
	timers map[model.Timer]model.Time
	set    int // SetTimer effects so far
	notes  []string

	logs map[int32][]Record // what is in the log, by partition
	held []func()           // appends without an answer, in order
	hold bool
	fail wire.Code
}

func newWorld(t tester, cfg Config) *world {
	cfg.TimerKind = timerKind
	w := &world{
		t: t, cfg: cfg, timers: map[model.Timer]model.Time{}, logs: map[int32][]Record{},
		now: model.Time(time.Second),
	}
	w.c = New(cfg, w, model.NewRand(1, "group"), 1)
	for p := range int32(50) {
		w.load(p)
	}
	w.notes = nil
	return w
}

// Append implements Log.
func (w *world) Append(out *model.Effects, partition int32, records []Record,
	done func(*model.Effects, wire.Code),
) {
	require.NotEmpty(w.t, records)
	code := w.fail
	if code == wire.None { // in the log at once, acknowledged perhaps later
		w.logs[partition] = append(w.logs[partition], records...)
	}
	finish := func() { done(w.out.At(w.now), code) }
	if w.hold {
		w.held = append(w.held, finish)
		return
	}
	finish()
}

// release answers what was held.
func (w *world) release() {
	w.hold = false
	for _, finish := range w.held {
		finish()
	}
	w.held = nil
	w.drain()
}

func (w *world) records(p int32) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		for _, r := range w.logs[p] {
			if !yield(r.Key, r.Value) {
				return
			}
		}
	}
}

func (w *world) load(p int32) {
	w.c.Load(w.out.At(w.now), p, 1, w.records(p))
	w.drain()
}

func (w *world) unload(p int32) {
	w.c.Unload(w.out.At(w.now), p)
	w.drain()
}

// drain does what the coordinator asked for.
func (w *world) drain() {
	for _, e := range w.out.List {
		switch e.Kind {
		case model.EffectSetTimer:
			require.Equal(w.t, uint32(timerKind), e.Timer.Kind)
			w.timers[e.Timer] = e.At
			w.set++
		case model.EffectCancelTimer:
			delete(w.timers, e.Timer)
		case model.EffectNote:
			w.notes = append(w.notes, w.out.Notes[e.Index].(*kafka.Note).String())
		default:
			w.t.Fatalf("unexpected effect %v", e)
		}
	}
	w.out.Reset()
	w.c.checkInvariants()
}

// advance lets d pass and fires what comes due.
func (w *world) advance(d time.Duration) {
	end := w.now.Add(d)
	for {
		var next model.Timer
		at := model.Never
		for timer, t := range w.timers {
			if t < at || t == at && timer.ID < next.ID {
				next, at = timer, t
			}
		}
		if at > end {
			break
		}
		w.now = max(w.now, at)
		delete(w.timers, next)
		w.c.OnTimer(w.out.At(w.now), next)
		w.drain()
	}
	w.now = end
}

// waiting is a request on its way.
type waiting[T kmsg.Response] struct {
	w    *world
	resp T
	done bool
}

func (p *waiting[T]) must() T {
	p.w.t.Helper()
	require.True(p.w.t, p.done, "no reply yet")
	return p.resp
}

// roundTrip sends a message over the wire, in its version.
func roundTrip(t tester, from, to interface {
	AppendTo([]byte) []byte
	ReadFrom([]byte) error
	SetVersion(int16)
}, version int16) {
	from.SetVersion(version)
	to.SetVersion(version)
	require.NoError(t, to.ReadFrom(from.AppendTo(nil)))
}

// do sends a request in a version; a response comes back in the same.
func do[T kmsg.Response](w *world, req kmsg.Request, version int16) *waiting[T] {
	sent := kmsg.RequestForKey(req.Key())
	roundTrip(w.t, req, sent, version)
	p := &waiting[T]{w: w}
	reply := func(_ *model.Effects, resp kmsg.Response) {
		require.False(w.t, p.done, "two replies")
		require.Zero(w.t, w.c.outbox.depth, "a reply left in the middle of a call")
		got := req.ResponseKind()
		roundTrip(w.t, resp, got, version)
		p.resp, p.done = got.(T), true
	}
	client := ClientInfo{ID: "app", Host: "consumer-1"}
	switch r := sent.(type) {
	case *kmsg.JoinGroupRequest:
		w.c.HandleJoinGroup(w.out.At(w.now), r, client, reply)
	case *kmsg.SyncGroupRequest:
		w.c.HandleSyncGroup(w.out.At(w.now), r, reply)
	case *kmsg.HeartbeatRequest:
		w.c.HandleHeartbeat(w.out.At(w.now), r, reply)
	case *kmsg.LeaveGroupRequest:
		w.c.HandleLeaveGroup(w.out.At(w.now), r, reply)
	case *kmsg.OffsetCommitRequest:
		w.c.HandleOffsetCommit(w.out.At(w.now), r, reply)
	case *kmsg.OffsetFetchRequest:
		w.c.HandleOffsetFetch(w.out.At(w.now), r, reply)
	case *kmsg.DescribeGroupsRequest:
		w.c.HandleDescribeGroups(w.out.At(w.now), r, reply)
	case *kmsg.ListGroupsRequest:
		w.c.HandleListGroups(w.out.At(w.now), r, reply)
	case *kmsg.DeleteGroupsRequest:
		w.c.HandleDeleteGroups(w.out.At(w.now), r, reply)
	case *kmsg.OffsetDeleteRequest:
		w.c.HandleOffsetDelete(w.out.At(w.now), r, reply)
	default:
		panic(fmt.Sprintf("%T", req))
	}
	w.drain()
	return p
}

func joinRequest(memberID, metadata string) *kmsg.JoinGroupRequest {
	req := kmsg.NewPtrJoinGroupRequest()
	req.Group, req.MemberID, req.ProtocolType = "billing", memberID, "consumer"
	req.SessionTimeoutMillis, req.RebalanceTimeoutMillis = 45_000, 300_000
	req.Protocols = []kmsg.JoinGroupRequestProtocol{{Name: "range", Metadata: []byte(metadata)}}
	return req
}

func (w *world) join(memberID string) *waiting[*kmsg.JoinGroupResponse] {
	return do[*kmsg.JoinGroupResponse](w, joinRequest(memberID, "orders"), 9)
}

// joinNew joins with an id that it asks for first, as clients do.
func (w *world) joinNew() (string, *waiting[*kmsg.JoinGroupResponse]) {
	first := w.join("").must()
	require.Equal(w.t, wire.MemberIDRequired, wire.Code(first.ErrorCode))
	return first.MemberID, w.join(first.MemberID)
}

// named says in a SyncGroup what members have to since v5: what the group has chosen.
func (w *world) named(req *kmsg.SyncGroupRequest) *kmsg.SyncGroupRequest {
	kind, protocol := "consumer", "range"
	if g := w.c.store.groups[req.Group]; g != nil && g.protocol != nil {
		kind, protocol = g.protocolType, *g.protocol
	}
	req.ProtocolType, req.Protocol = &kind, &protocol
	return req
}

func (w *world) sync(memberID string, generation int32, assignments map[string]string,
) *waiting[*kmsg.SyncGroupResponse] {
	req := kmsg.NewPtrSyncGroupRequest()
	req.Group, req.MemberID, req.Generation = "billing", memberID, generation
	w.named(req)
	ids := make([]string, 0, len(assignments))
	for id := range assignments {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		req.GroupAssignment = append(req.GroupAssignment, kmsg.SyncGroupRequestGroupAssignment{
			MemberID: id, MemberAssignment: []byte(assignments[id]),
		})
	}
	return do[*kmsg.SyncGroupResponse](w, req, 5)
}

func (w *world) heartbeat(memberID string, generation int32) wire.Code {
	req := kmsg.NewPtrHeartbeatRequest()
	req.Group, req.MemberID, req.Generation = "billing", memberID, generation
	return wire.Code(do[*kmsg.HeartbeatResponse](w, req, 4).must().ErrorCode)
}

func (w *world) leaveGroup(memberID string) wire.Code {
	req := kmsg.NewPtrLeaveGroupRequest()
	req.Group, req.Members = "billing", []kmsg.LeaveGroupRequestMember{{MemberID: memberID}}
	resp := do[*kmsg.LeaveGroupResponse](w, req, 5).must()
	if resp.ErrorCode != 0 {
		return wire.Code(resp.ErrorCode)
	}
	return wire.Code(resp.Members[0].ErrorCode)
}

func commitRequest(memberID string, generation int32, offset int64) *kmsg.OffsetCommitRequest {
	req := kmsg.NewPtrOffsetCommitRequest()
	req.Group, req.MemberID, req.Generation = "billing", memberID, generation
	p := kmsg.NewOffsetCommitRequestTopicPartition()
	p.Partition, p.Offset, p.LeaderEpoch = 2, offset, 7
	req.Topics = []kmsg.OffsetCommitRequestTopic{{
		Topic: "orders", Partitions: []kmsg.OffsetCommitRequestTopicPartition{p},
	}}
	return req
}

func (w *world) commit(memberID string, generation int32, offset int64,
) *waiting[*kmsg.OffsetCommitResponse] {
	return do[*kmsg.OffsetCommitResponse](w, commitRequest(memberID, generation, offset), 9)
}

func commitCode(p *waiting[*kmsg.OffsetCommitResponse]) wire.Code {
	return wire.Code(p.must().Topics[0].Partitions[0].ErrorCode)
}

// fetch returns the group's offset of orders-2.
func (w *world) fetch() int64 {
	req := kmsg.NewPtrOffsetFetchRequest()
	req.Groups = []kmsg.OffsetFetchRequestGroup{{
		Group:  "billing",
		Topics: []kmsg.OffsetFetchRequestGroupTopic{{Topic: "orders", Partitions: []int32{2}}},
	}}
	g := do[*kmsg.OffsetFetchResponse](w, req, 9).must().Groups[0]
	require.Zero(w.t, g.ErrorCode)
	return g.Topics[0].Partitions[0].Offset
}

// completing brings n members into a generation that waits for its assignment. The first leads.
func (w *world) completing(n int) []string {
	ids := make([]string, n)
	joins := make([]*waiting[*kmsg.JoinGroupResponse], n)
	for i := range ids {
		ids[i], joins[i] = w.joinNew()
	}
	w.advance(6 * time.Second)
	for i, j := range joins {
		resp := j.must()
		require.Zero(w.t, resp.ErrorCode)
		require.Equal(w.t, ids[0], resp.LeaderID)
		require.Equal(w.t, i == 0, len(resp.Members) == n)
	}
	return ids
}

// stable is completing, and the leader's assignment gives each member its own index.
func (w *world) stable(n int) []string {
	ids := w.completing(n)
	given := map[string]string{}
	var syncs []*waiting[*kmsg.SyncGroupResponse]
	for i, id := range ids {
		given[id] = fmt.Sprint("p", i)
		if i > 0 {
			syncs = append(syncs, w.sync(id, 1, nil))
		}
	}
	syncs = append([]*waiting[*kmsg.SyncGroupResponse]{w.sync(ids[0], 1, given)}, syncs...)
	for i, s := range syncs {
		require.Zero(w.t, s.must().ErrorCode)
		require.Equal(w.t, fmt.Sprint("p", i), string(s.must().MemberAssignment))
	}
	return ids
}

func (w *world) view() View {
	for _, v := range w.c.Groups() {
		if v.Group == "billing" {
			return v
		}
	}
	return View{}
}
