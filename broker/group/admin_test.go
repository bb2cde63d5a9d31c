package group

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// consumerMetadata is what a member of a consumer group says that it reads.
func consumerMetadata(topics ...string) []byte {
	m := kmsg.NewConsumerMemberMetadata()
	m.Version, m.Topics = 1, topics
	return m.AppendTo(nil)
}

func (w *world) describe(version int16, withOperations bool, ids ...string,
) []kmsg.DescribeGroupsResponseGroup {
	req := kmsg.NewPtrDescribeGroupsRequest()
	req.Groups, req.IncludeAuthorizedOperations = ids, withOperations
	return do[*kmsg.DescribeGroupsResponse](w, req, version).must().Groups
}

func (w *world) list(states, types []string) *kmsg.ListGroupsResponse {
	req := kmsg.NewPtrListGroupsRequest()
	req.StatesFilter, req.TypesFilter = states, types
	return do[*kmsg.ListGroupsResponse](w, req, 5).must()
}

// listed are the ids in an answer of ListGroups.
func listed(resp *kmsg.ListGroupsResponse) []string {
	ids := []string{}
	for _, g := range resp.Groups {
		ids = append(ids, g.Group)
	}
	return ids
}

func (w *world) delete(ids ...string) *waiting[*kmsg.DeleteGroupsResponse] {
	req := kmsg.NewPtrDeleteGroupsRequest()
	req.Groups = ids
	return do[*kmsg.DeleteGroupsResponse](w, req, 2)
}

func deleteCodes(p *waiting[*kmsg.DeleteGroupsResponse]) map[string]wire.Code {
	codes := map[string]wire.Code{}
	for _, g := range p.must().Groups {
		codes[g.Group] = wire.Code(g.ErrorCode)
	}
	return codes
}

func (w *world) deleteOffset(group string, tp kafka.TopicPartition,
) *waiting[*kmsg.OffsetDeleteResponse] {
	req := kmsg.NewPtrOffsetDeleteRequest()
	req.Group = group
	req.Topics = []kmsg.OffsetDeleteRequestTopic{{Topic: tp.Topic,
		Partitions: []kmsg.OffsetDeleteRequestTopicPartition{{Partition: tp.Partition}}}}
	return do[*kmsg.OffsetDeleteResponse](w, req, 0)
}

func offsetDeleteCodes(p *waiting[*kmsg.OffsetDeleteResponse]) [2]wire.Code {
	resp := p.must()
	codes := [2]wire.Code{wire.Code(resp.ErrorCode), wire.None}
	if len(resp.Topics) > 0 {
		codes[1] = wire.Code(resp.Topics[0].Partitions[0].ErrorCode)
	}
	return codes
}

// Only a Stable group tells its protocol and what its members have.
func TestDescribeGroupsByState(t *testing.T) {
	for _, s := range []State{Empty, PreparingRebalance, CompletingRebalance, Stable} {
		w, ids := inState(t, s)
		for version := range int16(6) {
			g := w.describe(version, true, "billing")[0]
			require.Zero(t, g.ErrorCode)
			require.Equal(t, "billing", g.Group)
			require.Equal(t, s.String(), g.State)
			if s == Empty {
				require.Empty(t, g.ProtocolType)
				require.Empty(t, g.Members)
				continue
			}
			require.Equal(t, "consumer", g.ProtocolType)
			require.Equal(t, ids[0], g.Members[0].MemberID)
			require.Equal(t, "app", g.Members[0].ClientID)
			require.Equal(t, "consumer-1", g.Members[0].ClientHost)
			if s == Stable {
				require.Equal(t, "range", g.Protocol)
				require.Equal(t, "orders", string(g.Members[1].ProtocolMetadata))
				require.Equal(t, "p1", string(g.Members[1].MemberAssignment))
				continue
			}
			require.Empty(t, g.Protocol)
			require.Empty(t, g.Members[0].ProtocolMetadata)
			require.Empty(t, g.Members[0].MemberAssignment)
		}
	}
}

func TestDescribeGroupsThatAreNotThere(t *testing.T) {
	w := newWorld(t, Config{})
	groups := w.describe(5, true, "nobody", "")
	require.Len(t, groups, 2)
	for _, g := range groups {
		require.Zero(t, g.ErrorCode)
		require.Equal(t, "Dead", g.State)
		require.EqualValues(t, 1<<3|1<<6|1<<8, g.AuthorizedOperations)
	}
	require.EqualValues(t, math.MinInt32, w.describe(5, false, "nobody")[0].AuthorizedOperations)

	p := PartitionFor("billing", 50)
	w.unload(p)
	g := w.describe(5, true, "billing")[0]
	require.Equal(t, wire.NotCoordinator, wire.Code(g.ErrorCode))
	require.Empty(t, g.State)
	require.EqualValues(t, math.MinInt32, g.AuthorizedOperations)
	w.c.BeginLoad(p, 2)
	g = w.describe(5, true, "billing")[0]
	require.Equal(t, wire.CoordinatorLoadInProgress, wire.Code(g.ErrorCode))
}

func TestDescribeGroupsTellsStaticMembers(t *testing.T) {
	w := newWorld(t, Config{})
	req := joinRequest("", "orders")
	req.InstanceID = kmsg.StringPtr("till-1")
	do[*kmsg.JoinGroupResponse](w, req, 9)
	require.Equal(t, "till-1", *w.describe(4, false, "billing")[0].Members[0].InstanceID)
	require.Nil(t, w.describe(3, false, "billing")[0].Members[0].InstanceID)
}

func TestListGroups(t *testing.T) {
	w, _ := inState(t, Stable)
	req := commitRequest("", -1, 3)
	req.Group = "audit"
	do[*kmsg.OffsetCommitResponse](w, req, 9)

	all := w.list(nil, nil)
	require.Zero(t, all.ErrorCode)
	require.Equal(t, []string{"audit", "billing"}, listed(all))
	require.Equal(t, "Empty", all.Groups[0].GroupState)
	require.Empty(t, all.Groups[0].ProtocolType)
	require.Equal(t, "Stable", all.Groups[1].GroupState)
	require.Equal(t, "consumer", all.Groups[1].ProtocolType)
	require.Equal(t, "classic", all.Groups[1].GroupType)

	require.Equal(t, []string{"billing"}, listed(w.list([]string{"stable"}, nil)))
	require.Equal(t, []string{"audit"}, listed(w.list([]string{"EMPTY", "Dead"}, nil)))
	require.Equal(t, []string{"audit", "billing"}, listed(w.list(nil, []string{"Classic"})))
	require.Empty(t, listed(w.list(nil, []string{"consumer"})))
	require.Empty(t, listed(w.list([]string{"nonsense"}, nil)))
	for version := range int16(6) {
		require.Len(t, do[*kmsg.ListGroupsResponse](w, kmsg.NewPtrListGroupsRequest(), version).must().Groups, 2)
	}

	// While one partition is loading, the others are told and the client knows that some may lack.
	p := PartitionFor("billing", 50)
	w.unload(p)
	require.Equal(t, []string{"audit"}, listed(w.list(nil, nil)))
	w.c.BeginLoad(p, 2)
	loading := w.list(nil, nil)
	require.Equal(t, wire.CoordinatorLoadInProgress, wire.Code(loading.ErrorCode))
	require.Equal(t, []string{"audit"}, listed(loading))
}

func TestDeleteGroups(t *testing.T) {
	w, ids := inState(t, Stable)
	require.Equal(t, map[string]wire.Code{
		"billing": wire.NonEmptyGroup, "nobody": wire.GroupIDNotFound, "": wire.GroupIDNotFound,
	}, deleteCodes(w.delete("billing", "nobody", "", "nobody")))

	require.Equal(t, nothing, commitCode(w.commit(ids[0], 1, 5)))
	for _, id := range ids {
		require.Equal(t, nothing, w.leaveGroup(id))
	}
	w.advance(time.Minute)
	require.Equal(t, "Empty", w.describe(5, false, "billing")[0].State)
	w.hold = true
	deleted := w.delete("billing")
	require.False(t, deleted.done, "the tombstones are not on every replica yet")
	w.release()
	require.Equal(t, map[string]wire.Code{"billing": wire.None}, deleteCodes(deleted))
	require.Equal(t, "Dead", w.describe(5, false, "billing")[0].State)
	require.EqualValues(t, -1, w.fetch())

	// So it is after a restart.
	p := PartitionFor("billing", 50)
	w.unload(p)
	w.load(p)
	require.Equal(t, "Dead", w.describe(5, false, "billing")[0].State)
	require.EqualValues(t, -1, w.fetch())
}

func TestDeleteGroupsWithoutCoordinatorOrLog(t *testing.T) {
	w := newWorld(t, Config{})
	require.Equal(t, nothing, commitCode(w.commit("", -1, 5)))
	w.fail = wire.NotEnoughReplicas
	require.Equal(t, wire.CoordinatorNotAvailable, deleteCodes(w.delete("billing"))["billing"])
	w.fail = wire.None
	require.EqualValues(t, 5, w.fetch(), "nothing was deleted")

	p := PartitionFor("billing", 50)
	w.unload(p)
	require.Equal(t, wire.NotCoordinator, deleteCodes(w.delete("billing"))["billing"])
	w.c.BeginLoad(p, 2)
	require.Equal(t, wire.CoordinatorLoadInProgress, deleteCodes(w.delete("billing"))["billing"])
	require.Empty(t, w.delete().must().Groups)
}

// A member that joins while the tombstones are on their way keeps its group, without offsets.
func TestDeleteGroupsMeetsAJoin(t *testing.T) {
	w := newWorld(t, Config{})
	require.Equal(t, nothing, commitCode(w.commit("", -1, 5)))
	w.hold = true
	deleted := w.delete("billing")
	do[*kmsg.JoinGroupResponse](w, joinRequest("", "orders"), 3)
	w.release()
	require.Equal(t, wire.None, deleteCodes(deleted)["billing"])
	require.Len(t, w.describe(5, false, "billing")[0].Members, 1)
	require.EqualValues(t, -1, w.fetch())
}

func TestOffsetDelete(t *testing.T) {
	orders2, orders9 := kafka.TopicPartition{Topic: "orders", Partition: 2},
		kafka.TopicPartition{Topic: "orders", Partition: 9}
	w := newWorld(t, Config{KnownPartition: func(tp kafka.TopicPartition) bool { return tp.Partition < 9 }})
	require.Equal(t, [2]wire.Code{wire.InvalidGroupID}, offsetDeleteCodes(w.deleteOffset("", orders2)))
	require.Equal(t, [2]wire.Code{wire.GroupIDNotFound},
		offsetDeleteCodes(w.deleteOffset("billing", orders2)))
	require.Equal(t, nothing, commitCode(w.commit("", -1, 5)))
	require.Equal(t, [2]wire.Code{wire.None, wire.UnknownTopicOrPartition},
		offsetDeleteCodes(w.deleteOffset("billing", orders9)))
	require.Equal(t, [2]wire.Code{}, offsetDeleteCodes(
		w.deleteOffset("billing", kafka.TopicPartition{Topic: "orders", Partition: 3})), "none is committed")
	require.EqualValues(t, 5, w.fetch())
	w.fail = wire.NotLeaderOrFollower
	require.Equal(t, [2]wire.Code{wire.NotCoordinator},
		offsetDeleteCodes(w.deleteOffset("billing", orders2)))
	w.fail = wire.None
	w.hold = true
	deleted := w.deleteOffset("billing", orders2)
	require.False(t, deleted.done)
	w.release()
	require.Equal(t, [2]wire.Code{}, offsetDeleteCodes(deleted))
	require.EqualValues(t, -1, w.fetch())
}

// A consumer group with members keeps the offsets of what they read, also after a restart of the
// coordinator; a group of another kind keeps all.
func TestOffsetDeleteOfAGroupInUse(t *testing.T) {
	orders, audit := kafka.TopicPartition{Topic: "orders", Partition: 2},
		kafka.TopicPartition{Topic: "audit", Partition: 0}
	for _, row := range []struct {
		name, protocolType  string
		metadata            []byte
		ofOrders, ofOthers  [2]wire.Code
		otherwiseWhileFirst [2]wire.Code // in the first rebalance of the group
	}{
		{"consumer", "consumer", consumerMetadata("orders", "returns"),
			[2]wire.Code{0, wire.GroupSubscribedToTopic}, [2]wire.Code{}, [2]wire.Code{0, wire.GroupSubscribedToTopic}},
		{"unreadable", "consumer", []byte("??"),
			[2]wire.Code{0, wire.GroupSubscribedToTopic}, [2]wire.Code{0, wire.GroupSubscribedToTopic},
			[2]wire.Code{0, wire.GroupSubscribedToTopic}},
		{"negative version", "consumer", []byte{0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0},
			[2]wire.Code{0, wire.GroupSubscribedToTopic}, [2]wire.Code{0, wire.GroupSubscribedToTopic},
			[2]wire.Code{0, wire.GroupSubscribedToTopic}},
		{"connect", "connect", consumerMetadata("orders"),
			[2]wire.Code{wire.NonEmptyGroup}, [2]wire.Code{wire.NonEmptyGroup}, [2]wire.Code{wire.NonEmptyGroup}},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t, Config{InitialRebalanceDelay: time.Second})
			req := joinRequest("", string(row.metadata))
			req.ProtocolType = row.protocolType
			joined := do[*kmsg.JoinGroupResponse](w, req, 3)
			require.Equal(t, row.otherwiseWhileFirst, offsetDeleteCodes(w.deleteOffset("billing", audit)))
			w.advance(2 * time.Second)
			id := joined.must().MemberID
			require.Zero(t, w.sync(id, 1, map[string]string{id: "all"}).must().ErrorCode)
			for range 2 {
				require.Equal(t, row.ofOrders, offsetDeleteCodes(w.deleteOffset("billing", orders)))
				require.Equal(t, row.ofOthers, offsetDeleteCodes(w.deleteOffset("billing", audit)))
				w.unload(PartitionFor("billing", 50))
				w.load(PartitionFor("billing", 50))
			}
		})
	}
}

// What is committed of a deleted topic goes with it, of a group in use too; a group of which
// nothing is left goes as well.
func TestPartitionsDeleted(t *testing.T) {
	w, ids := inState(t, Stable)
	require.Equal(t, nothing, commitCode(w.commit(ids[0], 1, 5)))
	only := commitRequest("", -1, 3)
	only.Group = "audit"
	require.Equal(t, nothing, commitCode(do[*kmsg.OffsetCommitResponse](w, only, 9)))
	w.c.PartitionsDeleted(w.out.At(w.now), []kafka.TopicPartition{{Topic: "other", Partition: 2}})
	w.drain()
	require.EqualValues(t, 5, w.fetch())
	require.Equal(t, []string{"audit", "billing"}, listed(w.list(nil, nil)))

	w.c.PartitionsDeleted(w.out.At(w.now), []kafka.TopicPartition{
		{Topic: "orders", Partition: 1}, {Topic: "orders", Partition: 2}})
	w.drain()
	require.EqualValues(t, -1, w.fetch())
	require.Equal(t, []string{"billing"}, listed(w.list(nil, nil)))
	for _, id := range []string{"audit", "billing"} {
		w.unload(PartitionFor(id, 50))
		w.load(PartitionFor(id, 50))
	}
	require.EqualValues(t, -1, w.fetch())
	require.Equal(t, []string{"billing"}, listed(w.list(nil, nil)))
}

// A commit that the log has not acknowledged when its topic goes, or its offset is deleted, is
// answered as it was decided and leaves nothing behind; one that comes later counts.
func TestOffsetsGoWithCommitsInFlight(t *testing.T) {
	orders2, known := kafka.TopicPartition{Topic: "orders", Partition: 2}, true
	for name, remove := range map[string]func(w *world){
		"topic": func(w *world) {
			known = false
			w.c.PartitionsDeleted(w.out.At(w.now), []kafka.TopicPartition{orders2})
		},
		"offset": func(w *world) {
			require.Equal(t, [2]wire.Code{}, offsetDeleteCodes(w.deleteOffset("billing", orders2)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, Config{KnownPartition: func(kafka.TopicPartition) bool { return known }})
			w.hold = true
			first := w.commit("", -1, 5)
			remove(w)
			require.False(t, first.done)
			w.release()
			require.Equal(t, nothing, commitCode(first))
			require.EqualValues(t, -1, w.fetch())
			known = true
			require.Equal(t, nothing, commitCode(w.commit("", -1, 6)))
			require.EqualValues(t, 6, w.fetch())
		})
	}
}
