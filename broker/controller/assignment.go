package controller

import (
	"sandcastle/model/kafka"
)

// assignReplicas spreads partitions over brokers as Kafka does without racks (AdminUtils.java 3.9,
// assignReplicasToBrokersRackUnaware): first replicas go round from start, the others follow at a
// distance that grows with each round, so that the followers of one broker's partitions are not
// always the same brokers. The first one assigned is partition number from, those before exist.
// Brokers are in ascending order, 0 < replicas <= len(brokers); start and shift are in
// [0, len(brokers)).
func assignReplicas(brokers []kafka.BrokerID, from, partitions, replicas, start,
	shift int,
) [][]kafka.BrokerID {
	n := len(brokers)
	assigned := make([][]kafka.BrokerID, partitions)
	for i := range assigned {
		p := from + i
		if p > 0 && p%n == 0 {
			shift++
		}
		first := (p + start) % n
		list := make([]kafka.BrokerID, 0, replicas)
		list = append(list, brokers[first])
		for j := range replicas - 1 {
			list = append(list, brokers[followerIndex(first, shift, j, n)])
		}
		assigned[i] = list
	}
	return assigned
}

// followerIndex is the index of follower j for a first replica at index first; never first itself.
func followerIndex(first, shift, j, n int) int {
	distance := 1 + (shift+j)%(n-1)
	return (first + distance) % n
}
