package controller

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// The connection to ZooKeeper breaks at any moment of a request, but the session lives on. What was
// swallowed is done again, and what was done is not forgotten: replicas hear of their leader, and
// whoever asked hears that it went well.
func TestConnectionLoss(t *testing.T) {
	for name, ask := range map[string]func(h *host, out *model.Effects, reply Reply){ //unordered: subtests
		"preferred election": func(h *host, out *model.Effects, reply Reply) {
			h.c.HandleElectLeaders(out.At(h.w.now), election(int8(preferredLeader), orders(0)), reply)
		},
		"shutdown": func(h *host, out *model.Effects, reply Reply) {
			h.c.HandleControlledShutdown(out.At(h.w.now), shutdownOf(3, h.c.cluster.broker(3).epoch), reply)
		},
		"reassignment": func(h *host, out *model.Effects, reply Reply) {
			h.c.HandleAlterPartitionReassignments(out.At(h.w.now), move(orders(0), []int32{2}), reply)
		},
		"ISR change": func(h *host, out *model.Effects, reply Reply) {
			h.c.HandleAlterPartition(out.At(h.w.now), h.alteration(orders(0), 3), reply)
		},
		"prefer": func(h *host, out *model.Effects, reply Reply) {
			h.c.OnCommand(out.At(h.w.now), &Prefer{TP: orders(0), Broker: 2})
			reply(out.At(h.w.now), kmsg.NewPtrElectLeadersResponse())
		},
	} {
		t.Run(name, func(t *testing.T) {
			for ms := range 14 {
				w, hosts := startCluster(t, 3)
				one := hosts[0]
				one.create("orders", []int32{2, 3})
				prefer(one, orders(0), 3, false)
				epoch := one.c.cluster.partition(orders(0)).state.LeaderEpoch
				var got kmsg.Response
				w.do(one, func(out *model.Effects) {
					ask(one, out, func(_ *model.Effects, resp kmsg.Response) { got = resp })
				})
				w.run(time.Duration(ms) * time.Millisecond)
				server := w.nodes["zookeeper-1"]
				server.cut = true
				w.run(4500 * time.Millisecond)
				server.cut = false
				w.run(4 * time.Second)
				require.True(t, one.c.Active(), "after %d ms", ms)
				requireNoError(t, got)
				s := one.c.cluster.partition(orders(0)).state
				if name != "ISR change" {
					require.Equal(t, kafka.BrokerID(2), s.Leader)
					require.Greater(t, s.LeaderEpoch, epoch)
				}
				require.Equal(t, int32(s.LeaderEpoch), hosts[1].leads[orders(0)], "after %d ms", ms)
				w.requireState("orders", 0, s)
			}
		})
	}
}

func requireNoError(t *testing.T, resp kmsg.Response) {
	t.Helper()
	switch r := resp.(type) {
	case *kmsg.ElectLeadersResponse:
		for _, rt := range r.Topics {
			require.Equal(t, wire.None, wire.Code(rt.Partitions[0].ErrorCode))
		}
	case *kmsg.ControlledShutdownResponse:
		require.Zero(t, r.ErrorCode)
		require.Empty(t, r.PartitionsRemaining)
	case *kmsg.AlterPartitionAssignmentsResponse:
		require.Zero(t, r.Topics[0].Partitions[0].ErrorCode)
	case *kmsg.AlterPartitionResponse:
		require.Equal(t, wire.None, wire.Code(r.Topics[0].Partitions[0].ErrorCode))
	default:
		require.Fail(t, "no answer")
	}
}
