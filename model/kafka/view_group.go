package kafka

import (
	"time"

	"sandcastle/model"
)

// GroupView is a group as one broker coordinates it.
type GroupView struct {
	Broker     BrokerID
	Epoch      Epoch // of the broker's leadership of the partition
	Group      string
	Partition  int32  // of __consumer_offsets
	State      string // Kafka's name of it
	Generation int32
	Protocol   string // "" when none is chosen
	Leader     string // a member id, "" for none
	Members    []GroupMemberView
	Offsets    []GroupOffset
}

// GroupMemberView is one member as the coordinator knows it.
type GroupMemberView struct {
	ID       string
	Instance string // group.instance.id, "" for a dynamic member
	Client   model.NodeID
	Session  time.Duration
	// Owned is what it was assigned last, as far as that can be read; Topics what it subscribes to.
	Owned  []TopicPartition
	Topics []string
}

// GroupSettings are those of the coordinators that decide how long something lasts.
type GroupSettings struct {
	OffsetsRetention time.Duration // offsets.retention.minutes
	// Chosen are positions that applications are told to take and operators to commit, whether the
	// log reaches them or not.
	Chosen []PartitionOffset
}
