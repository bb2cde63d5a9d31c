package frametext

import "github.com/twmb/franz-go/pkg/kmsg"

// describeReplicas says what a controller and brokers tell each other, and clients of it.
func describeReplicas(t *line, m message) bool {
	switch m := m.(type) {
	case *kmsg.LeaderAndISRRequest:
		leaderAndISR(t, m)
	case *kmsg.LeaderAndISRResponse:
		ledAndFollowed(t, m)
	case *kmsg.StopReplicaRequest:
		stopReplica(t, m)
	case *kmsg.StopReplicaResponse:
		failed := t.code(m.ErrorCode)
		for _, p := range m.Partitions {
			failed = replicaOutcome(t, p.Topic, p.Partition, p.ErrorCode) || failed
		}
		t.flag("ok", !failed)
	case *kmsg.UpdateMetadataRequest:
		updateMetadata(t, m)
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
		alterPartition(t, m)
	case *kmsg.AlterPartitionResponse:
		alteredPartition(t, m)
	case *kmsg.MetadataRequest:
		metadata(t, m)
	case *kmsg.MetadataResponse:
		metadataReply(t, m)
	default:
		return false
	}
	return true
}

// led adds who leads a partition and who is in sync.
func led(t *line, leader, epoch int32, isr []int32) {
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

func leaderAndISR(t *line, m *kmsg.LeaderAndISRRequest) {
	t.field("controller", int64(m.ControllerID)).field("controller_epoch", int64(m.ControllerEpoch))
	t.flag("all_partitions", m.Type == 1)
	one := func(topic string, p *kmsg.LeaderAndISRRequestTopicPartition) {
		led(t.partition(topic, p.Partition), p.Leader, p.LeaderEpoch, p.ISR)
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

func ledAndFollowed(t *line, m *kmsg.LeaderAndISRResponse) {
	failed := t.code(m.ErrorCode)
	for _, p := range m.Partitions {
		failed = replicaOutcome(t, p.Topic, p.Partition, p.ErrorCode) || failed
	}
	for i := range m.Topics {
		name := t.topic("", m.Topics[i].TopicID)
		for _, p := range m.Topics[i].Partitions {
			failed = replicaOutcome(t, name, p.Partition, p.ErrorCode) || failed
		}
	}
	t.flag("ok", !failed)
}

// replicaOutcome names a partition only when something is wrong with it.
func replicaOutcome(t *line, topic string, p int32, code int16) bool {
	if code == 0 {
		t.concerns(topic, p)
		return false
	}
	return t.partition(topic, p).problem(code)
}

func stopReplica(t *line, m *kmsg.StopReplicaRequest) {
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

func updateMetadata(t *line, m *kmsg.UpdateMetadataRequest) {
	t.field("controller", int64(m.ControllerID)).field("controller_epoch", int64(m.ControllerEpoch))
	alive := make([]int32, len(m.LiveBrokers))
	for i := range m.LiveBrokers {
		alive[i] = m.LiveBrokers[i].ID
	}
	t.ids("alive", alive)
	for i := range m.PartitionStates {
		p := &m.PartitionStates[i]
		led(t.partition(p.Topic, p.Partition), p.Leader, p.LeaderEpoch, p.ISR)
	}
	userTopicsFirst(len(m.TopicStates), func(i int) string {
		return t.topic(m.TopicStates[i].Topic, m.TopicStates[i].TopicID)
	}, func(i int, name string) {
		for j := range m.TopicStates[i].PartitionStates {
			p := &m.TopicStates[i].PartitionStates[j]
			led(t.partition(name, p.Partition), p.Leader, p.LeaderEpoch, p.ISR)
		}
	})
}

func alterPartition(t *line, m *kmsg.AlterPartitionRequest) {
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

func alteredPartition(t *line, m *kmsg.AlterPartitionResponse) {
	if !t.code(m.ErrorCode) && len(m.Topics) == 0 {
		t.word("ok")
	}
	for i := range m.Topics {
		name := t.topic(m.Topics[i].Topic, m.Topics[i].TopidID)
		for _, p := range m.Topics[i].Partitions {
			if !t.partition(name, p.Partition).problem(p.ErrorCode) {
				led(t, p.LeaderID, p.LeaderEpoch, p.ISR)
				t.field("partition_epoch", int64(p.PartitionEpoch))
			}
		}
	}
}

func metadata(t *line, m *kmsg.MetadataRequest) {
	switch {
	case m.Topics == nil:
		t.word("all topics")
	case len(m.Topics) == 0:
		t.word("brokers only")
	default:
		t.word("topics:")
	}
	for i := range m.Topics {
		t.item().raw(topicPointer(t, m.Topics[i].Topic, m.Topics[i].TopicID))
	}
}

func metadataReply(t *line, m *kmsg.MetadataResponse) {
	t.known("controller", int64(m.ControllerID))
	brokers := make([]int32, len(m.Brokers))
	for i := range m.Brokers {
		brokers[i] = m.Brokers[i].NodeID
	}
	t.ids("brokers", brokers)
	userTopicsFirst(len(m.Topics), func(i int) string {
		return topicPointer(t, m.Topics[i].Topic, m.Topics[i].TopicID)
	}, func(i int, name string) {
		topic := &m.Topics[i]
		if topic.ErrorCode != 0 {
			t.item().raw(name).problem(topic.ErrorCode)
		}
		for j := range topic.Partitions {
			p := &topic.Partitions[j]
			if !t.partition(name, p.Partition).problem(p.ErrorCode) {
				led(t, p.Leader, p.LeaderEpoch, p.ISR)
			}
		}
	})
}
