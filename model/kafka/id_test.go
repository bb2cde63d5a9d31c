package kafka

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestTopicPartitionParsesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tp := TopicPartition{
			rapid.StringMatching(`[a-zA-Z0-9._-]{1,20}`).Draw(t, "topic"),
			rapid.Int32Min(0).Draw(t, "partition"),
		}
		back, ok := ParseTopicPartition(tp.String())
		require.True(t, ok)
		require.Equal(t, tp, back)
	})
	for _, bad := range []string{"", "orders", "-0", "orders-", "orders-x", "orders-99999999999", "orders--"} {
		_, ok := ParseTopicPartition(bad)
		require.False(t, ok, bad)
	}
}

func TestTopicPartitionOrder(t *testing.T) {
	list := []TopicPartition{{"b", 0}, {"a", 10}, {"a", 2}, {"a", 2}}
	slices.SortFunc(list, TopicPartition.Compare)
	require.Equal(t, []TopicPartition{{"a", 2}, {"a", 2}, {"a", 10}, {"b", 0}}, list)
	require.False(t, list[0].Less(list[1]))
}
