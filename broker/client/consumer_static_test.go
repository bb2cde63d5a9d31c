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

// A member of a sticky group tells what it had, and as the leader leaves it there: range would give 0 and 1 to
// member-0, which is new.
func TestStickyMember(t *testing.T) {
	w := consumerWorld(t, ConsumerConfig{
		Group: "g", Topics: []string{"orders"}, AutoOffsetReset: "earliest", Assignor: "sticky",
	})
	w.cluster.topic("orders", 3)
	w.Run(2 * time.Second)
	other := kmsg.NewJoinGroupResponseMember()
	other.MemberID, other.ProtocolMetadata = "member-0", encodeSubscription([]string{"orders"}, -1, nil)
	w.cluster.group.others = append(w.cluster.group.others, other)
	w.cluster.group.heartbeat = wire.RebalanceInProgress
	w.Run(4 * time.Second)
	joins := sent[*kmsg.JoinGroupRequest](w)
	var first, last groupMember
	first.decodeSubscription(joins[0].Protocols[0].Metadata)
	last.decodeSubscription(joins[len(joins)-1].Protocols[0].Metadata)
	require.Equal(t, int32(-1), first.hadIn)
	require.Equal(t, []kafka.TopicPartition{orders(0), orders(1), orders(2)}, last.had)
	require.Equal(t, int32(1), last.hadIn)
	require.Equal(t, []kafka.TopicPartition{orders(0), orders(1)}, w.consumer().View().Owned)
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
