package wire

import "github.com/twmb/franz-go/pkg/kmsg"

// describeReplicas says what a controller and brokers tell each other, and clients of it.
func describeReplicas(t *frameText, m message) bool {
	switch m := m.(type) {
	case *kmsg.LeaderAndISRRequest:
		t.leaderAndISR(m)
	case *kmsg.LeaderAndISRResponse:
		t.ledAndFollowed(m)
	case *kmsg.StopReplicaRequest:
		t.stopReplica(m)
	case *kmsg.StopReplicaResponse:
		failed := t.code(m.ErrorCode)
		for _, p := range m.Partitions {
			failed = t.replicaOutcome(p.Topic, p.Partition, p.ErrorCode) || failed
		}
		t.flag("ok", !failed)
	case *kmsg.UpdateMetadataRequest:
		t.updateMetadata(m)
	case *kmsg.UpdateMetadataResponse:
		t.outcome(m.ErrorCode)
	case *kmsg.ControlledShutdownRequest:
		t.field("broker", int64(m.BrokerID))
	case *kmsg.ControlledShutdownResponse:
		t.outcome(m.ErrorCode)
		for _, p := range m.PartitionsRemaining {
			t.partition(p.Topic, p.Partition).raw(" remains")
		}
	case *kmsg.AlterPartitionRequest:
		t.alterPartition(m)
	case *kmsg.AlterPartitionResponse:
		t.alteredPartition(m)
	case *kmsg.MetadataRequest:
		t.metadata(m)
	case *kmsg.MetadataResponse:
		t.metadataReply(m)
	default:
		return false
	}
	return true
}

// led adds who leads a partition and who is in sync.
func (t *frameText) led(leader, epoch int32, isr []int32) {
	switch leader {
	case -2:
		t.raw(" is being deleted")
		return
	case -1:
		t.word("leader=none")
	default:
		t.field("leader", int64(leader))
	}
	t.known("epoch", int64(epoch)).ids("isr", isr)
}

func (t *frameText) leaderAndISR(m *kmsg.LeaderAndISRRequest) {
	t.field("controller", int64(m.ControllerID)).field("controller_epoch", int64(m.ControllerEpoch))
	t.flag("all_partitions", m.Type == 1)
	one := func(topic string, p *kmsg.LeaderAndISRRequestTopicPartition) {
		t.partition(topic, p.Partition).led(p.Leader, p.LeaderEpoch, p.ISR)
		t.flag("new", p.IsNew)
	}
	for i := range m.PartitionStates {
		one(m.PartitionStates[i].Topic, &m.PartitionStates[i])
	}
	userTopicsFirst(len(m.TopicStates), func(i int) string {
		return t.topic(m.TopicStates[i].Topic, m.TopicStates[i].TopicID)
	}, func(i int, name string) {
		for j := range m.TopicStates[i].PartitionStates {
			one(name, &m.TopicStates[i].PartitionStates[j])
		}
	})
}

func (t *frameText) ledAndFollowed(m *kmsg.LeaderAndISRResponse) {
	failed := t.code(m.ErrorCode)
	for _, p := range m.Partitions {
		failed = t.replicaOutcome(p.Topic, p.Partition, p.ErrorCode) || failed
	}
	for i := range m.Topics {
		name := t.topic("", m.Topics[i].TopicID)
		for _, p := range m.Topics[i].Partitions {
			failed = t.replicaOutcome(name, p.Partition, p.ErrorCode) || failed
		}
	}
	t.flag("ok", !failed)
}

// replicaOutcome names a partition only when something is wrong with it.
func (t *frameText) replicaOutcome(topic string, p int32, code int16) bool {
	if code == 0 {
		t.about(topic, p)
		return false
	}
	return t.partition(topic, p).problem(code)
}

func (t *frameText) stopReplica(m *kmsg.StopReplicaRequest) {
	t.field("controller", int64(m.ControllerID)).field("controller_epoch", int64(m.ControllerEpoch))
	for i := range m.Topics {
		topic := &m.Topics[i]
		if topic.Topic != "" && len(topic.Partitions)+len(topic.PartitionStates) == 0 {
			t.partition(topic.Topic, topic.Partition).flag("delete", m.DeletePartitions)
		}
		for _, p := range topic.Partitions {
			t.partition(topic.Topic, p).flag("delete", m.DeletePartitions)
		}
		for _, p := range topic.PartitionStates {
			t.partition(topic.Topic, p.Partition).known("epoch", int64(p.LeaderEpoch)).
				flag("delete", p.Delete)
		}
	}
}

func (t *frameText) updateMetadata(m *kmsg.UpdateMetadataRequest) {
	t.field("controller", int64(m.ControllerID)).field("controller_epoch", int64(m.ControllerEpoch))
	alive := make([]int32, len(m.LiveBrokers))
	for i := range m.LiveBrokers {
		alive[i] = m.LiveBrokers[i].ID
	}
	t.ids("alive", alive)
	for i := range m.PartitionStates {
		p := &m.PartitionStates[i]
		t.partition(p.Topic, p.Partition).led(p.Leader, p.LeaderEpoch, p.ISR)
	}
	userTopicsFirst(len(m.TopicStates), func(i int) string {
		return t.topic(m.TopicStates[i].Topic, m.TopicStates[i].TopicID)
	}, func(i int, name string) {
		for j := range m.TopicStates[i].PartitionStates {
			p := &m.TopicStates[i].PartitionStates[j]
			t.partition(name, p.Partition).led(p.Leader, p.LeaderEpoch, p.ISR)
		}
	})
}

func (t *frameText) alterPartition(m *kmsg.AlterPartitionRequest) {
	t.field("broker", int64(m.BrokerID))
	userTopicsFirst(len(m.Topics), func(i int) string {
		return t.topic(m.Topics[i].Topic, m.Topics[i].TopicID)
	}, func(i int, name string) {
		for _, p := range m.Topics[i].Partitions {
			isr := p.NewISR
			if len(p.NewEpochISR) > 0 {
				isr = nil
				for _, b := range p.NewEpochISR {
					isr = append(isr, b.BrokerID)
				}
			}
			t.partition(name, p.Partition).ids("new_isr", isr).field("epoch", int64(p.LeaderEpoch)).
				field("partition_epoch", int64(p.PartitionEpoch))
		}
	})
}

func (t *frameText) alteredPartition(m *kmsg.AlterPartitionResponse) {
	if !t.code(m.ErrorCode) && len(m.Topics) == 0 {
		t.word("ok")
	}
	for i := range m.Topics {
		name := t.topic(m.Topics[i].Topic, m.Topics[i].TopidID)
		for _, p := range m.Topics[i].Partitions {
			if !t.partition(name, p.Partition).problem(p.ErrorCode) {
				t.led(p.LeaderID, p.LeaderEpoch, p.ISR)
				t.field("partition_epoch", int64(p.PartitionEpoch))
			}
		}
	}
}

func (t *frameText) metadata(m *kmsg.MetadataRequest) {
	switch {
	case m.Topics == nil:
		t.word("all topics")
	case len(m.Topics) == 0:
		t.word("brokers only")
	default:
		t.word("topics:")
	}
	for i := range m.Topics {
		t.item().raw(t.topicPointer(m.Topics[i].Topic, m.Topics[i].TopicID))
	}
}

func (t *frameText) metadataReply(m *kmsg.MetadataResponse) {
	t.known("controller", int64(m.ControllerID))
	brokers := make([]int32, len(m.Brokers))
	for i := range m.Brokers {
		brokers[i] = m.Brokers[i].NodeID
	}
	t.ids("brokers", brokers)
	userTopicsFirst(len(m.Topics), func(i int) string {
		return t.topicPointer(m.Topics[i].Topic, m.Topics[i].TopicID)
	}, func(i int, name string) {
		topic := &m.Topics[i]
		if topic.ErrorCode != 0 {
			t.item().raw(name).problem(topic.ErrorCode)
		}
		for j := range topic.Partitions {
			p := &topic.Partitions[j]
			if !t.partition(name, p.Partition).problem(p.ErrorCode) {
				t.led(p.Leader, p.LeaderEpoch, p.ISR)
			}
		}
	})
}
