package client

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model/kafka"
)

func TestAssignRange(t *testing.T) {
	on := func(id string, topics ...string) groupMember { return groupMember{id: id, topics: topics} }
	for name, row := range map[string]struct {
		members []groupMember
		topics  []topicSize
		want    map[string]string
	}{
		"one has all": {
			[]groupMember{on("a", "t")}, []topicSize{{"t", 3}}, map[string]string{"a": "[t-0 t-1 t-2]"},
		},
		"blocks, the first get more": {
			[]groupMember{on("b", "t"), on("c", "t"), on("a", "t")}, []topicSize{{"t", 7}},
			map[string]string{"a": "[t-0 t-1 t-2]", "b": "[t-3 t-4]", "c": "[t-5 t-6]"},
		},
		"more members than partitions": {
			[]groupMember{on("a", "t"), on("b", "t"), on("c", "t")}, []topicSize{{"t", 2}},
			map[string]string{"a": "[t-0]", "b": "[t-1]", "c": "[]"},
		},
		"each topic by itself": {
			[]groupMember{on("a", "t", "u"), on("b", "t", "u")}, []topicSize{{"t", 3}, {"u", 3}},
			map[string]string{"a": "[t-0 t-1 u-0 u-1]", "b": "[t-2 u-2]"},
		},
		"only subscribers": {
			[]groupMember{on("a", "t"), on("b", "t", "u")}, []topicSize{{"t", 2}, {"u", 2}},
			map[string]string{"a": "[t-0]", "b": "[t-1 u-0 u-1]"},
		},
		"static members first, by instance": {
			[]groupMember{
				on("a", "t"), {id: "z", instance: "i2", topics: []string{"t"}},
				{id: "y", instance: "i3", topics: []string{"t"}},
			},
			[]topicSize{{"t", 4}}, map[string]string{"z": "[t-0 t-1]", "y": "[t-2]", "a": "[t-3]"},
		},
		"a topic that is not there": {
			[]groupMember{on("a", "t")}, []topicSize{{"t", 0}}, map[string]string{"a": "[]"},
		},
	} {
		plan, ok := assignment("range", row.members, row.topics)
		require.True(t, ok)
		for id, want := range row.want {
			require.Equal(t, want, fmt.Sprint(plan[id]), "%s: %s", name, id)
		}
	}
	_, ok := assignment("cooperative-sticky", nil, nil)
	require.False(t, ok)
}

// Every partition has one owner, a subscriber, and shares of a topic differ by one at most.
func TestAssignRangeIsFairAndWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "members")
		var members []groupMember
		for i := range n {
			members = append(members, groupMember{id: fmt.Sprintf("m%d", i), topics: []string{"t"}})
		}
		size := rapid.IntRange(0, 20).Draw(t, "partitions")
		plan := assignRange(members, []topicSize{{"t", size}})
		owned := map[kafka.TopicPartition]string{}
		for _, m := range members {
			for _, tp := range plan[m.id] {
				require.Empty(t, owned[tp])
				owned[tp] = m.id
			}
			require.InDelta(t, float64(size)/float64(n), len(plan[m.id]), 1)
		}
		require.Len(t, owned, size)
	})
}

func TestAssignmentBytes(t *testing.T) {
	tps := []kafka.TopicPartition{
		{Topic: "t", Partition: 2},
		{Topic: "a", Partition: 0},
		{Topic: "t", Partition: 1},
	}
	got, err := decodeAssignment(encodeAssignment(tps))
	require.NoError(t, err)
	require.Equal(t, "[a-0 t-1 t-2]", fmt.Sprint(got))
	none, err := decodeAssignment(nil)
	require.NoError(t, err)
	require.Empty(t, none)
	_, err = decodeAssignment([]byte{0, 3, 0})
	require.Error(t, err)
	var m groupMember
	m.decodeSubscription(encodeSubscription([]string{"t"}, 4, encodeHad(got, 3)))
	require.Equal(t, groupMember{topics: []string{"t"}, had: got, hadIn: 3}, m)
	m.decodeSubscription(encodeSubscription([]string{"t"}, 4, []byte{0x7f, 0xff, 0xff, 0xff}))
	require.Equal(t, groupMember{topics: []string{"t"}, hadIn: -1}, m, "a share that cannot be read")
	m.decodeSubscription([]byte{9})
	require.Equal(t, groupMember{hadIn: -1}, m)
}
