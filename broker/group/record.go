package group

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// The records of __consumer_offsets. The first two bytes of a key say what it is: 0 and 1 an
// offset, 2 the metadata of a group; greater ones belong to groups of other protocols and are
// skipped. Values are written in version 3, the newest without tagged fields, as in Kafka 3.9.

func offsetKey(groupID string, tp kafka.TopicPartition) []byte {
	key := kmsg.OffsetCommitKey{
		Version: 1, Group: groupID, Topic: tp.Topic, Partition: tp.Partition,
	}
	return key.AppendTo(nil)
}

func groupKey(groupID string) []byte {
	key := kmsg.GroupMetadataKey{Version: 2, Group: groupID}
	return key.AppendTo(nil)
}

func offsetRecord(groupID string, tp kafka.TopicPartition, at commit) Record {
	value := kmsg.OffsetCommitValue{
		Version: 3, Offset: at.offset, LeaderEpoch: at.leaderEpoch, Metadata: at.metadata,
		CommitTimestamp: at.millis, ExpireTimestamp: at.expires,
	}
	if at.expires >= 0 {
		value.Version = 1 // the only one with an expiry
	}
	return Record{Key: offsetKey(groupID, tp), Value: value.AppendTo(nil)}
}

// metadataRecord is the group as it is, with assignments by member id.
func (g *group) metadataRecord(assignments map[string][]byte) Record {
	value := kmsg.GroupMetadataValue{
		Version: 3, ProtocolType: g.protocolType, Generation: g.generation, Protocol: g.protocol,
		CurrentStateTimestamp: g.sinceMillis,
	}
	if g.leader != "" {
		value.Leader = &g.leader
	}
	for _, m := range g.members {
		value.Members = append(value.Members, kmsg.GroupMetadataValueMember{
			MemberID: m.id, InstanceID: m.instance,
			ClientID: m.client.ID, ClientHost: m.client.Host,
			RebalanceTimeoutMillis: int32(m.rebalance.Milliseconds()),
			SessionTimeoutMillis:   int32(m.session.Milliseconds()),
			Subscription:           m.metadata(*g.protocol),
			Assignment:             assignments[m.id],
		})
	}
	return Record{Key: groupKey(g.id), Value: value.AppendTo(nil)}
}

var errUnreadable = errors.New("unreadable record of __consumer_offsets")

// mustApply is apply for the coordinator's own records.
func (st *store) mustApply(now model.Time, r Record, seq uint64) {
	if err := st.apply(now, r, seq); err != nil {
		panic(fmt.Sprintf("group: broker %d wrote %x = %x: %v", st.self, r.Key, r.Value, err))
	}
}

// apply changes the durable half of a group, and is all that does. A record that is older than what
// it would change has no effect.
func (st *store) apply(now model.Time, r Record, seq uint64) error {
	if len(r.Key) < 2 {
		return errUnreadable
	}
	switch version := binary.BigEndian.Uint16(r.Key); version {
	case 0, 1:
		return st.applyOffset(now, r, seq)
	case 2:
		return st.applyMetadata(now, r, seq)
	default:
		return nil
	}
}

func (st *store) applyOffset(now model.Time, r Record, seq uint64) error {
	var key kmsg.OffsetCommitKey
	if err := key.ReadFrom(r.Key); err != nil {
		return fmt.Errorf("%w: key of an offset: %w", errUnreadable, err)
	}
	tp := kafka.TopicPartition{Topic: key.Topic, Partition: key.Partition}
	if r.Value == nil {
		if g := st.groups[key.Group]; g != nil && g.offsets[tp].seq < seq {
			delete(g.offsets, tp)
		}
		return nil
	}
	value := kmsg.NewOffsetCommitValue()
	if err := value.ReadFrom(r.Value); err != nil {
		return fmt.Errorf("%w: an offset: %w", errUnreadable, err)
	}
	if value.Version < 0 || value.Version > 4 {
		return fmt.Errorf("%w: an offset of version %d", errUnreadable, value.Version)
	}
	at := commit{
		offset: value.Offset, leaderEpoch: -1, metadata: value.Metadata,
		millis: value.CommitTimestamp, expires: -1, seq: seq,
	}
	if value.Version >= 3 {
		at.leaderEpoch = value.LeaderEpoch
	}
	if value.Version == 1 {
		at.expires = value.ExpireTimestamp
	}
	if g := st.groupOf(now, key.Group); g.offsets[tp].seq < seq && g.dropped[tp] < seq {
		g.offsets[tp] = at
	}
	return nil
}

func (st *store) applyMetadata(now model.Time, r Record, seq uint64) error {
	var key kmsg.GroupMetadataKey
	if err := key.ReadFrom(r.Key); err != nil {
		return fmt.Errorf("%w: key of a group: %w", errUnreadable, err)
	}
	var stored *kmsg.GroupMetadataValue
	if r.Value != nil {
		value := kmsg.NewGroupMetadataValue()
		// The members keep parts of the value, and so of the slice that it is read from.
		if err := value.ReadFrom(slices.Clone(r.Value)); err != nil {
			return fmt.Errorf("%w: a group: %w", errUnreadable, err)
		}
		if value.Version < 0 || value.Version > 4 {
			return fmt.Errorf("%w: a group of version %d", errUnreadable, value.Version)
		}
		stored = &value
	}
	if g := st.groupOf(now, key.Group); g.storedSeq < seq {
		g.stored, g.storedSeq = stored, seq
	}
	return nil
}

// groupOf finds the group of a record, and makes it while the log is replayed.
func (st *store) groupOf(now model.Time, groupID string) *group {
	if g := st.groups[groupID]; g != nil {
		return g
	}
	return st.newGroup(now, groupID)
}
