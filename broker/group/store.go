package group

import (
	"fmt"
	"unicode/utf16"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// store holds the groups whose partitions of __consumer_offsets this broker leads, and writes their
// records (GroupMetadataManager, 3.9).
type store struct {
	log        Log
	self       kafka.BrokerID
	count      int32 // offsets.topic.num.partitions
	outbox     *outbox
	timers     *timers
	partitions map[int32]*partition // those led
	groups     map[string]*group
	appends    uint64 // appends decided and records replayed: the order of the log
}

// PartitionFor is the partition of __consumer_offsets that holds the group: Java's String.hashCode
// (over UTF-16 code units) without its sign bit, modulo the number of partitions.
func PartitionFor(groupID string, partitions int32) int32 {
	var h uint32
	for _, r := range groupID {
		if r < 0x10000 {
			h = 31*h + uint32(r)
			continue
		}
		high, low := utf16.EncodeRune(r)
		h = 31*(31*h+uint32(high)) + uint32(low)
	}
	return int32(h&0x7fffffff) % partitions
}

// check is the part of the validation that needs no group: Kafka's validateGroupStatus.
func (st *store) check(groupID string) wire.Code {
	p := st.partitions[PartitionFor(groupID, st.count)]
	switch {
	case p == nil:
		return wire.NotCoordinator
	case p.loading:
		return wire.CoordinatorLoadInProgress
	default:
		return wire.None
	}
}

// checkNamed is check for the APIs of group membership, which need a group id that is not empty.
func (st *store) checkNamed(groupID string) wire.Code {
	if groupID == "" {
		return wire.InvalidGroupID
	}
	return st.check(groupID)
}

// newGroup adds an empty group.
func (st *store) newGroup(now model.Time, groupID string) *group {
	if st.groups[groupID] != nil {
		panic(fmt.Sprintf("group: %s exists already on broker %d", groupID, st.self))
	}
	g := &group{
		id: groupID, partition: PartitionFor(groupID, st.count), state: Empty,
		sinceMillis: now.Millis(), timerID: st.timers.next(), armed: model.Never,
		joinDeadline: model.Never, syncDeadline: model.Never,
		byID: map[string]*member{}, byInstance: map[string]*member{},
		pending:  map[string]model.Time{},
		supports: map[string]int{}, offsets: map[kafka.TopicPartition]commit{},
	}
	st.groups[groupID], st.timers.groups[g.timerID] = g, g
	return g
}

// remove drops a group for good. What is in flight for it finds it Dead.
func (st *store) remove(out *model.Effects, g *group) {
	g.becomeDead(out.Wall)
	st.timers.remove(out, g)
	delete(st.groups, g.id)
}

// append writes what was decided for g. When the log has it, the records are applied; done gets
// the outcome either way, and must look at g.state: the group may have moved on or be Dead.
func (st *store) append(out *model.Effects, g *group, records []Record,
	done func(out *model.Effects, code wire.Code),
) {
	st.appends++
	seq := st.appends
	g.inFlight++
	st.log.Append(out, g.partition, records,
		func(out *model.Effects, code wire.Code) {
			st.outbox.enter()
			g.inFlight--
			if code == wire.None && g.state != Dead {
				for _, r := range records {
					st.mustApply(out.Wall, r, seq)
				}
			}
			if g.inFlight == 0 {
				g.dropped = nil
			}
			done(out, code)
			st.outbox.leave(out)
		})
}
