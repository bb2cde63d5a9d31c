package group

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"
	"pgregory.net/rapid"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// actor draws requests that make sense often enough, and nonsense else.
type actor struct {
	w      *world
	groups []string
	ids    []string
}

func (a *actor) learn(resp *kmsg.JoinGroupResponse) {
	if resp.MemberID != "" {
		a.ids = append(a.ids, resp.MemberID)
	}
}

func (a *actor) member(t *rapid.T) string {
	ids := append([]string{""}, a.ids...)
	return rapid.SampledFrom(ids[max(0, len(ids)-6):]).Draw(t, "member")
}

func (a *actor) group(t *rapid.T) string { return rapid.SampledFrom(a.groups).Draw(t, "group") }

// generation is mostly the current one.
func (a *actor) generation(t *rapid.T, id string) int32 {
	if g := a.w.c.store.groups[id]; g != nil && rapid.IntRange(0, 5).Draw(t, "stale") > 0 {
		return g.generation
	}
	return rapid.Int32Range(-1, 4).Draw(t, "generation")
}

func (a *actor) instance(t *rapid.T) *string {
	if s := rapid.SampledFrom([]string{"", "", "", "i1", "i2"}).Draw(t, "instance"); s != "" {
		return &s
	}
	return nil
}

func (a *actor) join(t *rapid.T) {
	req := joinRequest(a.member(t), rapid.SampledFrom([]string{"x", "y"}).Draw(t, "metadata"))
	req.Group, req.InstanceID = a.group(t), a.instance(t)
	req.SessionTimeoutMillis = rapid.SampledFrom([]int32{6000, 45_000}).Draw(t, "session")
	req.RebalanceTimeoutMillis = rapid.SampledFrom([]int32{0, 10_000, 60_000}).Draw(t, "rebalance")
	a.joinWith(t, req)
}

func (a *actor) joinWith(t *rapid.T, req *kmsg.JoinGroupRequest) {
	version := rapid.Int16Range(2, 9).Draw(t, "version")
	version = max(version, map[bool]int16{true: 5}[req.InstanceID != nil])
	sent := *req
	sent.Version = version
	a.w.c.HandleJoinGroup(a.w.out.At(a.w.now), &sent, ClientInfo{ID: "app"},
		func(_ *model.Effects, resp kmsg.Response) {
			a.learn(resp.(*kmsg.JoinGroupResponse))
		})
	a.w.drain()
}

func (a *actor) sync(t *rapid.T) {
	req := kmsg.NewPtrSyncGroupRequest()
	req.Group, req.MemberID, req.InstanceID = a.group(t), a.member(t), a.instance(t)
	req.Generation = a.generation(t, req.Group)
	a.w.named(req)
	for i, id := range a.ids {
		req.GroupAssignment = append(req.GroupAssignment, kmsg.SyncGroupRequestGroupAssignment{
			MemberID: id, MemberAssignment: fmt.Appendf(nil, "p%d", i),
		})
	}
	do[*kmsg.SyncGroupResponse](a.w, req, 5)
}

// syncLeader lets the leader of a group give out an assignment, which chance seldom does.
func (a *actor) syncLeader(t *rapid.T) {
	id := a.group(t)
	if g := a.w.c.store.groups[id]; g != nil && g.leader != "" {
		req := kmsg.NewPtrSyncGroupRequest()
		req.Group, req.MemberID, req.Generation = id, g.leader, g.generation
		a.w.named(req)
		for i, m := range g.members {
			req.GroupAssignment = append(req.GroupAssignment, kmsg.SyncGroupRequestGroupAssignment{
				MemberID: m.id, MemberAssignment: fmt.Appendf(nil, "p%d", i),
			})
		}
		do[*kmsg.SyncGroupResponse](a.w, req, 5)
	}
}

// form brings a group as far as it comes with one more member and an assignment.
func (a *actor) form(t *rapid.T) {
	req := joinRequest("", "x")
	req.Group = a.group(t)
	a.joinWith(t, req)
	if id := a.ids; len(id) > 0 {
		req.MemberID = id[len(id)-1]
		a.joinWith(t, req)
	}
	a.w.advance(6 * time.Second)
	if rapid.Bool().Draw(t, "assign") {
		a.syncLeader(t)
	}
}

func (a *actor) other(t *rapid.T) {
	group, member := a.group(t), a.member(t)
	generation := a.generation(t, group)
	switch rapid.IntRange(0, 7).Draw(t, "api") {
	case 4:
		a.w.delete(group)
	case 5:
		a.w.deleteOffset(group, kafka.TopicPartition{Topic: "orders", Partition: rapid.Int32Range(0, 2).Draw(t, "p")})
	case 6:
		require.Len(t, a.w.describe(5, true, group, "nobody"), 2)
		a.w.list(nil, nil)
	case 0:
		req := kmsg.NewPtrHeartbeatRequest()
		req.Group, req.MemberID, req.Generation = group, member, generation
		do[*kmsg.HeartbeatResponse](a.w, req, 4).must()
	case 1:
		req := kmsg.NewPtrLeaveGroupRequest()
		req.Group = group
		req.Members = []kmsg.LeaveGroupRequestMember{{MemberID: member, InstanceID: a.instance(t)}}
		do[*kmsg.LeaveGroupResponse](a.w, req, 5).must()
	default:
		req := commitRequest(member, generation, rapid.Int64Range(0, 99).Draw(t, "offset"))
		req.Group = group
		req.Topics[0].Partitions[0].Partition = rapid.Int32Range(0, 2).Draw(t, "partition")
		do[*kmsg.OffsetCommitResponse](a.w, req, 9)
	}
}

func (a *actor) disturb(t *rapid.T) {
	w := a.w
	switch rapid.IntRange(0, 3).Draw(t, "disturbance") {
	case 0:
		w.hold = true
	case 1:
		w.release()
	case 2:
		w.fail = rapid.SampledFrom([]wire.Code{
			wire.None, wire.None, wire.NotEnoughReplicas, wire.RequestTimedOut,
		}).Draw(t, "fail")
	case 3:
		p := PartitionFor(a.group(t), 50)
		w.unload(p)
		w.load(p)
	}
}

func (a *actor) wait(t *rapid.T) {
	a.w.advance(rapid.SampledFrom([]time.Duration{
		0, time.Second, 3 * time.Second, 7 * time.Second, time.Minute, 8 * 24 * time.Hour,
	}).Draw(t, "wait"))
}

// durable is what the log promises of a group.
type durable struct {
	Stored  *kmsg.GroupMetadataValue
	Offsets map[kafka.TopicPartition]commit
}

func durables(c *Coordinator) map[string]durable {
	all := map[string]durable{}
	for id, g := range c.store.groups {
		d := durable{Stored: g.stored, Offsets: map[kafka.TopicPartition]commit{}}
		for tp, at := range g.offsets {
			at.seq = 0
			d.Offsets[tp] = at
		}
		if d.Stored != nil || len(d.Offsets) > 0 {
			all[id] = d
		}
	}
	return all
}

// TestReload: whatever happened, a coordinator made from the log has the same offsets and the same
// stored generations, and a group at rest is the same group.
func TestReload(t *testing.T) {
	reached := map[State]int{}
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, Config{InitialRebalanceDelay: 3 * second, MaxSize: 4})
		a := &actor{w: w, groups: []string{"billing", "audit"}}
		t.Repeat(map[string]func(*rapid.T){
			"join": a.join, "sync": a.sync, "syncLeader": a.syncLeader, "other": a.other,
			"disturb": a.disturb, "wait": a.wait,
			"form": a.form,
			"": func(*rapid.T) {
				for _, g := range w.c.store.groups {
					reached[g.state]++
				}
			},
		})
		w.release()
		next := newWorldOn(t, w)
		require.Equal(t, durables(w.c), durables(next.c))
		for _, v := range w.c.Groups() {
			stored := w.c.store.groups[v.Group].stored
			if v.State != Stable || stored.Generation != v.Generation || pendingStatic(w, v.Group) {
				continue
			}
			found := false
			for _, n := range next.c.Groups() {
				if n.Group == v.Group {
					require.Equal(t, v, n)
					found = true
				}
			}
			require.True(t, found)
		}
	})
	for _, s := range []State{Empty, PreparingRebalance, CompletingRebalance, Stable} {
		require.Positive(t, reached[s], "never reached %s", s)
	}
}

// pendingStatic is true while a JoinGroup of a Stable group waits: a static member's new id is not
// in the log yet.
func pendingStatic(w *world, id string) bool { return w.c.store.groups[id].parkedJoins > 0 }

// newWorldOn makes a coordinator of what another wrote.
func newWorldOn(t *rapid.T, old *world) *world {
	w := &world{t: t, now: old.now, timers: map[model.Timer]model.Time{}, logs: old.logs}
	w.c = New(old.cfg, w, model.NewRand(2, "group"), 2)
	for p := range int32(50) {
		w.load(p)
	}
	return w
}
