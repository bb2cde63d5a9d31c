package kafka

import "sandcastle/model"

// ClusterView is the inside of a cluster at one moment, as white-box checks see it. A client could
// not see it; the simulator can.
type ClusterView struct {
	At model.Time
	// AtRest says that the faults are over and that everything has come to rest.
	AtRest   bool
	Replicas []ReplicaView // by partition, then by broker
	Members  []MemberView  // by group, then by member
	// Running are the brokers that have a process, and States what the metadata store says of
	// partitions, as far as it is known.
	Running []BrokerID
	States  map[TopicPartition]PartitionState
	// Groups are those that running brokers coordinate, by broker, then by group.
	// Coordinators are the brokers whose groups are shown.
	Groups       []GroupView
	Coordinators []BrokerID
	// ZooKeeper is its inside, nil when it is not shown.
	ZooKeeper *ZooKeeperView
	// Placements are those of all partitions that there ever were; only of a cluster at rest.
	Placements []Placement
}

// Placement is where the replicas of a partition are, and where they have to be.
type Placement struct {
	TP TopicPartition
	// Assigned is what the metadata store says, the preferred leader first; nil when it knows no such
	// partition. Moving says that a reassignment is not done.
	Assigned []BrokerID
	Moving   bool
	// Open are the brokers that run with a replica of it, Held those whose disks have a log of it.
	Open, Held []BrokerID
}

// PartitionState is what the metadata store holds of a partition.
type PartitionState struct {
	Leader BrokerID
	Epoch  Epoch
	ISR    []BrokerID
	// Replicas are those that are assigned; nil where nobody has looked.
	Replicas []BrokerID
}

// ReplicaView is one replica on one running broker.
type ReplicaView struct {
	Broker        BrokerID
	TP            TopicPartition
	TopicID       [16]byte // of the topic whose replica it is; a topic made again has another
	Leading       bool     // leads by its own account
	LeaderEpoch   Epoch
	LogStart      Offset
	HighWatermark Offset
	LogEnd        Offset // one past the last record
	ISR           []BrokerID
	MinISR        int         // min.insync.replicas as it applies here
	Batches       []BatchView // in order of offset
	// Compacted says that the log may have been compacted: replicas compact each for itself.
	Compacted bool
	// Values calls yield with the value of each record in [from, to), in order, until it says no;
	// nil when values cannot be had.
	Values func(from, to Offset, yield func(Offset, []byte) bool)
	// Damaged is within which offsets of [from, to) records cannot be read because their batches fail
	// their check, first == end for none; nil when nobody looks. Such records are not gone: another
	// replica has them, or a repaired disk.
	Damaged func(from, to Offset) (first, end Offset)
	// Log and Lookups lead into the log; nil when it cannot be looked at.
	Log     LogInside
	Lookups LogLookups
}

// BatchView is one record batch of a log. Sum covers the records, so equal sums mean equal
// contents.
type BatchView struct {
	Base  Offset // of the first record
	Last  Offset // of the last record
	Epoch Epoch  // of the leader that appended it
	Sum   uint64
}

// MemberView is what one running consumer takes for its own.
type MemberView struct {
	Group      string
	Member     string // the member id the coordinator gave
	Client     model.NodeID
	Generation int32
	Owned      []TopicPartition
}
