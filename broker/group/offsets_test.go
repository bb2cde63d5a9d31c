package group

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// TestAppendFailures: what clients learn when the log refuses, for each kind of record.
func TestAppendFailures(t *testing.T) {
	for _, row := range []struct{ failed, commit, sync wire.Code }{
		{wire.NotEnoughReplicas, wire.CoordinatorNotAvailable, wire.CoordinatorNotAvailable},
		{wire.NotEnoughReplicasAfterAppend, wire.CoordinatorNotAvailable,
			wire.CoordinatorNotAvailable},
		{wire.UnknownTopicOrPartition, wire.CoordinatorNotAvailable, wire.CoordinatorNotAvailable},
		{wire.NotLeaderOrFollower, wire.NotCoordinator, wire.NotCoordinator},
		{wire.KafkaStorageError, wire.NotCoordinator, wire.NotCoordinator},
		{wire.RequestTimedOut, wire.RequestTimedOut, wire.RebalanceInProgress},
		{wire.MessageTooLarge, wire.InvalidCommitOffsetSize, wire.UnknownServerError},
		{wire.RecordListTooLarge, wire.InvalidCommitOffsetSize, wire.UnknownServerError},
		{wire.CorruptMessage, wire.CorruptMessage, wire.CorruptMessage},
	} {
		t.Run(row.failed.String(), func(t *testing.T) {
			w := delayed(t)
			require.Equal(t, wire.None, commitCode(w.commit("", -1, 5)))
			w.fail = row.failed
			require.Equal(t, row.commit, commitCode(w.commit("", -1, 6)))
			require.Equal(t, int64(5), w.fetch())

			ids := w.completing(2)
			follower := w.sync(ids[1], 1, nil)
			leader := w.sync(ids[0], 1, map[string]string{ids[0]: "p0"})
			require.Equal(t, row.sync, wire.Code(leader.must().ErrorCode))
			require.Equal(t, row.sync, wire.Code(follower.must().ErrorCode))
			require.Equal(t, PreparingRebalance, w.view().State)
		})
	}
}

// TestDurabilityFirst: no member learns an assignment, and no offset can be read, before the log
// has them.
func TestDurabilityFirst(t *testing.T) {
	w := delayed(t)
	ids := w.completing(2)
	w.hold = true
	sync := w.sync(ids[0], 1, map[string]string{ids[0]: "p0"})
	require.False(t, sync.done)
	require.Equal(t, CompletingRebalance, w.view().State)
	w.release()
	require.Equal(t, "p0", string(sync.must().MemberAssignment))

	w.hold = true
	commit := w.commit(ids[0], 1, 42)
	require.False(t, commit.done)
	require.Equal(t, int64(-1), w.fetch())
	w.release()
	require.Equal(t, wire.None, commitCode(commit))
	require.Equal(t, int64(42), w.fetch())
	require.Contains(t, w.notes,
		"offset-committed orders-2 group=billing member="+ids[0]+" offset=42 generation=1")
}

// TestLateAcknowledgements: what was appended later wins, in whatever order the log acknowledges.
func TestLateAcknowledgements(t *testing.T) {
	w := delayed(t)
	ids := w.stable(1)
	w.hold = true
	first, then := w.commit(ids[0], 1, 5), w.commit(ids[0], 1, 6)
	require.Equal(t, int32(2), w.join(ids[0]).must().Generation)
	old := w.sync(ids[0], 2, nil)
	again := do[*kmsg.JoinGroupResponse](w, joinRequest(ids[0], "other"), 9)
	require.Equal(t, wire.RebalanceInProgress, wire.Code(old.must().ErrorCode))
	require.Equal(t, int32(3), again.must().Generation)
	sync := w.sync(ids[0], 3, map[string]string{ids[0]: "p0"})
	require.Len(t, w.held, 4)
	w.held[2]() // the assignment of generation 2 is in the log
	w.held = slices.Delete(w.held, 2, 3)
	w.drain()
	require.False(t, sync.done)
	require.Equal(t, CompletingRebalance, w.view().State)
	slices.Reverse(w.held)
	w.release()
	require.Equal(t, wire.None, commitCode(first))
	require.Equal(t, wire.None, commitCode(then))
	require.Equal(t, int64(6), w.fetch())
	require.Equal(t, "p0", string(sync.must().MemberAssignment))
	require.Equal(t, int32(3), w.c.store.groups["billing"].stored.Generation)
}

// TestApplyOrder: an older record of a group's metadata changes nothing, nor does its tombstone.
func TestApplyOrder(t *testing.T) {
	w := delayed(t)
	w.stable(1)
	g := w.c.store.groups["billing"]
	stored := g.stored
	old := Record{groupKey("billing"), w.logs[g.partition][0].Value}
	require.NoError(t, w.c.store.apply(w.now, old, g.storedSeq-1))
	require.NoError(t, w.c.store.apply(w.now, Record{Key: old.Key}, g.storedSeq-1))
	require.Same(t, stored, g.stored)
}

// TestExpirySparesTheNew: a commit that is on its way is not swept away with what it replaces.
func TestExpirySparesTheNew(t *testing.T) {
	w := delayed(t)
	require.Equal(t, wire.None, commitCode(w.commit("", -1, 5)))
	w.advance(7*24*time.Hour - time.Minute)
	w.hold = true
	w.commit("", -1, 6)
	w.advance(11 * time.Minute)
	w.release()
	require.Equal(t, int64(6), w.fetch())
}

// TestUnload: who is parked learns NOT_COORDINATOR, timers are gone, and an append that is answered
// afterwards does no harm.
func TestUnload(t *testing.T) {
	p := PartitionFor("billing", 50)
	w := delayed(t)
	_, join := w.joinNew()
	w.unload(p)
	require.Equal(t, wire.NotCoordinator, codeOf(join))
	require.Empty(t, w.c.Groups())

	w.load(p)
	ids := w.completing(2)
	follower := w.sync(ids[1], 1, nil)
	w.hold = true
	leader := w.sync(ids[0], 1, nil)
	w.unload(p)
	require.Equal(t, wire.NotCoordinator, wire.Code(follower.must().ErrorCode))
	require.Equal(t, wire.NotCoordinator, wire.Code(leader.must().ErrorCode))
	require.LessOrEqual(t, len(w.timers), 1) // the expiry's
	w.release()
	require.Empty(t, w.c.Groups())
	w.unload(p)
	w.load(p)
	require.Equal(t, Stable, w.view().State) // the record did get into the log
	w.advance(46 * second)
	require.Equal(t, Empty, w.view().State)
}

func TestCommitDetails(t *testing.T) {
	w := newWorld(t, Config{KnownPartition: func(tp kafka.TopicPartition) bool {
		return tp.Topic == "orders" && tp.Partition < 9
	}})
	require.Equal(t, wire.IllegalGeneration, commitCode(w.commit("app-1", 1, 5)))
	require.Empty(t, w.c.Groups())

	req := commitRequest("", -1, 5)
	long, fits := strings.Repeat("x", 4097), strings.Repeat("é", 4096)
	p := req.Topics[0].Partitions[0]
	p.Partition, p.Metadata = 3, &long
	q := p
	q.Partition, q.Metadata = 4, &fits
	req.Topics[0].Partitions = append(req.Topics[0].Partitions, p, q)
	req.Topics = append(req.Topics, kmsg.OffsetCommitRequestTopic{
		Topic: "gone", Partitions: []kmsg.OffsetCommitRequestTopicPartition{p},
	})
	resp := do[*kmsg.OffsetCommitResponse](w, req, 9).must()
	require.Equal(t, int16(wire.None), resp.Topics[0].Partitions[0].ErrorCode)
	require.Equal(t, int16(wire.OffsetMetadataTooLarge), resp.Topics[0].Partitions[1].ErrorCode)
	require.Equal(t, int16(wire.None), resp.Topics[0].Partitions[2].ErrorCode)
	require.Equal(t, int16(wire.UnknownTopicOrPartition), resp.Topics[1].Partitions[0].ErrorCode)

	all := kmsg.NewPtrOffsetFetchRequest()
	all.Group, all.Topics = "billing", nil
	for _, v := range []int16{2, 3, 5, 6, 7} {
		got := do[*kmsg.OffsetFetchResponse](w, all, v).must()
		require.Zero(t, got.ErrorCode)
		require.Len(t, got.Topics, 1)
		require.Equal(t, "orders", got.Topics[0].Topic)
		require.Len(t, got.Topics[0].Partitions, 2)
		require.Equal(t, int64(5), got.Topics[0].Partitions[0].Offset)
		if v >= 5 {
			require.Equal(t, int32(7), got.Topics[0].Partitions[0].LeaderEpoch)
		}
	}
	many := kmsg.NewPtrOffsetFetchRequest()
	many.Groups = []kmsg.OffsetFetchRequestGroup{{Group: "billing"}, {Group: "nobody"}, {
		Group: "none", Topics: []kmsg.OffsetFetchRequestGroupTopic{{
			Topic: "orders", Partitions: []int32{2},
		}},
	}}
	got := do[*kmsg.OffsetFetchResponse](w, many, 8).must()
	require.Len(t, got.Groups[0].Topics[0].Partitions, 2)
	require.Empty(t, got.Groups[1].Topics)
	require.Equal(t, int64(-1), got.Groups[2].Topics[0].Partitions[0].Offset)
	require.Empty(t, *got.Groups[2].Topics[0].Partitions[0].Metadata)
}

// TestEveryVersion: commit and fetch in each version that is served.
func TestEveryVersion(t *testing.T) {
	for v := range int16(10) {
		w := newWorld(t, Config{})
		require.Equal(t, wire.None,
			commitCode(do[*kmsg.OffsetCommitResponse](w, commitRequest("", -1, 5), v)))
		require.Equal(t, int64(5), w.fetch())
		req := joinRequest("", "orders")
		resp := do[*kmsg.JoinGroupResponse](w, req, v)
		if v >= 4 {
			req.MemberID = resp.must().MemberID
			resp = do[*kmsg.JoinGroupResponse](w, req, v)
		}
		w.advance(second)
		require.Equal(t, int32(1), resp.must().Generation)
		sync := kmsg.NewPtrSyncGroupRequest()
		sync.Group, sync.MemberID, sync.Generation = "billing", resp.resp.MemberID, 1
		w.named(sync)
		require.Zero(t, do[*kmsg.SyncGroupResponse](w, sync, min(v, 5)).must().ErrorCode)
		beat := kmsg.NewPtrHeartbeatRequest()
		beat.Group, beat.MemberID, beat.Generation = "billing", resp.resp.MemberID, 1
		require.Zero(t, do[*kmsg.HeartbeatResponse](w, beat, min(v, 4)).must().ErrorCode)
		leave := kmsg.NewPtrLeaveGroupRequest()
		leave.Group, leave.MemberID = "billing", resp.resp.MemberID
		leave.Members = []kmsg.LeaveGroupRequestMember{{MemberID: leave.MemberID}}
		require.Zero(t, do[*kmsg.LeaveGroupResponse](w, leave, min(v, 5)).must().ErrorCode)
		require.Equal(t, Empty, w.view().State)
	}
}

// TestExpiry: offsets live as long as their group has members and 7 days more; then tombstones take
// them and the group away.
func TestExpiry(t *testing.T) {
	const day = 24 * time.Hour
	w := delayed(t)
	ids := w.stable(1)
	require.Equal(t, wire.None, commitCode(w.commit(ids[0], 1, 5)))
	w.advance(46 * second) // nobody is left
	require.Equal(t, Empty, w.view().State)
	w.advance(7*day - time.Hour)
	require.Equal(t, int64(5), w.fetch())
	w.advance(2 * time.Hour)
	require.Empty(t, w.c.Groups())
	require.Empty(t, w.timers)
	log := w.logs[PartitionFor("billing", 50)]
	require.Nil(t, log[len(log)-1].Value)
	require.Nil(t, log[len(log)-2].Value)

	// KIP-211: a retention time in the request counts from the commit.
	req := commitRequest("", -1, 5)
	req.RetentionTimeMillis = 3_600_000
	require.Equal(t, wire.None, commitCode(do[*kmsg.OffsetCommitResponse](w, req, 4)))
	w.unload(PartitionFor("billing", 50))
	w.load(PartitionFor("billing", 50))
	w.advance(50 * time.Minute)
	require.Equal(t, int64(5), w.fetch())
	w.advance(20 * time.Minute)
	require.Empty(t, w.c.Groups())
}

// Of a partition that a commit names twice the last offset counts, and it is answered once; one
// that does not exist is told as often as it is named, and a topic once.
func TestOnePartitionTwiceInACommit(t *testing.T) {
	w := newWorld(t, Config{KnownPartition: func(tp kafka.TopicPartition) bool {
		return tp.Topic == "orders" && tp.Partition < 9
	}})
	req := commitRequest("", -1, 5)
	again, unknown := req.Topics[0].Partitions[0], req.Topics[0].Partitions[0]
	again.Offset, unknown.Partition = 6, 9
	req.Topics[0].Partitions = append(req.Topics[0].Partitions, unknown, unknown)
	req.Topics = append(req.Topics, kmsg.OffsetCommitRequestTopic{
		Topic: "orders", Partitions: []kmsg.OffsetCommitRequestTopicPartition{again},
	})
	resp := do[*kmsg.OffsetCommitResponse](w, req, 9).must()
	require.Len(t, resp.Topics, 1)
	var told []int32
	for _, p := range resp.Topics[0].Partitions {
		told = append(told, p.Partition)
		require.Equal(t, p.Partition == 9, wire.Code(p.ErrorCode) == wire.UnknownTopicOrPartition)
	}
	require.Equal(t, []int32{2, 9, 9}, told)
	fetch := kmsg.NewPtrOffsetFetchRequest()
	fetch.Group, fetch.Topics = "billing", nil
	got := do[*kmsg.OffsetFetchResponse](w, fetch, 5).must()
	require.EqualValues(t, 6, got.Topics[0].Partitions[0].Offset)
}

// Since v5 a member says which protocol it speaks, and the wrong one is refused (KIP-559).
func TestSyncGroupNamesItsProtocol(t *testing.T) {
	w := newWorld(t, Config{})
	id := w.stable(1)[0]
	text := func(s string) *string { return &s }
	for _, row := range []struct {
		version        int16
		kind, protocol *string
		code           wire.Code
	}{
		{5, text("consumer"), text("range"), wire.None},
		{4, nil, nil, wire.None},
		{5, nil, nil, wire.InconsistentGroupProtocol},
		{5, text("consumer"), nil, wire.InconsistentGroupProtocol},
		{5, nil, text("range"), wire.InconsistentGroupProtocol},
		{5, text("connect"), text("range"), wire.InconsistentGroupProtocol},
		{5, text("consumer"), text("other"), wire.InconsistentGroupProtocol},
	} {
		req := kmsg.NewPtrSyncGroupRequest()
		req.Group, req.MemberID, req.Generation = "billing", id, 1
		req.ProtocolType, req.Protocol = row.kind, row.protocol
		resp := do[*kmsg.SyncGroupResponse](w, req, row.version).must()
		require.Equal(t, row.code, wire.Code(resp.ErrorCode), "v%d", row.version)
	}
}
