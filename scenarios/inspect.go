package scenarios

import (
	"bytes"
	"fmt"
	"slices"

	"sandcastle/broker"
	"sandcastle/broker/client"
	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// watchEveryEvent has the watcher look, after every event, at the partitions that it changed.
func (p *player) watchEveryEvent() {
	p.world.AfterEvent(func(model.NodeID) {
		if len(p.changed) > 0 {
			changed := p.changed
			p.changed = p.changed[:0]
			for _, tp := range changed {
				p.inspectPartition(tp)
			}
		}
	})
}

// onReplicaNote remembers which partition a note of a broker says has changed, and lets its logs be
// compared again from where one was cut, or from the beginning when one comes to be seen: a broker
// that was started shows its logs when it has opened them.
func (p *player) onReplicaNote(n *kafka.Note) {
	switch n.Kind {
	case kafka.LogTruncated:
		if tp := n.TP(); p.verified[tp] > n.Offset {
			p.verified[tp] = n.Offset
		}
	case kafka.BecameLeader, kafka.BecameFollower:
		delete(p.verified, n.TP())
	case kafka.ISRShrunk, kafka.ISRExpanded, kafka.LogEnd, kafka.HighWatermark, kafka.LogStart,
		kafka.LogCleaned:
	default:
		return
	}
	if tp := n.TP(); p.opts.Paranoid && !slices.Contains(p.changed, tp) {
		p.changed = append(p.changed, tp)
	}
}

// visible is the running broker on node id whose insides can be looked at, or nil: a look at a log
// on a failing disk would show nothing of it, and be an error that the broker meets.
func (p *player) visible(id model.NodeID) *broker.Broker {
	if p.world.DiskFails(id) {
		return nil
	}
	return p.broker(id)
}

// inspect shows the watcher the inside of the whole cluster.
func (p *player) inspect() {
	v := p.emptyView()
	from := func(tp kafka.TopicPartition) kafka.Offset { return p.verified[tp] }
	for _, id := range p.brokers {
		if b := p.visible(id); b != nil {
			v.Replicas = append(v.Replicas, b.Replicas().Views(from)...)
		}
	}
	slices.SortStableFunc(v.Replicas, func(a, b kafka.ReplicaView) int { return a.TP.Compare(b.TP) })
	for _, id := range p.consumers {
		if c, ok := p.world.Process(id).(*client.Consumer); ok {
			v.Members = append(v.Members, c.View())
		}
	}
	p.show(v)
}

// inspectPartition shows the watcher the replicas of one partition.
func (p *player) inspectPartition(tp kafka.TopicPartition) {
	v := p.emptyView()
	for _, id := range p.brokers {
		if b := p.visible(id); b != nil {
			if r, ok := b.Replicas().View(tp, p.verified[tp]); ok {
				v.Replicas = append(v.Replicas, r)
			}
		}
	}
	p.show(v)
}

func (p *player) emptyView() kafka.ClusterView {
	v := kafka.ClusterView{
		At: p.world.Now(), States: map[kafka.TopicPartition]kafka.PartitionState{},
	}
	for _, id := range p.brokers {
		if b := p.visible(id); b != nil {
			v.Running = append(v.Running, b.ID())
		}
	}
	return v
}

// show adds what ZooKeeper says of the partitions of v, shows v to the watcher, and remembers how
// far the logs were compared.
func (p *player) show(v kafka.ClusterView) {
	zk, running := p.world.Process(zooKeeperNode).(*zookeeper.Server)
	lowest := map[kafka.TopicPartition]kafka.Offset{}
	for i := range v.Replicas {
		r := &v.Replicas[i]
		hw, seen := lowest[r.TP]
		if !seen || r.HighWatermark < hw {
			lowest[r.TP] = r.HighWatermark
		}
		if seen || !running {
			continue
		}
		if s, ok := p.partitionState(zk, r.TP); ok {
			v.States[r.TP] = s
		}
	}
	p.watcher.Inspect(v)
	for tp, hw := range lowest { //unordered: each key is its own
		p.verified[tp] = max(p.verified[tp], hw)
	}
}

// readState is what a partition's state node said when it held data.
type readState struct {
	data  []byte
	state kafka.PartitionState
}

// partitionState reads what ZooKeeper holds of a partition; it is decoded when it has changed.
func (p *player) partitionState(zk *zookeeper.Server, tp kafka.TopicPartition,
) (kafka.PartitionState, bool) {
	path, known := p.statePaths[tp]
	if !known {
		path = znode.PartitionStatePath(tp)
		p.statePaths[tp] = path
	}
	data, ok := zk.Data(path)
	if !ok {
		return kafka.PartitionState{}, false
	}
	if before := p.states[tp]; before.data != nil && bytes.Equal(before.data, data) {
		return before.state, true
	}
	s, err := znode.DecodePartitionState(tp, data)
	if err != nil {
		// Without it StrongIsr would be checked against nothing.
		panic(fmt.Sprintf("scenarios: the brokers wrote no partition state into %s: %v", path, err))
	}
	state := kafka.PartitionState{Leader: s.Leader, Epoch: s.LeaderEpoch, ISR: s.ISR}
	p.states[tp] = readState{bytes.Clone(data), state}
	return state, true
}

// onStarted has all logs compared from the beginning again: the replicas of a broker that was down
// were not part of the last looks.
func (p *player) onStarted() { clear(p.verified) }
