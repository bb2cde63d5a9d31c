package replica

import (
	"slices"
	"time"

	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// How long ISR changes are gathered before the controller is notified, so that it reads each
// partition once (IsrChangePropagationConfig, ZkAlterPartitionManager, 3.9).
const (
	isrNotifyLinger = 5 * time.Second
	isrNotifyMax    = 60 * time.Second
)

// zooKeeperISRStore writes the partition's state node, on condition that nobody else has, and tells
// the controller afterwards through a sequential node under /isr_change_notification
// (ZkAlterPartitionManager, 3.9).
type zooKeeperISRStore struct {
	rs         *Set
	changed    []kafka.TopicPartition // unnotified, sorted
	lastChange model.Time
	lastNotice model.Time
	armed      bool
}

// write implements isrStore.
func (s *zooKeeperISRStore) write(out *model.Effects, p *Partition) {
	s.set(out, p.pendingChange())
}

func (s *zooKeeperISRStore) set(out *model.Effects, c isrChange) {
	data := znode.EncodePartitionState(znode.PartitionState{
		Leader: s.rs.cfg.ID, LeaderEpoch: c.leaderEpoch, ISR: c.isr,
		ControllerEpoch: c.p.controllerEpoch,
	})
	s.rs.zooKeeper.Set(out, znode.PartitionStatePath(c.p.tp), data, c.version,
		func(out *model.Effects, r zookeeper.Result) {
			if !c.isPending() {
				return // the partition moved on
			}
			switch r.Err {
			case zookeeper.ErrNone:
				s.confirm(out, c, r.Stat.Version)
			case zookeeper.ErrConnectionLoss, zookeeper.ErrSessionExpired, zookeeper.ErrBadVersion:
				s.verify(out, c)
			}
		})
}

// verify reads the node after a write whose outcome is open, or that came too late. If the node
// says what was to be written, the write took place. If it still has the old version, it did not,
// and is made again. Otherwise somebody else wrote: the controller's LeaderAndIsr will say what.
func (s *zooKeeperISRStore) verify(out *model.Effects, c isrChange) {
	s.rs.zooKeeper.Get(out, znode.PartitionStatePath(c.p.tp), false,
		func(out *model.Effects, r zookeeper.Result) {
			if !c.isPending() {
				return
			}
			if r.Err == zookeeper.ErrConnectionLoss || r.Err == zookeeper.ErrSessionExpired {
				s.rs.reconnects.OnceConnected(func(out *model.Effects) {
					if c.isPending() {
						s.verify(out, c)
					}
				})
				return
			}
			state, err := znode.DecodePartitionState(c.p.tp, r.Data)
			switch {
			case r.Err != zookeeper.ErrNone || err != nil:
			case state.Leader == s.rs.cfg.ID && state.LeaderEpoch == c.leaderEpoch &&
				slices.Equal(state.ISR, c.isr):
				s.confirm(out, c, r.Stat.Version)
			case r.Stat.Version == c.version:
				s.set(out, c)
			}
		})
}

func (s *zooKeeperISRStore) confirm(
	out *model.Effects,
	c isrChange,
	version int32,
) {
	c.p.onISRChanged(out, c.isr, version)
	tp := c.p.tp
	if at, found := slices.BinarySearchFunc(s.changed, tp, kafka.TopicPartition.Compare); !found {
		s.changed = slices.Insert(s.changed, at, tp)
	}
	s.lastChange = out.Now
	if !s.armed {
		s.armed = true
		out.SetTimer(model.Timer{Kind: s.rs.timers.ISRStore}, out.Now.Add(isrNotifyLinger))
	}
}

// onTimer implements isrStore: it notifies the controller, unless changes still come in and none
// has waited too long.
func (s *zooKeeperISRStore) onTimer(out *model.Effects) {
	s.armed = false
	if len(s.changed) == 0 {
		return
	}
	if due := min(s.lastChange.Add(isrNotifyLinger), s.lastNotice.Add(isrNotifyMax)); out.Now < due {
		s.armed = true
		out.SetTimer(model.Timer{Kind: s.rs.timers.ISRStore}, due)
		return
	}
	changed := s.changed
	s.changed, s.lastNotice = nil, out.Now
	s.notify(out, changed)
}

func (s *zooKeeperISRStore) notify(out *model.Effects,
	changed []kafka.TopicPartition,
) {
	s.rs.zooKeeper.Create(out, znode.IsrChangePrefix, znode.EncodeIsrChange(changed),
		zookeeper.PersistentSequential,
		func(out *model.Effects, r zookeeper.Result) {
			if r.Err == zookeeper.ErrConnectionLoss {
				s.rs.reconnects.OnceConnected(func(out *model.Effects) {
					s.notify(out, changed)
				})
			}
		})
}
