package checks

import (
	"maps"
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// losses is what disks may have lost by faults, by replica and offset. What was committed may be
// gone where as many replicas as min.insync.replicas have been hit by such a fault and one of them
// really lost it; the published models switch their invariants off by the same count. Everywhere
// else the invariants of acknowledged records stay on.
type losses struct {
	// ends are the log ends of replicas as their brokers last noted them.
	ends map[replica]*kafka.Offset
	near kafka.Near[*kafka.Offset] // of ends
	hit  map[kafka.TopicPartition]map[kafka.BrokerID]*loss
}

// loss is what one replica may have lost: the records from kept on, below end.
//
//	0 ────────── kept ────────── end
//	  is there         is gone        was not written yet when the fault came
type loss struct {
	end kafka.Offset
	// kept is the log end of the replica when it was seen again; unseen says that it was not yet, so
	// that nobody knows what it kept.
	kept   kafka.Offset
	unseen bool
}

func newLosses() losses {
	return losses{
		ends: map[replica]*kafka.Offset{},
		hit:  map[kafka.TopicPartition]map[kafka.BrokerID]*loss{},
	}
}

// observeLoss follows by which elections and faults records may rightly be gone.
func (w *Watcher) observeLoss(line *kafka.TraceLine) []violation {
	switch n := &line.Note; n.Kind {
	case kafka.UncleanElected:
		w.unclean[n.TP()] = true
		w.distrust(func(tp kafka.TopicPartition) bool { return tp == n.TP() })
	case kafka.LogRecovered, kafka.BecameLeader, kafka.BecameFollower:
		if id, ok := brokerID(line.Node); ok {
			w.losses.seen(n.TP(), id, n.Offset)
		}
	case kafka.NoNote:
		if line.Kind == model.TraceFault {
			w.losses.observeFault(line.Fault)
			if kafka.FaultKindOf(line.Fault.Verb).LosesData {
				w.distrust(func(tp kafka.TopicPartition) bool { return w.losses.hit[tp] != nil })
			}
		}
	case kafka.ReassignmentCompleted:
		w.losses.keepReplicas(n.TP(), n.Brokers)
	case kafka.TopicDeleted:
		w.losses.removeTopic(n.Topic)
		maps.DeleteFunc(w.unclean, func(tp kafka.TopicPartition, _ bool) bool {
			return tp.Topic == n.Topic
		})
		w.distrust(func(tp kafka.TopicPartition) bool { return tp.Topic == n.Topic })
	}
	return nil
}

// distrust forgets who was seen to agree with the leaders of some partitions.
func (w *Watcher) distrust(which func(kafka.TopicPartition) bool) {
	maps.DeleteFunc(w.rejoined, func(r replica, _ bool) bool { return which(r.tp) })
}

// observeEnd remembers the log end of a replica.
func (l *losses) observeEnd(line *kafka.TraceLine) {
	end, known := l.near.Find(line)
	if !known {
		id, ok := brokerID(line.Node)
		if !ok {
			return
		}
		at := replica{line.Note.TP(), id}
		if end = l.ends[at]; end == nil {
			end = new(kafka.Offset)
			l.ends[at] = end
		}
		l.near.Found(line, end)
	}
	*end = line.Note.Offset
}

// observeFault remembers what the disk of a broker may have lost: all that it held, or all that it
// held of the partition that the fault names.
func (l *losses) observeFault(f *model.Fault) {
	id, ok := brokerID(f.Node)
	if !ok || f.Failed != "" || !kafka.FaultKindOf(f.Verb).LosesData {
		return
	}
	only, one := kafka.ParseTopicPartition(f.Detail)
	for r, at := range l.ends { //unordered: each replica is its own
		end := *at
		if r.broker != id || one && r.tp != only {
			continue
		}
		if l.hit[r.tp] == nil {
			l.hit[r.tp] = map[kafka.BrokerID]*loss{}
		}
		x := l.hit[r.tp][id]
		if x == nil {
			x = &loss{kept: end}
			l.hit[r.tp][id] = x
		}
		x.end, x.unseen = max(x.end, end), true
	}
}

// seen takes what a replica still had when its broker opened it again.
func (l *losses) seen(tp kafka.TopicPartition, id kafka.BrokerID, end kafka.Offset) {
	if x := l.hit[tp][id]; x != nil && x.unseen {
		x.kept, x.unseen = min(x.kept, end), false
	}
}

// regained forgets that a replica was hit which is in sync with a leader and holds as much as it
// may have lost. A leader that lost something itself gives nobody back what was there: it fills the
// same offsets with other records, and replicas with the old ones may still return.
func (l *losses) regained(tp kafka.TopicPartition, leader, id kafka.BrokerID, holds kafka.Offset) {
	if x := l.hit[tp][leader]; x != nil && (x.unseen || x.kept < x.end) {
		return
	}
	if x := l.hit[tp][id]; x != nil && !x.unseen && holds >= x.end {
		delete(l.hit[tp], id)
	}
}

// keepReplicas drops what is known of replicas that were moved away: their brokers' disks hold
// nothing of the partition that could get lost.
func (l *losses) keepReplicas(tp kafka.TopicPartition, replicas []kafka.BrokerID) {
	l.near.Forget()
	maps.DeleteFunc(l.ends, func(r replica, _ *kafka.Offset) bool {
		return r.tp == tp && !slices.Contains(replicas, r.broker)
	})
}

func (l *losses) removeTopic(topic string) {
	l.near.Forget()
	maps.DeleteFunc(l.ends, func(r replica, _ *kafka.Offset) bool { return r.tp.Topic == topic })
	maps.DeleteFunc(l.hit, func(tp kafka.TopicPartition, _ map[kafka.BrokerID]*loss) bool {
		return tp.Topic == topic
	})
}

// allowed tells whether the committed record at an offset may be gone from a partition with the
// given min.insync.replicas.
func (l *losses) allowed(tp kafka.TopicPartition, at kafka.Offset, minISR int) bool {
	hit, gone := 0, false
	for _, x := range l.hit[tp] { //unordered: they are counted
		if at < x.end {
			hit++
			gone = gone || x.unseen || at >= x.kept
		}
	}
	return gone && hit >= minISR
}

// allowedAnywhere tells whether allowed holds for some offset of the partition.
func (l *losses) allowedAnywhere(tp kafka.TopicPartition, minISR int) bool {
	for _, x := range l.hit[tp] { //unordered: one is enough
		first := x.kept
		if x.unseen {
			first = 0
		}
		if l.allowed(tp, first, minISR) {
			return true
		}
	}
	return false
}

// allowedLoss tells whether the committed records from an offset on, below end, may all be gone:
// the last of them was the last to be committed, perhaps after the faults that took the first. An
// unclean election, by which an operator gives up what was committed, is another matter: it begins
// the partition anew.
func (w *Watcher) allowedLoss(replicas []kafka.ReplicaView, from, end kafka.Offset) bool {
	tp, least := replicas[0].TP, minISR(replicas)
	return w.losses.allowed(tp, from, least) && w.losses.allowed(tp, max(from, end-1), least)
}

// allowedLossAnywhere tells whether some committed record of the partition may be gone.
func (w *Watcher) allowedLossAnywhere(replicas []kafka.ReplicaView) bool {
	return w.losses.allowedAnywhere(replicas[0].TP, minISR(replicas))
}

// minISR is min.insync.replicas of a partition as its leader has it; 1 without a leader.
func minISR(replicas []kafka.ReplicaView) int {
	least := 1
	for i := range replicas {
		if r := &replicas[i]; r.Leading {
			least = max(least, r.MinISR)
		}
	}
	return least
}
