package canary

import (
	"time"

	"sandcastle/model/kafka"
)

// session is the session timeout of members, rebalance their rebalance timeout.
const (
	session   = 10 * time.Second
	rebalance = 20 * time.Second
)

// joins makes a member of a generation; who leads is told of both members.
func (s *stage) joins(member string, generation int32, leader string) {
	x := s.ask(kafka.GroupExchange{
		API: kafka.JoinGroup, Member: member, Generation: -1,
		Join: &kafka.JoinExchange{
			Session: session, Rebalance: rebalance,
			Protocols: []kafka.GroupMemberData{{Name: "range", Data: []byte(member)}},
		},
	})
	j := x.Join
	j.Given, j.Generation, j.Leader, j.Protocol = member, generation, leader, "range"
	if member == leader {
		for _, other := range []string{"a", "b"} {
			j.Members = append(j.Members, kafka.GroupMemberData{Name: other, Data: []byte(other)})
		}
	}
	s.answer(x, 0)
}

func (s *stage) syncs(member string, generation int32, gets string, plan ...kafka.GroupMemberData) {
	x := s.ask(kafka.GroupExchange{
		API: kafka.SyncGroup, Member: member, Generation: generation, Assignments: plan,
	})
	x.Assignment = []byte(gets)
	s.answer(x, 0)
}

// plan gives member a what a says, and b what b says.
func plan(a, b string) []kafka.GroupMemberData {
	return []kafka.GroupMemberData{{Name: "a", Data: []byte(a)}, {Name: "b", Data: []byte(b)}}
}

// stable brings the group into a generation of a, which leads, and b.
func (s *stage) stable(generation int32) {
	s.joins("a", generation, "a")
	s.joins("b", generation, "a")
	s.syncs("a", generation, "1", plan("1", "2")...)
	s.syncs("b", generation, "2")
}

func (s *stage) beats(member string, generation int32, code int16) {
	s.answer(s.ask(kafka.GroupExchange{
		API: kafka.Heartbeat, Member: member, Generation: generation,
	}), code)
}

// expires removes member b for a reason.
func (s *stage) expires(reason kafka.Reason) {
	s.note("broker-1", kafka.Note{
		Kind: kafka.MemberLeft, Group: "g", Member: "b", Reason: reason,
	})
}

// silent looks at the coordinator so long after member b was heard.
func (s *stage) silent(d time.Duration) {
	s.stable(1)
	s.pass(d)
	s.holds(kafka.GroupView{
		Generation: 1, Members: []kafka.GroupMemberView{{ID: "b", Session: session}},
	})
}

// called removes member b so long after a rebalance has begun.
func (s *stage) called(d time.Duration) {
	s.stable(1)
	s.note("broker-1", kafka.Note{Kind: kafka.RebalanceStarted, Group: "g", Generation: 1})
	s.pass(d)
	s.expires(kafka.ReasonAbsent)
}

// memberScripts are about who is in a group.
func memberScripts() []script {
	return append(expiryScripts(), []script{
		{
			kafka.StaleCommit, "a commit of the generation before was accepted",
			func(s *stage) {
				s.stable(1)
				s.stable(2)
				s.commits("b", 1, 6)
			},
			func(s *stage) {
				s.stable(1)
				s.stable(2)
				s.commits("b", 2, 6)
			},
		},
		{
			kafka.StaleCommit, "a commit was accepted after the next generation had begun",
			func(s *stage) { s.begunAnew("b", 1) },
			func(s *stage) { s.begunAnew("b", 2) },
		},
		{
			kafka.StaleCommit, "a commit of a member was accepted that had left",
			func(s *stage) {
				s.stable(1)
				s.answer(s.ask(kafka.GroupExchange{API: kafka.LeaveGroup, Member: "b", Generation: -1}), 0)
				s.commits("b", 1, 6)
			},
			func(s *stage) {
				s.stable(1)
				s.answer(s.ask(kafka.GroupExchange{API: kafka.LeaveGroup, Member: "b", Generation: -1}), 0)
				s.commits("a", 1, 6)
			},
		},
		{
			kafka.ZombieMember, "a heartbeat of a member was accepted whose session had expired",
			func(s *stage) {
				s.stable(1)
				s.pass(session)
				s.expires(kafka.ReasonExpired)
				s.beats("b", 1, 0)
			},
			func(s *stage) {
				s.stable(1)
				s.pass(session)
				s.expires(kafka.ReasonExpired)
				s.beats("a", 1, 0)
			},
		},
		{
			kafka.RegressedGeneration, "the generation before the last one was given out",
			func(s *stage) {
				s.stable(5)
				s.moves()
				s.stable(4)
			},
			func(s *stage) {
				s.stable(5)
				s.moves()
				s.stable(6)
			},
		},
		{
			kafka.RegressedGeneration, "a coordinator holds the generation before the last one",
			func(s *stage) {
				s.stable(5)
				s.moves()
				s.holds(kafka.GroupView{Generation: 4})
			},
			func(s *stage) {
				s.stable(5)
				s.moves()
				s.holds(kafka.GroupView{Generation: 5})
			},
		},
		{
			kafka.TornGeneration, "a generation has two leaders",
			func(s *stage) {
				s.joins("a", 1, "a")
				s.joins("b", 1, "b")
			},
			func(s *stage) { s.stable(1) },
		},
		{
			kafka.TornGeneration, "a member was given what is another's",
			func(s *stage) {
				s.joins("a", 1, "a")
				s.joins("b", 1, "a")
				s.syncs("a", 1, "1", plan("1", "2")...)
				s.syncs("b", 1, "1")
			},
			func(s *stage) {
				s.stable(1)
				s.stable(2)
			},
		},
		{
			kafka.DoubleOwner, "a leader gave a partition to two members",
			func(s *stage) { s.gives("a", "b") },
			func(s *stage) { s.gives("a") },
		},
	}...)
}

// begunAnew commits when generation 2 has begun and nobody has an assignment yet.
func (s *stage) begunAnew(member string, generation int32) {
	s.stable(1)
	s.joins("a", 2, "a")
	s.joins("b", 2, "a")
	s.commits(member, generation, 6)
}

// gives has the leader give the partition to members.
func (s *stage) gives(members ...string) {
	s.joins("a", 1, "a")
	s.joins("b", 1, "a")
	list := plan("1", "2")
	for i := range list {
		for _, m := range members {
			if list[i].Name == m {
				list[i].Owned = []kafka.TopicPartition{orders()}
			}
		}
	}
	s.syncs("a", 1, "1", list...)
}

func expiryScripts() []script {
	return []script{
		{
			kafka.WrongExpiry, "a session expired at nine tenths of its timeout",
			func(s *stage) {
				s.stable(1)
				s.pass(session*9/10 - 10*time.Millisecond)
				s.expires(kafka.ReasonExpired)
			},
			func(s *stage) {
				s.stable(1)
				s.pass(session * 9 / 10)
				s.expires(kafka.ReasonExpired)
			},
		},
		{
			kafka.WrongExpiry, "a member was left out of a rebalance at nine tenths of its timeout",
			func(s *stage) { s.called(rebalance*9/10 - 10*time.Millisecond) },
			func(s *stage) { s.called(rebalance * 9 / 10) },
		},
		{
			kafka.WrongExpiry, "a member is still there that was silent for far more than its session",
			func(s *stage) { s.silent(session*11/10 + 3*time.Second + 10*time.Millisecond) },
			func(s *stage) { s.silent(session*11/10 + 3*time.Second - 10*time.Millisecond) },
		},
	}
}
