package cluster

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// readTopic is what a topic's node said when it held data.
type readTopic struct {
	data  []byte
	topic znode.Topic
}

// assignment reads what ZooKeeper says of a partition's replicas; false when it knows no such
// partition.
func (c *Cluster) assignment(zk *zookeeper.Server, tp kafka.TopicPartition,
) (znode.Assignment, bool) {
	data, ok := zk.Data(znode.TopicPath(tp.Topic))
	if !ok {
		return znode.Assignment{}, false
	}
	before := c.topics[tp.Topic]
	if before.data == nil || !bytes.Equal(before.data, data) {
		topic, err := znode.DecodeTopic(tp.Topic, data)
		if err != nil {
			panic(fmt.Sprintf("cluster: the brokers wrote no topic into %s: %v",
				znode.TopicPath(tp.Topic), err))
		}
		before = readTopic{bytes.Clone(data), topic}
		c.topics[tp.Topic] = before
	}
	if int(tp.Partition) >= len(before.topic.Partitions) {
		return znode.Assignment{}, false
	}
	return before.topic.Partitions[tp.Partition], true
}

// stray tells whether a broker is none of those that ZooKeeper assigns a partition to. It may keep
// a replica when the controller that moved this away died before the broker had heard of it: the
// next one tells brokers of what they are assigned (KafkaController.onBrokerStartup, 3.9).
func (c *Cluster) stray(tp kafka.TopicPartition, id model.NodeID) bool {
	zk, running := c.World.Process(c.ZooKeeper).(*zookeeper.Server)
	if !running {
		return false
	}
	a, known := c.assignment(zk, tp)
	return known && !slices.Contains(a.Replicas, c.Broker(id).ID())
}

// placements are those of all partitions that brokers ever had a replica of.
func (x *Inspector) placements(zk *zookeeper.Server) (list []kafka.Placement) {
	tps := slices.Collect(maps.Keys(x.known))
	slices.SortFunc(tps, kafka.TopicPartition.Compare)
	for _, tp := range tps {
		p := kafka.Placement{TP: tp}
		if a, ok := x.c.assignment(zk, tp); ok {
			p.Assigned, p.Moving = a.Replicas, len(a.Adding)+len(a.Removing) > 0
		}
		for _, id := range x.c.Brokers {
			b := x.visible(id)
			if b == nil {
				continue
			}
			if _, open := b.Replicas().Position(tp); open {
				p.Open = append(p.Open, b.ID())
			}
			if names, err := x.c.World.Disk(id).List(tp.String()); err == nil && len(names) > 0 {
				p.Held = append(p.Held, b.ID())
			}
		}
		list = append(list, p)
	}
	return list
}
