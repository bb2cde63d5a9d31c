package canary

import (
	"time"

	"sandcastle/model/kafka"
)

// ask asks the coordinator, and answer answers, each a millisecond later.
func (s *stage) ask(x kafka.GroupExchange) *kafka.GroupExchange {
	s.pass(time.Millisecond)
	s.asked++
	x.ID, x.Asked, x.At, x.Group, x.Broker = s.asked, s.now, s.now, "g", 1
	x.Client = "consumer-" + x.Member
	s.watcher.ObserveExchange(&x)
	return &x
}

func (s *stage) answer(x *kafka.GroupExchange, code int16) {
	s.pass(time.Millisecond)
	x.Answered, x.At, x.Code = true, s.now, code
	s.watcher.ObserveExchange(x)
}

func committed(o kafka.Offset) kafka.GroupOffset {
	return kafka.GroupOffset{TP: orders(), Offset: o, LeaderEpoch: 3, Metadata: "m"}
}

// commits is an acknowledged commit by a member of a generation, −1 for none.
func (s *stage) commits(member string, generation int32, o kafka.Offset) {
	s.answer(s.ask(kafka.GroupExchange{
		API: kafka.CommitOffsets, Member: member, Generation: generation,
		Offsets: []kafka.GroupOffset{committed(o)},
	}), 0)
}

// reads is what a fetch of offsets is told.
func (s *stage) reads(o kafka.GroupOffset) {
	x := s.ask(kafka.GroupExchange{API: kafka.FetchOffsets, Generation: -1})
	x.Offsets = []kafka.GroupOffset{o}
	s.answer(x, 0)
}

func nothing() kafka.GroupOffset {
	return kafka.GroupOffset{TP: orders(), Offset: kafka.NoOffset, LeaderEpoch: kafka.NoEpoch}
}

// holds is what the coordinator is seen to hold.
func (s *stage) holds(v kafka.GroupView) {
	v.Broker, v.Group = 1, "g"
	s.shows(kafka.ClusterView{Coordinators: []kafka.BrokerID{1}, Groups: []kafka.GroupView{v}})
}

// moves has the coordinator load its groups again.
func (s *stage) moves() {
	s.note("broker-2", kafka.Note{
		Kind: kafka.LeaderElected, Topic: kafka.OffsetsTopic, Broker: 1, Epoch: 2,
	})
	s.note("broker-1", kafka.Note{Kind: kafka.BecameFollower, Topic: kafka.OffsetsTopic, Epoch: 2})
	s.note("broker-1", kafka.Note{Kind: kafka.CoordinatorLoaded, Topic: kafka.OffsetsTopic})
}

// offsetScripts are about committed offsets.
func offsetScripts() []script {
	return []script{
		{
			kafka.LostOffset, "a committed offset is gone a moment before its retention",
			func(s *stage) {
				s.commits("", -1, 5)
				s.pass(time.Hour - 2*time.Second)
				s.reads(nothing())
			},
			func(s *stage) {
				s.commits("", -1, 5)
				s.pass(time.Hour)
				s.reads(nothing())
			},
		},
		{
			kafka.RegressedOffset, "the offset before the last one is read",
			func(s *stage) {
				s.commits("", -1, 5)
				s.commits("", -1, 6)
				s.moves()
				s.reads(committed(5))
			},
			func(s *stage) {
				s.commits("", -1, 6)
				s.commits("", -1, 5)
				s.moves()
				s.reads(committed(5))
			},
		},
		{
			kafka.RegressedOffset, "a coordinator holds the offset before the last one",
			func(s *stage) {
				s.commits("", -1, 5)
				s.commits("", -1, 6)
				s.holds(kafka.GroupView{Offsets: []kafka.GroupOffset{committed(5)}})
			},
			func(s *stage) {
				s.commits("", -1, 5)
				s.commits("", -1, 6)
				s.holds(kafka.GroupView{Offsets: []kafka.GroupOffset{committed(6)}})
			},
		},
		{
			kafka.PhantomOffset, "an offset is read that is one more than what was committed",
			func(s *stage) {
				s.commits("", -1, 5)
				s.reads(committed(6))
			},
			func(s *stage) {
				s.commits("", -1, 5)
				s.reads(committed(5))
			},
		},
		{
			kafka.PhantomOffset, "the leader epoch of a committed offset is another",
			func(s *stage) {
				s.commits("", -1, 5)
				o := committed(5)
				o.LeaderEpoch--
				s.reads(o)
			},
			func(s *stage) {
				s.reads(nothing())
				s.commits("", -1, 5)
				s.reads(committed(5))
			},
		},
		{
			kafka.OffsetBeyondEnd, "a committed offset is one beyond the log's end",
			func(s *stage) { s.committedWith(5, 4) },
			func(s *stage) { s.committedWith(5, 5) },
		},
		{
			kafka.ResurrectedGroup, "a group that was deleted is there again",
			func(s *stage) {
				s.stable(1)
				s.answer(s.ask(kafka.GroupExchange{API: kafka.DeleteGroup, Generation: -1}), 0)
				s.holds(kafka.GroupView{Generation: 1})
			},
			func(s *stage) {
				s.stable(1)
				s.answer(s.ask(kafka.GroupExchange{API: kafka.DeleteGroup, Generation: -1}), 0)
				s.stable(1)
				s.holds(kafka.GroupView{Generation: 1})
			},
		},
	}
}

// committedWith is a cluster at rest in which an offset is committed of a log that ends there.
func (s *stage) committedWith(o, end kafka.Offset) {
	s.commits("", -1, o)
	s.shows(kafka.ClusterView{
		AtRest: true,
		Groups: []kafka.GroupView{
			{Broker: 1, Group: "g", Offsets: []kafka.GroupOffset{committed(o)}},
		},
		Replicas: []kafka.ReplicaView{{Broker: 1, TP: orders(), Leading: true, LogEnd: end}},
	})
}
