package client

import (
	"slices"
	"strings"

	"sandcastle/model/kafka"
)

// assignSticky is Kafka's StickyAssignor (AbstractStickyAssignor, 3.9, without racks): as even as
// can be, and of the even divisions one that leaves with each member what it had. What a member had
// it tells when it joins (groupMember.had), with the generation that gave it.
//
//	before   A: 0 1 2   B: 3 4 5            C joins
//	after    A: 0 1     B: 3 4     C: 2 5   range would have moved 2, 3 and 4, 5
//
// Where Java goes by the order of a hash map, this one goes by member id.
func assignSticky(members []groupMember, topics []topicSize) map[string][]kafka.TopicPartition {
	members = slices.Clone(members)
	slices.SortFunc(members, func(a, b groupMember) int { return compare(a.id, b.id) })
	s := sticky{members: members, shares: make([][]kafka.TopicPartition, len(members))}
	s.keep(topics)
	if s.alike() {
		s.cutToQuotas()
		s.fillToQuotas()
	} else {
		s.fillByNeed()
		s.even()
	}
	plan := make(map[string][]kafka.TopicPartition, len(members))
	for i := range members {
		plan[members[i].id] = s.shares[i]
	}
	return plan
}

// sticky is a division that is being made.
type sticky struct {
	members []groupMember            // by id
	shares  [][]kafka.TopicPartition // of each member
	free    []kafka.TopicPartition   // nobody's, in order
	total   int                      // partitions that somebody subscribes to
}

// keep gives each member what it had and still subscribes to. Of two that claim the same partition
// the one of the newer generation has it; of the same generation, nobody.
func (s *sticky) keep(topics []topicSize) {
	kept := map[kafka.TopicPartition]bool{}
	owner := s.claims(topics)
	for i := range s.members {
		for _, tp := range s.members[i].had {
			if at, ok := owner[tp]; ok && at == i && !kept[tp] {
				s.shares[i] = append(s.shares[i], tp)
				kept[tp] = true
			}
		}
		slices.SortFunc(s.shares[i], byPartition)
	}
	for _, t := range topics {
		if !slices.ContainsFunc(s.members, func(m groupMember) bool { return m.takes(t.name) }) {
			continue
		}
		s.total += t.partitions
		for p := range t.partitions {
			tp := kafka.TopicPartition{Topic: t.name, Partition: int32(p)}
			if !kept[tp] {
				s.free = append(s.free, tp)
			}
		}
	}
}

// claims are the partitions that members had and may keep, each with its member; nobody is the
// member when several had it in the same generation.
func (s *sticky) claims(topics []topicSize) map[kafka.TopicPartition]int {
	const nobody = -1
	sizes := map[string]int32{}
	for _, t := range topics {
		sizes[t.name] = int32(t.partitions)
	}
	owner, in := map[kafka.TopicPartition]int{}, map[kafka.TopicPartition]int32{}
	for i := range s.members {
		m := &s.members[i]
		for _, tp := range m.had {
			last, claimed := in[tp]
			switch {
			case tp.Partition < 0 || tp.Partition >= sizes[tp.Topic] || !m.takes(tp.Topic):
			case !claimed || m.hadIn > last:
				owner[tp], in[tp] = i, m.hadIn
			case m.hadIn == last && owner[tp] != i:
				owner[tp] = nobody
			}
		}
	}
	return owner
}

// byPartition is the order in which a member keeps what it had.
func byPartition(a, b kafka.TopicPartition) int {
	if a.Partition != b.Partition {
		return int(a.Partition - b.Partition)
	}
	return strings.Compare(a.Topic, b.Topic)
}

// alike reports whether all members subscribe to the same topics.
func (s *sticky) alike() bool {
	for i := range s.members {
		a, b := s.members[0].topics, s.members[i].topics
		if len(a) != len(b) ||
			slices.ContainsFunc(a, func(topic string) bool { return !slices.Contains(b, topic) }) {
			return false
		}
	}
	return true
}

// quotas are the least and the most partitions of a member, and how many members may have more
// than the least.
func (s *sticky) quotas() (least, most, above int) {
	n := len(s.members)
	least, above = s.total/n, s.total%n
	most = least
	if above > 0 {
		most++
	}
	return least, most, above
}

// cutToQuotas takes from members what they have too much of, the last first. The first members that
// have the most may keep it, as many as the remainder allows.
func (s *sticky) cutToQuotas() {
	if len(s.members) == 0 {
		return
	}
	least, most, above := s.quotas()
	for i, share := range s.shares {
		quota := least
		if len(share) >= most && above > 0 {
			quota = most
			above--
		}
		if len(share) > quota {
			s.free = append(s.free, share[quota:]...)
			s.shares[i] = share[:quota]
		}
	}
	slices.SortFunc(s.free, kafka.TopicPartition.Compare)
}

// fillToQuotas deals out what is free, one by one: to members below the least in turn, then one
// each to members that have just the least.
func (s *sticky) fillToQuotas() {
	if len(s.members) == 0 {
		return
	}
	least, _, _ := s.quotas()
	var below, filled []int
	for i, share := range s.shares {
		switch {
		case len(share) < least:
			below = append(below, i)
		case len(share) == least:
			filled = append(filled, i)
		}
	}
	turn := 0
	for _, tp := range s.free {
		if len(below) == 0 {
			s.shares[filled[0]] = append(s.shares[filled[0]], tp)
			filled = filled[1:]
			continue
		}
		turn %= len(below)
		i := below[turn]
		s.shares[i] = append(s.shares[i], tp)
		if len(s.shares[i]) == least {
			below = slices.Delete(below, turn, turn+1)
			filled = append(filled, i)
		} else {
			turn++
		}
	}
	s.free = nil
}

// fillByNeed gives what is free to whoever has least of those that may have it; partitions that few
// may have go first.
func (s *sticky) fillByNeed() {
	takers := func(tp kafka.TopicPartition) (n int) {
		for i := range s.members {
			if s.members[i].takes(tp.Topic) {
				n++
			}
		}
		return n
	}
	slices.SortStableFunc(s.free, func(a, b kafka.TopicPartition) int { return takers(a) - takers(b) })
	for _, tp := range s.free {
		i := s.neediest(tp.Topic)
		s.shares[i] = append(s.shares[i], tp)
	}
	s.free = nil
}

// neediest is the member with the least of those that subscribe to the topic; there is one.
func (s *sticky) neediest(topic string) int {
	least := -1
	for i := range s.members {
		if s.members[i].takes(topic) && (least < 0 || len(s.shares[i]) < len(s.shares[least])) {
			least = i
		}
	}
	return least
}

// even moves single partitions to members that have at least two fewer, until no such move is left.
// Each move makes the sum of the squares smaller, so it ends.
func (s *sticky) even() {
	for moved := true; moved; {
		moved = false
		for i := range s.shares {
			for at := 0; at < len(s.shares[i]); {
				tp := s.shares[i][at]
				to := s.neediest(tp.Topic)
				if len(s.shares[to])+1 >= len(s.shares[i]) {
					at++
					continue
				}
				s.shares[i] = slices.Delete(s.shares[i], at, at+1)
				s.shares[to] = append(s.shares[to], tp)
				moved = true
			}
		}
	}
}
