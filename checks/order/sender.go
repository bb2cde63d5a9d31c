package order

// wrote tells whether a record that was read is that of a send, of whose value it is.
func (l *Log) wrote(send int32, rec Record) bool {
	s := &l.Sends[send]
	return l.SendsOf(rec.Value) == 1 || s.Rank != Unknown && s.Rank == rec.Rank
}

// senders finds, by value and rank, the send that put it there.
type senders struct {
	l *Log
	// of has, by value, its send where there is one alone, −1 for none and −2 for several.
	of   []int32
	many map[Record]int32 // the sends of the others whose rank is known
}

func (l *Log) senders() senders {
	s := senders{l: l, of: make([]int32, l.Values)}
	for i := range s.of {
		s.of[i] = -1
	}
	for i := range l.Sends {
		x := &l.Sends[i]
		if l.SendsOf(x.Value) == 1 {
			s.of[x.Value] = int32(i)
			continue
		}
		s.of[x.Value] = -2
		if x.Rank == Unknown {
			continue
		}
		if s.many == nil {
			s.many = map[Record]int32{}
		}
		s.many[Record{x.Value, x.Rank}] = int32(i)
	}
	return s
}

// find is the send of a record, −1 where it is not known.
func (s *senders) find(rec Record) int32 {
	if at := s.of[rec.Value]; at != -2 {
		return at
	}
	if at, known := s.many[rec]; known {
		return at
	}
	return -1
}

// Ambiguous is how many records polls returned that several sends may have put there.
func (l *Log) Ambiguous() int {
	if l.counted {
		return l.ambiguous
	}
	s, n := senders{}, 0
	for i := range l.Records {
		if l.SendsOf(l.Records[i].Value) < 2 {
			continue
		}
		if s.l == nil {
			s = l.senders()
		}
		if s.find(l.Records[i]) < 0 {
			n++
		}
	}
	l.ambiguous, l.counted = n, true
	return n
}
