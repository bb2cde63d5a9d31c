package znode

import (
	"sandcastle/model/kafka"
)

type isrChangePartition struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
}

type isrChangeJSON struct {
	Version    int                  `json:"version"`
	Partitions []isrChangePartition `json:"partitions"`
}

// EncodeIsrChange writes /isr_change_notification/isr_change_N, version 1.
func EncodeIsrChange(partitions []kafka.TopicPartition) []byte {
	j := isrChangeJSON{1, make([]isrChangePartition, 0, len(partitions))}
	for _, tp := range partitions {
		j.Partitions = append(j.Partitions, isrChangePartition(tp))
	}
	return encode(j)
}

// DecodeIsrChange reads /isr_change_notification/isr_change_N.
func DecodeIsrChange(data []byte) ([]kafka.TopicPartition, error) {
	return decodePartitions(IsrChangesPath, data)
}

// DecodePreferredElection reads /admin/preferred_replica_election: the partitions whose preferred
// leaders an old tool asks for.
func DecodePreferredElection(data []byte) ([]kafka.TopicPartition, error) {
	return decodePartitions(PreferredElectionPath, data)
}

func decodePartitions(path string, data []byte) ([]kafka.TopicPartition, error) {
	var j isrChangeJSON
	if err := decode(path, data, &j); err != nil {
		return nil, err
	}
	partitions := make([]kafka.TopicPartition, 0, len(j.Partitions))
	for _, p := range j.Partitions {
		partitions = append(partitions, kafka.TopicPartition(p))
	}
	return partitions, nil
}
