package cluster

import (
	"errors"
	"fmt"
	"slices"

	"sandcastle/broker/log"
	"sandcastle/broker/replica"
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Waiting is somebody who waits for something, and why it does not come.
type Waiting struct{ Who, What string }

// WhyNoController says why nobody controls the cluster; nothing when somebody does.
func (c *Cluster) WhyNoController() []Waiting {
	switch {
	case !c.World.Running(c.ZooKeeper):
		return []Waiting{{string(c.ZooKeeper), "does not run, and the brokers wait for it"}}
	case len(c.Controllers()) == 0:
		return []Waiting{{"the cluster", "has no controller: no broker holds its node in ZooKeeper"}}
	default:
		return nil
	}
}

// Deleting tells whether a topic is to be deleted, and is not yet.
func (c *Cluster) Deleting(topic string) bool {
	zk, running := c.World.Process(c.ZooKeeper).(*zookeeper.Server)
	if !running {
		return false
	}
	path, known := c.deletePaths[topic]
	if !known {
		path = znode.DeleteTopicPath(topic)
		c.deletePaths[topic] = path
	}
	_, marked := zk.Data(path)
	return marked
}

// WhyNotWhole says why the replicas of a partition are not all in sync and committed.
func (c *Cluster) WhyNotWhole(tp kafka.TopicPartition) (list []Waiting) {
	leaders := c.Leaders(tp)
	if len(leaders) == 0 {
		return []Waiting{c.whyNoLeader(tp)}
	}
	lead, _ := c.Broker(leaders[0]).Replicas().Position(tp)
	view, _ := c.Broker(leaders[0]).Replicas().View(tp, lead.LogEnd)
	following := 0
	for _, id := range c.Brokers {
		b := c.Broker(id)
		if b == nil || id == leaders[0] || c.stray(tp, id) {
			continue
		}
		f, follows := b.Replicas().Following(tp)
		if !follows {
			continue
		}
		following++
		at, _ := b.Replicas().Position(tp)
		if at.LogEnd == lead.LogEnd && slices.Contains(view.ISR, b.ID()) && f.Obstacle == nil {
			continue
		}
		list = append(list, Waiting{string(id), whyBehind(tp, f, at, lead, leaders[0])})
	}
	if missing := lead.Replicas - 1 - following; missing > 0 {
		what := fmt.Sprintf("leads %s with %d replicas, of which %d do not follow it: their brokers do "+
			"not run, or were not told to", tp, lead.Replicas, missing)
		list = append(list, Waiting{string(leaders[0]), what})
	}
	if len(list) == 0 {
		list = append(list, Waiting{string(leaders[0]), fmt.Sprintf("leads %s with log end %d and high "+
			"watermark %d, and waits for its followers to fetch once more, or for the in-sync set to grow "+
			"from %d to %d", tp, lead.LogEnd, lead.HighWatermark, lead.InSync, lead.Replicas)})
	}
	return list
}

// gaveUp tells whether a follower has batches that its leader lost and wrote anew in other bounds,
// in the same epoch: Kafka's marks the partition as failed, until a new epoch or for good
// (AbstractFetcherThread.processFetchRequest, UnexpectedAppendOffsetException, 3.9).
func (c *Cluster) gaveUp(tp kafka.TopicPartition, id model.NodeID) bool {
	f, follows := c.Broker(id).Replicas().Following(tp)
	var early *log.UnexpectedOffsetError
	return follows && c.LosesData && errors.As(f.Obstacle, &early)
}

// whyBehind says what keeps a follower from being in sync.
func whyBehind(tp kafka.TopicPartition, f replica.Following, at, lead replica.Position,
	leader model.NodeID,
) string {
	var early *log.UnexpectedOffsetError
	switch {
	case errors.As(f.Obstacle, &early):
		return fmt.Sprintf("cannot append %d…%d of %s at its log end %d: %s, whose log ends at %d, "+
			"sends whole batches", early.Offset, early.Last, tp, early.End, leader, lead.LogEnd)
	case f.Obstacle != nil:
		return fmt.Sprintf("gets no further than offset %d of %s: %s", at.LogEnd, tp, f.Obstacle)
	case at.LogEnd == lead.LogEnd:
		return fmt.Sprintf("holds %s to its end at %d, and waits to be taken into the in-sync set by %s",
			tp, at.LogEnd, leader)
	default:
		return fmt.Sprintf("holds %s to offset %d, its leader %s to %d: it %s", tp, at.LogEnd, leader,
			lead.LogEnd, f.Doing)
	}
}

// whyNoLeader says why nobody leads a partition.
func (c *Cluster) whyNoLeader(tp kafka.TopicPartition) Waiting {
	zk, running := c.World.Process(c.ZooKeeper).(*zookeeper.Server)
	if !running {
		return Waiting{tp.String(), "has no leader, and ZooKeeper cannot be asked"}
	}
	state, known := c.partitionState(zk, tp)
	switch {
	case !known:
		return Waiting{tp.String(), "was never created: the controller has written no state of it"}
	case state.Leader == kafka.NoBroker:
		return Waiting{tp.String(), fmt.Sprintf("has no leader: of its in-sync set %v nobody is there, "+
			"and others may not lead", state.ISR)}
	default:
		return Waiting{fmt.Sprintf("broker-%d", state.Leader), fmt.Sprintf("was elected leader of %s in "+
			"epoch %d and does not lead it yet", tp, state.Epoch)}
	}
}
