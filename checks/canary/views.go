package canary

import (
	"fmt"
	"slices"

	"sandcastle/checks"
	"sandcastle/model/kafka"
)

// scene is a watcher that has seen nothing yet, and what it can be shown.
type scene struct {
	view    kafka.ClusterView
	history kafka.Operations
	watcher *checks.Watcher
}

// viewCanary shows a watcher a falsified cluster, and says what it falsified; "" for nothing.
type viewCanary struct {
	check kafka.Anomaly
	plant func(s *scene) string
}

func viewCanaries() []viewCanary {
	return []viewCanary{
		{kafka.LogMatching, otherBatch},
		{kafka.WeakIsr, shortFollower},
		{kafka.StrongIsr, shortFollower},
		{kafka.TwoLeaders, secondLeader},
		{kafka.DoubleOwner, secondOwner},
		{kafka.RegressedHW, loweredMark},
		{kafka.NoCommittedRecordLostGlobally, cutEverywhere},
		{kafka.LeaderCompleteness, cutEverywhere},
		{kafka.ConsistentRead, otherRecord},
	}
}

// copied is the view with slices of its own.
func (s *scene) copied() kafka.ClusterView {
	v := s.view
	v.Replicas, v.Members = slices.Clone(v.Replicas), slices.Clone(v.Members)
	for i := range v.Replicas {
		v.Replicas[i].Batches = slices.Clone(v.Replicas[i].Batches)
	}
	return v
}

// pair finds a leader with records and an in-sync follower of its partition.
func pair(v *kafka.ClusterView) (leader, follower *kafka.ReplicaView) {
	for i := range v.Replicas {
		l := &v.Replicas[i]
		if !l.Leading || len(l.Batches) == 0 || l.HighWatermark != l.LogEnd || l.Compacted ||
			l.TP.Topic == kafka.OffsetsTopic {
			continue
		}
		for j := range v.Replicas {
			f := &v.Replicas[j]
			if f.TP == l.TP && f.Broker != l.Broker && slices.Contains(l.ISR, f.Broker) &&
				f.LogEnd == l.LogEnd && f.HighWatermark == l.HighWatermark && len(f.Batches) > 0 {
				return l, f
			}
		}
	}
	return nil, nil
}

func otherBatch(s *scene) string {
	v := s.copied()
	_, f := pair(&v)
	if f == nil {
		return ""
	}
	b := &f.Batches[len(f.Batches)-1]
	b.Sum ^= 1
	s.watcher.Inspect(v)
	return fmt.Sprintf("broker %d holds another batch at %d of %s than its leader", f.Broker, b.Base,
		f.TP)
}

// cut takes the last batch off a replica.
func cut(r *kafka.ReplicaView) {
	last := len(r.Batches) - 1
	r.LogEnd = r.Batches[last].Base
	r.HighWatermark = min(r.HighWatermark, r.LogEnd)
	r.Batches = r.Batches[:last]
}

func shortFollower(s *scene) string {
	v := s.copied()
	_, f := pair(&v)
	if f == nil {
		return ""
	}
	cut(f)
	s.watcher.Inspect(v)
	return fmt.Sprintf("broker %d, in sync, holds %s only up to %d", f.Broker, f.TP, f.LogEnd)
}

func secondLeader(s *scene) string {
	v := s.copied()
	l, f := pair(&v)
	if f == nil {
		return ""
	}
	f.Leading, f.LeaderEpoch = true, l.LeaderEpoch
	s.watcher.Inspect(v)
	return fmt.Sprintf("brokers %d and %d both lead %s in epoch %d", l.Broker, f.Broker, l.TP,
		l.LeaderEpoch)
}

func secondOwner(s *scene) string {
	v := s.copied()
	for _, m := range v.Members {
		if len(m.Owned) == 0 {
			continue
		}
		second := m
		second.Member, second.Client = m.Member+"-canary", m.Client+"-canary"
		v.Members = append(v.Members, second)
		s.watcher.Inspect(v)
		return fmt.Sprintf("two members of %s own %s", m.Group, m.Owned[0])
	}
	return ""
}

func loweredMark(s *scene) string {
	v := s.copied()
	s.watcher.Inspect(v)
	v = s.copied()
	l, _ := pair(&v)
	if l == nil {
		return ""
	}
	l.HighWatermark--
	s.watcher.Inspect(v)
	return fmt.Sprintf("broker %d took the high watermark of %s back to %d", l.Broker, l.TP,
		l.HighWatermark)
}

// cutEverywhere takes the last batch, which was seen committed, off all replicas of a partition.
func cutEverywhere(s *scene) string {
	v := s.copied()
	s.watcher.Inspect(v)
	v = s.copied()
	l, _ := pair(&v)
	if l == nil {
		return ""
	}
	for i := range v.Replicas {
		if r := &v.Replicas[i]; r.TP == l.TP && r.Broker != l.Broker && len(r.Batches) > 0 {
			cut(r)
		}
	}
	tp, end := l.TP, l.LogEnd
	cut(l)
	s.watcher.Inspect(v)
	return fmt.Sprintf("no broker holds %s from %d to %d any more", tp, l.LogEnd, end)
}

// otherRecord has a leader hold another value than was read.
func otherRecord(s *scene) string {
	v := s.copied()
	l, _ := pair(&v)
	if l == nil || l.Values == nil {
		return ""
	}
	base, last := l.Batches[len(l.Batches)-1].Base, l.LogEnd-1
	var value string
	l.Values(base, last+1, func(at kafka.Offset, b []byte) bool {
		value = string(b)
		base = at
		return false
	})
	s.watcher.ObserveOp(&kafka.Op{
		Type: kafka.OK, F: kafka.FPoll, Client: "canary", Value: []kafka.Mop{{
			F: kafka.FPoll, Polled: []kafka.PolledRecords{{Key: l.TP, Records: []kafka.PolledRecord{
				{Offset: base, Value: value + "-canary"},
			}}},
		}},
	})
	s.watcher.Inspect(v)
	return fmt.Sprintf("a consumer read another value at %d of %s than its leader holds", base, l.TP)
}
