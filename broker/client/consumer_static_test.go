package client

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// A static member says who it is in every request of its group, and leaves it to its session when it closes
// (KIP-345).
func TestStaticMember(t *testing.T) {
	w := consumerWorld(t, ConsumerConfig{
		Group: "g", Instance: "billing-1", Topics: []string{"orders"}, AutoOffsetReset: "earliest",
		CommitAfterPoll: true,
	})
	w.cluster.topic("orders", 1)[0].append("a")
	w.Run(8 * time.Second)
	for _, r := range sent[*kmsg.JoinGroupRequest](w) {
		require.Equal(t, "billing-1", *r.InstanceID)
	}
	syncs, beats := sent[*kmsg.SyncGroupRequest](w), sent[*kmsg.HeartbeatRequest](w)
	commits := sent[*kmsg.OffsetCommitRequest](w)
	require.True(t, len(syncs) > 0 && len(beats) > 0 && len(commits) > 0)
	require.Equal(t, "billing-1", *syncs[0].InstanceID)
	require.Equal(t, "billing-1", *beats[0].InstanceID)
	require.Equal(t, "billing-1", *commits[0].InstanceID)
	w.Command(clientNode, &Close{})
	w.Run(2 * time.Second)
	require.True(t, w.consumer().Closed())
	require.Empty(t, sent[*kmsg.LeaveGroupRequest](w))
}

// Another consumer with its instance id ends a static member for good.
func TestStaticMemberIsFenced(t *testing.T) {
	w := consumerWorld(t, ConsumerConfig{
		Group: "g", Instance: "billing-1", Topics: []string{"orders"}, AutoOffsetReset: "earliest",
	})
	w.cluster.topic("orders", 1)
	w.Run(2 * time.Second)
	w.cluster.group.heartbeat = wire.FencedInstanceID
	w.Run(8 * time.Second)
	require.Equal(t, wire.FencedInstanceID, w.consumer().Failed())
}

// A partition that is paused is not fetched, and what was fetched of it before is not delivered; the other is read on.
func TestPausedPartition(t *testing.T) {
	w := consumerWorld(t, ConsumerConfig{
		Assign: []kafka.TopicPartition{orders(0), orders(1)}, AutoOffsetReset: "earliest",
	})
	log := w.cluster.topic("orders", 2)
	w.Run(2 * time.Second)
	w.Command(clientNode, &PausePartition{TP: orders(0)})
	log[0].append("kept")
	log[1].append("read")
	w.Run(5 * time.Second)
	require.Equal(t, []string{"orders-1@0=read"}, w.read())
	w.Command(clientNode, &ResumePartition{TP: orders(0)})
	w.Run(5 * time.Second)
	require.ElementsMatch(t, []string{"orders-0@0=kept", "orders-1@0=read"}, w.read())
}
