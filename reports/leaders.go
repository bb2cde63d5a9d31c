package reports

import (
	"cmp"
	"slices"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// leadership is a stretch of time in which a broker was the leader of a partition, as the
// controller chose it; NoBroker is nobody.
type leadership struct {
	from, to model.Time
	leader   kafka.BrokerID
	epoch    kafka.Epoch
	// dead is true while the leader is dead and no other is chosen.
	dead bool
}

// inSync is the set of replicas in sync from a moment on, sorted.
type inSync struct {
	at  model.Time
	isr []kafka.BrokerID
}

// leaderStory is who led one partition, and who was in sync with it.
type leaderStory struct {
	tp kafka.TopicPartition
	// spans follow each other in time and do not overlap.
	spans []leadership
	// stale are stretches in which a broker went on leading after another was chosen: it had not
	// heard of it.
	stale []leadership
	isr   []inSync
	// leads says since when each broker has led, by its own word.
	leads map[kafka.BrokerID]leadership
}

// leaders collects leadership by partition. Kafka's own topics are left out.
type leaders struct {
	index map[kafka.TopicPartition]*leaderStory
}

func newLeaders() leaders { return leaders{index: map[kafka.TopicPartition]*leaderStory{}} }

func (l *leaders) of(tp kafka.TopicPartition) *leaderStory {
	s := l.index[tp]
	if s == nil {
		s = &leaderStory{tp: tp, leads: map[kafka.BrokerID]leadership{}}
		l.index[tp] = s
	}
	return s
}

// onNote takes in what the controller and the replicas say of their roles.
func (l *leaders) onNote(line *kafka.TraceLine) {
	n, at := &line.Note, line.At
	if n.Topic == "" || internal(n.Topic) {
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
func (s *leaderStory) now() *leadership {
	if len(s.spans) == 0 {
		return nil
	}
	return &s.spans[len(s.spans)-1]
}

// chosen begins the time of a new leader, or of none.
func (s *leaderStory) chosen(at model.Time, leader kafka.BrokerID, epoch kafka.Epoch) {
	if now := s.now(); now != nil {
		if now.epoch > epoch || now.leader == leader && now.epoch == epoch && !now.dead {
			return
		}
		now.to = at
	}
	s.spans = append(s.spans, leadership{from: at, leader: leader, epoch: epoch})
}

// becameLeader takes a leader at its word: it may say so before the controller is heard, and in an
// epoch that has passed.
func (s *leaderStory) becameLeader(at model.Time, n *kafka.Note) {
	now := s.now()
	back := now != nil && now.dead && now.leader == n.Broker && now.epoch == n.Epoch
	if now == nil || n.Epoch > now.epoch || back {
		s.chosen(at, n.Broker, n.Epoch)
		s.synced(at, n.Brokers)
	}
	if _, leads := s.leads[n.Broker]; leads {
		s.ended(at, n.Broker)
	}
	s.leads[n.Broker] = leadership{from: at, leader: n.Broker, epoch: n.Epoch}
}

// ended says that the broker leads no more. What it led after another was chosen was stale.
func (s *leaderStory) ended(at model.Time, broker kafka.BrokerID) {
	was, leads := s.leads[broker]
	if !leads {
		return
	}
	delete(s.leads, broker)
	for i := range s.spans {
		if next := &s.spans[i]; next.replaces(was) {
			if was.from = max(was.from, next.from); was.from < at {
				was.to = at
				s.stale = append(s.stale, was)
			}
			return
		}
	}
}

// replaces tells whether by l another leader, or none, was chosen in place of was.
func (l *leadership) replaces(was leadership) bool {
	if l.leader == was.leader || l.dead {
		return false
	}
	return l.epoch > was.epoch || l.epoch == was.epoch && l.from > was.from
}

// synced says who is in sync.
func (s *leaderStory) synced(at model.Time, isr []kafka.BrokerID) {
	isr = slices.Clone(isr)
	slices.Sort(isr)
	if n := len(s.isr); n > 0 && slices.Equal(s.isr[n-1].isr, isr) {
		return
	}
	s.isr = append(s.isr, inSync{at, isr})
}

// onDeath tells that a broker leads no more, whether anybody knows or not.
func (l *leaders) onDeath(at model.Time, node model.NodeID) {
	id := brokerOf(node)
	if id == kafka.NoBroker {
		return
	}
	//unordered: every partition is changed by itself
	for _, s := range l.index {
		s.ended(at, id)
		if now := s.now(); now != nil && now.leader == id && !now.dead {
			now.to = at
			s.spans = append(s.spans, leadership{from: at, leader: id, epoch: now.epoch, dead: true})
		}
	}
}

// finish returns the partitions in order, with what lasts ended at end.
func (l *leaders) finish(end model.Time) []leaderStory {
	out := make([]leaderStory, 0, len(l.index))
	//unordered: sorted below
	for _, s := range l.index {
		//unordered: stale spans are sorted below
		for _, was := range s.leads {
			s.ended(end, was.leader)
		}
		if now := s.now(); now != nil {
			now.to = end
		}
		slices.SortStableFunc(s.stale, func(a, b leadership) int {
			if c := cmp.Compare(a.from, b.from); c != 0 {
				return c
			}
			return int(a.leader - b.leader)
		})
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b leaderStory) int { return a.tp.Compare(b.tp) })
	return out
}

// changed tells whether there is anything to see: another leader, or another in-sync set.
func (s *leaderStory) changed() bool {
	return len(s.spans) > 1 || len(s.isr) > 1 || len(s.stale) > 0
}
