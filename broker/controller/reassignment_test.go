package controller

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

func orders(number int32) kafka.TopicPartition {
	return kafka.TopicPartition{Topic: "orders", Partition: number}
}

func list(h *host, topics []kmsg.ListPartitionReassignmentsRequestTopic,
) *kmsg.ListPartitionReassignmentsResponse {
	req := kmsg.NewPtrListPartitionReassignmentsRequest()
	req.Topics = topics
	return h.call(func(out *model.Effects, reply Reply) {
		h.c.HandleListPartitionReassignments(out.At(h.w.now), req, reply)
	}).(*kmsg.ListPartitionReassignmentsResponse)
}

// From replicas 1, 2 to 3, 4: the table of KafkaController.onPartitionReassignment (3.9), with one
// epoch where Kafka takes one for each replica that leaves the ISR.
func TestReassignment(t *testing.T) {
	w, hosts := startCluster(t, 4)
	one := hosts[0]
	one.create("orders", []int32{2, 1})
	for _, h := range hosts {
		h.drain()
	}
	w.drainNotes()
	require.Equal(t, wire.None, one.reassign(orders(0), 3, 4))
	require.Equal(t, znode.Assignment{
		Replicas: ids{3, 4, 2, 1}, Adding: ids{3, 4}, Removing: ids{2, 1},
	}, one.assignment(orders(0)))
	begun := "LeaderAndIsr v7 controller 1 epoch 1: orders-0 leader 2 epoch 1 isr [2 1]"
	require.Equal(t, begun, hosts[1].drain()[0])
	require.Equal(t, begun+" new", hosts[2].drain()[0])
	listed := list(one, nil).Topics
	require.Len(t, listed, 1)
	require.Equal(t, []int32{3, 4}, listed[0].Partitions[0].AddingReplicas)
	require.Equal(t, []int32{2, 1}, listed[0].Partitions[0].RemovingReplicas)
	require.Empty(t, list(one, []kmsg.ListPartitionReassignmentsRequestTopic{{Topic: "other",
		Partitions: []int32{0}}}).Topics)

	require.Equal(t, wire.None, one.alterISR(orders(0), 2, 1, 3))
	require.NotEmpty(t, one.assignment(orders(0)).Adding) // one of two is not enough
	for _, h := range hosts {
		h.drain()
	}
	require.Equal(t, wire.None, one.alterISR(orders(0), 2, 1, 3, 4))
	require.Equal(t, znode.Assignment{Replicas: ids{3, 4}}, one.assignment(orders(0)))
	w.requireState("orders", 0, znode.PartitionState{
		Leader: 3, LeaderEpoch: 2, ControllerEpoch: 1, ISR: ids{3, 4},
	})
	got := hosts[1].drain()
	require.Equal(
		t,
		"StopReplica v4 controller 1 epoch 1: orders-0 epoch 2 delete true",
		got[len(got)-1],
	)
	got = hosts[3].drain()
	require.Contains(
		t,
		got,
		"LeaderAndIsr v7 controller 1 epoch 1: orders-0 leader 3 epoch 2 isr [3 4]",
	)
	require.Contains(t, got[len(got)-1], "UpdateMetadata")
	require.Empty(t, list(one, nil).Topics)
	w.requireNotes([]string{
		"broker-1: reassignment-started orders-0 replicas=[3 4 2 1]",
		"broker-1: reassignment-completed orders-0 replicas=[3 4]",
		"broker-1: leader-elected orders-0 broker=3 epoch=2 isr=[3 4]",
	}, "reassignment-started", "reassignment-completed", "leader-elected")
}

// Fewer replicas and another order need no copying: they are done at once.
func TestReassignmentWithoutNewReplicas(t *testing.T) {
	w, hosts := startCluster(t, 3)
	hosts[0].create("orders", []int32{2, 1, 3})
	require.Equal(t, wire.None, hosts[0].reassign(orders(0), 1, 2, 3))
	require.Equal(t, znode.Assignment{Replicas: ids{1, 2, 3}}, hosts[0].assignment(orders(0)))
	require.Equal(t, wire.None, hosts[0].reassign(orders(0), 3, 2))
	require.Equal(t, znode.Assignment{Replicas: ids{3, 2}}, hosts[0].assignment(orders(0)))
	w.requireState("orders", 0, znode.PartitionState{
		Leader: 2, LeaderEpoch: 3, ControllerEpoch: 1, ISR: ids{2, 3}, // the leader stays where it can
	})
}

// A leader that writes ISRs to ZooKeeper itself completes a reassignment too.
func TestReassignmentByNoticeOfIsrChange(t *testing.T) {
	w, hosts := startCluster(t, 3)
	hosts[0].create("orders", []int32{2})
	require.Equal(t, wire.None, hosts[0].reassign(orders(0), 3))
	w.changeISR(hosts[1], orders(0), znode.PartitionState{
		Leader: 2, LeaderEpoch: 1, ControllerEpoch: 1, ISR: ids{2, 3},
	})
	require.Equal(t, znode.Assignment{Replicas: ids{3}}, hosts[0].assignment(orders(0)))
}

// The new replica leads already when the move is cancelled: it leaves the ISR and deletes its log,
// and one that stays leads.
func TestCancelledReassignment(t *testing.T) {
	w, hosts := startCluster(t, 4)
	one := hosts[0]
	one.create("orders", []int32{1, 2})
	require.Equal(t, wire.NoReassignmentInProgress, one.reassign(orders(0)))
	require.Equal(t, wire.None, one.reassign(orders(0), 3, 4))
	require.Equal(t, wire.None, one.alterISR(orders(0), 1, 2, 3))
	require.Equal(t, wire.None, one.elect(int8(preferredLeader), orders(0)))
	hosts[2].drain()
	require.Equal(t, wire.None, one.reassign(orders(0)))
	require.Equal(t, znode.Assignment{Replicas: ids{1, 2}}, one.assignment(orders(0)))
	w.requireState("orders", 0, znode.PartitionState{
		Leader: 1, LeaderEpoch: 3, ControllerEpoch: 1, ISR: ids{1, 2},
	})
	got := hosts[2].drain()
	require.Equal(
		t,
		"StopReplica v4 controller 1 epoch 1: orders-0 epoch 3 delete true",
		got[len(got)-1],
	)
}

// Where only new replicas are in sync, a cancellation would delete the last whole copy.
func TestReassignmentKeepsTheLastInSync(t *testing.T) {
	_, hosts := startCluster(t, 4)
	one := hosts[0]
	one.create("orders", []int32{1, 2})
	require.Equal(t, wire.None, one.reassign(orders(0), 3, 4))
	require.Equal(t, wire.None, one.alterISR(orders(0), 1, 3))
	require.Equal(t, wire.None, one.elect(int8(preferredLeader), orders(0)))
	require.Equal(t, wire.None, one.alterISR(orders(0), 3))
	require.Equal(t, wire.InvalidReplicaAssignment, one.reassign(orders(0)))
	require.Equal(t, wire.InvalidReplicaAssignment, one.reassign(orders(0), 2, 4))
	require.Equal(t, ids{3, 4}, one.assignment(orders(0)).Adding)
	require.Equal(t, wire.None, one.reassign(orders(0), 3))
	require.Equal(t, znode.Assignment{Replicas: ids{3}}, one.assignment(orders(0)))
}

// The second move takes the place of the first; what only the first wanted is deleted.
func TestReassignmentChangesItsMind(t *testing.T) {
	w, hosts := startCluster(t, 4)
	one := hosts[0]
	one.create("orders", []int32{1})
	require.Equal(t, wire.None, one.reassign(orders(0), 2, 3))
	for _, h := range hosts {
		h.drain()
	}
	require.Equal(t, wire.None, one.reassign(orders(0), 3, 4))
	require.Equal(t, znode.Assignment{Replicas: ids{3, 4, 1}, Adding: ids{3, 4}, Removing: ids{1}},
		one.assignment(orders(0)))
	require.Contains(
		t,
		hosts[1].drain(),
		"StopReplica v4 controller 1 epoch 1: orders-0 epoch 2 delete true",
	)
	require.Equal(t, wire.None, one.alterISR(orders(0), 1, 3, 4))
	w.requireState("orders", 0, znode.PartitionState{
		Leader: 3, LeaderEpoch: 3, ControllerEpoch: 1, ISR: ids{3, 4},
	})
}

func TestReassignmentRefused(t *testing.T) {
	w, hosts := startCluster(t, 3)
	one := hosts[0]
	one.create("orders", []int32{1, 2})
	nowhere := kafka.TopicPartition{Topic: "nothing"}
	for _, tt := range []struct {
		tp       kafka.TopicPartition
		replicas []int32
		want     wire.Code
	}{
		{orders(0), []int32{}, wire.InvalidReplicaAssignment},
		{orders(0), []int32{1, 1}, wire.InvalidReplicaAssignment},
		{orders(0), []int32{-1}, wire.InvalidReplicaAssignment},
		{orders(0), []int32{1, 9}, wire.InvalidReplicaAssignment},
		{nowhere, []int32{9}, wire.InvalidReplicaAssignment},
		{nowhere, []int32{1}, wire.UnknownTopicOrPartition},
		{orders(1), []int32{1}, wire.UnknownTopicOrPartition},
		{nowhere, nil, wire.NoReassignmentInProgress},
	} {
		require.Equal(t, tt.want, one.reassign(tt.tp, tt.replicas...), "%s to %v", tt.tp, tt.replicas)
	}
	require.Equal(t, wire.NotController, hosts[1].reassign(orders(0), 3))
	require.Equal(t, wire.NotController, wire.Code(list(hosts[1], nil).ErrorCode))
	require.Equal(t, znode.Assignment{Replicas: ids{1, 2}}, one.assignment(orders(0)))

	// A replica that stays may be dead.
	w.kill("broker-2")
	w.run(2 * sessionTimeout)
	require.Equal(t, wire.None, one.reassign(orders(0), 2, 1, 3))
	require.Equal(t, ids{3}, one.assignment(orders(0)).Adding)
}

func TestReassignmentSurvivesItsController(t *testing.T) {
	w, hosts := startCluster(t, 4)
	hosts[0].create("orders", []int32{2, 1})
	require.Equal(t, wire.None, hosts[0].reassign(orders(0), 3, 4))
	w.kill("broker-1")
	w.run(2 * sessionTimeout)
	next := w.active()
	require.Len(t, list(next, nil).Topics, 1)
	require.Equal(t, wire.None, next.alterISR(orders(0), 2, 3, 4))
	require.Equal(t, znode.Assignment{Replicas: ids{3, 4}}, next.assignment(orders(0)))
	w.requireState("orders", 0, znode.PartitionState{
		Leader: 3, LeaderEpoch: next.c.cluster.partition(orders(0)).state.LeaderEpoch, ControllerEpoch: 2,
		ISR: ids{3, 4},
	})
}

// The controller dies when the state is written and the topic's node is not: the next one sees that
// all new replicas are in sync, and ends it.
func TestReassignmentIsCompletedByTheNextController(t *testing.T) {
	w, hosts := startCluster(t, 3)
	hosts[0].create("orders", []int32{2})
	require.Equal(t, wire.None, hosts[0].reassign(orders(0), 3))
	w.set(hosts[0], znode.PartitionStatePath(orders(0)), znode.EncodePartitionState(
		znode.PartitionState{Leader: 3, LeaderEpoch: 2, ControllerEpoch: 1, ISR: ids{3}}))
	w.kill("broker-1")
	w.run(2 * sessionTimeout)
	next := w.active()
	require.Equal(t, znode.Assignment{Replicas: ids{3}}, next.assignment(orders(0)))
	require.Contains(
		t,
		hosts[1].drain()[3:],
		"StopReplica v4 controller 2 epoch 2: orders-0 epoch 3 delete true",
	)
}

func TestReassignmentGoesOnWhenItsBrokerIsBack(t *testing.T) {
	w, hosts := startCluster(t, 3)
	hosts[0].create("orders", []int32{1, 2})
	require.Equal(t, wire.None, hosts[0].reassign(orders(0), 3))
	w.set(hosts[0], znode.PartitionStatePath(orders(0)), znode.EncodePartitionState(
		znode.PartitionState{Leader: 1, LeaderEpoch: 1, ControllerEpoch: 1, ISR: ids{1, 2, 3}}))
	w.kill("broker-3")
	w.run(2 * sessionTimeout)
	require.NotEmpty(t, hosts[0].assignment(orders(0)).Adding)
	require.Equal(t, ids{1, 2}, hosts[0].c.cluster.partition(orders(0)).state.ISR)
	back := w.host(3)
	w.run(1000 * latency)
	require.Contains(t, back.drain()[1], "orders-0 leader 1")
	require.Equal(t, wire.None, hosts[0].alterISR(orders(0), 1, 2, 3))
	require.Equal(t, znode.Assignment{Replicas: ids{3}}, hosts[0].assignment(orders(0)))
}
