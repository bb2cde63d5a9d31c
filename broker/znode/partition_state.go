package znode

import (
	"slices"

	"sandcastle/model/kafka"
)

// PartitionState is the content of /brokers/topics/T/partitions/P/state. The zkVersion of the node,
// which guards every write, is kept beside it by whoever read it.
type PartitionState struct {
	// Leader is model.NoBroker while the partition is offline.
	Leader      kafka.BrokerID
	LeaderEpoch kafka.Epoch
	// ControllerEpoch is that of the controller that wrote last, or whom the writing leader obeyed.
	ControllerEpoch kafka.Epoch
	ISR             []kafka.BrokerID
	// Recovering is true after an unclean election until the leader has settled (KIP-704).
	Recovering bool
}

// Equal tells whether two states are the same, the order of the ISR included.
func (s PartitionState) Equal(o PartitionState) bool {
	return s.Leader == o.Leader && s.LeaderEpoch == o.LeaderEpoch &&
		s.ControllerEpoch == o.ControllerEpoch && slices.Equal(s.ISR, o.ISR) &&
		s.Recovering == o.Recovering
}

type partitionStateJSON struct {
	ControllerEpoch *kafka.Epoch     `json:"controller_epoch"`
	Leader          *kafka.BrokerID  `json:"leader"`
	Version         int              `json:"version"`
	LeaderEpoch     *kafka.Epoch     `json:"leader_epoch"`
	ISR             []kafka.BrokerID `json:"isr"`
	Recovery        int8             `json:"leader_recovery_state,omitempty"`
}

// EncodePartitionState writes the node, version 1.
func EncodePartitionState(s PartitionState) []byte {
	j := partitionStateJSON{&s.ControllerEpoch, &s.Leader, 1, &s.LeaderEpoch, s.ISR, 0}
	if j.ISR == nil {
		j.ISR = []kafka.BrokerID{}
	}
	if s.Recovering {
		j.Recovery = 1
	}
	return encode(j)
}

// DecodePartitionState reads the node of tp.
func DecodePartitionState(tp kafka.TopicPartition, data []byte) (PartitionState, error) {
	var j partitionStateJSON
	if err := decode(PartitionStatePath(tp), data, &j); err != nil {
		return PartitionState{}, err
	}
	if j.ControllerEpoch == nil || j.Leader == nil || j.LeaderEpoch == nil || j.ISR == nil {
		return PartitionState{}, malformed(PartitionStatePath(tp), data, "a field is missing")
	}
	return PartitionState{*j.Leader, *j.LeaderEpoch, *j.ControllerEpoch, j.ISR, j.Recovery == 1}, nil
}
