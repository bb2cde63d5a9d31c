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

// Broker 2 has lost the directory with orders-0, not that with orders-1.
func TestLostLogDir(t *testing.T) {
	w, hosts := startCluster(t, 3)
	hosts[0].create("orders", []int32{2, 1}, []int32{2, 3})
	hosts[1].answer = func(_ kmsg.Request, resp kmsg.Response) {
		if r, ok := resp.(*kmsg.LeaderAndISRResponse); ok {
			rt := kmsg.NewLeaderAndISRResponseTopic()
			rt.TopicID = hosts[0].c.cluster.topics["orders"].id
			rp := kmsg.NewLeaderAndISRResponseTopicPartition()
			rp.ErrorCode = int16(wire.KafkaStorageError)
			rt.Partitions = append(rt.Partitions, rp)
			r.Topics = append(r.Topics, rt)
		}
	}
	hosts[1].drain()
	for _, notice := range []string{`{"version":1,"broker":2,"event":1}`, `nonsense`} {
		w.do(hosts[1], func(out *model.Effects) {
			hosts[1].session.Create(out.At(w.now), znode.LogDirEventsPath+"/log_dir_event_", []byte(notice),
				zookeeper.PersistentSequential, func(*model.Effects, zookeeper.Result) {})
		})
	}
	w.run(time.Second)
	require.Equal(t, "LeaderAndIsr v7 controller 1 epoch 1: orders-0 leader 2 epoch 0 isr [2 1] "+
		"orders-1 leader 2 epoch 0 isr [2 3]", hosts[1].drain()[0])
	w.requireState("orders", 0, znode.PartitionState{
		Leader: 1, LeaderEpoch: 1, ControllerEpoch: 1, ISR: ids{1},
	})
	w.requireState("orders", 1, znode.PartitionState{Leader: 2, ControllerEpoch: 1, ISR: ids{2, 3}})
	require.Empty(t, w.children(hosts[0], znode.LogDirEventsPath))
	require.Equal(t, wire.PreferredLeaderNotAvailable, hosts[0].elect(int8(preferredLeader), orders(0)))
}
