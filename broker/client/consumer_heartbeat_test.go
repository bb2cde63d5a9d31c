package client

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// A consumer that joins again while a Heartbeat is out goes on with heartbeats in the new
// generation, although the answer to that one is for the generation before and is dropped.
func TestHeartbeatsGoOnAfterARejoin(t *testing.T) {
	w := consumerWorld(t, ConsumerConfig{
		Group: "g", Topics: []string{"orders"}, AutoOffsetReset: "earliest", CommitAfterPoll: true,
		HeartbeatInterval: time.Second,
	})
	log := w.cluster.topic("orders", 1)[0]
	w.Run(2 * time.Second)
	beats := 0
	w.cluster.before[12] = func(_ string, _ wire.Request) (answer, bool) {
		beats++
		slow := reply(kmsg.NewPtrHeartbeatResponse())
		slow.delay = time.Second
		return slow, beats == 1
	}
	for beats == 0 {
		w.Run(10 * time.Millisecond)
	}
	w.consumer().group.rejoin = true // as the answer to a commit says
	log.append("a")
	w.Run(8 * time.Second)
	require.Len(t, w.noted(kafka.PartitionsAssigned), 2)
	require.Greater(t, beats, 3)
}
