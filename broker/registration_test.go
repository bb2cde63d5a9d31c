package broker_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/brokertest"
	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// shortSession keeps the tests' virtual time short.
const shortSession = "zookeeper.session.timeout.ms=6000"

// A broker that restarts before its old session has expired finds the node of its previous incarnation. It
// takes no requests until that has gone, and registers anew under a larger broker epoch.
func TestRestartWithinTheSession(t *testing.T) {
	c := startCluster(t, 2, shortSession)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{2, 1}})
	c.MustProduce(orders, "a")
	before := c.Broker(2).Epoch()
	c.Sim.Restart(node(2))
	c.Run(time.Second)
	require.False(t, c.Broker(2).Registered())
	require.Regexp(t, `^registration, step (\d+) of \d+: read it back$`, c.Broker(2).Registration())
	l := c.Dial(2)
	l.Send(kmsg.NewPtrApiVersionsRequest())
	c.Eventually(time.Second, "it does not serve", func() bool { return l.Closed })
	start := c.Sim.Now()
	c.Eventually(20*time.Second, "it has registered", func() bool { return c.AllKnow(2) })
	require.Greater(t, c.Sim.Now().Sub(start), 4*time.Second)
	require.Greater(t, c.Broker(2).Epoch(), before)
	require.Equal(t, fmt.Sprintf("registered in epoch %d", c.Broker(2).Epoch()), c.Broker(2).Registration())
	c.Eventually(10*time.Second, "it follows or leads", func() bool {
		return c.Settled(orders, 1, 2)
	})
	c.RequireEqualLogs(orders, 1, 2)
}

// Requests that come while a broker starts wait until it has registered.
func TestRequestsWaitForTheRegistration(t *testing.T) {
	c := startCluster(t, 1, shortSession)
	c.Sim.Kill(node(1))
	c.Run(10 * time.Second) // the session expires
	c.Sim.Cut(node(1), brokertest.ZooKeeper)
	c.Sim.Start(node(1))
	l := c.Dial(1)
	req := kmsg.NewPtrApiVersionsRequest()
	first, second := l.Send(req), l.Send(req)
	c.Run(500 * time.Millisecond)
	require.Empty(t, l.Replies)
	require.False(t, l.Closed)
	c.Sim.Heal(node(1), brokertest.ZooKeeper)
	l.Receive(req, first)
	l.Receive(req, second)
	require.True(t, c.Broker(1).Registered())
}

// A broker whose session expires while it cannot reach ZooKeeper lives on, and registers again.
func TestSessionExpires(t *testing.T) {
	c := startCluster(t, 3, shortSession)
	orders := tp("orders", 0)
	follower := c.Controller()%3 + 1 // not the controller
	other := follower%3 + 1
	c.CreateTopic("orders", [][]int32{{int32(follower), int32(other)}})
	c.MustProduce(orders, "a")
	before := c.Broker(follower).Epoch()
	c.Cut(node(follower), brokertest.ZooKeeper)
	c.Eventually(time.Minute, "another leads", func() bool { return c.Leader(orders) == other })
	c.Sim.HealAll()
	c.Eventually(time.Minute, "it has registered", func() bool {
		return c.AllKnow(3) && c.Broker(follower).Epoch() > before
	})
	c.Eventually(time.Minute, "it is in sync again", func() bool { return len(c.ISR(orders)) == 2 })
	require.EqualValues(t, 1, c.Sim.Incarnation(node(follower)))
}

// When the controller dies another takes its place, in the next epoch.
func TestControllerMoves(t *testing.T) {
	c := startCluster(t, 3, shortSession)
	old := c.Controller()
	epoch := c.Broker(old).ControllerEpoch()
	c.Sim.Kill(node(old))
	c.Eventually(time.Minute, "another is the controller", func() bool { return c.AllKnow(2) })
	id := c.Controller()
	require.NotEqual(t, old, id)
	for i := 1; i <= 3; i++ {
		if b := c.Broker(i); b != nil {
			require.Equal(t, epoch+1, b.ControllerEpoch())
			require.EqualValues(t, id, b.HeardController())
		}
	}
	c.Sim.Start(node(old))
	c.Eventually(time.Minute, "the old one is back", func() bool { return c.AllKnow(3) })
	require.False(t, c.Broker(old).IsController())
	require.Equal(t, id, c.Controller())
}

// A controller that is cut off from ZooKeeper alone still takes itself for it. The others have gone
// on to a new epoch and do as the new one says; when it hears that its session has expired, it is a
// broker like any other.
func TestOldControllerIsFenced(t *testing.T) {
	c := startCluster(t, 3, shortSession)
	c.CreateTopic("orders", [][]int32{{1, 2, 3}})
	old := c.Controller()
	other := old%3 + 1
	epoch := int32(c.Broker(old).ControllerEpoch())
	c.Cut(node(old), brokertest.ZooKeeper)
	c.Eventually(time.Minute, "another takes over", func() bool {
		return c.Broker(other).ControllerEpoch() > kafka.Epoch(epoch)
	})
	require.True(t, c.Broker(old).IsController(), "it has not heard")

	req := brokertest.LeaderAndIsrRequest(brokertest.LeaderState{
		TP: tp("orders", 0), Controller: int32(old), ControllerEpoch: epoch,
		BrokerEpoch: c.Broker(other).Epoch(), Leader: int32(old), LeaderEpoch: 9,
		Replicas: []int32{1, 2, 3},
	})
	resp := c.Request(other, req).(*kmsg.LeaderAndISRResponse)
	require.Equal(t, wire.StaleControllerEpoch, wire.Code(resp.ErrorCode))
	fenced := 0
	for _, n := range c.Notes {
		if n.Note.Kind == kafka.ControllerFenced && n.Node == node(other) {
			fenced++
		}
	}
	require.Equal(t, 1, fenced)

	c.Sim.HealAll()
	c.Eventually(time.Minute, "it resigns", func() bool {
		return !c.Broker(old).IsController() && c.AllKnow(3) &&
			c.Broker(old).ControllerEpoch() > kafka.Epoch(epoch)
	})
	c.Eventually(time.Minute, "all are in sync", func() bool {
		return c.Leader(tp("orders", 0)) != 0 && len(c.ISR(tp("orders", 0))) == 3
	})
}

// ZooKeeper itself may be away for longer than a session: who comes back in time keeps what it had.
func TestZooKeeperRestarts(t *testing.T) {
	c := startCluster(t, 2, shortSession)
	orders := tp("orders", 0)
	c.CreateTopic("orders", [][]int32{{1, 2}})
	c.Sim.Kill(brokertest.ZooKeeper)
	c.Run(15 * time.Second)
	c.MustProduce(orders, "a") // replication needs no ZooKeeper
	c.Sim.Start(brokertest.ZooKeeper)
	c.Run(20 * time.Second)
	require.True(t, c.AllKnow(2))
	c.MustProduce(orders, "b")
	c.CreateTopic("more", [][]int32{{2, 1}})
	c.MustProduce(tp("more", 0), "c")
}

// The connection to ZooKeeper may break at any moment of a start: the broker gets there all the
// same, and once.
func TestConnectionBreaksWhileRegistering(t *testing.T) {
	c := startCluster(t, 1, shortSession)
	for i := range 45 {
		c.Sim.Kill(node(1))
		c.Run(10 * time.Second) // the session expires
		c.Sim.Start(node(1))
		c.Run(time.Duration(i) * 100 * time.Microsecond)
		c.Sim.Reset(node(1), brokertest.ZooKeeper)
		c.Eventually(20*time.Second, "it has registered", func() bool { return c.AllKnow(1) })
		require.True(t, c.Broker(1).IsController())
		c.Run(3 * time.Second)
		require.Zero(t, c.Broker(1).WaitForZooKeeper())
	}
}
