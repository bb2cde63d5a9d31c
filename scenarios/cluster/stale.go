package cluster

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sandcastle/broker"
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Node is the node of a broker.
func (c *Cluster) Node(id kafka.BrokerID) model.NodeID {
	return model.NodeID("broker-" + strconv.Itoa(int(id)))
}

// PartitionState is what ZooKeeper holds of a partition; false when it holds nothing, or does not
// run.
func (c *Cluster) PartitionState(tp kafka.TopicPartition) (kafka.PartitionState, bool) {
	zk, running := c.World.Process(c.ZooKeeper).(*zookeeper.Server)
	if !running {
		return kafka.PartitionState{}, false
	}
	return c.partitionState(zk, tp)
}

// ElectedController is the node that ZooKeeper names as the controller, if that takes itself for
// it.
func (c *Cluster) ElectedController() (model.NodeID, bool) {
	zk, running := c.World.Process(c.ZooKeeper).(*zookeeper.Server)
	if !running {
		return "", false
	}
	data, there := zk.Data(znode.ControllerPath)
	if !there {
		return "", false
	}
	named, err := znode.DecodeController(data)
	if err != nil {
		return "", false
	}
	b := c.Broker(c.Node(named.Broker))
	return c.Node(named.Broker), b != nil && b.IsController()
}

// WhyStale says where ZooKeeper and the brokers do not say the same. At rest there is nothing.
func (c *Cluster) WhyStale() (list []Waiting) {
	zk, running := c.World.Process(c.ZooKeeper).(*zookeeper.Server)
	if !running {
		return []Waiting{{string(c.ZooKeeper), "does not run"}}
	}
	controller, known := c.ElectedController()
	if !known {
		return []Waiting{{"the cluster", "has no controller, or ZooKeeper names another one"}}
	}
	x := &comparison{c: c, zk: zk, controller: controller}
	for _, n := range zk.Dump() {
		x.node(&n)
	}
	x.sessions()
	for _, id := range c.Brokers {
		if b := c.Broker(id); b != nil {
			x.broker(id, b)
		}
	}
	return x.list
}

// comparison gathers where two do not say the same.
type comparison struct {
	c          *Cluster
	zk         *zookeeper.Server
	controller model.NodeID
	list       []Waiting
	registered []kafka.BrokerID
	partitions map[kafka.TopicPartition]kafka.PartitionState
	topics     []string
}

func (x *comparison) add(who, format string, args ...any) {
	x.list = append(x.list, Waiting{who, fmt.Sprintf(format, args...)})
}

// node looks at one node of ZooKeeper.
func (x *comparison) node(n *zookeeper.NodeView) {
	parent, name := "", ""
	if at := strings.LastIndexByte(n.Path, '/'); at > 0 {
		parent, name = n.Path[:at], n.Path[at+1:]
	}
	switch parent {
	case znode.BrokerIDsPath:
		x.registration(n, name)
	case znode.DeleteTopicsPath:
		x.add(string(x.controller), "has not deleted topic %s yet", name)
	case znode.IsrChangesPath, znode.LogDirEventsPath:
		x.add(string(x.controller), "has not read %s yet", n.Path)
	case znode.TopicsPath:
		x.topic(name, n.Data)
	}
	if n.Path == znode.PreferredElectionPath {
		x.add(string(x.controller), "has not held the elections that %s asks for", n.Path)
	}
}

func (x *comparison) registration(n *zookeeper.NodeView, name string) {
	id, ok := znode.ParseBrokerID(name)
	if !ok {
		return
	}
	x.registered = append(x.registered, id)
	slices.Sort(x.registered)
	switch b := x.c.Broker(x.c.Node(id)); {
	case b == nil:
		x.add(string(x.c.ZooKeeper), "has broker %d as alive, which does not run", id)
	case b.Epoch() != n.Stat.Czxid:
		x.add(string(x.c.Node(id)), "has broker epoch %d, and its node in ZooKeeper %d", b.Epoch(),
			n.Stat.Czxid)
	}
}

// topic looks at a topic's assignment: no move is under way, and every partition has a state that
// fits it.
func (x *comparison) topic(name string, data []byte) {
	t, err := znode.DecodeTopic(name, data)
	if err != nil {
		x.add(string(x.c.ZooKeeper), "holds %v", err)
		return
	}
	x.topics = append(x.topics, name)
	for n := range t.Partitions {
		a := &t.Partitions[n]
		if len(a.Replicas) == 0 {
			continue // no such partition
		}
		tp := kafka.TopicPartition{Topic: name, Partition: int32(n)}
		if len(a.Adding) > 0 || len(a.Removing) > 0 {
			x.add(string(x.controller), "has not moved %s yet", tp)
		}
		state, known := x.c.partitionState(x.zk, tp)
		if !known {
			x.add(string(x.controller), "has written no state of %s", tp)
			continue
		}
		if x.partitions == nil {
			x.partitions = map[kafka.TopicPartition]kafka.PartitionState{}
		}
		x.partitions[tp] = state
		x.replicas(tp, a.Replicas, state)
	}
}

// replicas looks at those who are to hold a partition.
func (x *comparison) replicas(tp kafka.TopicPartition, assigned []kafka.BrokerID,
	state kafka.PartitionState,
) {
	for _, id := range state.ISR {
		if !slices.Contains(assigned, id) {
			x.add(string(x.c.ZooKeeper), "has broker %d in sync with %s, whose replicas are %v", id, tp,
				assigned)
		}
	}
	for _, node := range x.c.Brokers {
		b := x.c.Broker(node)
		// A broker that was away when its replica was moved off it is never told so: the controller
		// sends StopReplica once (ReplicaStateMachine, 3.9), and the replica strays.
		if b == nil || x.c.World.Disk(node).Fails() || !slices.Contains(assigned, b.ID()) {
			continue
		}
		epoch, leads := b.Replicas().Leads(tp)
		v, holds := b.Replicas().View(tp, 1<<62)
		switch {
		case leads && b.ID() != state.Leader:
			x.add(string(node), "leads %s in epoch %d, and ZooKeeper has broker %d as its leader", tp, epoch,
				state.Leader)
		case leads && epoch != state.Epoch:
			x.add(string(node), "leads %s in epoch %d, and ZooKeeper has epoch %d", tp, epoch, state.Epoch)
		case leads && !slices.Equal(sorted(v.ISR), sorted(state.ISR)):
			x.add(string(node), "leads %s with in-sync set %v, and ZooKeeper has %v", tp, v.ISR, state.ISR)
		case holds && v.LeaderEpoch != state.Epoch:
			x.add(string(node), "holds %s in epoch %d, and ZooKeeper has epoch %d", tp, v.LeaderEpoch,
				state.Epoch)
		}
	}
}

func sorted(ids []kafka.BrokerID) []kafka.BrokerID {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return ids
}

// sessions looks at those who have one: they run, and each has its node.
func (x *comparison) sessions() {
	for _, s := range x.zk.Sessions() {
		if x.c.World.Process(model.NodeID(s.Owner)) == nil {
			x.add(string(x.c.ZooKeeper), "keeps a session of %s, which does not run", s.Owner)
		}
	}
	for _, node := range x.c.Brokers {
		if b := x.c.Broker(node); b != nil && !slices.Contains(x.registered, b.ID()) {
			x.add(string(node), "runs, and is not registered in ZooKeeper")
		}
	}
}

// broker compares what a broker tells clients with what ZooKeeper holds.
func (x *comparison) broker(node model.NodeID, b *broker.Broker) {
	known := b.KnownMetadata()
	if x.c.Node(known.Controller) != x.controller {
		x.add(string(node), "takes broker %d for the controller, which is %s", known.Controller,
			x.controller)
	}
	if node != x.controller && b.IsController() {
		x.add(string(node), "takes itself for the controller, which is %s", x.controller)
	}
	if !slices.Equal(known.Brokers, x.registered) {
		x.add(string(node), "knows brokers %v, and ZooKeeper has %v", known.Brokers, x.registered)
	}
	if !slices.Equal(known.Topics, x.topics) {
		x.add(string(node), "knows topics %v, and ZooKeeper has %v", known.Topics, x.topics)
		return
	}
	for _, name := range x.topics {
		for n := int32(0); ; n++ {
			tp := kafka.TopicPartition{Topic: name, Partition: n}
			state, there := x.partitions[tp]
			if !there {
				break
			}
			told, knows := b.KnownPartition(tp)
			if !knows || told.Leader != state.Leader || told.Epoch != state.Epoch ||
				!slices.Equal(sorted(told.ISR), sorted(state.ISR)) {
				x.add(string(node), "tells clients of %s leader %d in epoch %d with in-sync set %v, and "+
					"ZooKeeper has %d, %d, %v", tp, told.Leader, told.Epoch, told.ISR, state.Leader, state.Epoch,
					state.ISR)
			}
		}
	}
}
