package client

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

// askedOfKafka is a row of testdata/assignors_kafka39.txt.
type askedOfKafka struct {
	row                string
	members            []groupMember
	topics             []topicSize
	roundRobin, sticky string
}

func readAsked(t *testing.T) (all []askedOfKafka) {
	text, err := os.ReadFile("testdata/assignors_kafka39.txt")
	require.NoError(t, err)
	for row := range strings.Lines(string(text)) {
		if strings.HasPrefix(row, "#") {
			continue
		}
		parts := strings.Split(strings.TrimSuffix(row, "\n"), " | ")
		require.Len(t, parts, 4, row)
		a := askedOfKafka{row: row, roundRobin: parts[2], sticky: parts[3]}
		for _, topic := range strings.Fields(parts[0]) {
			name, n, _ := strings.Cut(topic, ":")
			size, err := strconv.Atoi(n)
			require.NoError(t, err)
			a.topics = append(a.topics, topicSize{name, size})
		}
		for _, member := range strings.Fields(parts[1]) {
			f := strings.Split(member, ":")
			in, err := strconv.Atoi(f[2])
			require.NoError(t, err)
			m := groupMember{id: f[0], topics: strings.Split(f[1], ","), hadIn: int32(in)}
			for tp := range strings.SplitSeq(f[3], ",") {
				if tp != "" {
					had, ok := kafka.ParseTopicPartition(tp)
					require.True(t, ok)
					m.had = append(m.had, had)
				}
			}
			a.members = append(a.members, m)
		}
		all = append(all, a)
	}
	require.Len(t, all, 300)
	return all
}

// shown is a plan as the rows have it.
func shown(members []groupMember, plan map[string][]kafka.TopicPartition) string {
	var words []string
	for _, m := range members {
		var tps []string
		for _, tp := range slices.SortedFunc(slices.Values(plan[m.id]), kafka.TopicPartition.Compare) {
			tps = append(tps, tp.String())
		}
		words = append(words, m.id+"="+strings.Join(tps, ","))
	}
	return strings.Join(words, " ")
}

// The partitions go round as Kafka has them go round.
func TestAssignRoundRobinAsKafka(t *testing.T) {
	for _, a := range readAsked(t) {
		plan, ok := assignment("roundrobin", a.members, a.topics)
		require.True(t, ok)
		require.Equal(t, a.roundRobin, shown(a.members, plan), a.row)
	}
}

// Where all subscribe to the same topics the division is Kafka's to the partition. Where they do not, Kafka
// promises that it is as even as can be, and it is as even as Kafka's.
func TestAssignStickyAsKafka(t *testing.T) {
	equal := 0
	for _, a := range readAsked(t) {
		plan, ok := assignment("sticky", a.members, a.topics)
		require.True(t, ok)
		s := sticky{members: a.members}
		if s.alike() {
			equal++
			require.Equal(t, a.sticky, shown(a.members, plan), a.row)
		}
		requireSound(t, &a, plan)
		require.LessOrEqual(t, uneven(shown(a.members, plan)), uneven(a.sticky), a.row)
	}
	require.Greater(t, equal, 200)
}

// requireSound: every partition that somebody subscribes to has one owner, who does; and none could go to a
// member that has two or more fewer (StickyAssignor's promise).
func requireSound(t *testing.T, a *askedOfKafka, plan map[string][]kafka.TopicPartition) {
	owned := 0
	seen := map[kafka.TopicPartition]bool{}
	for _, m := range a.members {
		for _, tp := range plan[m.id] {
			require.False(t, seen[tp], a.row)
			require.True(t, m.takes(tp.Topic), a.row)
			seen[tp] = true
			owned++
			for _, other := range a.members {
				if other.takes(tp.Topic) {
					require.LessOrEqual(t, len(plan[m.id])-len(plan[other.id]), 1, a.row)
				}
			}
		}
	}
	want := 0
	for _, topic := range a.topics {
		if slices.ContainsFunc(a.members, func(m groupMember) bool { return m.takes(topic.name) }) {
			want += topic.partitions
		}
	}
	require.Equal(t, want, owned, a.row)
}

// uneven is the sum of the squares of the shares of a plan.
func uneven(plan string) (sum int) {
	for word := range strings.FieldsSeq(plan) {
		_, tps, _ := strings.Cut(word, "=")
		if tps != "" {
			n := strings.Count(tps, ",") + 1
			sum += n * n
		}
	}
	return sum
}
