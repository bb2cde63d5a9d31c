package broker

import (
	"slices"
	"time"

	"sandcastle/broker/znode"
	"sandcastle/broker/zookeeper"
	"sandcastle/model"
)

// How long ISR changes are gathered before the controller is told, so that it reads each partition
// once (IsrChangePropagationConfig, ZkAlterPartitionManager, 3.9).
const (
	isrNotifyLinger = 5 * time.Second
	isrNotifyMax    = 60 * time.Second
)

// isrStore is how a leader changes the ISR with ZooKeeper as its metadata store: a conditional
// write of the partition's state node, of which the controller hears afterwards through a
// sequential node under /isr_change_notification.
type isrStore struct {
	b          *Broker
	changed    []model.TopicPartition // not yet told, sorted
	lastChange model.Time
	lastNotice model.Time
	armed      bool
}

// write asks ZooKeeper for the new ISR of p. The answer comes to p.onISRChanged, or p's pending ISR
// is taken back.
func (s *isrStore) write(now model.Time, out *model.Effects, p *Partition, isr []model.BrokerID) {
	data := znode.EncodePartitionState(znode.PartitionState{
		Leader: s.b.cfg.ID, LeaderEpoch: p.leaderEpoch, ISR: isr, ControllerEpoch: p.controllerEpoch,
	})
	epoch := p.leaderEpoch
	s.b.session.Set(now, out, znode.PartitionStatePath(p.tp), data, p.isr.version,
		func(now model.Time, out *model.Effects, r zookeeper.Result) {
			if !s.expects(p, epoch, isr) {
				return // the partition moved on
			}
			switch r.Err {
			case zookeeper.ErrNone:
				s.confirm(now, out, p, r.Stat.Version)
			case zookeeper.ErrConnectionLoss, zookeeper.ErrBadVersion:
				s.verify(now, out, p, isr)
			default:
				p.isr.pending = nil
			}
		})
}

// expects tells whether p still waits for this very change.
func (s *isrStore) expects(p *Partition, epoch model.Epoch, isr []model.BrokerID) bool {
	return p.role == roleLeader && p.leaderEpoch == epoch && p.isr.pending != nil &&
		slices.Equal(p.isr.pending, isr)
}

// verify reads the node after a write whose outcome is open, or that came too late. If the node
// says what was to be written, the write took place. If it still has the old version, it did not,
// and is made again. Otherwise somebody else wrote: the controller's LeaderAndIsr will say what.
func (s *isrStore) verify(now model.Time, out *model.Effects, p *Partition, isr []model.BrokerID) {
	epoch := p.leaderEpoch
	s.b.session.Get(now, out, znode.PartitionStatePath(p.tp), false,
		func(now model.Time, out *model.Effects, r zookeeper.Result) {
			if !s.expects(p, epoch, isr) {
				return
			}
			if r.Err == zookeeper.ErrConnectionLoss {
				s.b.registered.onceConnected(func(now model.Time, out *model.Effects) {
					if s.expects(p, epoch, isr) {
						s.verify(now, out, p, isr)
					}
				})
				return
			}
			state, err := znode.DecodePartitionState(p.tp, r.Data)
			switch {
			case r.Err != zookeeper.ErrNone || err != nil:
				p.isr.pending = nil
			case state.Leader == s.b.cfg.ID && state.LeaderEpoch == epoch && slices.Equal(state.ISR, isr):
				s.confirm(now, out, p, r.Stat.Version)
			case r.Stat.Version == p.isr.version:
				s.write(now, out, p, isr)
			default:
				p.isr.pending = nil
			}
		})
}

func (s *isrStore) confirm(now model.Time, out *model.Effects, p *Partition, version int32) {
	p.onISRChanged(now, out, version)
	if at, found := slices.BinarySearchFunc(s.changed, p.tp, model.TopicPartition.Compare); !found {
		s.changed = slices.Insert(s.changed, at, p.tp)
	}
	s.lastChange = now
	if !s.armed {
		s.armed = true
		out.SetTimer(model.Timer{Kind: timerISRNotify}, now.Add(isrNotifyLinger))
	}
}

// onNotifyTimer tells the controller, unless changes still come in and none has waited too long.
func (s *isrStore) onNotifyTimer(now model.Time, out *model.Effects) {
	s.armed = false
	if len(s.changed) == 0 {
		return
	}
	if due := min(s.lastChange.Add(isrNotifyLinger), s.lastNotice.Add(isrNotifyMax)); now < due {
		s.armed = true
		out.SetTimer(model.Timer{Kind: timerISRNotify}, due)
		return
	}
	changed := s.changed
	s.changed, s.lastNotice = nil, now
	s.notify(now, out, changed)
}

func (s *isrStore) notify(now model.Time, out *model.Effects, changed []model.TopicPartition) {
	s.b.session.Create(now, out, znode.IsrChangePrefix, znode.EncodeIsrChange(changed),
		zookeeper.PersistentSequential,
		func(now model.Time, out *model.Effects, r zookeeper.Result) {
			if r.Err == zookeeper.ErrConnectionLoss {
				s.b.registered.onceConnected(func(now model.Time, out *model.Effects) {
					s.notify(now, out, changed)
				})
			}
		})
}

// onSessionExpired takes back what was asked of the session that is gone.
func (s *isrStore) onSessionExpired(b *Broker) {
	for _, p := range b.ordered {
		p.isr.pending = nil
	}
}
