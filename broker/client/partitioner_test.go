package client

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// The vectors of Kafka's UtilsTest.testMurmur2.
func TestMurmur2(t *testing.T) {
	for key, want := range map[string]int32{
		"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536,
		"a-little-bit-longer-string": -1486304829, "abc": 479470107,
		"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
	} {
		require.Equal(t, want, murmur2([]byte(key)), key)
	}
	require.Equal(t, int32((-973932308&0x7fffffff)%7), PartitionForKey([]byte("21"), 7))
}

func stickyTopic(n int) *producerTopic {
	t := &producerTopic{sticky: stickyPartition{current: -1}}
	for i := range n {
		t.queues = append(t.queues, &partitionQueue{
			tp: kafka.TopicPartition{Topic: "orders", Partition: int32(i)}, led: true,
		})
	}
	return t
}

// A partition is kept for batch.size bytes; while its batch is open, for up to twice as many.
func TestStickyPartitionKeepsToBatches(t *testing.T) {
	r := model.NewRand(1, "sticky")
	topic := stickyTopic(50)
	first := topic.sticky.choose(r, topic, 1000)
	for range 9 {
		topic.sticky.produced(r, topic, 100, 1000)
		require.Equal(t, first, topic.sticky.choose(r, topic, 1000))
	}
	topic.sticky.produced(r, topic, 100, 1000)
	second := topic.sticky.choose(r, topic, 1000)
	require.NotEqual(t, first, second)

	open := &producerBatch{q: topic.queues[second], limit: 1000}
	topic.queues[second].batches = []*producerBatch{open}
	for range 19 {
		topic.sticky.produced(r, topic, 100, 1000)
		require.Equal(t, second, topic.sticky.choose(r, topic, 1000), "an open batch holds it")
	}
	open.closed = true
	require.NotEqual(t, second, topic.sticky.choose(r, topic, 1000), "its end releases it")
}

func TestStickyPartitionAvoidsTheLeaderlessAndTheBusy(t *testing.T) {
	r := model.NewRand(1, "sticky")
	topic := stickyTopic(3)
	topic.queues[0].led = false
	for range 19 {
		topic.queues[1].batches = append(topic.queues[1].batches, &producerBatch{closed: true})
	}
	count := [3]int{}
	for range 2100 {
		topic.sticky.draw(r, topic)
		count[topic.sticky.current]++
	}
	require.Zero(t, count[0])
	require.InDelta(t, 100, count[1], 50, "weight 1 of 21")
	for _, q := range topic.queues {
		q.led = false
	}
	topic.sticky.draw(r, topic)
	require.Less(t, topic.sticky.current, int32(3))
}
