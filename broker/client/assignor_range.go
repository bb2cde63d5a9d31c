package client

import (
	"slices"

	"sandcastle/model/kafka"
)

// assignRange is Kafka's RangeAssignor (3.9, without racks): topic by topic, the members that
// subscribe to it in order each get a block of its partitions, and the first ones get one more
// when the numbers do not divide.
//
//	7 partitions, 3 members:  A: 0 1 2   B: 3 4   C: 5 6
func assignRange(members []groupMember, topics []topicSize) map[string][]kafka.TopicPartition {
	members = slices.Clone(members)
	slices.SortFunc(members, groupMember.order)
	plan := make(map[string][]kafka.TopicPartition, len(members))
	for _, t := range topics {
		var takers []string
		for _, m := range members {
			if slices.Contains(m.topics, t.name) {
				takers = append(takers, m.id)
			}
		}
		if len(takers) == 0 {
			continue
		}
		each, more := t.partitions/len(takers), t.partitions%len(takers)
		next := 0
		for i, id := range takers {
			share := each
			if i < more {
				share++
			}
			for range share {
				plan[id] = append(plan[id], kafka.TopicPartition{Topic: t.name, Partition: int32(next)})
				next++
			}
		}
	}
	return plan
}
