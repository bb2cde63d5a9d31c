package controller

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model/kafka"
)

// The examples are those of Kafka's documentation of the algorithm (AdminUtils.java, 3.9: five
// brokers, ten partitions, three replicas) and of AdminRackAwareTest.
func TestAssignReplicas(t *testing.T) {
	for _, tt := range []struct {
		name                       string
		brokers                    ids
		from, partitions, replicas int
		start, shift               int
		want                       []ids
	}{
		{"Kafka's documented example", ids{0, 1, 2, 3, 4}, 0, 10, 3, 0, 0, []ids{
			{0, 1, 2}, {1, 2, 3}, {2, 3, 4}, {3, 4, 0}, {4, 0, 1},
			{0, 2, 3}, {1, 3, 4}, {2, 4, 0}, {3, 0, 1}, {4, 1, 2},
		}},
		{"one broker", ids{7}, 0, 3, 1, 0, 0, []ids{{7}, {7}, {7}}},
		{"a start and a shift", ids{1, 2, 3}, 0, 3, 2, 2, 1, []ids{{3, 2}, {1, 3}, {2, 1}}},
		{"all brokers", ids{1, 2, 3}, 0, 4, 3, 1, 0, []ids{{2, 3, 1}, {3, 1, 2}, {1, 2, 3}, {2, 1, 3}}},
		{"more partitions", ids{0, 1, 2, 3, 4}, 3, 4, 2, 0, 0, []ids{{3, 4}, {4, 0}, {0, 2}, {1, 3}}},
		{"earlier rounds do not shift", ids{0, 1, 2, 3, 4}, 6, 1, 2, 0, 0, []ids{{1, 2}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := assignReplicas(tt.brokers, tt.from, tt.partitions, tt.replicas, tt.start, tt.shift)
			require.Equal(t, tt.want, got)
		})
	}
}

func TestAssignmentIsFair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "brokers")
		replicas := rapid.IntRange(1, n).Draw(t, "replicas")
		rounds := rapid.IntRange(1, 5).Draw(t, "rounds")
		brokers := make(ids, n)
		for i := range brokers {
			brokers[i] = kafka.BrokerID(10 * i)
		}
		leads, holds := map[kafka.BrokerID]int{}, map[kafka.BrokerID]int{}
		for _, list := range assignReplicas(brokers, 0, n*rounds, replicas,
			rapid.IntRange(0, n-1).Draw(t, "start"), rapid.IntRange(0, n-1).Draw(t, "shift")) {
			require.Len(t, list, replicas)
			sorted := slices.Sorted(slices.Values(list))
			require.Len(t, slices.Compact(sorted), replicas, "a broker stands twice in %v", list)
			leads[list[0]]++
			for _, id := range list {
				holds[id]++
			}
		}
		for _, id := range brokers {
			require.Equal(t, rounds, leads[id])
			require.Equal(t, rounds*replicas, holds[id])
		}
	})
}
