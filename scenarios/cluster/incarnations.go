package cluster

import (
	"slices"

	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model/kafka"
)

// incarnations are the ids of topics that were made or deleted while somebody watched. A broker
// that was cut off or stood still may go on holding, and even leading, a topic that is gone, also
// when there is a new one of its name: such replicas are none of that topic's.
type incarnations map[string]znode.TopicID // the zero id for a topic that is gone

// observe follows the topics that come and go.
func (x incarnations) observe(c *Cluster, n *kafka.Note) {
	switch n.Kind {
	case kafka.TopicDeleted:
		x[n.Topic] = znode.TopicID{}
	case kafka.TopicCreated:
		delete(x, n.Topic)
		zk, running := c.World.Process(c.ZooKeeper).(*zookeeper.Server)
		if !running {
			return
		}
		if data, ok := zk.Data(znode.TopicPath(n.Topic)); ok {
			if t, err := znode.DecodeTopic(n.Topic, data); err == nil {
				x[n.Topic] = t.ID
			}
		}
	}
}

// present leaves out the replicas of topics that are gone, and of those that are going: brokers
// delete their replicas one after the other.
func (x incarnations) present(c *Cluster, replicas []kafka.ReplicaView) []kafka.ReplicaView {
	return slices.DeleteFunc(replicas, func(r kafka.ReplicaView) bool {
		id, watched := x[r.TP.Topic]
		return watched && r.TopicID != id || c.Deleting(r.TP.Topic)
	})
}
