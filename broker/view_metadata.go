package broker

import "sandcastle/model/kafka"

// Epoch is the broker's epoch: the czxid of its registration, 0 while it has none.
func (b *Broker) Epoch() int64 { return b.registered.epoch }

// KnownMetadata is what the broker would tell clients of the cluster, for white-box checks.
type KnownMetadata struct {
	Controller kafka.BrokerID
	Brokers    []kafka.BrokerID // alive, by id
	Topics     []string         // sorted
}

// KnownMetadata returns it as it is now.
func (b *Broker) KnownMetadata() KnownMetadata {
	m := KnownMetadata{Controller: b.metadata.controller, Topics: b.metadata.names}
	for i := range b.metadata.brokers {
		m.Brokers = append(m.Brokers, b.metadata.brokers[i].id)
	}
	return m
}

// KnownPartition is what the broker would tell clients of a partition; false for none.
func (b *Broker) KnownPartition(tp kafka.TopicPartition) (kafka.PartitionState, bool) {
	p, ok := b.metadata.partitions[tp]
	if !ok {
		return kafka.PartitionState{}, false
	}
	s := kafka.PartitionState{Leader: p.leader, Epoch: p.epoch}
	for _, id := range p.isr {
		s.ISR = append(s.ISR, kafka.BrokerID(id))
	}
	return s, true
}
