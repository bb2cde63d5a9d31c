package digest

import (
	"cmp"
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// Leadership is a stretch of time in which a broker was the leader of a partition, as the
// controller chose it; NoBroker is nobody.
type Leadership struct {
	From, To model.Time
	Leader   kafka.BrokerID
	Epoch    kafka.Epoch
	// Dead is true while the leader is dead and no other is chosen.
	Dead bool
}

// inSync is the set of replicas in sync from a moment on, sorted.
type inSync struct {
	At  model.Time
	ISR []kafka.BrokerID
}

// PartitionLeaders is who led one partition, and who was in sync with it.
type PartitionLeaders struct {
	TP kafka.TopicPartition
	// Spans follow each other in time and do not overlap.
	Spans []Leadership
	// Stale are stretches in which a broker went on leading after another was chosen: it had not
	// heard of it.
	Stale []Leadership
	ISR   []inSync
	// leads says since when each broker has led, by its own word.
	leads map[kafka.BrokerID]Leadership
}

// leaders collects leadership by partition. Kafka's own topics are left out.
type leaders struct {
	index map[kafka.TopicPartition]*PartitionLeaders
}

func newLeaders() leaders { return leaders{index: map[kafka.TopicPartition]*PartitionLeaders{}} }

func (l *leaders) of(tp kafka.TopicPartition) *PartitionLeaders {
	s := l.index[tp]
	if s == nil {
		s = &PartitionLeaders{TP: tp, leads: map[kafka.BrokerID]Leadership{}}
		l.index[tp] = s
	}
	return s
}

// onNote takes in what the controller and the replicas say of their roles.
func (l *leaders) onNote(line *kafka.TraceLine) {
	n, at := &line.Note, line.At
	if n.Topic == "" || kafka.InternalTopic(n.Topic) {
		return
	}
	switch n.Kind {
	case kafka.LeaderElected:
		s := l.of(n.TP())
		s.chosen(at, n.Broker, n.Epoch)
		s.synced(at, n.Brokers)
	case kafka.PartitionOffline:
		s := l.of(n.TP())
		s.chosen(at, kafka.NoBroker, n.Epoch)
		s.synced(at, n.Brokers)
	case kafka.BecameLeader:
		s := l.of(n.TP())
		s.becameLeader(at, n)
	case kafka.BecameFollower:
		l.of(n.TP()).ended(at, brokerOf(line.Node))
	case kafka.ISRShrunk, kafka.ISRExpanded:
		l.of(n.TP()).synced(at, n.Brokers)
	}
}

// brokerOf is the id of the broker that a node is, NoBroker when it is none.
func brokerOf(node model.NodeID) kafka.BrokerID {
	const prefix = "broker-"
	if len(node) <= len(prefix) || node[:len(prefix)] != prefix {
		return kafka.NoBroker
	}
	var id kafka.BrokerID
	for _, digit := range node[len(prefix):] {
		if digit < '0' || digit > '9' || id > 1e6 {
			return kafka.NoBroker
		}
		id = id*10 + kafka.BrokerID(digit-'0')
	}
	return id
}

// now is the span that lasts, nil before the first.
func (s *PartitionLeaders) now() *Leadership {
	if len(s.Spans) == 0 {
		return nil
	}
	return &s.Spans[len(s.Spans)-1]
}

// chosen begins the time of a new leader, or of none.
func (s *PartitionLeaders) chosen(at model.Time, leader kafka.BrokerID, epoch kafka.Epoch) {
	if now := s.now(); now != nil {
		if now.Epoch > epoch || now.Leader == leader && now.Epoch == epoch && !now.Dead {
			return
		}
		now.To = at
	}
	s.Spans = append(s.Spans, Leadership{From: at, Leader: leader, Epoch: epoch})
}

// becameLeader takes a leader at its word: it may say so before the controller does, and in an
// epoch that has passed.
func (s *PartitionLeaders) becameLeader(at model.Time, n *kafka.Note) {
	now := s.now()
	back := now != nil && now.Dead && now.Leader == n.Broker && now.Epoch == n.Epoch
	if now == nil || n.Epoch > now.Epoch || back {
		s.chosen(at, n.Broker, n.Epoch)
		s.synced(at, n.Brokers)
	}
	if _, leads := s.leads[n.Broker]; leads {
		s.ended(at, n.Broker)
	}
	s.leads[n.Broker] = Leadership{From: at, Leader: n.Broker, Epoch: n.Epoch}
}

// ended records that the broker no longer leads. What it led after another was chosen was stale.
func (s *PartitionLeaders) ended(at model.Time, broker kafka.BrokerID) {
	was, leads := s.leads[broker]
	if !leads {
		return
	}
	delete(s.leads, broker)
	for i := range s.Spans {
		if next := &s.Spans[i]; next.replaces(was) {
			if was.From = max(was.From, next.From); was.From < at {
				was.To = at
				s.Stale = append(s.Stale, was)
			}
			return
		}
	}
}

// replaces reports whether by l another leader, or none, was chosen in place of was.
func (l *Leadership) replaces(was Leadership) bool {
	if l.Leader == was.Leader || l.Dead {
		return false
	}
	return l.Epoch > was.Epoch || l.Epoch == was.Epoch && l.From > was.From
}

// synced says who is in sync.
func (s *PartitionLeaders) synced(at model.Time, isr []kafka.BrokerID) {
	isr = slices.Clone(isr)
	slices.Sort(isr)
	if n := len(s.ISR); n > 0 && slices.Equal(s.ISR[n-1].ISR, isr) {
		return
	}
	s.ISR = append(s.ISR, inSync{at, isr})
}

// onDeath records that a broker no longer leads, whether or not anybody knows.
func (l *leaders) onDeath(at model.Time, node model.NodeID) {
	id := brokerOf(node)
	if id == kafka.NoBroker {
		return
	}
	//unordered: every partition is changed by itself
	for _, s := range l.index {
		s.ended(at, id)
		if now := s.now(); now != nil && now.Leader == id && !now.Dead {
			now.To = at
			s.Spans = append(s.Spans, Leadership{From: at, Leader: id, Epoch: now.Epoch, Dead: true})
		}
	}
}

// finish returns the partitions in order, with what lasts ended at end.
func (l *leaders) finish(end model.Time) []PartitionLeaders {
	out := make([]PartitionLeaders, 0, len(l.index))
	//unordered: sorted below
	for _, s := range l.index {
		//unordered: stale spans are sorted below
		for _, was := range s.leads {
			s.ended(end, was.Leader)
		}
		if now := s.now(); now != nil {
			now.To = end
		}
		slices.SortStableFunc(s.Stale, func(a, b Leadership) int {
			if c := cmp.Compare(a.From, b.From); c != 0 {
				return c
			}
			return int(a.Leader - b.Leader)
		})
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b PartitionLeaders) int { return a.TP.Compare(b.TP) })
	return out
}

// Changed reports whether there is anything to see: another leader, or another in-sync set.
func (s *PartitionLeaders) Changed() bool {
	return len(s.Spans) > 1 || len(s.ISR) > 1 || len(s.Stale) > 0
}
