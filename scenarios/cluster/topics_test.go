package cluster

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// A topic has the partitions that it was last given, none while it is not there, and those of a
// request that was refused never.
func TestTopicsComeAndGo(t *testing.T) {
	x := NewTopics()
	x.Declare("orders", 3, false)
	x.Declare("late", 2, true)
	require.Equal(t, 3, x.Partitions("orders"))
	require.Zero(t, x.Partitions("late"))
	line := func(kind kafka.NoteKind, topic string, at model.Time) {
		l := kafka.TraceLine{Note: kafka.Note{Kind: kind, Topic: topic}}
		l.At = at
		x.Observe(&l)
	}
	line(kafka.TopicCreated, "late", 1)
	require.Equal(t, 2, x.Partitions("late"))
	x.Grow("orders", 5)
	x.Grow("orders", 8)
	require.Equal(t, 8, x.Partitions("orders"))
	x.Grow("orders", 8)
	x.Refuse("orders", 8)
	require.Equal(t, 8, x.Partitions("orders"), "one of two that ask for the same is refused")
	x.Refuse("orders", 8)
	require.Equal(t, 5, x.Partitions("orders"))
	line(kafka.TopicDeleted, "orders", 2)
	require.Zero(t, x.Partitions("orders"))
	x.Make("orders", 1)
	line(kafka.TopicCreated, "orders", 5)
	require.Equal(t, 1, x.Partitions("orders"), "the growth was the deleted one's")
	x.Make("orders", 7)
	line(kafka.TopicDeleted, "orders", 6)
	made := kafka.TraceLine{Note: kafka.Note{
		Kind: kafka.TopicCreated, Topic: "orders", Replicas: [][]kafka.BrokerID{{1}, {2}, {1}, {2}},
	}}
	x.Observe(&made)
	require.Equal(t, 4, x.Partitions("orders"), "a request that was open at the deletion made it")
}

// What concerns a topic that was deleted is judged from when it was created again; every line keeps
// its place.
func TestDeletedTopicsAreNotJudged(t *testing.T) {
	x := NewTopics()
	x.Declare("orders", 1, false)
	send := func(at model.Time) kafka.Op {
		return kafka.Op{Type: kafka.OK, F: kafka.FSend, Time: at, Process: int(at), Value: []kafka.Mop{
			{F: kafka.FSend, Key: kafka.TopicPartition{Topic: "orders"}, Value: "a"},
		}}
	}
	h := kafka.History{send(1), send(9)}
	h[0].Type, h[1].Type = kafka.Invoke, kafka.Invoke
	require.Equal(t, h, x.Judged(h), "nothing was deleted")
	for i, kind := range []kafka.NoteKind{kafka.TopicDeleted, kafka.TopicCreated} {
		l := kafka.TraceLine{Note: kafka.Note{Kind: kind, Topic: "orders"}}
		l.At = model.Time(2 + 3*i)
		x.Observe(&l)
	}
	old := kafka.Op{Type: kafka.OK, F: kafka.FPoll, Time: 9, Process: 20, Value: []kafka.Mop{{
		F: kafka.FPoll, Polled: []kafka.PolledRecords{{
			Key: kafka.TopicPartition{Topic: "orders"}, Records: []kafka.PolledRecord{{Offset: 3, Value: "a"}},
		}},
	}}}
	invoked := old
	invoked.Type, invoked.Value = kafka.Invoke, nil
	reset := kafka.Op{Type: kafka.OK, F: kafka.FReset, Process: 1, Offsets: []kafka.PartitionOffset{
		{Key: kafka.TopicPartition{Topic: "orders"}},
	}}
	judged := x.Judged(append(slices.Clone(h), invoked, old, reset))
	require.Empty(t, judged.At(3).Value[0].Polled[0].Records, "fetched from the one that is gone")
	require.Equal(t, kafka.FCommit, judged.At(4).F, "a reset that moved nothing that is judged")
	require.Len(t, old.Value[0].Polled[0].Records, 1, "the history itself stays as it is")
	judged = x.Judged(h)
	require.Equal(t, 2, judged.Len())
	require.Empty(t, judged.At(0).Value, "sent to the one that is gone")
	require.Equal(t, h[1], *judged.At(1))
	require.Equal(t, kafka.FSend, h[0].F, "the history itself stays as it is")
}
