package conformance

import (
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

func topicPartition(topic string, partition int32) kafka.TopicPartition {
	return kafka.TopicPartition{Topic: topic, Partition: partition}
}

// autoCreation: Metadata creates a topic if it may, and says so by an error that clients try again
// after.
func autoCreation(p *player) {
	t := p.metadata(p.first(), "unasked", false)
	p.code(t.ErrorCode, wire.UnknownTopicOrPartition, "metadata that must not create")
	t = p.metadata(p.first(), "not/valid", true)
	p.code(t.ErrorCode, wire.InvalidTopicException, "metadata of a topic with no valid name")
	t = p.metadata(p.first(), "automatic", true)
	code := wire.Code(t.ErrorCode)
	p.demand(code == wire.LeaderNotAvailable || code == wire.UnknownTopicOrPartition,
		"a topic that comes: %s", code)
	p.eventually("the topic is there", func() bool {
		t := p.metadata(p.first(), "automatic", true)
		return t.ErrorCode == 0 && len(leadersOf(t)) == 1
	})
	t = p.metadata(p.first(), "unasked", false)
	p.code(t.ErrorCode, wire.UnknownTopicOrPartition, "a topic that nobody created")
}

// createTopics: the controller creates what it can and says what is wrong with the rest; who is not
// the controller says that.
func createTopics(p *player) {
	p.topic("made", 3, len(p.c.Brokers()))
	zero := "-7"
	for _, wrong := range []struct {
		topic kmsg.CreateTopicsRequestTopic
		code  wire.Code
	}{
		{kmsg.CreateTopicsRequestTopic{Topic: "made", NumPartitions: 1, ReplicationFactor: 1},
			wire.TopicAlreadyExists},
		{kmsg.CreateTopicsRequestTopic{Topic: "a b", NumPartitions: 1, ReplicationFactor: 1},
			wire.InvalidTopicException},
		{kmsg.CreateTopicsRequestTopic{Topic: "none", NumPartitions: 0, ReplicationFactor: 1},
			wire.InvalidPartitions},
		{kmsg.CreateTopicsRequestTopic{Topic: "many", NumPartitions: 1, ReplicationFactor: 99},
			wire.InvalidReplicationFactor},
		{kmsg.CreateTopicsRequestTopic{Topic: "set", NumPartitions: 1, ReplicationFactor: 1,
			Configs: []kmsg.CreateTopicsRequestTopicConfig{{Name: "segment.bytes", Value: &zero}}},
			wire.InvalidConfig},
	} {
		got := p.create(wrong.topic, false)
		p.code(got.ErrorCode, wrong.code, "create "+wrong.topic.Topic)
	}
	got := p.create(kmsg.CreateTopicsRequestTopic{
		Topic: "tried", NumPartitions: 1, ReplicationFactor: 1,
	}, true)
	p.code(got.ErrorCode, wire.None, "create to validate")
	t := p.metadata(p.first(), "tried", false)
	p.code(t.ErrorCode, wire.UnknownTopicOrPartition, "a topic that was only tried")
	p.notController()
}

func (p *player) notController() {
	controller := p.controller()
	for _, id := range p.c.Brokers() {
		if id == controller {
			continue
		}
		req := at(5, kmsg.NewPtrCreateTopicsRequest())
		req.TimeoutMillis = 10000
		req.Topics = []kmsg.CreateTopicsRequestTopic{
			{Topic: "elsewhere", NumPartitions: 1, ReplicationFactor: 1},
		}
		resp := p.ask(id, req).(*kmsg.CreateTopicsResponse)
		p.code(resp.Topics[0].ErrorCode, wire.NotController, "create at another broker")
	}
}

// deleteTopics: what is deleted is gone, for the next one who asks.
func deleteTopics(p *player) {
	leader := p.topic("short-lived", 1, 1)[0]
	p.mustPut(leader, topicPartition("short-lived", 0), 0, "a")
	req := at(4, kmsg.NewPtrDeleteTopicsRequest())
	req.TimeoutMillis = 10000
	req.TopicNames = []string{"short-lived", "never-there"}
	resp := p.ask(p.controller(), req).(*kmsg.DeleteTopicsResponse)
	for _, t := range resp.Topics {
		want := wire.None
		if *t.Topic == "never-there" {
			want = wire.UnknownTopicOrPartition
		}
		p.code(t.ErrorCode, want, "delete "+*t.Topic)
	}
	p.eventually("the topic is gone", func() bool {
		t := p.metadata(leader, "short-lived", false)
		return t.ErrorCode == int16(wire.UnknownTopicOrPartition)
	})
	// Metadata and replicas are told by requests of their own, in no order that Kafka promises.
	p.eventually("the partition is gone", func() bool {
		part := p.fetchFrom(leader, topicPartition("short-lived", 0), 0, 0)
		return part.ErrorCode == int16(wire.UnknownTopicOrPartition) ||
			part.ErrorCode == int16(wire.NotLeaderOrFollower)
	})
}

// otherLeader: a broker that does not lead a partition takes no writes to it.
func otherLeader(p *player) {
	tp := topicPartition("led", 0)
	leader := p.topic(tp.Topic, 1, len(p.c.Brokers()))[0]
	for _, id := range p.c.Brokers() {
		if id == leader {
			continue
		}
		got := p.put(id, 1, tp, batch(0, "a"))
		p.code(got.ErrorCode, wire.NotLeaderOrFollower, "produce to a follower")
	}
	got := p.put(leader, 1, topicPartition("led", 5), batch(0, "a"))
	p.code(got.ErrorCode, wire.UnknownTopicOrPartition, "produce to a partition that is not there")
	p.reads(leader, tp, 0)
}
