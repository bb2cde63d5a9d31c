package kafka

import (
	"fmt"
	"time"

	"sandcastle/model"
)

// GroupAPI is what was asked of a group's coordinator.
type GroupAPI uint8

const (
	CommitOffsets GroupAPI = iota + 1 // OffsetCommit
	FetchOffsets                      // OffsetFetch, of one group
	JoinGroup
	SyncGroup
	Heartbeat
	LeaveGroup // of one member
	DeleteGroup
	DeleteOffsets // OffsetDelete
)

// String is Kafka's name of the API.
func (a GroupAPI) String() string {
	names := [...]string{"none", "OffsetCommit", "OffsetFetch", "JoinGroup", "SyncGroup", "Heartbeat",
		"LeaveGroup", "DeleteGroups", "OffsetDelete"}
	if int(a) < len(names) {
		return names[a]
	}
	return fmt.Sprintf("group-api(%d)", uint8(a))
}

// GroupExchange is one request to a group's coordinator, as it stood on the wire, and its answer.
// A request that names several groups, or leaving members, is an exchange for each. It is shown
// twice: when the broker takes the request, and when it sends the answer, with the same ID.
type GroupExchange struct {
	ID       uint64
	API      GroupAPI
	Version  int16
	Broker   BrokerID
	Client   string     // the client.id of who asked
	Asked    model.Time // when the broker took it
	Answered bool
	// At is when this is shown: Asked, or when the answer was sent.
	At model.Time
	// Code is the error of the answer as a whole, 0 for none; an offset may have one of its own.
	Code int16

	Group      string
	Member     string  // as the request names it
	Instance   *string // group.instance.id
	Generation int32   // of the request; −1 for none

	// Offsets are those committed, fetched or deleted: of a fetch they come with the answer.
	Offsets []GroupOffset
	// Partition is of __consumer_offsets, where the group is kept.
	Partition int32

	Join *JoinExchange // of JoinGroup
	// Assignments are what the leader gives each member by SyncGroup, and Assignment is what the
	// answer gives the one who asked.
	Assignments []GroupMemberData
	Assignment  []byte
	// Owned are the partitions of Assignment, as far as they can be read.
	Owned []TopicPartition
}

// GroupOffset is one offset in an exchange.
type GroupOffset struct {
	TP          TopicPartition
	Offset      Offset
	LeaderEpoch Epoch
	Metadata    string
	Code        int16
}

// JoinExchange is what JoinGroup says beyond the rest.
type JoinExchange struct {
	Session, Rebalance time.Duration
	Protocols          []GroupMemberData // by name, in order of preference
	// Of the answer.
	Given      string // the member id
	Generation int32
	Protocol   string
	Leader     string
	Members    []GroupMemberData // for the leader alone
	Skip       bool              // the leader must not assign
}

// Supports finds what a member sent for a protocol.
func (j *JoinExchange) Supports(protocol string) ([]byte, bool) {
	for i := range j.Protocols {
		if j.Protocols[i].Name == protocol {
			return j.Protocols[i].Data, true
		}
	}
	return nil, false
}

// GroupMemberData is what belongs to a member, or to a protocol: metadata, or an assignment.
type GroupMemberData struct {
	Name     string
	Instance *string
	Data     []byte
	// Owned are the partitions of an assignment, as far as they can be read.
	Owned []TopicPartition
}

// String prints the exchange in a line, for witnesses.
func (x *GroupExchange) String() string {
	text := fmt.Sprintf("%s of %s", x.API, x.Group)
	if x.Member != "" {
		text += " by " + x.Member
	}
	if x.Generation >= 0 {
		text += fmt.Sprintf(" in generation %d", x.Generation)
	}
	for i := range x.Offsets {
		o := &x.Offsets[i]
		text += fmt.Sprintf(" %s=%d", o.TP, o.Offset)
	}
	switch {
	case !x.Answered:
		return text + ", taken by the broker"
	case x.Code != 0:
		return text + fmt.Sprintf(", answered with error %d", x.Code)
	case x.Join != nil:
		return text + fmt.Sprintf(", answered: member %s of generation %d", x.Join.Given,
			x.Join.Generation)
	default:
		return text + ", answered without error"
	}
}
