package broker

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
	c.t.Helper()
	req := latest(kmsg.NewPtrAlterPartitionAssignmentsRequest())
	p := kmsg.NewAlterPartitionAssignmentsRequestTopicPartition()
	p.Partition, p.Replicas = tp.Partition, replicas
	rt := kmsg.NewAlterPartitionAssignmentsRequestTopic()
	rt.Topic, rt.Partitions = tp.Topic, append(rt.Partitions, p)
	req.Topics = append(req.Topics, rt)
	resp := c.request(c.controller(), req).(*kmsg.AlterPartitionAssignmentsResponse)
	require.Equal(c.t, wire.None, wire.Code(resp.ErrorCode))
	require.Equal(c.t, wire.None, wire.Code(resp.Topics[0].Partitions[0].ErrorCode))
}

// replicated tells whether exactly these brokers hold the partition, all of them in sync.
func (c *cluster) replicated(tp kafka.TopicPartition, ids ...int32) bool {
	for i := range c.brokers {
		if b := c.broker(i + 1); b != nil &&
			(b.partitions[tp] != nil) != slices.Contains(ids, int32(i+1)) {
			return false
		}
	}
	if c.leader(tp) == 0 {
		return false
	}
	isr := c.isr(tp)
	slices.Sort(isr)
	return slices.Equal(isr, ids)
}

// A partition moves to two other brokers, with what was acknowledged, and its old replicas delete
// their files, however leaders change ISRs.
func TestReassignment(t *testing.T) {
	for _, variant := range config.ISRVariants() {
		c := startCluster(t, 4, "isr="+variant)
		orders := tp("orders", 0)
		c.createTopic("orders", [][]int32{{1, 2}})
		c.mustProduce(orders, "a", "b")
		c.reassign(orders, 3, 4)
		c.eventually(30*time.Second, "the partition has moved", func() bool {
			return c.replicated(orders, 3, 4)
		})
		require.Equal(t, 3, c.leader(orders))
		_, values := c.fetch(3, orders, 0)
		require.Equal(t, []string{"a", "b"}, values)
		c.run(time.Second)
		for _, id := range []int{1, 2} {
			names, err := c.world.Disk(node(id)).List("")
			require.NoError(t, err)
			require.False(t, slices.ContainsFunc(names, func(name string) bool {
				return strings.HasPrefix(name, "orders-0/")
			}), "broker %d has %v", id, names)
		}
		c.mustProduce(orders, "c")
	}
}

// The controller dies while a new replica cannot copy; its successor ends the move. The other move
// is cancelled, and what it had begun is deleted.
func TestReassignmentIsContinuedAndCancelled(t *testing.T) {
	for _, variant := range config.ISRVariants() {
		c := startCluster(t, 5, "isr="+variant, "zookeeper.session.timeout.ms=6000")
		old := c.controller()
		others := []int32{}
		for id := int32(1); id <= 5; id++ {
			if int(id) != old {
				others = append(others, id)
			}
		}
		leads, comes := others[0], others[1]
		orders, payments := tp("orders", 0), tp("payments", 0)
		c.createTopic("orders", [][]int32{{leads}})
		c.createTopic("payments", [][]int32{{leads}})
		c.mustProduce(orders, "a")
		c.mustProduce(payments, "b")
		c.cut(node(int(leads)), node(int(comes)))
		c.reassign(orders, comes)
		c.reassign(payments, comes)
		c.world.Kill(node(old))
		c.eventually(time.Minute, "another controller", func() bool {
			for i := range c.brokers {
				if b := c.broker(i + 1); b != nil && b.IsController() {
					return true
				}
			}
			return false
		})
		c.run(time.Second)
		c.reassign(payments)
		require.Equal(t, int(leads), c.leader(orders))
		require.Equal(t, []int32{leads}, c.isr(orders))
		c.world.HealAll()
		c.eventually(time.Minute, "one move is cancelled", func() bool {
			return c.replicated(payments, leads)
		})
		c.eventually(time.Minute, "and the other done", func() bool {
			return c.replicated(orders, comes)
		})
		require.EqualValues(t, 1, c.view(int(comes), orders).LogEnd)
	}
}
