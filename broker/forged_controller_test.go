package broker_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/brokertest"
	"sandcastle/broker/wire"
)

// forged are requests as a controller sends them, with an epoch that no controller has.
func forged() map[string]kmsg.Request {
	isr := kmsg.NewPtrLeaderAndISRRequest()
	isr.ControllerID, isr.ControllerEpoch, isr.BrokerEpoch = 9, math.MaxInt32, -1
	stop := kmsg.NewPtrStopReplicaRequest()
	stop.ControllerID, stop.ControllerEpoch, stop.BrokerEpoch = 9, math.MaxInt32, -1
	update := kmsg.NewPtrUpdateMetadataRequest()
	update.ControllerID, update.ControllerEpoch, update.BrokerEpoch = 9, math.MaxInt32, -1
	return map[string]kmsg.Request{
		"LeaderAndIsr": latest(isr), "StopReplica": latest(stop), "UpdateMetadata": latest(update),
	}
}

// Whoever may send the requests of a controller is one: without an authorizer Kafka obeys them too
// (KafkaApis.handleLeaderAndIsrRequest checks CLUSTER_ACTION alone, 3.9). One with an epoch above
// all that there are makes a broker deaf to the true controller for good, so that a topic that is
// created afterwards has no leader there: what looks like a broker that hangs is one that obeyed.
// It answers all the same, and a restart makes it hear again.
func TestForgedControllerEpoch(t *testing.T) {
	for name, req := range forged() {
		t.Run(name, func(t *testing.T) {
			c := startCluster(t, 1)
			c.CreateTopic("before", [][]int32{{1}})
			c.Request(1, req)
			create := brokertest.CreateTopicsRequest("after", [][]int32{{1}})
			resp := c.Request(1, create).(*kmsg.CreateTopicsResponse)
			require.Equal(t, wire.None, wire.Code(resp.Topics[0].ErrorCode), "it stands in ZooKeeper")
			c.Run(30 * time.Second)
			_, leads := c.Broker(1).Replicas().Leads(tp("after", 0))
			require.False(t, leads, "the true controller is refused")
			if name != "UpdateMetadata" { // which forgets the brokers, the controller among them
				c.MustProduce(tp("before", 0), "a")
			}
			c.Sim.Kill(brokertest.Node(1))
			c.Sim.Restart(brokertest.Node(1))
			c.Eventually(40*time.Second, "it hears again", func() bool {
				b := c.Broker(1)
				if b == nil {
					return false
				}
				_, leads := b.Replicas().Leads(tp("after", 0))
				return leads
			})
		})
	}
}

// An UpdateMetadata that names no brokers leaves a follower without the address of its leader, and
// it is deaf to who could tell: whoever waits for all replicas is timed out until the leader has
// taken it out of the ISR.
func TestForgedMetadata(t *testing.T) {
	c := startCluster(t, 2)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	c.MustProduce(tp("orders", 0), "a")
	c.Request(2, forged()["UpdateMetadata"])
	produce := func() wire.Code {
		resp := c.Request(1, brokertest.ProduceRequest(-1, tp("orders", 0), batch("b"))).(*kmsg.ProduceResponse)
		return wire.Code(resp.Topics[0].Partitions[0].ErrorCode)
	}
	c.Sim.Reset(brokertest.Node(1), brokertest.Node(2)) // it has to dial its leader anew
	require.Equal(t, wire.RequestTimedOut, produce())
	c.Run(40 * time.Second)
	require.Equal(t, wire.None, produce())
}

// A leader that asks for a smaller ISR, and a broker that says it shuts down, are believed as well,
// if they know the epoch of the broker that they claim to be.
func TestForgedBrokerRequests(t *testing.T) {
	c := startCluster(t, 2)
	c.CreateTopic("orders", [][]int32{{2, 1}})
	down := kmsg.NewPtrControlledShutdownRequest()
	down.BrokerID, down.BrokerEpoch = 2, -1
	resp := c.Request(c.Controller(), latest(down)).(*kmsg.ControlledShutdownResponse)
	require.Equal(t, wire.None, wire.Code(resp.ErrorCode))
	c.Eventually(5*time.Second, "the leader has moved", func() bool {
		_, leads := c.Broker(1).Replicas().Leads(tp("orders", 0))
		return leads
	})
}
