package kafka

import (
	"fmt"
	"slices"

	"sandcastle/model"
)

// NoteKind says what a process reports about itself for the trace. Scenario triggers (`when:`),
// figures and white-box checks read notes; the protocol never does.
type NoteKind uint8

const (
	NoNote NoteKind = iota
	// Control plane.
	ControllerElected     // this broker became controller with controller epoch Epoch
	ControllerResigned    // this broker is no longer controller; Text says why
	ControllerFenced      // a request of controller epoch Epoch from Broker was refused as stale
	BrokerRegistered      // the controller sees Broker alive
	BrokerUnregistered    // the controller sees Broker gone
	SessionExpired        // ZooKeeper expired the session of the node named in Text
	TopicCreated          // the controller assigned the partitions to Replicas; Text sums them up
	TopicDeleted          // the topic is gone
	LeaderElected         // the controller chose Broker with Epoch out of ISR Brokers
	PartitionOffline      // the controller found no eligible leader
	UncleanElected        // the controller chose Broker from outside the ISR, with Epoch
	ReassignmentStarted   // the controller moves the partition to the replicas Brokers
	ReassignmentCompleted // the partition's replicas are Brokers
	ShutdownStarted       // Broker has asked to shut down in good order; its leaders move away
	// Replication.
	BecameLeader   // this broker leads from Offset (its log end) in Epoch
	BecameFollower // this broker follows Broker in Epoch, its log end is Offset
	ISRShrunk      // the leader's ISR is now Brokers
	ISRExpanded    // the leader's ISR is now Brokers
	LogEnd         // the log end of this broker's replica is now Offset
	HighWatermark  // the high watermark of this broker's replica is now Offset
	LogTruncated   // this broker cut its log: Offset is the new end, Text why
	LogRecovered   // a log was opened: Offset is its end, Text how far it was checked
	LogStart       // the log start of this broker's replica is now Offset; Text why
	SegmentRolled  // a new segment of this broker's replica begins at Offset
	SegmentDeleted // the segment that began at Offset was deleted; Text why
	LogCleaned     // compaction of this broker's replica got to Offset; Text what it saved
	LogDirFailed   // the disk of this broker has failed, its replicas are offline; Text why
	// Groups.
	CoordinatorLoaded  // this broker loaded the Partition of __consumer_offsets
	RebalanceStarted   // the group prepares a rebalance away from Generation; Text why
	MemberJoined       // Member is new in the group
	MemberLeft         // Member is out of the group; Text why
	GroupStable        // Generation runs; Member is its leader
	PartitionsAssigned // the client Member owns Partitions in Generation
	PartitionsRevoked  // the client Member gave up Partitions of Generation; Text why
	OffsetCommitted    // the group's committed offset of the partition is Offset
	// Clients.
	ProduceRetried     // a producer sends a batch again; Text is the error
	RecordsAcked       // Offset is one past the last record acknowledged to this producer
	ProducerIDAssigned // a producer got its id: Offset is the id, Generation its epoch
	TruncationDetected // a consumer found that what it had read was cut off: Offset is where
	PositionReset      // a consumer goes on at Offset because its position was not there; Text why
	AdminCompleted     // an admin request ended; Text says which and how
	RecordProcessed    // a consumer's application is done with the record before Offset
	// Disks.
	DamageFound // a start found a file damaged or missing; Text is the Damage
	noteKinds
)

// noteField is a set of the fields of a Note that one kind carries.
type noteField uint16

const (
	hasTopic noteField = 1 << iota
	hasBroker
	hasEpoch
	hasOffset
	hasGroup
	hasMember
	hasGeneration
	hasBrokers
	hasPartitions
	hasReason
	hasReplicas
)

// noteTable names every kind and the fields that it carries. Text may come with any.
var noteTable = [noteKinds]struct {
	name   string
	fields noteField
}{
	NoNote:                {"none", 0},
	ControllerElected:     {"controller-elected", hasBroker | hasEpoch},
	ControllerResigned:    {"controller-resigned", hasBroker | hasEpoch},
	ControllerFenced:      {"controller-fenced", hasBroker | hasEpoch},
	BrokerRegistered:      {"broker-registered", hasBroker},
	BrokerUnregistered:    {"broker-unregistered", hasBroker},
	SessionExpired:        {"session-expired", 0},
	TopicCreated:          {"topic-created", hasTopic | hasReplicas},
	TopicDeleted:          {"topic-deleted", hasTopic},
	LeaderElected:         {"leader-elected", hasTopic | hasBroker | hasEpoch | hasBrokers},
	PartitionOffline:      {"partition-offline", hasTopic | hasEpoch | hasBrokers},
	BecameLeader:          {"became-leader", hasTopic | hasBroker | hasEpoch | hasOffset | hasBrokers},
	BecameFollower:        {"became-follower", hasTopic | hasBroker | hasEpoch | hasOffset},
	ISRShrunk:             {"isr-shrunk", hasTopic | hasEpoch | hasBrokers},
	ISRExpanded:           {"isr-expanded", hasTopic | hasEpoch | hasBrokers},
	LogEnd:                {"log-end", hasTopic | hasEpoch | hasOffset},
	HighWatermark:         {"high-watermark", hasTopic | hasOffset},
	LogTruncated:          {"log-truncated", hasTopic | hasEpoch | hasOffset},
	LogRecovered:          {"log-recovered", hasTopic | hasOffset},
	LogStart:              {"log-start", hasTopic | hasOffset},
	SegmentRolled:         {"segment-rolled", hasTopic | hasOffset},
	SegmentDeleted:        {"segment-deleted", hasTopic | hasOffset},
	LogCleaned:            {"log-cleaned", hasTopic | hasOffset},
	LogDirFailed:          {"log-dir-failed", 0},
	UncleanElected:        {"unclean-leader-elected", hasTopic | hasBroker | hasEpoch},
	ReassignmentStarted:   {"reassignment-started", hasTopic | hasBrokers},
	ReassignmentCompleted: {"reassignment-completed", hasTopic | hasBrokers},
	ShutdownStarted:       {"shutdown-started", hasBroker},
	ProducerIDAssigned:    {"producer-id-assigned", hasOffset | hasGeneration},
	TruncationDetected:    {"truncation-detected", hasTopic | hasOffset},
	PositionReset:         {"position-reset", hasTopic | hasOffset},
	CoordinatorLoaded:     {"coordinator-loaded", hasTopic},
	RebalanceStarted:      {"rebalance-started", hasGroup | hasGeneration},
	MemberJoined:          {"member-joined", hasGroup | hasMember | hasGeneration},
	MemberLeft:            {"member-left", hasGroup | hasMember | hasGeneration | hasReason},
	GroupStable:           {"group-stable", hasGroup | hasMember | hasGeneration},
	PartitionsAssigned: {
		"partitions-assigned",
		hasGroup | hasMember | hasGeneration | hasPartitions,
	},
	PartitionsRevoked: {
		"partitions-revoked",
		hasGroup | hasMember | hasGeneration | hasPartitions,
	},
	OffsetCommitted: {
		"offset-committed",
		hasTopic | hasGroup | hasMember | hasGeneration | hasOffset,
	},
	ProduceRetried:  {"produce-retried", hasTopic},
	RecordsAcked:    {"records-acked", hasTopic | hasOffset},
	AdminCompleted:  {"admin-completed", 0},
	RecordProcessed: {"record-processed", hasTopic | hasGroup | hasOffset},
	DamageFound:     {"damage-found", hasTopic},
}

// String is the kind's name in traces and in the `when:` of a scenario.
func (k NoteKind) String() string {
	if k < noteKinds {
		return noteTable[k].name
	}
	return fmt.Sprintf("note(%d)", uint8(k))
}

// ParseNoteKind finds the kind called name.
func ParseNoteKind(name string) (NoteKind, bool) {
	for k := range noteTable {
		if k != 0 && noteTable[k].name == name {
			return NoteKind(k), true
		}
	}
	return NoNote, false
}

// NoteKinds returns the names of all kinds, in the order of the constants.
func NoteKinds() []string {
	names := make([]string, 0, noteKinds-1)
	for k := 1; k < len(noteTable); k++ {
		names = append(names, noteTable[k].name)
	}
	return names
}

// Note is one report. Only the fields that its kind carries are written and read.
type Note struct {
	Kind       NoteKind
	Partition  int32
	Broker     BrokerID
	Epoch      Epoch
	Generation int32
	Offset     Offset
	Topic      string
	Group      string
	Member     string
	Text       string
	Brokers    []BrokerID
	Partitions []TopicPartition
	// Reason is of what sort the reason in Text is, for those that tell of it. It follows from what
	// happened, as Text does, and is no part of the hash.
	Reason Reason
	// Replicas are those of each partition of a topic, the preferred leader first. Text sums them up,
	// so that they are no part of the hash.
	Replicas [][]BrokerID
}

// Reason is why a member is out of its group.
type Reason string

const (
	ReasonLeft    Reason = "left"    // it said so
	ReasonExpired Reason = "expired" // it was silent for too long, and the group had to find out
	ReasonAbsent  Reason = "absent"  // it took no part in a rebalance
	ReasonRefused Reason = "refused" // there was no room for it
)

// AddNote records a note for the trace. The host takes it before the next step, and its memory is
// used again then.
func AddNote(out *model.Effects, n Note) {
	slot, ok := out.SpareNote().(*Note)
	if !ok {
		slot = new(Note)
	}
	*slot = n
	out.Note(slot)
}

// TP returns the partition that the note is about.
func (n Note) TP() TopicPartition { return TopicPartition{n.Topic, n.Partition} }

// About tells whether the note, made by node, is about all of places: topic-partitions, topics,
// groups and nodes.
func (n *Note) About(node model.NodeID, places []string) bool {
	for _, place := range places {
		if place != string(node) && (n.Topic == "" || place != n.Topic && place != n.TP().String()) &&
			(n.Group == "" || place != n.Group) {
			return false
		}
	}
	return true
}

// IsProgress implements model.ProgressNote: these say how far an offset has come.
func (n *Note) IsProgress() bool {
	switch n.Kind {
	case LogEnd, HighWatermark, OffsetCommitted, RecordsAcked:
		return true
	}
	return false
}

// Place implements model.ProgressNote: it is the note without its offset.
func (n *Note) Place() model.Note {
	c := *n
	c.Offset = 0
	return &c
}

// CopyNote implements model.NoteCopier.
func (n *Note) CopyNote() model.Note {
	c := *n
	c.Brokers, c.Partitions = slices.Clone(n.Brokers), slices.Clone(n.Partitions)
	c.Replicas = slices.Clone(n.Replicas)
	return &c
}

// KindName is the kind of the note's line in the trace.
func (n *Note) KindName() string { return n.Kind.String() }

// Sum mixes in every field that a trace could show.
func (n *Note) Sum(h uint64) uint64 {
	h = model.SumUint(h, uint64(n.Kind)<<32|uint64(uint32(n.Partition)))
	h = model.SumUint(h, uint64(uint32(n.Broker))<<32|uint64(uint32(n.Epoch)))
	h = model.SumUint(h, uint64(n.Offset)^uint64(uint32(n.Generation))<<32)
	for _, s := range [...]string{n.Topic, n.Group, n.Member, n.Text} {
		if s != "" {
			h = model.SumString(h, s)
		}
	}
	for _, id := range n.Brokers {
		h = model.SumUint(h, uint64(id))
	}
	for _, tp := range n.Partitions {
		h = tp.Sum(h)
	}
	return h
}

// String prints the note in one line, as it stands in the trace without braces.
func (n Note) String() string {
	return n.Kind.String() + string(n.appendFields(nil))
}
