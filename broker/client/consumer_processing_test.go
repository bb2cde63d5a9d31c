package client

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// told lists commits and processed records in the order in which they began and ended.
func (w *world) told() []string {
	var list []string
	for _, op := range w.ops {
		if op.F == kafka.FProcess || op.F == kafka.FCommit {
			list = append(list, fmt.Sprintf("%s %s %d", op.F, op.Type, op.Offsets[0].Offset))
		}
	}
	return list
}

// processingWorld has a consumer that needs 100 ms for each of the three records that are there.
func processingWorld(t *testing.T, cfg ConsumerConfig) *world {
	cfg.Group, cfg.Topics, cfg.AutoOffsetReset = "g", []string{"orders"}, "earliest"
	cfg.ProcessTime, cfg.RecordProcessing = 100*time.Millisecond, true
	w := consumerWorld(t, cfg)
	w.cluster.topic("orders", 1)[0].append("a", "b", "c")
	return w
}

func TestConsumerCommitsAfterProcessing(t *testing.T) {
	w := processingWorld(t, ConsumerConfig{CommitAfterPoll: true})
	w.Run(5 * time.Second)
	require.Equal(t, []string{
		"process invoke 0", "process ok 0", "process invoke 1", "process ok 1", "process invoke 2", "process ok 2",
		"commit invoke 3", "commit ok 3",
	}, w.told())
	notes := w.noted(kafka.RecordProcessed)
	require.Len(t, notes, 3)
	require.Equal(t, `record-processed orders-0 group=g offset=3`, notes[2].String())
	w.checkHistory()
}

func TestConsumerCommitsBeforeProcessing(t *testing.T) {
	w := processingWorld(t, ConsumerConfig{CommitBeforeProcessing: true})
	w.Run(5 * time.Second)
	require.Equal(t, []string{
		"commit invoke 3", "commit ok 3",
		"process invoke 0", "process ok 0", "process invoke 1", "process ok 1", "process invoke 2", "process ok 2",
	}, w.told())
	w.checkHistory()
}

// What could not be committed is left to whoever is given it next.
func TestConsumerDoesNotProcessWhatItCouldNotCommit(t *testing.T) {
	w := processingWorld(t, ConsumerConfig{CommitBeforeProcessing: true})
	w.cluster.before[8] = func(_ string, _ wire.Request) (answer, bool) {
		resp := kmsg.NewPtrOffsetCommitResponse()
		rt := kmsg.NewOffsetCommitResponseTopic()
		rt.Partitions = append(rt.Partitions,
			kmsg.OffsetCommitResponseTopicPartition{ErrorCode: int16(wire.OffsetMetadataTooLarge)})
		resp.Topics = append(resp.Topics, rt)
		return reply(resp), true
	}
	w.Run(3 * time.Second)
	require.Equal(t, []string{"commit invoke 3", "commit fail 3"}, w.told())
	delete(w.cluster.before, 8)
	w.cluster.topics["orders"][0].append("d")
	w.Run(3 * time.Second)
	require.Equal(t, []string{"commit invoke 4", "commit ok 4", "process invoke 3", "process ok 3"}, w.told()[2:])
}

// A consumer that is closed ends the records that it was handed, and commits them.
func TestConsumerEndsItsWorkWhenClosed(t *testing.T) {
	w := processingWorld(t, ConsumerConfig{CommitAfterPoll: true})
	for len(w.told()) == 0 {
		w.Run(10 * time.Millisecond)
	}
	w.command(&Close{})
	w.Run(50 * time.Millisecond)
	require.False(t, w.consumer().Closed())
	w.Run(time.Second)
	require.True(t, w.consumer().Closed())
	told := w.told()
	require.Equal(t, []string{"process ok 2", "commit invoke 3", "commit ok 3"}, told[len(told)-3:])
	w.checkHistory()
}
