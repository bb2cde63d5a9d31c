package model

// ClusterView is the inside of a cluster at one moment, as white-box checks see it. A client could
// not see it; the simulator can.
type ClusterView struct {
	At       Time
	Replicas []ReplicaView // by partition, then by broker
	Members  []MemberView  // by group, then by member
}

// ReplicaView is one replica on one running broker.
type ReplicaView struct {
	Broker        BrokerID
	TP            TopicPartition
	Leading       bool // believes itself the leader
	LeaderEpoch   Epoch
	LogStart      Offset
	HighWatermark Offset
	LogEnd        Offset // one past the last record
	ISR           []BrokerID
	Batches       []BatchView // in order of offset
}

// BatchView is one record batch of a log. Sum covers the records, so equal sums mean equal
// contents.
type BatchView struct {
	Base  Offset // of the first record
	Last  Offset // of the last record
	Epoch Epoch  // of the leader that appended it
	Sum   uint64
}

// MemberView is what one running consumer believes it owns.
type MemberView struct {
	Group      string
	Member     string // the member id the coordinator gave
	Client     NodeID
	Generation int32
	Owned      []TopicPartition
}
