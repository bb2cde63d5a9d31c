package cluster

import (
	"slices"

	"sandcastle/broker"
	"sandcastle/broker/client"
	"sandcastle/broker/zookeeper"
	"sandcastle/checks"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Inspector shows a watcher the inside of a cluster. Logs are shown from where they were not
// compared yet.
type Inspector struct {
	c          *Cluster
	watcher    *checks.Watcher
	verified   map[kafka.TopicPartition]kafka.Offset // logs are compared up to here
	changed    []kafka.TopicPartition                // by the event in progress
	known      map[kafka.TopicPartition]bool         // brokers had a replica of it
	everyEvent bool
	whole      bool // the look in progress is at the whole cluster
	// loaded are the brokers that have loaded groups or moved one on, by the event in progress.
	loaded []model.NodeID
	topics incarnations
	// AtRest says that everything has come to rest.
	AtRest bool
	view   kafka.ClusterView // memory for the next look
}

// NewInspector returns one that has shown nothing.
func NewInspector(c *Cluster, watcher *checks.Watcher) *Inspector {
	return &Inspector{
		c: c, watcher: watcher, verified: map[kafka.TopicPartition]kafka.Offset{}, topics: incarnations{},
		known: map[kafka.TopicPartition]bool{},
	}
}

// WatchEveryEvent has the watcher look, after every event, at the partitions that it changed.
func (x *Inspector) WatchEveryEvent() {
	x.everyEvent = true
	x.c.World.AfterEvent(func(model.NodeID) {
		if len(x.changed) > 0 {
			changed := x.changed
			x.changed = x.changed[:0]
			for _, tp := range changed {
				x.inspectPartition(tp)
			}
		}
		for _, id := range x.loaded {
			x.inspectGroups(id)
		}
		x.loaded = x.loaded[:0]
	})
}

// ObserveNote remembers which partition a note of a broker says has changed, and lets its logs be
// compared again from where one was cut, or from the beginning when one comes to be seen: a broker
// that was started shows its logs when it has opened them.
func (x *Inspector) ObserveNote(node model.NodeID, n *kafka.Note) {
	x.topics.observe(x.c, n)
	switch n.Kind {
	case kafka.CoordinatorLoaded, kafka.GroupStable:
		if x.everyEvent && !slices.Contains(x.loaded, node) {
			x.loaded = append(x.loaded, node)
		}
		return
	case kafka.LogTruncated:
		if tp := n.TP(); x.verified[tp] > n.Offset {
			x.verified[tp] = n.Offset
		}
	case kafka.BecameLeader, kafka.BecameFollower:
		delete(x.verified, n.TP())
		x.known[n.TP()] = true
	case kafka.ISRShrunk, kafka.ISRExpanded, kafka.LogEnd, kafka.HighWatermark, kafka.LogStart,
		kafka.LogCleaned:
	default:
		return
	}
	if tp := n.TP(); x.everyEvent && !slices.Contains(x.changed, tp) {
		x.changed = append(x.changed, tp)
	}
}

// visible is the running broker on node id whose insides can be looked at, or nil: a look at a log
// on a failing disk would show nothing of it, and be an error that the broker meets.
func (x *Inspector) visible(id model.NodeID) *broker.Broker {
	if x.c.World.Disk(id).Fails() {
		return nil
	}
	return x.c.Broker(id)
}

// Inspect shows the watcher the inside of the whole cluster, and of consumers; at rest also where
// replicas are.
func (x *Inspector) Inspect(consumers []model.NodeID) {
	v := x.emptyView()
	zk, running := x.c.World.Process(x.c.ZooKeeper).(*zookeeper.Server)
	if x.AtRest && running {
		v.Placements = x.placements(zk)
	}
	from := func(tp kafka.TopicPartition) kafka.Offset { return x.verified[tp] }
	for _, id := range x.c.Brokers {
		if b := x.visible(id); b != nil {
			v.Replicas = append(v.Replicas, b.Replicas().Views(from)...)
			if !x.c.World.Paused(id) {
				addGroups(v, b)
			}
		}
	}
	slices.SortStableFunc(v.Replicas, func(a, b kafka.ReplicaView) int { return a.TP.Compare(b.TP) })
	if zk, ok := x.c.World.Process(x.c.ZooKeeper).(*zookeeper.Server); ok {
		v.ZooKeeper = zooKeeperView(zk)
	}
	for _, id := range consumers {
		if c, ok := x.c.World.Process(id).(*client.Consumer); ok {
			v.Members = append(v.Members, c.View())
		}
	}
	x.whole = true
	x.show(v)
	x.whole = false
}

// Whole is a view of everything, from the beginnings of the logs on, that stays as it is.
func (x *Inspector) Whole(consumers []model.NodeID) kafka.ClusterView {
	v := *x.emptyView()
	v.Replicas, v.Members, v.Running = nil, nil, slices.Clone(v.Running)
	for _, id := range x.c.Brokers {
		if b := x.visible(id); b != nil {
			v.Replicas = append(v.Replicas, b.Replicas().Views(nil)...)
		}
	}
	slices.SortStableFunc(v.Replicas, func(a, b kafka.ReplicaView) int { return a.TP.Compare(b.TP) })
	for _, id := range consumers {
		if c, ok := x.c.World.Process(id).(*client.Consumer); ok {
			v.Members = append(v.Members, c.View())
		}
	}
	v.States = map[kafka.TopicPartition]kafka.PartitionState{}
	if zk, ok := x.c.World.Process(x.c.ZooKeeper).(*zookeeper.Server); ok {
		for i := range v.Replicas {
			if s, ok := x.c.partitionState(zk, v.Replicas[i].TP); ok {
				v.States[v.Replicas[i].TP] = s
			}
		}
	}
	return v
}

// inspectPartition shows the watcher the replicas of one partition.
func (x *Inspector) inspectPartition(tp kafka.TopicPartition) {
	v := x.emptyView()
	for _, id := range x.c.Brokers {
		if b := x.visible(id); b != nil {
			if r, ok := b.Replicas().View(tp, x.verified[tp]); ok {
				v.Replicas = append(v.Replicas, r)
			}
		}
	}
	x.show(v)
}

// emptyView is good until the next. The watcher keeps nothing of a view but batches, by value.
func (x *Inspector) emptyView() *kafka.ClusterView {
	v := &x.view
	if v.States == nil {
		v.States = map[kafka.TopicPartition]kafka.PartitionState{}
	}
	clear(v.States)
	*v = kafka.ClusterView{
		At: x.c.World.Now(), AtRest: x.AtRest, States: v.States,
		Replicas: v.Replicas[:0], Members: v.Members[:0], Running: v.Running[:0],
	}
	for _, id := range x.c.Brokers {
		if b := x.visible(id); b != nil {
			v.Running = append(v.Running, b.ID())
		}
	}
	return v
}

// show adds what ZooKeeper says of the partitions of v, shows v to the watcher, and remembers how
// far the logs were compared.
func (x *Inspector) show(v *kafka.ClusterView) {
	v.Replicas = x.topics.present(x.c, v.Replicas)
	zk, running := x.c.World.Process(x.c.ZooKeeper).(*zookeeper.Server)
	for i := range v.Replicas {
		r := &v.Replicas[i]
		if !running || i > 0 && v.Replicas[i-1].TP == r.TP {
			continue
		}
		if s, ok := x.c.partitionState(zk, r.TP); ok {
			if x.whole {
				a, _ := x.c.assignment(zk, r.TP)
				s.Replicas = a.Replicas
			}
			v.States[r.TP] = s
		}
	}
	x.watcher.Inspect(*v)
	for rest := v.Replicas; len(rest) > 0; {
		tp, lowest := rest[0].TP, rest[0].HighWatermark
		for ; len(rest) > 0 && rest[0].TP == tp; rest = rest[1:] {
			lowest = min(lowest, rest[0].HighWatermark)
		}
		x.verified[tp] = max(x.verified[tp], lowest)
	}
}

// ObserveStart has all logs compared from the beginning again: the replicas of a broker that was
// down were not part of the last looks.
func (x *Inspector) ObserveStart() { clear(x.verified) }
