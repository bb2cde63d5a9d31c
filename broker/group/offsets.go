package group

import (
	"maps"
	"slices"
	"unicode/utf8"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// commit is one committed offset: where the group resumes.
type commit struct {
	offset      int64
	leaderEpoch int32 // of the last record read, or −1
	metadata    string
	millis      int64  // when it was committed
	expires     int64  // KIP-211: set only by OffsetCommit v2–v4 with a retention time; else −1
	seq         uint64 // order of the append, for a later commit wins
}

// checkCommit tells whether a commit may be decided: Kafka's validateOffsetCommit and
// doCommitOffsets.
func (g *group) checkCommit(memberID string, instance *string, generation int32) wire.Code {
	switch {
	case generation < 0 && g.state == Empty:
		return wire.None // a consumer that manages itself, or an administrator
	case generation < 0 && memberID == "" && instance == nil:
		return wire.UnknownMemberID // while a group has members, only they commit
	}
	if code := g.checkGeneration(memberID, instance, generation); code != wire.None {
		return code
	}
	if g.state == CompletingRebalance {
		return wire.RebalanceInProgress
	}
	return wire.None
}

// commits decides which offsets can be committed, which can be deleted, and which are too old.
type commits struct {
	cfg   *Config
	store *store
}

// metadataFits applies offset.metadata.max.bytes, which Kafka compares with the length of a Java
// string: UTF-16 code units.
func (cs *commits) metadataFits(metadata string) bool {
	limit := cs.cfg.OffsetMetadataMaxSize
	if len(metadata) <= limit {
		return true
	}
	units := utf8.RuneCountInString(metadata)
	for _, r := range metadata {
		if r >= 0x10000 {
			units++
		}
	}
	return units <= limit
}

// commitError is what a client learns of a failed append of offsets: maybeConvertOffsetCommitError
// of GroupMetadataManager.scala (3.9). REQUEST_TIMED_OUT passes.
func commitError(code wire.Code) wire.Code {
	switch code {
	case wire.UnknownTopicOrPartition, wire.NotEnoughReplicas, wire.NotEnoughReplicasAfterAppend:
		return wire.CoordinatorNotAvailable
	case wire.NotLeaderOrFollower, wire.KafkaStorageError:
		return wire.NotCoordinator
	case wire.MessageTooLarge, wire.RecordListTooLarge, wire.InvalidFetchSize:
		return wire.InvalidCommitOffsetSize
	default:
		return code
	}
}

// sortedOffsets returns the partitions with a committed offset, in order.
func (g *group) sortedOffsets() []kafka.TopicPartition {
	return slices.SortedFunc(maps.Keys(g.offsets), kafka.TopicPartition.Compare)
}

// expireOffsets writes tombstones for what is too old, and for the group when nothing else is left
// of it: GroupMetadata.removeExpiredOffsets and cleanupGroupMetadata (3.9).
func (cs *commits) expire(out *model.Effects, g *group) {
	if g.state != Empty || g.inFlight > 0 {
		return
	}
	var records []Record
	for _, tp := range g.sortedOffsets() {
		if cs.expired(out.Wall, g, g.offsets[tp]) {
			records = append(records, Record{Key: offsetKey(g.id, tp)})
		}
	}
	if len(records) == len(g.offsets) && g.stored != nil {
		records = append(records, Record{Key: groupKey(g.id)})
	}
	if len(records) == 0 {
		cs.store.maybeRemove(out, g)
		return
	}
	cs.store.append(out, g, records, func(out *model.Effects, _ wire.Code) {
		cs.store.maybeRemove(out, g)
	})
}

// expired tells whether an offset of an Empty group is past its time. A group that once had members
// keeps its offsets while it is in use and for the retention after; an offset of a group that never
// had any ages from its own commit (KIP-211).
func (cs *commits) expired(now model.Time, g *group, at commit) bool {
	if at.expires >= 0 {
		return now.Millis() >= at.expires
	}
	since := at.millis
	if g.protocolType != "" {
		since = g.sinceMillis
	}
	return now.Millis()-since >= cs.cfg.OffsetsRetention.Milliseconds()
}

// PartitionsDeleted deletes the offsets of partitions that no longer exist, so that a topic that is
// created again under the same name is read from where its readers begin (GroupCoordinator.
// handleDeletedPartitions, 3.9).
func (c *Coordinator) PartitionsDeleted(out *model.Effects,
	deleted []kafka.TopicPartition,
) {
	c.outbox.enter()
	for _, id := range slices.Sorted(maps.Keys(c.store.groups)) {
		g := c.store.groups[id]
		if g == nil || c.store.partitions[g.partition].loading {
			continue
		}
		g.dropInFlight(deleted, c.store.appends)
		var records []Record
		for _, tp := range deleted {
			if _, committed := g.offsets[tp]; committed {
				records = append(records, Record{Key: offsetKey(g.id, tp)})
			}
		}
		if len(records) == 0 {
			continue
		}
		if g.state == Empty && len(records) == len(g.offsets) && g.stored != nil {
			records = append(records, Record{Key: groupKey(g.id)})
		}
		c.store.append(out, g, records, func(out *model.Effects, _ wire.Code) {
			c.store.maybeRemove(out, g)
		})
	}
	c.outbox.leave(out)
}

// dropInFlight lets commits that the log has not acknowledged yet have no effect here, those up to
// seq: GroupMetadata.removeOffsets takes pending commits away too (3.9). Their records stay in the
// log, and whoever replays it finds them.
func (g *group) dropInFlight(deleted []kafka.TopicPartition, seq uint64) {
	if g.inFlight == 0 {
		return
	}
	if g.dropped == nil {
		g.dropped = map[kafka.TopicPartition]uint64{}
	}
	for _, tp := range deleted {
		g.dropped[tp] = seq
	}
}

// maybeForget removes a group of which nothing is left.
func (st *store) maybeRemove(out *model.Effects, g *group) {
	if g.state == Empty && len(g.offsets) == 0 && g.stored == nil && g.inFlight == 0 {
		st.remove(out, g)
	}
}
