package client

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

// moves lists where the history says that positions were moved to, as "seek orders-0@1".
func (w *world) moves() []string {
	var list []string
	for _, op := range w.ops {
		if (op.F == kafka.FSeek || op.F == kafka.FReset) && op.Type == kafka.OK {
			text := fmt.Sprintf("%s %s@%d", op.F, op.Offsets[0].Key, op.Offsets[0].Offset)
			if op.Why != "" {
				text += " " + op.Why
			}
			list = append(list, text)
		}
	}
	return list
}

// Whatever moves a position is in the history, with where it went; what only stops it is not, and
// neither is where an assignment begins.
func TestMovesAreInTheHistory(t *testing.T) {
	w := consumerWorld(t, ConsumerConfig{
		Assign: []kafka.TopicPartition{orders(0)}, AutoOffsetReset: "earliest",
	})
	log := w.cluster.topic("orders", 1)[0]
	for i := range 5 {
		log.append(fmt.Sprint("v", i))
	}
	w.Run(time.Second)
	require.Empty(t, w.moves(), "an assignment begins where it begins")
	w.command(&Pause{})
	w.command(&Resume{})
	w.Run(time.Second)
	require.Empty(t, w.moves(), "a pause moves nothing")
	w.command(&Seek{TP: orders(0), Offset: 1})
	w.Run(time.Second)
	w.command(&Seek{TP: orders(0), Offset: LatestOffset})
	w.Run(time.Second)
	log.batches, log.start = log.batches[3:], 3
	w.command(&Seek{TP: orders(0), Offset: 2})
	w.Run(time.Second)
	require.Equal(t, []string{
		"seek orders-0@1", "seek orders-0@5", "seek orders-0@2", "reset orders-0@3 OFFSET_OUT_OF_RANGE",
	}, w.moves())
	w.checkHistory()
}

// What is assigned again begins anew, which moves it; what is assigned first does not.
func TestAssignmentsMoveWhatWasThere(t *testing.T) {
	w := consumerWorld(t, ConsumerConfig{
		Assign: []kafka.TopicPartition{orders(0)}, AutoOffsetReset: "earliest",
	})
	logs := w.cluster.topic("orders", 2)
	for i := range 5 {
		logs[0].append(fmt.Sprint("v", i))
		logs[1].append(fmt.Sprint("w", i))
	}
	w.Run(time.Second)
	from := kafka.Offset(2)
	w.command(&Assign{Partitions: []kafka.TopicPartition{orders(0), orders(1)}, From: &from})
	w.Run(time.Second)
	w.command(&Assign{Partitions: []kafka.TopicPartition{orders(0)}})
	w.Run(time.Second)
	require.Equal(t, []string{"seek orders-0@2", "seek orders-0@0"}, w.moves())
}

// A group without a committed offset begins where auto.offset.reset says, which may be late.
func TestGroupsBeginningIsInTheHistory(t *testing.T) {
	w := consumerWorld(t, ConsumerConfig{
		Group: "g", Topics: []string{"orders"}, AutoOffsetReset: "latest",
	})
	log := w.cluster.topic("orders", 1)[0]
	log.append("v0")
	w.Run(10 * time.Second)
	require.Equal(t, []string{"reset orders-0@1 NO_OFFSET_FOR_PARTITION"}, w.moves())
}
