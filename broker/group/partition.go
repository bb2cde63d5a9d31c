package group

import (
	"encoding/binary"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// partition is one partition of __consumer_offsets that this broker leads, and so the groups whose
// ids fall into it.
type partition struct {
	epoch      kafka.Epoch // of the leadership
	loading    bool        // the log is being replayed; requests are put off
	unreadable int         // records that were skipped
}

// Load makes the coordinator answer for the groups of a partition of __consumer_offsets, after
// replaying its records, oldest first, to the end of the log. It is BeginLoad, Replay and
// FinishLoad in one.
func (c *Coordinator) Load(out *model.Effects, partition int32, epoch kafka.Epoch,
	records iter.Seq2[[]byte, []byte],
) {
	if !c.BeginLoad(partition, epoch) {
		return
	}
	for key, value := range records {
		c.Replay(out.Wall, partition, key, value)
	}
	c.FinishLoad(out, partition)
}

// BeginLoad opens the load of a partition in the leader epoch. Until FinishLoad, its groups answer
// COORDINATOR_LOAD_IN_PROGRESS. It is false when there is nothing to load: the partition is the
// coordinator's already, and only its epoch is noted.
func (c *Coordinator) BeginLoad(id int32, epoch kafka.Epoch) bool {
	if p := c.store.partitions[id]; p != nil {
		p.epoch = max(p.epoch, epoch)
		return false
	}
	c.store.partitions[id] = &partition{epoch: epoch, loading: true}
	return true
}

// Replay applies the next record of a partition that is loading; value nil is a tombstone. An
// unreadable record is skipped, and counted in the note CoordinatorLoaded. It keeps no part of the
// slices.
func (c *Coordinator) Replay(now model.Time, id int32, key, value []byte) {
	p := c.store.partitions[id]
	if p == nil || !p.loading {
		panic(fmt.Sprintf("group: replay of partition %d, which is not loading", id))
	}
	st := c.store
	st.appends++
	if st.keyPartition(id, key) != id || st.apply(now, Record{key, value}, st.appends) != nil {
		p.unreadable++
	}
}

// FinishLoad makes the groups of a partition what the replayed records say, and opens it.
func (c *Coordinator) FinishLoad(out *model.Effects, id int32) {
	c.outbox.enter()
	p := c.store.partitions[id]
	if p == nil || !p.loading {
		panic(fmt.Sprintf("group: end of the load of partition %d, which is not loading", id))
	}
	p.loading = false
	loaded := 0
	for _, g := range c.store.groupsOf(id) {
		if g.stored == nil && len(g.offsets) == 0 {
			c.store.remove(out, g)
			continue
		}
		loaded++
		g.restore(out.Now)
		if int64(len(g.members)) > c.cfg.MaxSize {
			c.rebalancer.prepareRebalance(out, g, "more members than group.max.size")
		}
		c.timers.arm(out, g)
	}
	text := fmt.Sprintf("%d groups", loaded)
	if p.unreadable > 0 {
		text += fmt.Sprintf(", %d unreadable records skipped", p.unreadable)
	}
	kafka.AddNote(out, kafka.Note{
		Kind: kafka.CoordinatorLoaded, Topic: kafka.OffsetsTopic, Partition: id, Text: text,
	})
	if p.unreadable > 0 {
		tp := kafka.TopicPartition{Topic: kafka.OffsetsTopic, Partition: id}
		kafka.AddNote(out, kafka.Damage{Kind: kafka.DamageIgnored, File: tp.String(),
			Count: int64(p.unreadable), Offset: kafka.NoOffset, End: kafka.NoOffset,
			Reason: "no keys or values that a group coordinator writes"}.Note(tp))
	}
	c.armExpiry(out)
	c.outbox.leave(out)
}

// Unload drops a partition. Parked requests are answered NOT_COORDINATOR; nothing is written. A
// partition that is not the coordinator's is not an error.
func (c *Coordinator) Unload(out *model.Effects, id int32) {
	c.outbox.enter()
	if c.store.partitions[id] != nil {
		for _, g := range c.store.groupsOf(id) {
			for _, m := range g.members {
				c.rebalancer.answerJoin(g, m, joinError(m.id, wire.NotCoordinator))
				c.rebalancer.answerSync(out.Now, m, syncError(wire.NotCoordinator))
			}
			c.store.remove(out, g)
		}
		delete(c.store.partitions, id)
	}
	c.outbox.leave(out)
}

// groupsOf returns the groups of a partition, by id.
func (st *store) groupsOf(id int32) []*group {
	var groups []*group
	for _, groupID := range slices.Sorted(maps.Keys(st.groups)) {
		if g := st.groups[groupID]; g.partition == id {
			groups = append(groups, g)
		}
	}
	return groups
}

// restore makes the group what its stored metadata says. A stored generation with members runs on:
// they keep their assignments if they send a heartbeat in time.
func (g *group) restore(now model.Time) {
	s := g.stored
	if s == nil {
		return // offsets alone: Empty, and never more
	}
	g.generation, g.protocolType, g.protocol = s.Generation, s.ProtocolType, s.Protocol
	if s.CurrentStateTimestamp >= 0 {
		g.sinceMillis = s.CurrentStateTimestamp
	}
	if s.Leader != nil {
		g.leader = *s.Leader
	}
	for i := range s.Members {
		if m := restoreMember(s, i); g.byID[m.id] == nil {
			g.add(m, s.ProtocolType)
			m.touch(now)
		}
	}
	if len(g.members) == 0 {
		g.leader = ""
		return
	}
	if g.protocol == nil {
		g.protocol = new(string) // no coordinator writes this; see restoreMember
	}
	if g.byID[g.leader] == nil {
		g.leader = g.members[0].id
	}
	g.reads = subscriptionOf(g)
	g.state = Stable // as it was when this was stored; no other state came before, so no becomeX
}

// restoreMember reads the i-th stored member. Only the chosen protocol of those it knows is stored.
func restoreMember(s *kmsg.GroupMetadataValue, i int) *member {
	stored := &s.Members[i]
	m := &member{
		id: stored.MemberID, instance: stored.InstanceID,
		client:     ClientInfo{ID: stored.ClientID, Host: stored.ClientHost},
		session:    millis(stored.SessionTimeoutMillis),
		rebalance:  millis(stored.RebalanceTimeoutMillis),
		assignment: stored.Assignment,
	}
	if s.Version == 0 {
		m.rebalance = m.session
	}
	m.protocols = []kmsg.JoinGroupRequestProtocol{{
		Name: text(s.Protocol), Metadata: stored.Subscription,
	}}
	return m
}

// keyPartition is where a record belongs by the group in its key, or −1 if that cannot be read.
// Records of other protocols fit into any partition.
func (st *store) keyPartition(id int32, key []byte) int32 {
	if len(key) < 2 {
		return -1
	}
	var groupID string
	var err error
	switch binary.BigEndian.Uint16(key) {
	case 0, 1:
		var k kmsg.OffsetCommitKey
		err, groupID = k.ReadFrom(key), k.Group
	case 2:
		var k kmsg.GroupMetadataKey
		err, groupID = k.ReadFrom(key), k.Group
	default:
		return id
	}
	if err != nil {
		return -1
	}
	return PartitionFor(groupID, st.count)
}

func millis(n int32) time.Duration { return time.Duration(max(n, 0)) * time.Millisecond }
