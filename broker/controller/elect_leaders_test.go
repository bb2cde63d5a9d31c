package controller

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

func TestPreferredElection(t *testing.T) {
	w, hosts := startCluster(t, 3)
	one := hosts[0]
	one.create("orders", []int32{2, 3})
	require.Equal(t, wire.ElectionNotNeeded, one.elect(int8(preferredLeader), orders(0)))
	w.kill("broker-2")
	w.run(2 * sessionTimeout)
	require.Equal(t, wire.PreferredLeaderNotAvailable, one.elect(int8(preferredLeader), orders(0)))
	w.host(2)
	w.run(time.Second)
	require.Equal(t, wire.PreferredLeaderNotAvailable, one.elect(int8(preferredLeader), orders(0)),
		"alive, but not in sync")
	require.Equal(t, wire.None, one.alterISR(orders(0), 3, 2))
	hosts[2].drain()
	w.drainNotes()
	require.Equal(t, wire.None, one.elect(int8(preferredLeader), orders(0)))
	w.requireState("orders", 0, znode.PartitionState{
		Leader: 2, LeaderEpoch: 2, ControllerEpoch: 1, ISR: ids{3, 2},
	})
	require.Equal(t, "LeaderAndIsr v7 controller 1 epoch 1: orders-0 leader 2 epoch 2 isr [3 2]",
		hosts[2].drain()[0])
	w.requireNotes(
		[]string{"broker-1: leader-elected orders-0 broker=2 epoch=2 isr=[3 2]"},
		"leader-elected",
	)
}

func TestUncleanElectionOnRequest(t *testing.T) {
	w, hosts := startCluster(t, 3)
	one := hosts[0]
	one.create("orders", []int32{3, 2})
	require.Equal(t, wire.None, one.alterISR(orders(0), 3))
	require.Equal(t, wire.ElectionNotNeeded, one.elect(int8(uncleanLeader), orders(0)))
	w.kill("broker-3")
	w.run(2 * sessionTimeout)
	w.drainNotes()
	require.Equal(t, wire.PreferredLeaderNotAvailable, one.elect(int8(preferredLeader), orders(0)))
	require.Equal(t, wire.None, one.elect(int8(uncleanLeader), orders(0)))
	w.requireState("orders", 0, znode.PartitionState{
		Leader: 2, LeaderEpoch: 2, ControllerEpoch: 1, ISR: ids{2}, Recovering: true,
	})
	w.requireNotes([]string{
		"broker-1: leader-elected orders-0 broker=2 epoch=2 isr=[2]",
		"broker-1: unclean-leader-elected orders-0 broker=2 epoch=2",
	}, "leader-elected", "unclean-leader-elected")
	w.kill("broker-2")
	w.run(2 * sessionTimeout)
	require.Equal(t, wire.EligibleLeadersNotAvailable, one.elect(int8(uncleanLeader), orders(0)))
}

func TestElectionRefused(t *testing.T) {
	w, hosts := startCluster(t, 3)
	one := hosts[0]
	one.create("orders", []int32{3, 2})
	require.Equal(t, wire.UnknownTopicOrPartition, one.elect(int8(preferredLeader), orders(7)))
	require.Equal(t, wire.NotController, hosts[1].elect(int8(preferredLeader), orders(0)))
	require.Equal(t, wire.InvalidRequest, one.elect(2, orders(0)))
	hosts[2].deaf = true
	one.remove("orders")
	require.Equal(t, wire.InvalidTopicException, one.elect(int8(preferredLeader), orders(0)))
	data := znode.EncodeTopic(znode.Topic{Partitions: []znode.Assignment{{Replicas: ids{9}}}})
	w.do(one, func(out *model.Effects) {
		one.session.Create(out.At(w.now), znode.TopicPath("new"), data, zookeeper.Persistent,
			func(*model.Effects, zookeeper.Result) {})
	})
	w.run(time.Second)
	fresh := kafka.TopicPartition{Topic: "new"}
	require.Equal(t, wire.PreferredLeaderNotAvailable, one.elect(int8(preferredLeader), fresh))
	require.Equal(t, wire.EligibleLeadersNotAvailable, one.elect(int8(uncleanLeader), fresh))
}

// Whoever names no partition means all, and hears of those that had need of an election.
func TestElectionOfAll(t *testing.T) {
	_, hosts := startCluster(t, 3)
	one := hosts[0]
	one.create("orders", []int32{2, 3}, []int32{3, 2}, []int32{1, 2})
	prefer(one, orders(1), 2, false)
	resp := one.call(func(out *model.Effects, reply Reply) {
		one.c.HandleElectLeaders(out.At(one.w.now), kmsg.NewPtrElectLeadersRequest(), reply)
	}).(*kmsg.ElectLeadersResponse)
	require.Len(t, resp.Topics, 1)
	require.Len(t, resp.Topics[0].Partitions, 1)
	require.EqualValues(t, 1, resp.Topics[0].Partitions[0].Partition)
	require.Zero(t, resp.Topics[0].Partitions[0].ErrorCode)
	require.Equal(t, kafka.BrokerID(3), one.c.cluster.partition(orders(1)).state.Leader)

	resp = one.call(func(out *model.Effects, reply Reply) {
		req := kmsg.NewPtrElectLeadersRequest()
		req.Topics = []kmsg.ElectLeadersRequestTopic{}
		one.c.HandleElectLeaders(out.At(one.w.now), req, reply)
	}).(*kmsg.ElectLeadersResponse)
	require.Empty(t, resp.Topics, "an empty list names none")
}

func prefer(h *host, tp kafka.TopicPartition, id kafka.BrokerID, unclean bool) {
	h.w.do(h, func(out *model.Effects) {
		require.True(h.w.t, h.c.OnCommand(out.At(h.w.now), &Prefer{tp, id, unclean}))
	})
	h.w.run(100 * time.Millisecond)
}

// Of ten partitions that prefer broker 2, the controller gives back those that it does not lead
// when these are more than a tenth.
func TestRebalance(t *testing.T) {
	w, hosts := startCluster(t, 3)
	one := hosts[0]
	one.c.rebalance.interval, one.c.rebalance.percentage = 300*time.Second, 10
	w.do(one, func(out *model.Effects) { one.c.rebalance.arm(out.At(w.now), 300*time.Second) })
	var assignment [][]int32
	for range 10 {
		assignment = append(assignment, []int32{2, 3})
	}
	one.create("orders", assignment...)
	leads := func() int {
		n := 0
		for _, p := range one.c.cluster.topics["orders"].partitions {
			if p.state.Leader == 2 {
				n++
			}
		}
		return n
	}
	prefer(one, orders(4), 3, false)
	require.Equal(t, 9, leads())
	w.run(310 * time.Second)
	require.Equal(t, 9, leads(), "one of ten is a tenth, and not more")
	prefer(one, orders(5), 3, false)
	prefer(one, orders(6), 3, false)
	require.Equal(t, wire.None, one.alterISR(orders(6), 3))
	require.Equal(t, 7, leads())
	w.run(300 * time.Second)
	require.Equal(t, 9, leads(), "all but the one whose preferred leader is not in sync")
}

// A newly elected controller looks after five seconds, and then at its interval.
func TestRebalanceStartsWithTheController(t *testing.T) {
	w, hosts := startCluster(t, 3)
	for _, h := range hosts {
		h.c.rebalance.interval, h.c.rebalance.percentage = 300*time.Second, 10
	}
	hosts[0].create("orders", []int32{2, 3})
	prefer(hosts[0], orders(0), 3, false)
	w.kill("broker-1")
	w.run(sessionTimeout + 2*time.Second)
	next := w.active()
	require.Equal(t, kafka.BrokerID(3), next.c.cluster.partition(orders(0)).state.Leader)
	w.run(6 * time.Second)
	require.Equal(t, kafka.BrokerID(2), next.c.cluster.partition(orders(0)).state.Leader)
}

// Tools older than KIP-460 write a node, and wait until it is gone.
func TestPreferredElectionByNode(t *testing.T) {
	w, hosts := startCluster(t, 3)
	hosts[0].create("orders", []int32{2, 3}, []int32{2, 3})
	write := func(data string) {
		w.do(hosts[1], func(out *model.Effects) {
			hosts[1].session.Create(
				out.At(w.now),
				znode.PreferredElectionPath,
				[]byte(data),
				zookeeper.Persistent,
				func(_ *model.Effects, r zookeeper.Result) {
					require.Equal(t, zookeeper.ErrNone, r.Err)
				},
			)
		})
		w.run(time.Second)
	}
	leader := func(h *host, n int32) kafka.BrokerID { return h.c.cluster.partition(orders(n)).state.Leader }
	prefer(hosts[0], orders(0), 3, false)
	prefer(hosts[0], orders(1), 3, false)
	write("nonsense")
	write(
		`{"version":1,"partitions":[{"topic":"orders","partition":1},{"topic":"other","partition":0},` +
			`{"topic":"orders","partition":1}]}`,
	)
	require.Equal(t, kafka.BrokerID(3), leader(hosts[0], 0))
	require.Equal(t, kafka.BrokerID(2), leader(hosts[0], 1))
	require.NotContains(t, w.children(hosts[1], "/admin"), "preferred_replica_election")

	w.kill("broker-1")
	write(`{"version":1,"partitions":[{"topic":"orders","partition":0}]}`)
	w.run(2 * sessionTimeout) // the next controller finds it
	require.Equal(t, kafka.BrokerID(2), leader(w.active(), 0))
	require.NotContains(t, w.children(hosts[1], "/admin"), "preferred_replica_election")
}

func TestPreferAndForbid(t *testing.T) {
	w, hosts := startCluster(t, 3)
	one := hosts[0]
	one.create("orders", []int32{2, 3, 1})
	prefer(one, orders(0), 3, false)
	require.Equal(t, kafka.BrokerID(3), one.c.cluster.partition(orders(0)).state.Leader)
	require.Equal(t, wire.None, one.alterISR(orders(0), 3, 2))
	prefer(one, orders(0), 1, false)
	require.Equal(
		t,
		kafka.BrokerID(3),
		one.c.cluster.partition(orders(0)).state.Leader,
		"1 is not in sync",
	)

	forbid := &Forbid{TP: orders(0), Broker: 2}
	w.do(one, func(out *model.Effects) { one.c.OnCommand(out.At(w.now), forbid) })
	require.Equal(t, wire.PreferredLeaderNotAvailable, one.elect(int8(preferredLeader), orders(0)))
	w.kill("broker-3")
	w.run(2 * sessionTimeout)
	require.Equal(t, kafka.NoBroker, one.c.cluster.partition(orders(0)).state.Leader)
	w.drainNotes()
	prefer(one, orders(0), 1, true)
	w.requireNotes([]string{
		"broker-1: leader-elected orders-0 broker=1 epoch=3 isr=[1]",
		"broker-1: unclean-leader-elected orders-0 broker=1 epoch=3",
	}, "leader-elected", "unclean-leader-elected")
	forbid.Lift = true
	w.do(one, func(out *model.Effects) { one.c.OnCommand(out.At(w.now), forbid) })
	require.Equal(t, wire.None, one.alterISR(orders(0), 1, 2))
	require.Equal(t, wire.None, one.elect(int8(preferredLeader), orders(0)))
}
