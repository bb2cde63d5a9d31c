package wire

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

func TestPlaces(t *testing.T) {
	var p Places
	place := func(topic string, partition int32) [2]int {
		at, _ := p.Topic(topic)
		in, _ := p.Partition(kafka.TopicPartition{Topic: topic, Partition: partition})
		return [2]int{at, in}
	}
	require.Equal(t, [2]int{0, 0}, place("a", 7))
	require.Equal(t, [2]int{1, 0}, place("b", 7))
	require.Equal(t, [2]int{0, 1}, place("a", 3))
	require.Equal(t, [2]int{0, 0}, place("a", 7))
	p.Repeat(0)
	require.Equal(t, [2]int{0, 3}, place("a", 4))
	_, known := p.Topic("c")
	require.False(t, known)
}
