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

func TestFirstBrokerBecomesController(t *testing.T) {
	w := newWorld(t)
	w.zookeeper()
	one := w.host(1)
	w.run(time.Second)
	require.True(t, one.c.Active())
	require.Equal(t, kafka.Epoch(1), one.c.Epoch())
	two := w.host(2)
	w.run(time.Second)
	require.False(t, two.c.Active())
	require.Equal(t, kafka.BrokerID(1), two.c.ControllerID())
	require.Equal(t, []string{
		"UpdateMetadata v8 controller 1 epoch 1: brokers 1",
		"UpdateMetadata v8 controller 1 epoch 1: brokers 1 2",
	}, one.drain())
	require.Equal(t, []string{"UpdateMetadata v8 controller 1 epoch 1: brokers 1 2"}, two.drain())
	w.requireNotes([]string{"broker-1: controller-elected broker=1 epoch=1"}, "controller-elected")
}

func TestCreateTopic(t *testing.T) {
	w, hosts := startCluster(t, 3)
	resp := hosts[0].create("orders", []int32{2, 3}, []int32{3, 1})
	require.Equal(t, wire.None, wire.Code(resp.Topics[0].ErrorCode))
	require.NotZero(t, resp.Topics[0].TopicID)
	require.Equal(t, int32(2), resp.Topics[0].NumPartitions)
	require.Equal(t, int16(2), resp.Topics[0].ReplicationFactor)
	metadata := "UpdateMetadata v8 controller 1 epoch 1: brokers 1 2 3; " +
		"orders-0 leader 2 epoch 0 isr [2 3] offline []; orders-1 leader 3 epoch 0 isr [3 1] offline []"
	require.Equal(t, []string{
		"LeaderAndIsr v7 controller 1 epoch 1: orders-1 leader 3 epoch 0 isr [3 1] new", metadata,
	}, hosts[0].drain())
	require.Equal(t, []string{
		"LeaderAndIsr v7 controller 1 epoch 1: orders-0 leader 2 epoch 0 isr [2 3] new", metadata,
	}, hosts[1].drain())
	w.requireNotes([]string{
		"broker-1: topic-created orders-0 (2 partitions: 0=[2 3] 1=[3 1])",
		"broker-1: leader-elected orders-0 broker=2 epoch=0 isr=[2 3]",
		"broker-1: leader-elected orders-1 broker=3 epoch=0 isr=[3 1]",
	}, "topic-created", "leader-elected")

	again := hosts[0].create("orders", []int32{1})
	require.Equal(t, wire.TopicAlreadyExists, wire.Code(again.Topics[0].ErrorCode))
	elsewhere := hosts[1].create("payments", []int32{1})
	require.Equal(t, wire.NotController, wire.Code(elsewhere.Topics[0].ErrorCode))
}

func TestCreationTimesOutWhenABrokerDoesNotAnswer(t *testing.T) {
	_, hosts := startCluster(t, 2)
	hosts[1].deaf = true
	resp := hosts[0].create("orders", []int32{2, 1})
	require.Equal(t, wire.RequestTimedOut, wire.Code(resp.Topics[0].ErrorCode))
	require.NotZero(t, resp.Topics[0].TopicID, "it is created, only not led yet")
}

func TestRequestsAreSentAgainUntilAnswered(t *testing.T) {
	w, hosts := startCluster(t, 2)
	hosts[0].c.queues.timeout = 300 * time.Millisecond
	hosts[1].deaf = true
	hosts[0].create("orders", []int32{2})
	require.Empty(t, hosts[1].drain())
	hosts[1].deaf = false
	w.run(2 * time.Second)
	require.Equal(t, []string{
		"LeaderAndIsr v7 controller 1 epoch 1: orders-0 leader 2 epoch 0 isr [2] new",
		"UpdateMetadata v8 controller 1 epoch 1: brokers 1 2; " +
			"orders-0 leader 2 epoch 0 isr [2] offline []",
	}, hosts[1].drain())
}

func TestLeaderDies(t *testing.T) {
	w, hosts := startCluster(t, 4)
	hosts[0].create("lonely", []int32{4})
	hosts[0].create("orders", []int32{4, 2, 3}, []int32{2, 4, 3})
	for _, h := range hosts {
		h.drain()
	}
	w.drainNotes()
	w.kill("broker-4")
	w.run(2 * sessionTimeout)
	w.requireNotes([]string{
		"broker-1: broker-unregistered broker=4",
		"broker-1: partition-offline lonely-0 epoch=0 isr=[4]",
		"broker-1: leader-elected orders-0 broker=2 epoch=1 isr=[2 3]",
	}, "broker-unregistered", "partition-offline", "leader-elected")
	// The election moved orders-0 to epoch 1. That orders-1 lost a follower raises its epoch too;
	// lonely-0 keeps its only in-sync replica, without a leader.
	leaderAndIsr := "LeaderAndIsr v7 controller 1 epoch 1: " +
		"orders-0 leader 2 epoch 1 isr [2 3] orders-1 leader 2 epoch 1 isr [2 3]"
	metadata := "UpdateMetadata v8 controller 1 epoch 1: brokers 1 2 3; " +
		"lonely-0 leader -1 epoch 1 isr [4] offline [4]; " +
		"orders-0 leader 2 epoch 1 isr [2 3] offline [4]; " +
		"orders-1 leader 2 epoch 1 isr [2 3] offline [4]"
	require.Equal(t, []string{metadata}, hosts[0].drain())
	require.Equal(t, []string{leaderAndIsr, metadata}, hosts[1].drain())
	require.Equal(t, []string{leaderAndIsr, metadata}, hosts[2].drain())
	w.requireState("lonely", 0, znode.PartitionState{
		Leader: kafka.NoBroker, LeaderEpoch: 1, ControllerEpoch: 1, ISR: ids{4},
	})

	// It comes back: not in the ISR of orders-0 and orders-1, leader again of lonely-0.
	back := w.host(4)
	w.run(time.Second)
	require.Equal(t, []string{
		"UpdateMetadata v8 controller 1 epoch 1: brokers 1 2 3 4; " +
			"lonely-0 leader -1 epoch 1 isr [4] offline []; " +
			"orders-0 leader 2 epoch 1 isr [2 3] offline []; " +
			"orders-1 leader 2 epoch 1 isr [2 3] offline []",
		"LeaderAndIsr v7 controller 1 epoch 1: lonely-0 leader 4 epoch 2 isr [4] " +
			"orders-0 leader 2 epoch 1 isr [2 3] orders-1 leader 2 epoch 1 isr [2 3]",
		"UpdateMetadata v8 controller 1 epoch 1: brokers 1 2 3 4; " +
			"lonely-0 leader 4 epoch 2 isr [4] offline []; " +
			"orders-0 leader 2 epoch 1 isr [2 3] offline []; " +
			"orders-1 leader 2 epoch 1 isr [2 3] offline []",
	}, back.drain())
}

func TestUncleanElectionIfTheTopicAllowsIt(t *testing.T) {
	w, hosts := startCluster(t, 3)
	hosts[0].create("orders", []int32{3, 2})
	w.set(hosts[0], znode.TopicConfigPath("orders"),
		znode.EncodeConfig(map[string]string{"unclean.leader.election.enable": "true"}))
	w.set(hosts[0], znode.PartitionStatePath(kafka.TopicPartition{Topic: "orders"}),
		znode.EncodePartitionState(znode.PartitionState{Leader: 3, ControllerEpoch: 1, ISR: ids{3}}))
	w.kill("broker-3")
	w.run(2 * sessionTimeout)
	w.requireState("orders", 0, znode.PartitionState{
		Leader: 2, LeaderEpoch: 1, ControllerEpoch: 1, ISR: ids{2}, Recovering: true,
	})
}

func TestNextControllerTakesOver(t *testing.T) {
	w, hosts := startCluster(t, 3)
	hosts[0].create("orders", []int32{1, 2, 3})
	for _, h := range hosts {
		h.drain()
	}
	w.drainNotes()
	w.kill("broker-1")
	w.run(2 * sessionTimeout)
	require.True(t, hosts[1].c.Active() != hosts[2].c.Active())
	next := hosts[1]
	if hosts[2].c.Active() {
		next = hosts[2]
	}
	require.Equal(t, kafka.Epoch(2), next.c.Epoch())
	require.Equal(t, next.id, hosts[1].c.ControllerID())
	// First the dead leader leaves the ISR, then another is elected: two epochs, as in Kafka.
	w.requireState("orders", 0, znode.PartitionState{
		Leader: 2, LeaderEpoch: 2, ControllerEpoch: 2, ISR: ids{2, 3},
	})
	for _, h := range hosts[1:] {
		got := h.drain()
		require.Len(t, got, 3)
		require.Contains(t, got[0], "epoch 2: brokers 2 3")
		require.Contains(t, got[1], "epoch 2: orders-0 leader 2 epoch 2 isr [2 3]")
		require.Contains(t, got[2], "orders-0 leader 2 epoch 2 isr [2 3] offline [1]")
	}
}

// A controller that was cut off from ZooKeeper for longer than its session still believes in
// itself. Its requests are refused by brokers that know the new one, and its writes would fail.
func TestZombieController(t *testing.T) {
	w, hosts := startCluster(t, 3)
	hosts[0].create("orders", []int32{2, 3})
	// Somebody else is elected behind its back: the epoch moves on.
	w.set(hosts[0], znode.ControllerEpochPath, znode.EncodeControllerEpoch(2))
	require.True(t, hosts[0].c.Active())
	w.drainNotes()
	w.kill("broker-2")
	w.run(2 * sessionTimeout)
	require.Contains(t, w.drainNotes("controller-resigned"),
		"broker-1: controller-resigned broker=1 epoch=1 (another controller was elected)")
}

// A broker that has seen a controller epoch far ahead refuses every controller. That
// makes none of them resign, which would go on for ever: only ZooKeeper says who is controller.
func TestABrokerThatRefusesDoesNotDeposeTheController(t *testing.T) {
	w, hosts := startCluster(t, 3)
	hosts[1].epoch = 1000
	hosts[0].create("orders", []int32{2, 3})
	require.True(t, hosts[0].c.Active())
	w.requireNotes(nil, "controller-resigned", "controller-elected")
	hosts[2].drain()
	w.kill("broker-2")
	w.run(2 * sessionTimeout)
	require.Contains(t, hosts[2].drain()[0], "orders-0 leader 3 epoch 1 isr [3]")
}

func TestIsrChangeIsSpread(t *testing.T) {
	w, hosts := startCluster(t, 2)
	hosts[0].create("orders", []int32{2, 1})
	for _, h := range hosts {
		h.drain()
	}
	tp := kafka.TopicPartition{Topic: "orders"}
	w.set(hosts[1], znode.PartitionStatePath(tp), znode.EncodePartitionState(
		znode.PartitionState{Leader: 2, ControllerEpoch: 1, ISR: ids{2}}))
	w.do(hosts[1], func(out *model.Effects) {
		hosts[1].session.Create(out.At(w.now), znode.IsrChangePrefix, znode.EncodeIsrChange(
			[]kafka.TopicPartition{tp}), zookeeper.PersistentSequential,
			func(*model.Effects, zookeeper.Result) {})
	})
	w.run(time.Second)
	want := []string{"UpdateMetadata v8 controller 1 epoch 1: brokers 1 2; " +
		"orders-0 leader 2 epoch 0 isr [2] offline []"}
	require.Equal(t, want, hosts[0].drain())
	require.Equal(t, want, hosts[1].drain())
	require.Empty(t, w.children(hosts[0], znode.IsrChangesPath))
	require.Equal(t, int32(1), hosts[0].c.cluster.partition(tp).version)
}

func TestDeleteTopic(t *testing.T) {
	w, hosts := startCluster(t, 2)
	hosts[0].create("orders", []int32{2, 1})
	for _, h := range hosts {
		h.drain()
	}
	w.drainNotes()
	require.Equal(t, wire.UnknownTopicOrPartition, hosts[0].remove("nothing"))
	require.Equal(t, wire.NotController, hosts[1].remove("orders"))
	require.Equal(t, wire.None, hosts[0].remove("orders"))
	want := []string{
		"UpdateMetadata v8 controller 1 epoch 1: brokers 1 2; " +
			"orders-0 leader -2 epoch 0 isr [2 1] offline []",
		"StopReplica v4 controller 1 epoch 1: orders-0 epoch -2 delete false",
		"StopReplica v4 controller 1 epoch 1: orders-0 epoch -2 delete true",
	}
	require.Equal(t, want, hosts[0].drain())
	require.Equal(t, want, hosts[1].drain())
	w.requireNotes([]string{"broker-1: topic-deleted orders-0"}, "topic-deleted")
	require.Empty(t, w.children(hosts[0], znode.TopicsPath))
	require.Empty(t, w.children(hosts[0], "/config/topics"))
	require.Empty(t, w.children(hosts[0], znode.DeleteTopicsPath))
	require.Equal(t, wire.None, wire.Code(hosts[0].create("orders", []int32{1}).Topics[0].ErrorCode))
}

func TestDeletionWaitsForDeadReplica(t *testing.T) {
	w, hosts := startCluster(t, 3)
	hosts[0].create("orders", []int32{2, 3})
	w.kill("broker-3")
	w.run(2 * sessionTimeout)
	require.Equal(t, wire.None, hosts[0].remove("orders"))
	require.Equal(t, wire.UnknownTopicOrPartition, hosts[0].remove("orders"),
		"it is gone for whoever was told so")
	require.Equal(t, []string{"orders"}, w.children(hosts[0], znode.TopicsPath))
	taken := hosts[0].create("orders", []int32{1})
	require.Equal(t, wire.TopicAlreadyExists, wire.Code(taken.Topics[0].ErrorCode))
	back := w.host(3)
	w.run(time.Second)
	require.Contains(t, back.drain(),
		"StopReplica v4 controller 1 epoch 1: orders-0 epoch -2 delete true")
	require.Empty(t, w.children(hosts[0], znode.TopicsPath))
}

func TestDeletionSurvivesItsController(t *testing.T) {
	w, hosts := startCluster(t, 3)
	hosts[0].create("orders", []int32{2, 3})
	hosts[2].deaf = true
	hosts[0].remove("orders")
	w.kill("broker-1")
	hosts[2].deaf = false
	w.run(3 * sessionTimeout)
	require.Empty(t, w.children(hosts[1], znode.TopicsPath))
	require.Empty(t, w.children(hosts[1], znode.DeleteTopicsPath))
}

// A broker that restarts within its session timeout registers anew with another czxid; the
// controller treats that as a failure and a start (KIP-380).
func TestBouncedBroker(t *testing.T) {
	w, hosts := startCluster(t, 3)
	hosts[0].create("orders", []int32{3, 2})
	tp := kafka.TopicPartition{Topic: "orders"}
	require.Equal(t, kafka.BrokerID(3), hosts[0].c.cluster.partition(tp).state.Leader)
	before := hosts[0].c.cluster.broker(3).epoch
	w.drainNotes()
	w.do(hosts[2], func(out *model.Effects) {
		path := znode.BrokerIDPath(3)
		ignore := func(*model.Effects, zookeeper.Result) {}
		hosts[2].session.Delete(out.At(w.now), path, -1, ignore)
		hosts[2].session.Create(out.At(w.now), path, znode.EncodeBroker(znode.Broker{ID: 3,
			Endpoints: []znode.Endpoint{{Listener: "PLAINTEXT", Protocol: "PLAINTEXT", Host: "broker-3",
				Port: 9092}}}),
			zookeeper.Ephemeral, ignore)
	})
	hosts[2].drain()
	w.run(time.Second)
	require.Greater(t, hosts[0].c.cluster.broker(3).epoch, before)
	w.requireState("orders", 0, znode.PartitionState{
		Leader: 2, LeaderEpoch: 1, ControllerEpoch: 1, ISR: ids{2},
	})
	require.Contains(t, hosts[2].drain()[1], "orders-0 leader 2 epoch 1 isr [2]")
	w.requireNotes([]string{
		"broker-1: broker-unregistered broker=3", "broker-1: broker-registered broker=3",
	}, "broker-unregistered", "broker-registered")
}

func TestFailedDiskMovesTheLeader(t *testing.T) {
	w, hosts := startCluster(t, 2)
	hosts[1].answer = func(req kmsg.Request, resp kmsg.Response) {
		r, ok := resp.(*kmsg.LeaderAndISRResponse)
		if !ok || len(r.Topics) > 0 {
			return
		}
		for _, ts := range req.(*kmsg.LeaderAndISRRequest).TopicStates {
			rt := kmsg.NewLeaderAndISRResponseTopic()
			rt.TopicID = ts.TopicID
			rp := kmsg.NewLeaderAndISRResponseTopicPartition()
			rp.ErrorCode = int16(wire.KafkaStorageError)
			rt.Partitions = append(rt.Partitions, rp)
			r.Topics = append(r.Topics, rt)
		}
	}
	hosts[0].create("orders", []int32{2, 1})
	w.run(time.Second)
	w.requireState("orders", 0, znode.PartitionState{
		Leader: 1, LeaderEpoch: 1, ControllerEpoch: 1, ISR: ids{1},
	})
}

func TestControllerResignsWhenItsSessionExpires(t *testing.T) {
	w, hosts := startCluster(t, 2)
	w.do(hosts[0], func(out *model.Effects) { hosts[0].c.OnSessionExpired(out.At(w.now)) })
	require.False(t, hosts[0].c.Active())
	require.Equal(t, kafka.NoBroker, hosts[0].c.ControllerID())
	resp := hosts[0].create("orders", []int32{1})
	require.Equal(t, wire.NotController, wire.Code(resp.Topics[0].ErrorCode))
}

// do runs f as a step of h.
func (w *world) do(h *host, f func(out *model.Effects)) { w.apply(w.nodes[h.nodeID()], f) }

// set writes a node in h's session, whatever its version.
func (w *world) set(h *host, path string, data []byte) {
	code := zookeeper.ErrConnectionLoss
	w.do(h, func(out *model.Effects) {
		h.session.Set(out.At(w.now), path, data, -1,
			func(_ *model.Effects, r zookeeper.Result) { code = r.Err })
	})
	w.run(100 * time.Millisecond)
	require.Equal(w.t, zookeeper.ErrNone, code)
}

func (w *world) children(h *host, path string) []string {
	var names []string
	w.do(h, func(out *model.Effects) {
		h.session.Children(out.At(w.now), path, false,
			func(_ *model.Effects, r zookeeper.Result) { names = r.Children })
	})
	w.run(100 * time.Millisecond)
	return names
}

// requireState checks what ZooKeeper has as the state of a partition, in the session of any live
// host.
func (w *world) requireState(topic string, number int32, want znode.PartitionState) {
	tp := kafka.TopicPartition{Topic: topic, Partition: number}
	for _, id := range []model.NodeID{"broker-1", "broker-2", "broker-3"} {
		n := w.nodes[id]
		if n == nil || !n.up {
			continue
		}
		var data []byte
		w.apply(n, func(out *model.Effects) {
			n.process.(*host).session.Get(out.At(w.now), znode.PartitionStatePath(tp), false,
				func(_ *model.Effects, r zookeeper.Result) { data = r.Data })
		})
		w.run(100 * time.Millisecond)
		got, err := znode.DecodePartitionState(tp, data)
		require.NoError(w.t, err)
		require.Equal(w.t, want, got)
		return
	}
	require.Fail(w.t, "no host is up")
}
