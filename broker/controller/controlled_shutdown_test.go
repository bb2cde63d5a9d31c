package controller

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/model/kafka"
)

// Broker 3 leads one partition, follows in another, is alone with the third, and is the only one in
// sync of the fourth.
func TestControlledShutdown(t *testing.T) {
	w, hosts := startCluster(t, 3)
	one := hosts[0]
	one.create("orders", []int32{3, 2, 1}, []int32{2, 3, 1}, []int32{3, 1, 2})
	one.create("alone", []int32{3})
	require.Equal(t, wire.None, one.alterISR(orders(2), 3))
	for _, h := range hosts {
		h.drain()
	}
	w.drainNotes()
	code, left := one.shutDown(3, one.c.cluster.broker(3).epoch)
	require.Equal(t, wire.None, code)
	require.Equal(t, 1, left, "orders-2; a partition with one replica does not count")
	w.requireState("orders", 0, znode.PartitionState{
		Leader: 2, LeaderEpoch: 1, ControllerEpoch: 1, ISR: ids{2, 1},
	})
	w.requireState("orders", 1, znode.PartitionState{
		Leader: 2, LeaderEpoch: 1, ControllerEpoch: 1, ISR: ids{2, 1},
	})
	w.requireState("orders", 2, znode.PartitionState{Leader: 3, ControllerEpoch: 1, ISR: ids{3}})
	w.requireState("alone", 0, znode.PartitionState{Leader: 3, ControllerEpoch: 1, ISR: ids{3}})
	require.Equal(t, []string{
		"LeaderAndIsr v7 controller 1 epoch 1: orders-0 leader 2 epoch 1 isr [2 1]",
		"UpdateMetadata v8 controller 1 epoch 1: brokers 1 2 3; " +
			"orders-0 leader 2 epoch 1 isr [2 1] offline [3]; orders-1 leader 2 epoch 1 isr [2 1] offline [3]",
		"StopReplica v4 controller 1 epoch 1: orders-1 epoch 1 delete false",
	}, hosts[2].drain())
	w.requireNotes([]string{
		"broker-1: shutdown-started broker=3",
		"broker-1: leader-elected orders-0 broker=2 epoch=1 isr=[2 1]",
	}, "shutdown-started", "leader-elected")

	// It does not come back into an ISR, leads nothing, and asks again in vain.
	require.Equal(t, wire.IneligibleReplica, one.alterISR(orders(0), 2, 1, 3))
	require.Equal(t, wire.PreferredLeaderNotAvailable, one.elect(int8(preferredLeader), orders(0)))
	require.Equal(t, wire.InvalidReplicaAssignment, one.reassign(orders(2), 1, 3, 2, 9))
	_, left = one.shutDown(3, one.c.cluster.broker(3).epoch)
	require.Equal(t, 1, left)

	// Only the next incarnation may.
	w.kill("broker-3")
	w.run(2 * sessionTimeout)
	w.host(3)
	w.run(2 * sessionTimeout)
	require.Equal(t, kafka.BrokerID(3), one.c.cluster.partition(orders(2)).state.Leader)
	require.Equal(t, wire.None, one.alterISR(orders(0), 2, 1, 3))
	require.Equal(t, wire.None, one.elect(int8(preferredLeader), orders(0)))
}

// Two brokers that stop do not hand their leaders to each other.
func TestControlledShutdownOfTwo(t *testing.T) {
	w, hosts := startCluster(t, 3)
	one := hosts[0]
	one.create("orders", []int32{3, 2, 1})
	one.create("pair", []int32{3, 2})
	_, left := one.shutDown(2, one.c.cluster.broker(2).epoch)
	require.Zero(t, left)
	_, left = one.shutDown(3, one.c.cluster.broker(3).epoch)
	require.Equal(t, 1, left)
	w.requireState("orders", 0, znode.PartitionState{
		Leader: 1, LeaderEpoch: 2, ControllerEpoch: 1, ISR: ids{1},
	})
}

func TestControlledShutdownRefused(t *testing.T) {
	w, hosts := startCluster(t, 2)
	code, _ := hosts[1].shutDown(2, 0)
	require.Equal(t, wire.NotController, code)
	code, _ = hosts[0].shutDown(9, -1)
	require.Equal(t, wire.BrokerNotAvailable, code)
	code, _ = hosts[0].shutDown(2, hosts[0].c.cluster.broker(2).epoch-1)
	require.Equal(t, wire.StaleBrokerEpoch, code)
	w.requireNotes(nil, "shutdown-started")
}
