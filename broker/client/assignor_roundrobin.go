package client

import (
	"slices"

	"sandcastle/model/kafka"
)

// assignRoundRobin is Kafka's RoundRobinAssignor (3.9): the partitions of all topics, in order, go
// to the members in turn; a member that does not subscribe to a topic is passed over.
//
//	t-0 t-1 t-2, u-0 u-1 u-2, 2 members:  A: t-0 t-2 u-1   B: t-1 u-0 u-2
func assignRoundRobin(
	members []groupMember, topics []topicSize,
) map[string][]kafka.TopicPartition {
	members = slices.Clone(members)
	slices.SortFunc(members, groupMember.order)
	plan := make(map[string][]kafka.TopicPartition, len(members))
	turn := 0
	for _, t := range topics {
		if !slices.ContainsFunc(members, func(m groupMember) bool { return m.takes(t.name) }) {
			continue
		}
		for i := range t.partitions {
			for !members[turn%len(members)].takes(t.name) {
				turn++
			}
			id := members[turn%len(members)].id
			plan[id] = append(plan[id], kafka.TopicPartition{Topic: t.name, Partition: int32(i)})
			turn++
		}
	}
	return plan
}
