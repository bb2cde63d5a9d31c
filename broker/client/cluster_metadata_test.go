package client

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

func metadataOf(name string, id byte, leaders ...partitionMetadata) *kmsg.MetadataResponseTopic {
	t := kmsg.NewMetadataResponseTopic()
	t.Topic, t.TopicID = &name, [16]byte{id}
	for i, l := range leaders {
		p := kmsg.NewMetadataResponseTopicPartition()
		p.Partition, p.Leader, p.LeaderEpoch = int32(i), int32(l.leader), int32(l.epoch)
		t.Partitions = append(t.Partitions, p)
	}
	return &t
}

// Leader epochs never go back, whatever a broker that is behind says (KIP-320); a topic that was
// created anew begins with new ones.
func TestMetadataKeepsTheNewestEpoch(t *testing.T) {
	topic := &topicMetadata{}
	topic.apply(metadataOf("orders", 1, partitionMetadata{1, 5}))
	topic.apply(metadataOf("orders", 1, partitionMetadata{2, 4}))
	require.Equal(t, partitionMetadata{1, 5}, topic.partitions[0])
	topic.apply(metadataOf("orders", 1, partitionMetadata{3, 6}))
	require.Equal(t, partitionMetadata{3, 6}, topic.partitions[0])
	topic.apply(metadataOf("orders", 2, partitionMetadata{2, 0}))
	require.Equal(t, partitionMetadata{2, 0}, topic.partitions[0])
}

func TestMetadataIncomplete(t *testing.T) {
	topic := &topicMetadata{}
	topic.apply(metadataOf("orders", 1, partitionMetadata{1, 1}, partitionMetadata{kafka.NoBroker, 1}))
	require.True(t, topic.incomplete(), "a partition without a leader")
	gone := metadataOf("orders", 1)
	gone.ErrorCode = int16(wire.InvalidTopicException)
	topic.apply(gone)
	require.False(t, topic.incomplete(), "asking again would not help")
	require.Empty(t, topic.partitions)
	// Numbers that cannot be must not make it allocate.
	odd := metadataOf("orders", 1, partitionMetadata{1, 1})
	odd.Partitions[0].Partition = 1 << 30
	topic.apply(odd)
	require.Len(t, topic.partitions, 1)
}

func TestCommands(t *testing.T) {
	from := kafka.Offset(3)
	sums := map[uint64]string{}
	for _, c := range []model.Command{
		send(1, "a  "), send(2, "a"), &Close{}, &Subscribe{[]string{"t"}}, &Subscribe{[]string{"u"}},
		&Assign{Partitions: []kafka.TopicPartition{orders(0)}},
		&Assign{[]kafka.TopicPartition{orders(0)}, &from},
		&Seek{orders(0), 1}, &Seek{orders(0), 2}, &Pause{}, &Resume{},
		&CreateTopic{Name: "t", Partitions: 1, Replicas: 1}, &CreateTopic{Name: "t", Assignment: [][]int32{{1}}},
		&DeleteTopic{"t"},
	} {
		require.NotEmpty(t, c.String())
		require.NotContains(t, c.String(), "\n")
		require.Empty(t, sums[c.Sum()], c.String())
		sums[c.Sum()] = c.String()
	}
	require.Equal(t, `send orders/1 key="" value="a"`, send(1, "a  ").String())
	c := send(1, "a")
	require.Zero(t, testing.AllocsPerRun(100, func() { c.Sum() }))
}
