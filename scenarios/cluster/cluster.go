package cluster

import (
	"bytes"
	"fmt"
	"slices"

	"sandcastle/broker"
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/sim"
)

// Cluster is the ZooKeeper and the brokers of a run.
type Cluster struct {
	World     *sim.World
	ZooKeeper model.NodeID
	Brokers   []model.NodeID // by broker id, from 1 on
	// LosesData says that disks of the run may lose what was written: a follower may then give up.
	LosesData bool

	states map[kafka.TopicPartition]readState
	// statePaths are the paths of the partitions' state nodes.
	statePaths map[kafka.TopicPartition]string
	topics     map[string]readTopic
	// deletePaths are the paths of the nodes that mark topics for deletion.
	deletePaths map[string]string
}

// New is a cluster of w that has no brokers yet.
func New(w *sim.World, zooKeeper model.NodeID) *Cluster {
	return &Cluster{
		World: w, ZooKeeper: zooKeeper, states: map[kafka.TopicPartition]readState{},
		statePaths: map[kafka.TopicPartition]string{}, topics: map[string]readTopic{},
		deletePaths: map[string]string{},
	}
}

// Broker returns the running broker on node id, or nil.
func (c *Cluster) Broker(id model.NodeID) *broker.Broker {
	b, _ := c.World.Process(id).(*broker.Broker)
	return b
}

// Leaders names the broker that leads tp in the highest epoch: none or one.
func (c *Cluster) Leaders(tp kafka.TopicPartition) []model.NodeID {
	var best []model.NodeID
	highest := kafka.NoEpoch
	for _, id := range c.Brokers {
		if b := c.Broker(id); b != nil {
			if epoch, leads := b.Replicas().Leads(tp); leads && epoch > highest {
				best, highest = []model.NodeID{id}, epoch
			}
		}
	}
	return best
}

// LastInSync names the broker that alone is in sync with tp, as its leader knows it: none or one.
func (c *Cluster) LastInSync(tp kafka.TopicPartition) []model.NodeID {
	leaders := c.Leaders(tp)
	if len(leaders) == 0 {
		return nil
	}
	if at, ok := c.Broker(leaders[0]).Replicas().Position(tp); !ok || at.InSync > 1 {
		return nil
	}
	return leaders
}

// Followers names the running brokers that follow tp, by their ids.
func (c *Cluster) Followers(tp kafka.TopicPartition) []model.NodeID {
	var out []model.NodeID
	for _, id := range c.Brokers {
		if b := c.Broker(id); b != nil && b.Replicas().Follows(tp) {
			out = append(out, id)
		}
	}
	return out
}

// Controllers names the broker that takes itself for the controller: none or one.
func (c *Cluster) Controllers() []model.NodeID {
	for _, id := range c.Brokers {
		if b := c.Broker(id); b != nil && b.IsController() {
			return []model.NodeID{id}
		}
	}
	return nil
}

// Whole tells whether tp has a leader and all its replicas are in the ISR and end alike.
func (c *Cluster) Whole(tp kafka.TopicPartition) bool {
	leaders := c.Leaders(tp)
	if len(leaders) == 0 {
		return false
	}
	lead, _ := c.Broker(leaders[0]).Replicas().Position(tp)
	due := lead.Replicas
	followers := slices.DeleteFunc(c.Followers(tp), func(id model.NodeID) bool {
		return c.stray(tp, id)
	})
	for _, id := range followers {
		if c.gaveUp(tp, id) {
			due--
		}
	}
	if lead.InSync < due || len(followers) < lead.Replicas-1 {
		return false
	}
	for _, id := range followers {
		if c.gaveUp(tp, id) {
			continue
		}
		at, ok := c.Broker(id).Replicas().Position(tp)
		if !ok || at.LogEnd != lead.LogEnd || at.HighWatermark != lead.HighWatermark {
			return false
		}
	}
	return lead.HighWatermark == lead.LogEnd
}

// readState is what a partition's state node said when it held data.
type readState struct {
	data  []byte
	state kafka.PartitionState
}

// partitionState reads what ZooKeeper holds of a partition; it is decoded when it has changed.
func (c *Cluster) partitionState(zk *zookeeper.Server, tp kafka.TopicPartition,
) (kafka.PartitionState, bool) {
	path, known := c.statePaths[tp]
	if !known {
		path = znode.PartitionStatePath(tp)
		c.statePaths[tp] = path
	}
	data, ok := zk.Data(path)
	if !ok {
		return kafka.PartitionState{}, false
	}
	if before := c.states[tp]; before.data != nil && bytes.Equal(before.data, data) {
		return before.state, true
	}
	s, err := znode.DecodePartitionState(tp, data)
	if err != nil {
		// Without it StrongIsr would be checked against nothing.
		panic(fmt.Sprintf("cluster: the brokers wrote no partition state into %s: %v", path, err))
	}
	state := kafka.PartitionState{Leader: s.Leader, Epoch: s.LeaderEpoch, ISR: s.ISR}
	c.states[tp] = readState{bytes.Clone(data), state}
	return state, true
}
