package broker

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model/kafka"
)

// shortSession keeps the tests' virtual time short.
const shortSession = "zookeeper.session.timeout.ms=6000"

// A broker that restarts before its old session has expired finds the node of its former self. It
// takes no requests until that has gone, and registers anew under a larger broker epoch.
func TestRestartWithinTheSession(t *testing.T) {
	c := startCluster(t, 2, shortSession)
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{2, 1}})
	c.mustProduce(orders, "a")
	before := c.broker(2).registered.epoch
	c.world.Restart(node(2))
	c.run(time.Second)
	require.False(t, c.broker(2).registered.done)
	l := c.dial(2)
	l.send(kmsg.NewPtrApiVersionsRequest())
	c.eventually(time.Second, "it does not serve", func() bool { return l.closed })
	start := c.world.Now()
	c.eventually(20*time.Second, "it has registered", func() bool { return c.allKnow(2) })
	require.Greater(t, c.world.Now().Sub(start), 4*time.Second)
	require.Greater(t, c.broker(2).registered.epoch, before)
	c.eventually(10*time.Second, "it follows or leads", func() bool {
		return c.settled(orders, 1, 2)
	})
	c.requireEqualLogs(orders, 1, 2)
}

// Requests that come while a broker starts wait until it has registered.
func TestRequestsWaitForTheRegistration(t *testing.T) {
	c := startCluster(t, 1, shortSession)
	c.world.Kill(node(1))
	c.run(10 * time.Second) // the session expires
	c.world.Cut(node(1), zooKeeper)
	c.world.Start(node(1))
	l := c.dial(1)
	req := kmsg.NewPtrApiVersionsRequest()
	first, second := l.send(req), l.send(req)
	c.run(500 * time.Millisecond)
	require.Empty(t, l.replies)
	require.False(t, l.closed)
	c.world.Heal(node(1), zooKeeper)
	l.receive(req, first)
	l.receive(req, second)
	require.True(t, c.broker(1).registered.done)
}

// A broker whose session expires while it cannot reach ZooKeeper lives on, and registers again.
func TestSessionExpires(t *testing.T) {
	c := startCluster(t, 3, shortSession)
	orders := tp("orders", 0)
	follower := c.controller()%3 + 1 // not the controller
	other := follower%3 + 1
	c.createTopic("orders", [][]int32{{int32(follower), int32(other)}})
	c.mustProduce(orders, "a")
	before := c.broker(follower).registered.epoch
	c.cut(node(follower), zooKeeper)
	c.eventually(time.Minute, "another leads", func() bool { return c.leader(orders) == other })
	c.world.HealAll()
	c.eventually(time.Minute, "it has registered", func() bool {
		return c.allKnow(3) && c.broker(follower).registered.epoch > before
	})
	c.eventually(time.Minute, "it is in sync again", func() bool { return len(c.isr(orders)) == 2 })
	require.EqualValues(t, 1, c.world.Incarnation(node(follower)))
}

// When the controller dies another takes its place, in the next epoch.
func TestControllerMoves(t *testing.T) {
	c := startCluster(t, 3, shortSession)
	old := c.controller()
	epoch := c.broker(old).controllerEpoch
	c.world.Kill(node(old))
	c.eventually(time.Minute, "another is the controller", func() bool { return c.allKnow(2) })
	id := c.controller()
	require.NotEqual(t, old, id)
	for i := 1; i <= 3; i++ {
		if b := c.broker(i); b != nil {
			require.Equal(t, epoch+1, b.controllerEpoch)
			require.EqualValues(t, id, b.metadata.controller)
		}
	}
	c.world.Start(node(old))
	c.eventually(time.Minute, "the old one is back", func() bool { return c.allKnow(3) })
	require.False(t, c.broker(old).IsController())
	require.Equal(t, id, c.controller())
}

// A controller that is cut off from ZooKeeper alone still believes in itself. The others have gone
// on to a new epoch and do as the new one says; when it hears that its session has expired, it is a
// broker like any other.
func TestOldControllerIsFenced(t *testing.T) {
	c := startCluster(t, 3, shortSession)
	c.createTopic("orders", [][]int32{{1, 2, 3}})
	old := c.controller()
	other := old%3 + 1
	epoch := int32(c.broker(old).controllerEpoch)
	c.cut(node(old), zooKeeper)
	c.eventually(time.Minute, "another takes over", func() bool {
		return c.broker(other).controllerEpoch > kafka.Epoch(epoch)
	})
	require.True(t, c.broker(old).IsController(), "it has not heard")

	req := leaderAndIsrRequest(c.broker(other), tp("orders", 0), int32(old), 9)
	req.ControllerID, req.ControllerEpoch = int32(old), epoch
	resp := c.request(other, req).(*kmsg.LeaderAndISRResponse)
	require.Equal(t, wire.StaleControllerEpoch, wire.Code(resp.ErrorCode))
	fenced := 0
	for _, n := range c.notes {
		if n.Note.Kind == kafka.ControllerFenced && n.Node == node(other) {
			fenced++
		}
	}
	require.Equal(t, 1, fenced)

	c.world.HealAll()
	c.eventually(time.Minute, "it resigns", func() bool {
		return !c.broker(old).IsController() && c.allKnow(3) &&
			c.broker(old).controllerEpoch > kafka.Epoch(epoch)
	})
	c.eventually(time.Minute, "all are in sync", func() bool {
		return c.leader(tp("orders", 0)) != 0 && len(c.isr(tp("orders", 0))) == 3
	})
}

// ZooKeeper itself may be away for longer than a session: who comes back in time keeps what it had.
func TestZooKeeperRestarts(t *testing.T) {
	c := startCluster(t, 2, shortSession)
	orders := tp("orders", 0)
	c.createTopic("orders", [][]int32{{1, 2}})
	c.world.Kill(zooKeeper)
	c.run(15 * time.Second)
	c.mustProduce(orders, "a") // replication needs no ZooKeeper
	c.world.Start(zooKeeper)
	c.run(20 * time.Second)
	require.True(t, c.allKnow(2))
	c.mustProduce(orders, "b")
	c.createTopic("more", [][]int32{{2, 1}})
	c.mustProduce(tp("more", 0), "c")
}

// The connection to ZooKeeper may break at any moment of a start: the broker gets there all the
// same, and once.
func TestConnectionBreaksWhileRegistering(t *testing.T) {
	c := startCluster(t, 1, shortSession)
	for i := range 45 {
		c.world.Kill(node(1))
		c.run(10 * time.Second) // the session expires
		c.world.Start(node(1))
		c.run(time.Duration(i) * 100 * time.Microsecond)
		c.world.Reset(node(1), zooKeeper)
		c.eventually(20*time.Second, "it has registered", func() bool { return c.allKnow(1) })
		require.True(t, c.broker(1).IsController())
		c.run(3 * time.Second)
		require.Empty(t, c.broker(1).session.waiting)
	}
}
