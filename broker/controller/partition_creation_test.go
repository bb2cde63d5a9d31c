package controller

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/model"
)

func TestCreatePartitions(t *testing.T) {
	w, hosts := startCluster(t, 3)
	one := hosts[0]
	one.create("orders", []int32{2, 3})
	hosts[1].drain()
	resp := one.grow("orders", 4)
	require.Zero(t, resp.Topics[0].ErrorCode)
	// The first broker of partition 0 is where counting starts (AdminZkClient, 3.9).
	require.Equal(t, ids{3, 2}, one.assignment(orders(1)).Replicas)
	require.Equal(t, ids{1, 3}, one.assignment(orders(2)).Replicas)
	require.Equal(t, ids{2, 3}, one.assignment(orders(3)).Replicas)
	w.requireState("orders", 3, znode.PartitionState{Leader: 2, ControllerEpoch: 1, ISR: ids{2, 3}})
	require.Equal(t, "LeaderAndIsr v7 controller 1 epoch 1: orders-1 leader 3 epoch 0 isr [3 2] new "+
		"orders-3 leader 2 epoch 0 isr [2 3] new", hosts[1].drain()[0])
	resp = one.grow("orders", 5, []int32{1, 3})
	require.Zero(t, resp.Topics[0].ErrorCode)
	require.Equal(t, ids{1, 3}, one.assignment(orders(4)).Replicas)
}

// The second request is decided before the watch of the first one's write has come.
func TestPartitionsOfTwoRequests(t *testing.T) {
	w, hosts := startCluster(t, 3)
	one := hosts[0]
	one.create("orders", []int32{1})
	ask := func(count int32) *kmsg.CreatePartitionsRequest {
		req := kmsg.NewPtrCreatePartitionsRequest()
		req.SetVersion(3)
		req.TimeoutMillis = 1000
		req.Topics = []kmsg.CreatePartitionsRequestTopic{{Topic: "orders", Count: count}}
		return req
	}
	var codes []wire.Code
	reply := func(_ *model.Effects, resp kmsg.Response) {
		codes = append(codes, wire.Code(resp.(*kmsg.CreatePartitionsResponse).Topics[0].ErrorCode))
	}
	w.do(one, func(out *model.Effects) {
		one.c.HandleCreatePartitions(out.At(w.now), ask(4), reply)
		one.c.HandleCreatePartitions(out.At(w.now), ask(3), reply)
	})
	w.run(1100 * 1e6)
	require.ElementsMatch(t, []wire.Code{wire.None, wire.InvalidPartitions}, codes)
	require.Len(t, one.c.cluster.topics["orders"].partitions, 4)
	require.NotEmpty(t, one.assignment(orders(3)).Replicas)
}

func TestCreatePartitionsRefused(t *testing.T) {
	w, hosts := startCluster(t, 3)
	one := hosts[0]
	one.create("orders", []int32{2, 3}, []int32{3, 2})
	for _, tt := range []struct {
		topic      string
		count      int32
		assignment [][]int32
		want       wire.Code
	}{
		{"nothing", 3, nil, wire.UnknownTopicOrPartition},
		{"orders", 1, nil, wire.InvalidPartitions},
		{"orders", 2, nil, wire.InvalidPartitions},
		{"orders", maxPartitions + 1, nil, wire.InvalidPartitions},
		{"orders", 3, [][]int32{{1, 9}}, wire.InvalidReplicaAssignment},
		{"orders", 3, [][]int32{{1, 2}, {2, 3}}, wire.InvalidReplicaAssignment},
		{"orders", 3, [][]int32{{1}}, wire.InvalidReplicaAssignment},
		{"orders", 3, [][]int32{{1, 1}}, wire.InvalidReplicaAssignment},
		{"orders", 3, [][]int32{{}}, wire.InvalidReplicaAssignment},
	} {
		resp := one.grow(tt.topic, tt.count, tt.assignment...)
		require.Equal(t, tt.want, wire.Code(resp.Topics[0].ErrorCode), "%s to %d %v", tt.topic, tt.count,
			tt.assignment)
	}
	require.Equal(t, wire.NotController, wire.Code(hosts[1].grow("orders", 3).Topics[0].ErrorCode))

	twice := kmsg.NewPtrCreatePartitionsRequest()
	twice.Topics = []kmsg.CreatePartitionsRequestTopic{
		{Topic: "orders", Count: 3},
		{Topic: "orders", Count: 4},
	}
	resp := one.growBy(twice)
	require.Len(t, resp.Topics, 1, "told once")
	require.Equal(t, wire.InvalidRequest, wire.Code(resp.Topics[0].ErrorCode))
	try := kmsg.NewPtrCreatePartitionsRequest()
	try.ValidateOnly = true
	try.Topics = []kmsg.CreatePartitionsRequestTopic{{Topic: "orders", Count: 3}}
	require.Zero(t, one.growBy(try).Topics[0].ErrorCode)
	require.Len(t, one.c.cluster.topics["orders"].partitions, 2)

	require.Equal(t, wire.None, one.reassign(orders(0), 1))
	require.Equal(t, wire.ReassignmentInProgress, wire.Code(one.grow("orders", 3).Topics[0].ErrorCode))
	w.kill("broker-3")
	w.kill("broker-2")
	w.run(2 * sessionTimeout)
	require.Equal(t, wire.None, one.reassign(orders(0), 2, 3))
	require.Equal(
		t,
		wire.InvalidReplicationFactor,
		wire.Code(one.grow("orders", 3).Topics[0].ErrorCode),
	)
	one.remove("orders")
	require.Equal(t, wire.InvalidTopicException, wire.Code(one.grow("orders", 3).Topics[0].ErrorCode))
}
