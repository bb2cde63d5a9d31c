package wire

// What the controller sends in place of a partition's leader (UpdateMetadata) and leader epoch
// (StopReplica) while the partition is being deleted (LeaderAndIsr.LEADER_DURING_DELETE and
// EPOCH_DURING_DELETE, 3.9).
const (
	LeaderDuringDelete = -2
	EpochDuringDelete  = -2
)
