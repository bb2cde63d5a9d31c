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
)

// ask is what the leader of orders-0, broker 2, asks of its ISR.
func ask(h *host, version int16) *kmsg.AlterPartitionRequest {
	p := h.c.cluster.partition(orders(0))
	req := kmsg.NewPtrAlterPartitionRequest()
	req.SetVersion(version)
	req.BrokerID, req.BrokerEpoch = 2, h.c.cluster.broker(2).epoch
	rp := kmsg.NewAlterPartitionRequestTopicPartition()
	rp.LeaderEpoch, rp.PartitionEpoch = int32(p.state.LeaderEpoch), p.version
	rt := kmsg.NewAlterPartitionRequestTopic()
	if rt.Topic = "orders"; version > 1 {
		rt.Topic, rt.TopicID = "", h.c.cluster.topics["orders"].id
	}
	rt.Partitions = append(rt.Partitions, rp)
	req.Topics = append(req.Topics, rt)
	return req
}

func TestAlterPartition(t *testing.T) {
	for version := range int16(4) {
		w, hosts := startCluster(t, 3)
		one := hosts[0]
		one.create("orders", []int32{2, 3, 1})
		hosts[1].drain()
		req := ask(one, version)
		p := &req.Topics[0].Partitions[0]
		if version < 3 {
			p.NewISR = []int32{2, 1}
		} else {
			for _, id := range []int32{2, 1} {
				p.NewEpochISR = append(p.NewEpochISR, kmsg.AlterPartitionRequestTopicPartitionNewEpochISR{
					BrokerID: id, BrokerEpoch: -1})
			}
		}
		require.Equal(t, wire.None, one.alter(req))
		want := znode.PartitionState{Leader: 2, ControllerEpoch: 1, ISR: ids{2, 1}}
		w.requireState("orders", 0, want)
		require.Equal(t, []string{"UpdateMetadata v8 controller 1 epoch 1: brokers 1 2 3; " +
			"orders-0 leader 2 epoch 0 isr [2 1] offline []"}, hosts[1].drain())

		// The same again, with the older version: it is as asked for.
		again := one.call(func(out *model.Effects, reply Reply) {
			one.c.HandleAlterPartition(out.At(w.now), req, reply)
		}).(*kmsg.AlterPartitionResponse).Topics[0].Partitions[0]
		require.Zero(t, again.ErrorCode)
		require.Equal(t, []int32{2, 1}, again.ISR)
		require.EqualValues(t, 1, again.PartitionEpoch)
		require.Empty(t, hosts[1].drain())
	}
}

func TestAlterPartitionRefused(t *testing.T) {
	w, hosts := startCluster(t, 3)
	one := hosts[0]
	one.create("orders", []int32{2, 3})
	require.Equal(t, wire.None, one.alterISR(orders(0), 2, 3)) // as it is: nothing is written
	require.Equal(t, wire.None, one.alterISR(orders(0), 2))
	for _, tt := range []struct {
		name    string
		version int16
		change  func(req *kmsg.AlterPartitionRequest, p *partitionAsk)
		want    wire.Code
	}{
		{"old incarnation", 2, func(req *kmsg.AlterPartitionRequest, _ *partitionAsk) { req.BrokerEpoch-- },
			wire.StaleBrokerEpoch},
		{"unknown broker", 2, func(req *kmsg.AlterPartitionRequest, _ *partitionAsk) { req.BrokerID = 9 },
			wire.StaleBrokerEpoch},
		{"unknown id", 2, func(req *kmsg.AlterPartitionRequest, _ *partitionAsk) { req.Topics[0].TopicID[3]++ },
			wire.UnknownTopicID},
		{"unknown topic", 1, func(req *kmsg.AlterPartitionRequest, _ *partitionAsk) { req.Topics[0].Topic = "x" },
			wire.UnknownTopicOrPartition},
		{"unknown partition", 2, func(_ *kmsg.AlterPartitionRequest, p *partitionAsk) { p.Partition = 7 },
			wire.UnknownTopicOrPartition},
		{"newer leader epoch", 2, func(_ *kmsg.AlterPartitionRequest, p *partitionAsk) { p.LeaderEpoch++ },
			wire.NotController},
		{"newer version", 2, func(_ *kmsg.AlterPartitionRequest, p *partitionAsk) { p.PartitionEpoch++ },
			wire.NotController},
		{"older leader epoch", 2, func(_ *kmsg.AlterPartitionRequest, p *partitionAsk) { p.LeaderEpoch-- },
			wire.FencedLeaderEpoch},
		{"older version", 2, func(_ *kmsg.AlterPartitionRequest, p *partitionAsk) { p.PartitionEpoch-- },
			wire.InvalidUpdateVersion},
		{"recovering again", 2, func(_ *kmsg.AlterPartitionRequest, p *partitionAsk) {
			p.LeaderRecoveryState, p.NewISR = 1, []int32{2}
		}, wire.InvalidRequest},
		{"recovering with others", 2, func(_ *kmsg.AlterPartitionRequest, p *partitionAsk) {
			p.LeaderRecoveryState = 1
		}, wire.InvalidRequest},
		{"dead member", 2, func(_ *kmsg.AlterPartitionRequest, p *partitionAsk) { p.NewISR = []int32{2, 9} },
			wire.IneligibleReplica},
		{"dead member, old version", 1, func(_ *kmsg.AlterPartitionRequest, p *partitionAsk) {
			p.NewISR = []int32{2, 9}
		}, wire.OperationNotAttempted},
	} {
		req := ask(one, tt.version)
		p := &req.Topics[0].Partitions[0]
		p.NewISR = []int32{2, 3}
		tt.change(req, p)
		require.Equal(t, tt.want, one.alter(req), tt.name)
	}
	require.Equal(t, wire.NotController, hosts[1].alter(ask(one, 2)))
	want := znode.PartitionState{Leader: 2, ControllerEpoch: 1, ISR: ids{2}}
	w.requireState("orders", 0, want)

	// Somebody else has written the state meanwhile.
	w.set(one, znode.PartitionStatePath(orders(0)), znode.EncodePartitionState(want))
	req := ask(one, 2)
	req.Topics[0].Partitions[0].NewISR = []int32{2, 3}
	require.Equal(t, wire.InvalidUpdateVersion, one.alter(req))
}

type partitionAsk = kmsg.AlterPartitionRequestTopicPartition

// Of a partition that is named twice the first counts.
func TestAlterPartitionTwiceInARequest(t *testing.T) {
	w, hosts := startCluster(t, 3)
	one := hosts[0]
	one.create("orders", []int32{2, 3, 1})
	req := ask(one, 2)
	parts := &req.Topics[0].Partitions
	(*parts)[0].NewISR = []int32{2, 1}
	*parts = append(*parts, (*parts)[0])
	(*parts)[1].NewISR = []int32{2}
	resp := one.call(func(out *model.Effects, reply Reply) {
		one.c.HandleAlterPartition(out.At(w.now), req, reply)
	}).(*kmsg.AlterPartitionResponse)
	require.Equal(t, wire.None, wire.Code(resp.Topics[0].Partitions[0].ErrorCode))
	require.Equal(t, wire.InvalidRequest, wire.Code(resp.Topics[0].Partitions[1].ErrorCode))
	w.requireState("orders", 0, znode.PartitionState{Leader: 2, ControllerEpoch: 1, ISR: ids{2, 1}})
}

// Somebody has deleted the partition's state in ZooKeeper: nothing can be written, and nothing is
// said to be.
func TestStateNodeIsGone(t *testing.T) {
	w, hosts := startCluster(t, 3)
	one := hosts[0]
	one.create("orders", []int32{2, 3})
	prefer(one, orders(0), 3, false)
	w.do(one, func(out *model.Effects) {
		one.session.Delete(out.At(w.now), znode.PartitionStatePath(orders(0)), -1,
			func(*model.Effects, zookeeper.Result) {})
	})
	w.run(time.Second)
	require.Equal(t, wire.UnknownServerError, one.alterISR(orders(0), 3))
	require.Equal(t, wire.UnknownServerError, one.elect(int8(preferredLeader), orders(0)))
	require.Equal(t, wire.UnknownServerError, one.reassign(orders(0), 1))
	require.Equal(t, ids{2, 3}, one.assignment(orders(0)).Replicas)
	_, left := one.shutDown(3, one.c.cluster.broker(3).epoch)
	require.Equal(t, 1, left)
}
