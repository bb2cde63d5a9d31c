package checks

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Offset 5 is given twice: by broker 1, whose high watermark stops before it, and by broker 2, which
// began without it. Offset 4 goes over to broker 2 and is committed there.
func TestCommittedKnowsWhoseRecordItWas(t *testing.T) {
	w := NewHighWatermarks()
	note := func(at model.Time, node model.NodeID, kind kafka.NoteKind, offset kafka.Offset) {
		w.Observe(&kafka.TraceLine{
			TraceLine: model.TraceLine{At: at, Node: node},
			Note:      kafka.Note{Kind: kind, Topic: tp0.Topic, Offset: offset},
		})
	}
	note(10, "broker-1", kafka.BecameLeader, 0)
	note(10, "broker-2", kafka.BecameFollower, 0)
	note(20, "broker-1", kafka.LogEnd, 4)
	note(25, "broker-2", kafka.HighWatermark, 99) // a follower commits nothing
	note(30, "broker-1", kafka.HighWatermark, 4)
	note(40, "broker-1", kafka.LogEnd, 5)
	note(50, "broker-1", kafka.LogEnd, 6)
	note(60, "broker-2", kafka.BecameLeader, 5)
	note(65, "broker-1", kafka.LogEnd, 7) // it does not know yet
	note(70, "broker-2", kafka.LogEnd, 7)
	note(80, "broker-2", kafka.HighWatermark, 7)
	for _, c := range []struct {
		offset    kafka.Offset
		call, ret model.Time
		when      model.Time // 0 for never
	}{
		{3, 15, 22, 30}, {4, 35, 45, 80}, {5, 45, 55, 0}, {5, 65, 75, 80}, {6, 62, 68, 0}, {6, 68, 72, 80},
		{3, 40, 50, 0}, // nobody appended it then
	} {
		when, ok := w.Committed(kafka.PartitionOffset{Key: tp0, Offset: c.offset}, c.call, c.ret)
		require.Equal(t, c.when, when, c)
		require.Equal(t, c.when > 0, ok, c)
	}
	w.Observe(&kafka.TraceLine{Note: kafka.Note{Kind: kafka.TopicDeleted, Topic: tp0.Topic}})
	_, ok := w.Committed(kafka.PartitionOffset{Key: tp0, Offset: 3}, 15, 22)
	require.False(t, ok)
}
