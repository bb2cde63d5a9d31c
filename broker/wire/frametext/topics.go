package frametext

import "github.com/twmb/franz-go/pkg/kmsg"

// describeTopics says what is asked of topics, and what a connection or a producer begins with.
func describeTopics(t *line, m message) bool {
	switch m := m.(type) {
	case *kmsg.CreateTopicsRequest:
		t.flag("validate_only", m.ValidateOnly)
		for i := range m.Topics {
			createTopic(t, &m.Topics[i])
		}
	case *kmsg.CreateTopicsResponse:
		for _, topic := range m.Topics {
			topicOutcome(t, t.topic(topic.Topic, topic.TopicID), topic.ErrorCode, topic.ErrorMessage)
		}
	case *kmsg.DeleteTopicsRequest:
		for _, name := range m.TopicNames {
			t.item().raw(name)
		}
		for _, topic := range m.Topics {
			t.item().raw(topicPointer(t, topic.Topic, topic.TopicID))
		}
	case *kmsg.DeleteTopicsResponse:
		for _, topic := range m.Topics {
			name := topicPointer(t, topic.Topic, topic.TopicID)
			topicOutcome(t, name, topic.ErrorCode, topic.ErrorMessage)
		}
	case *kmsg.CreatePartitionsRequest:
		t.flag("validate_only", m.ValidateOnly)
		for _, topic := range m.Topics {
			t.item().raw(topic.Topic).field("partitions", int64(topic.Count))
		}
	case *kmsg.CreatePartitionsResponse:
		for _, topic := range m.Topics {
			topicOutcome(t, topic.Topic, topic.ErrorCode, topic.ErrorMessage)
		}
	case *kmsg.InitProducerIDRequest:
		if m.TransactionalID != nil {
			t.named("transactional_id", *m.TransactionalID)
		}
		if m.ProducerID < 0 {
			t.word("new producer")
			return true
		}
		t.field("producer", m.ProducerID).raw("/").int(int64(m.ProducerEpoch))
	case *kmsg.InitProducerIDResponse:
		if !t.code(m.ErrorCode) {
			t.field("producer", m.ProducerID).raw("/").int(int64(m.ProducerEpoch))
		}
	case *kmsg.ApiVersionsRequest:
		t.word("client")
		t.word(m.ClientSoftwareName).word(m.ClientSoftwareVersion)
	case *kmsg.ApiVersionsResponse:
		t.code(m.ErrorCode)
		t.item().count(int64(len(m.ApiKeys)), "API")
	default:
		return false
	}
	return true
}

// topicPointer is topic for a name that may be missing.
func topicPointer(t *line, name *string, id [16]byte) string {
	if name == nil {
		return t.topic("", id)
	}
	return t.topic(*name, id)
}

func topicOutcome(t *line, topic string, code int16, message *string) {
	t.item().raw(topic)
	if !t.problem(code) {
		t.raw(": ok")
		return
	}
	t.message(message)
}

func createTopic(t *line, topic *kmsg.CreateTopicsRequestTopic) {
	t.item().raw(topic.Topic)
	if len(topic.ReplicaAssignment) == 0 {
		t.known("partitions", int64(topic.NumPartitions))
		t.known("replicas", int64(topic.ReplicationFactor))
	}
	for i := range topic.ReplicaAssignment {
		a := &topic.ReplicaAssignment[i]
		t.raw(" ").int(int64(a.Partition)).ids("on", a.Replicas)
	}
	for _, c := range topic.Configs {
		setting(t, c.Name, c.Value)
	}
}

// setting adds a configuration's name and value.
func setting(t *line, name string, value *string) {
	t.word(name).raw("=")
	if value == nil {
		t.raw("default")
		return
	}
	t.raw(*value)
}
