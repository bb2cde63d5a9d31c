package broker_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/config"
	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

func (c *cluster) reassign(tp kafka.TopicPartition, replicas ...int32) {
	c.T.Helper()
	req := latest(kmsg.NewPtrAlterPartitionAssignmentsRequest())
	p := kmsg.NewAlterPartitionAssignmentsRequestTopicPartition()
	p.Partition, p.Replicas = tp.Partition, replicas
	rt := kmsg.NewAlterPartitionAssignmentsRequestTopic()
	rt.Topic, rt.Partitions = tp.Topic, append(rt.Partitions, p)
	req.Topics = append(req.Topics, rt)
	resp := c.Request(c.Controller(), req).(*kmsg.AlterPartitionAssignmentsResponse)
	require.Equal(c.T, wire.None, wire.Code(resp.ErrorCode))
	require.Equal(c.T, wire.None, wire.Code(resp.Topics[0].Partitions[0].ErrorCode))
}

// replicated tells whether exactly these brokers hold the partition, all of them in sync.
func (c *cluster) replicated(tp kafka.TopicPartition, ids ...int32) bool {
	for i := range c.Brokers {
		b := c.Broker(i + 1)
		if b == nil {
			continue
		}
		if _, holds := b.Replicas().Position(tp); holds != slices.Contains(ids, int32(i+1)) {
			return false
		}
	}
	if c.Leader(tp) == 0 {
		return false
	}
	isr := c.ISR(tp)
	slices.Sort(isr)
	return slices.Equal(isr, ids)
}

// A partition moves to two other brokers, with what was acknowledged, and its old replicas delete
// their files, however leaders change ISRs.
func TestReassignment(t *testing.T) {
	for _, variant := range config.ISRVariants() {
		c := startCluster(t, 4, "isr="+variant)
		orders := tp("orders", 0)
		c.CreateTopic("orders", [][]int32{{1, 2}})
		c.MustProduce(orders, "a", "b")
		c.reassign(orders, 3, 4)
		c.Eventually(30*time.Second, "the partition has moved", func() bool {
			return c.replicated(orders, 3, 4)
		})
		require.Equal(t, 3, c.Leader(orders))
		_, values := c.Fetch(3, orders, 0)
		require.Equal(t, []string{"a", "b"}, values)
		c.Run(time.Second)
		for _, id := range []int{1, 2} {
			names, err := c.Sim.Disk(node(id)).List("")
			require.NoError(t, err)
			require.False(t, slices.ContainsFunc(names, func(name string) bool {
				return strings.HasPrefix(name, "orders-0/")
			}), "broker %d has %v", id, names)
		}
		c.MustProduce(orders, "c")
	}
}

// The controller dies while a new replica cannot copy; its successor ends the move. The other move
// is cancelled, and what it had begun is deleted.
func TestReassignmentIsContinuedAndCancelled(t *testing.T) {
	for _, variant := range config.ISRVariants() {
		c := startCluster(t, 5, "isr="+variant, "zookeeper.session.timeout.ms=6000")
		old := c.Controller()
		others := []int32{}
		for id := int32(1); id <= 5; id++ {
			if int(id) != old {
				others = append(others, id)
			}
		}
		leads, comes := others[0], others[1]
		orders, payments := tp("orders", 0), tp("payments", 0)
		c.CreateTopic("orders", [][]int32{{leads}})
		c.CreateTopic("payments", [][]int32{{leads}})
		c.MustProduce(orders, "a")
		c.MustProduce(payments, "b")
		c.Cut(node(int(leads)), node(int(comes)))
		c.reassign(orders, comes)
		c.reassign(payments, comes)
		c.Sim.Kill(node(old))
		c.Eventually(time.Minute, "another controller", func() bool {
			for i := range c.Brokers {
				if b := c.Broker(i + 1); b != nil && b.IsController() {
					return true
				}
			}
			return false
		})
		c.Run(time.Second)
		c.reassign(payments)
		require.Equal(t, int(leads), c.Leader(orders))
		require.Equal(t, []int32{leads}, c.ISR(orders))
		c.Sim.HealAll()
		c.Eventually(time.Minute, "one move is cancelled", func() bool {
			return c.replicated(payments, leads)
		})
		c.Eventually(time.Minute, "and the other done", func() bool {
			return c.replicated(orders, comes)
		})
		require.EqualValues(t, 1, c.View(int(comes), orders).LogEnd)
	}
}
