package client

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// groupMember is a member as the leader of its group sees it.
type groupMember struct {
	id       string
	instance string // group.instance.id, or ""
	topics   []string
	// had is what the sticky assignor gave it in the generation hadIn; -1 is none.
	had   []kafka.TopicPartition
	hadIn int32
}

func (m *groupMember) takes(topic string) bool { return slices.Contains(m.topics, topic) }

// order is what members are sorted by: static members by their instance, others by their id, and
// static members come first (AbstractPartitionAssignor.MemberInfo, 3.9).
func (m groupMember) order(other groupMember) int {
	switch {
	case m.instance != "" && other.instance != "":
		return compare(m.instance, other.instance)
	case m.instance != "":
		return -1
	case other.instance != "":
		return 1
	default:
		return compare(m.id, other.id)
	}
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}

// topicSize is a topic with the number of its partitions.
type topicSize struct {
	name       string
	partitions int
}

// assignor divides the partitions of topics among the members of a group.
type assignor struct {
	name   string // as in JoinGroup
	assign func(members []groupMember, topics []topicSize) map[string][]kafka.TopicPartition
}

// assignors are the strategies that there are; a consumer offers one of them.
var assignors = [...]assignor{
	{"range", assignRange},
	{"roundrobin", assignRoundRobin},
	{stickyName, assignSticky},
}

const stickyName = "sticky"

// AssignorNames are the values of partition.assignment.strategy, as JoinGroup has them.
func AssignorNames() []string {
	names := make([]string, len(assignors))
	for i, a := range assignors {
		names[i] = a.name
	}
	return names
}

// assignment runs the assignor called protocol. ok is false when there is none of that name.
func assignment(protocol string, members []groupMember, topics []topicSize) (
	plan map[string][]kafka.TopicPartition, ok bool,
) {
	for _, a := range assignors {
		if a.name == protocol {
			return a.assign(members, topics), true
		}
	}
	return nil, false
}

// encodeSubscription is a member's metadata in JoinGroup; userData is the assignor's own.
func encodeSubscription(topics []string, generation int32, userData []byte) []byte {
	m := kmsg.NewConsumerMemberMetadata()
	m.Version, m.Topics, m.Generation, m.UserData = 3, topics, generation, userData
	return m.AppendTo(nil)
}

// decodeSubscription sets the member's topics and what it had from its metadata, to none when that
// cannot be read.
func (m *groupMember) decodeSubscription(b []byte) {
	m.topics, m.had, m.hadIn = nil, nil, -1
	sub := kmsg.NewConsumerMemberMetadata()
	if wire.ReadSubscription(b, &sub) != nil {
		return
	}
	m.topics = sub.Topics
	before := kmsg.NewStickyMemberMetadata()
	if before.ReadFrom(sub.UserData) != nil {
		return
	}
	m.hadIn = before.Generation
	for _, t := range before.CurrentAssignment {
		for _, p := range t.Partitions {
			m.had = append(m.had, kafka.TopicPartition{Topic: t.Topic, Partition: p})
		}
	}
}

// encodeHad is what the sticky assignor tells of a member's last share (StickyAssignor, 3.9): the
// partitions, sorted, and the generation that gave them.
func encodeHad(tps []kafka.TopicPartition, generation int32) []byte {
	m := kmsg.NewStickyMemberMetadata()
	m.Generation = generation
	for _, tp := range tps {
		if n := len(m.CurrentAssignment); n > 0 && m.CurrentAssignment[n-1].Topic == tp.Topic {
			at := &m.CurrentAssignment[n-1]
			at.Partitions = append(at.Partitions, tp.Partition)
			continue
		}
		topic := kmsg.NewStickyMemberMetadataCurrentAssignment()
		topic.Topic, topic.Partitions = tp.Topic, []int32{tp.Partition}
		m.CurrentAssignment = append(m.CurrentAssignment, topic)
	}
	return m.AppendTo(nil)
}

// encodeAssignment is a member's share in SyncGroup.
func encodeAssignment(tps []kafka.TopicPartition) []byte {
	slices.SortFunc(tps, kafka.TopicPartition.Compare)
	a := kmsg.NewConsumerMemberAssignment()
	a.Version = 3
	for _, tp := range tps {
		if n := len(a.Topics); n > 0 && a.Topics[n-1].Topic == tp.Topic {
			a.Topics[n-1].Partitions = append(a.Topics[n-1].Partitions, tp.Partition)
			continue
		}
		topic := kmsg.NewConsumerMemberAssignmentTopic()
		topic.Topic, topic.Partitions = tp.Topic, []int32{tp.Partition}
		a.Topics = append(a.Topics, topic)
	}
	return a.AppendTo(nil)
}

// decodeAssignment reads a member's share. No bytes are an empty share.
func decodeAssignment(b []byte) ([]kafka.TopicPartition, error) {
	if len(b) == 0 {
		return nil, nil
	}
	a := kmsg.NewConsumerMemberAssignment()
	if err := wire.ReadAssignment(b, &a); err != nil {
		return nil, err
	}
	var tps []kafka.TopicPartition
	for _, t := range a.Topics {
		for _, p := range t.Partitions {
			tps = append(tps, kafka.TopicPartition{Topic: t.Topic, Partition: p})
		}
	}
	return tps, nil
}
