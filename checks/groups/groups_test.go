package groups

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// story tells Facts of one group, whose coordinator is broker 1, and gathers what the checks say.
type story struct {
	f     *Facts
	now   model.Time
	next  uint64
	found []kafka.Anomaly
}

func begin() *story {
	s := &story{f: New()}
	s.f.Settings.OffsetsRetention = time.Hour
	s.note("broker-1", kafka.Note{Kind: kafka.LeaderElected, Topic: kafka.OffsetsTopic, Broker: 1, Epoch: 1})
	s.note("broker-1", kafka.Note{Kind: kafka.CoordinatorLoaded, Topic: kafka.OffsetsTopic})
	return s
}

func (s *story) pass(d time.Duration) { s.now = s.now.Add(d) }

// note is made a millisecond later.
func (s *story) note(node string, n kafka.Note) {
	s.line(&kafka.TraceLine{TraceLine: model.TraceLine{Node: model.NodeID(node), Kind: "note"}, Note: n})
}

func (s *story) line(l *kafka.TraceLine) {
	s.pass(time.Millisecond)
	l.At = s.now
	broker := kafka.NoBroker
	if len(l.Node) > 7 && l.Node[:7] == "broker-" {
		broker = kafka.BrokerID(l.Node[7] - '0')
	}
	s.keep(s.f.Taken(l))
	s.keep(s.f.Expiry(l, broker))
	s.f.TrackLine(l, broker, func(int32) bool { return false })
}

func (s *story) keep(list []Violation) {
	for _, v := range list {
		s.found = append(s.found, v.Anomaly)
	}
}

// ask asks the coordinator, a millisecond later.
func (s *story) ask(x kafka.GroupExchange) *kafka.GroupExchange {
	s.pass(time.Millisecond)
	s.next++
	x.ID, x.Asked, x.At, x.Group = s.next, s.now, s.now, "g"
	if x.Broker == 0 {
		x.Broker = 1
	}
	if x.Client == "" {
		x.Client = "consumer-" + x.Member
	}
	s.show(&x)
	return &x
}

// answer answers, a millisecond later.
func (s *story) answer(x *kafka.GroupExchange, code int16) {
	s.pass(time.Millisecond)
	x.Answered, x.At, x.Code = true, s.now, code
	s.show(x)
}

func (s *story) show(x *kafka.GroupExchange) {
	for _, check := range []func(*kafka.GroupExchange) []Violation{
		s.f.ReadOffsets, s.f.Fenced, s.f.Generations, s.f.Torn, s.f.Owners,
	} {
		s.keep(check(x))
	}
	s.f.Track(x)
}

var tp = kafka.TopicPartition{Topic: "orders"}

func at(o kafka.Offset) []kafka.GroupOffset {
	return []kafka.GroupOffset{{TP: tp, Offset: o, LeaderEpoch: 3, Metadata: "m"}}
}

func (s *story) commit(member string, generation int32, o kafka.Offset) *kafka.GroupExchange {
	return s.ask(kafka.GroupExchange{
		API: kafka.CommitOffsets, Member: member, Generation: generation, Offsets: at(o),
	})
}

// commits is an acknowledged commit.
func (s *story) commits(o kafka.Offset) { s.answer(s.commit("", -1, o), 0) }

// reads is what a fetch is told.
func (s *story) reads(o kafka.Offset) {
	x := s.ask(kafka.GroupExchange{API: kafka.FetchOffsets, Generation: -1})
	if x.Offsets = at(o); o < 0 {
		x.Offsets = []kafka.GroupOffset{{TP: tp, Offset: -1, LeaderEpoch: -1}}
	}
	s.answer(x, 0)
}

// looks is what the coordinator is seen to hold.
func (s *story) looks(v kafka.GroupView) {
	v.Broker, v.Group = 1, "g"
	view := &kafka.ClusterView{At: s.now, Coordinators: []kafka.BrokerID{1}, Groups: []kafka.GroupView{v}}
	s.keep(s.f.HeldOffsets(view))
	s.keep(s.f.HeldGenerations(view))
	s.keep(s.f.Resurrected(view))
	s.keep(s.f.Overdue(view))
	s.keep(s.f.BeyondEnd(view))
}

// joins makes a member of a generation; who leads is told of both members.
func (s *story) joins(member string, generation int32, leader string) {
	x := s.ask(kafka.GroupExchange{
		API: kafka.JoinGroup, Member: member, Generation: -1,
		Join: &kafka.JoinExchange{
			Session: 10 * time.Second, Rebalance: 20 * time.Second,
			Protocols: []kafka.GroupMemberData{{Name: "range", Data: []byte(member)}},
		},
	})
	x.Join.Given, x.Join.Generation, x.Join.Leader, x.Join.Protocol = member, generation, leader, "range"
	if member == leader {
		for _, other := range []string{"a", "b"} {
			x.Join.Members = append(x.Join.Members, kafka.GroupMemberData{Name: other, Data: []byte(other)})
		}
	}
	s.answer(x, 0)
}

// stable brings the group into a generation of a, which leads, and b.
func (s *story) stable(generation int32) {
	s.joins("a", generation, "a")
	s.joins("b", generation, "a")
	s.syncs("a", generation, "1", kafka.GroupMemberData{Name: "a", Data: []byte("1")},
		kafka.GroupMemberData{Name: "b", Data: []byte("2")})
	s.syncs("b", generation, "2")
}

func (s *story) syncs(member string, generation int32, gets string, plan ...kafka.GroupMemberData) {
	x := s.ask(kafka.GroupExchange{
		API: kafka.SyncGroup, Member: member, Generation: generation, Assignments: plan,
	})
	x.Assignment = []byte(gets)
	s.answer(x, 0)
}

func (s *story) beats(member string, generation int32, code int16) {
	s.answer(s.ask(kafka.GroupExchange{API: kafka.Heartbeat, Member: member, Generation: generation}), code)
}

// moves makes another broker the coordinator.
func (s *story) moves() {
	s.note("broker-2", kafka.Note{Kind: kafka.LeaderElected, Topic: kafka.OffsetsTopic, Broker: 1, Epoch: 2})
	s.note("broker-1", kafka.Note{Kind: kafka.BecameFollower, Topic: kafka.OffsetsTopic, Epoch: 2})
	s.note("broker-1", kafka.Note{Kind: kafka.CoordinatorLoaded, Topic: kafka.OffsetsTopic})
}

func TestStories(t *testing.T) {
	for _, c := range []struct {
		name string
		tell func(s *story)
		want []kafka.Anomaly
	}{
		{"ok: what was committed last", func(s *story) {
			s.reads(-1)
			s.commits(5)
			s.reads(5)
			s.commits(3) // an application may go back
			s.reads(3)
			s.moves()
			s.reads(3)
			s.looks(kafka.GroupView{Offsets: at(3)})
		}, nil},
		{"bad: an older one", func(s *story) {
			s.commits(5)
			s.commits(7)
			s.moves()
			s.reads(5)
		}, []kafka.Anomaly{kafka.RegressedOffset}},
		{"bad: an older one, seen inside", func(s *story) {
			s.commits(5)
			s.commits(7)
			s.looks(kafka.GroupView{Offsets: at(5)})
		}, []kafka.Anomaly{kafka.RegressedOffset}},
		{"bad: nothing", func(s *story) {
			s.commits(5)
			s.moves()
			s.reads(-1)
			s.keep(s.f.Gone())
		}, []kafka.Anomaly{kafka.LostOffset}},
		{"bad: no group at all", func(s *story) {
			s.commits(5)
			s.keep(s.f.HeldOffsets(&kafka.ClusterView{At: s.now, Coordinators: []kafka.BrokerID{1}}))
			s.keep(s.f.Gone())
		}, []kafka.Anomaly{kafka.LostOffset}},
		{"ok: nothing, after the retention", func(s *story) {
			s.commits(5)
			s.pass(time.Hour)
			s.reads(-1)
			s.keep(s.f.Gone())
		}, nil},
		{"ok: gone with its topic, of which we hear later", func(s *story) {
			s.commits(5)
			s.reads(-1)
			s.note("broker-1", kafka.Note{Kind: kafka.TopicDeleted, Topic: "orders"})
			s.keep(s.f.Gone())
		}, nil},
		{"bad: what nobody committed", func(s *story) {
			s.commits(5)
			s.reads(6)
		}, []kafka.Anomaly{kafka.PhantomOffset}},
		{"bad: another epoch", func(s *story) {
			s.commits(5)
			x := s.ask(kafka.GroupExchange{API: kafka.FetchOffsets, Generation: -1})
			x.Offsets = at(5)
			x.Offsets[0].LeaderEpoch = 2
			s.answer(x, 0)
		}, []kafka.Anomaly{kafka.PhantomOffset}},
		{"ok: an unknown outcome, either way", func(s *story) {
			s.commits(5)
			x := s.commit("", -1, 6)
			s.reads(5)
			s.reads(6)
			s.answer(x, 7) // REQUEST_TIMED_OUT
			s.reads(5)
			s.reads(6)
		}, nil},
		{"bad: what was refused", func(s *story) {
			s.answer(s.commit("", -1, 6), 22) // ILLEGAL_GENERATION
			s.reads(6)
		}, []kafka.Anomaly{kafka.PhantomOffset}},
		{"ok: who coordinates no more answers as it must", func(s *story) {
			s.commits(5)
			s.note("broker-2", kafka.Note{Kind: kafka.LeaderElected, Topic: kafka.OffsetsTopic, Broker: 2, Epoch: 2})
			s.reads(4)
		}, nil},
		{"ok: two generations", func(s *story) {
			s.stable(1)
			s.answer(s.commit("a", 1, 5), 0)
			s.stable(2)
			s.answer(s.commit("b", 2, 6), 0)
			s.answer(s.commit("b", 1, 6), 22)
		}, nil},
		{"bad: a commit of the generation before", func(s *story) {
			s.stable(1)
			s.stable(2)
			s.answer(s.commit("b", 1, 6), 0)
		}, []kafka.Anomaly{kafka.StaleCommit}},
		{"bad: a commit of who left", func(s *story) {
			s.stable(1)
			s.answer(s.ask(kafka.GroupExchange{API: kafka.LeaveGroup, Member: "b", Generation: -1}), 0)
			s.answer(s.commit("b", 1, 6), 0)
		}, []kafka.Anomaly{kafka.StaleCommit}},
		{"bad: a commit of a stranger", func(s *story) {
			s.stable(1)
			s.answer(s.commit("z", 1, 6), 0)
		}, []kafka.Anomaly{kafka.StaleCommit}},
		{"ok: a heartbeat of who expired is refused", func(s *story) {
			s.stable(1)
			s.pass(11 * time.Second)
			s.note("broker-1", kafka.Note{Kind: kafka.MemberLeft, Group: "g", Member: "b",
				Reason: kafka.ReasonExpired})
			s.beats("b", 1, 25)
		}, nil},
		{"bad: a heartbeat of who expired", func(s *story) {
			s.stable(1)
			s.pass(11 * time.Second)
			s.note("broker-1", kafka.Note{Kind: kafka.MemberLeft, Group: "g", Member: "b",
				Reason: kafka.ReasonExpired})
			s.beats("b", 1, 0)
		}, []kafka.Anomaly{kafka.ZombieMember}},
		{"bad: expired in time", func(s *story) {
			s.stable(1)
			s.pass(8 * time.Second)
			s.beats("b", 1, 0)
			s.pass(3 * time.Second)
			s.note("broker-1", kafka.Note{Kind: kafka.MemberLeft, Group: "g", Member: "b",
				Reason: kafka.ReasonExpired})
		}, []kafka.Anomaly{kafka.WrongExpiry}},
		{"bad: left out of a rebalance in time", func(s *story) {
			s.stable(1)
			s.note("broker-1", kafka.Note{Kind: kafka.RebalanceStarted, Group: "g", Generation: 1})
			s.pass(8 * time.Second)
			s.note("broker-1", kafka.Note{Kind: kafka.MemberLeft, Group: "g", Member: "b",
				Reason: kafka.ReasonAbsent})
		}, []kafka.Anomaly{kafka.WrongExpiry}},
		{"bad: never expired", func(s *story) {
			s.line(&kafka.TraceLine{TraceLine: model.TraceLine{Node: "broker-1", Kind: "started"}})
			s.note("broker-1", kafka.Note{Kind: kafka.CoordinatorLoaded, Topic: kafka.OffsetsTopic})
			s.stable(1)
			s.pass(20 * time.Second)
			s.looks(kafka.GroupView{Generation: 1, Members: []kafka.GroupMemberView{
				{ID: "b", Session: 10 * time.Second},
			}})
		}, []kafka.Anomaly{kafka.WrongExpiry}},
		{"ok: a generation that was not stored comes again", func(s *story) {
			s.stable(1)
			s.joins("a", 2, "a")
			s.moves()
			s.joins("b", 2, "b")
		}, nil},
		{"bad: a generation goes back", func(s *story) {
			s.stable(5)
			s.moves()
			s.stable(4)
		}, []kafka.Anomaly{kafka.RegressedGeneration}},
		{"bad: a coordinator forgot the generation", func(s *story) {
			s.stable(5)
			s.moves()
			s.looks(kafka.GroupView{Generation: 4})
		}, []kafka.Anomaly{kafka.RegressedGeneration}},
		{"bad: two leaders in a generation", func(s *story) {
			s.joins("a", 1, "a")
			s.joins("b", 1, "b")
		}, []kafka.Anomaly{kafka.TornGeneration}},
		{"bad: another's assignment", func(s *story) {
			s.joins("a", 1, "a")
			s.joins("b", 1, "a")
			s.syncs("a", 1, "2", kafka.GroupMemberData{Name: "a", Data: []byte("1")},
				kafka.GroupMemberData{Name: "b", Data: []byte("2")})
		}, []kafka.Anomaly{kafka.TornGeneration}},
		{"bad: an assignment before there is one", func(s *story) {
			s.joins("a", 1, "a")
			s.joins("b", 1, "a")
			s.syncs("b", 1, "")
		}, []kafka.Anomaly{kafka.TornGeneration}},
		{"bad: one partition for two", func(s *story) {
			s.joins("a", 1, "a")
			own := []kafka.TopicPartition{tp}
			s.syncs("a", 1, "1", kafka.GroupMemberData{Name: "a", Data: []byte("1"), Owned: own},
				kafka.GroupMemberData{Name: "b", Data: []byte("2"), Owned: own})
		}, []kafka.Anomaly{kafka.DoubleOwner}},
		{"ok: a deleted group begins again", func(s *story) {
			s.commits(5)
			s.answer(s.ask(kafka.GroupExchange{API: kafka.DeleteGroup, Generation: -1}), 0)
			s.reads(-1)
			s.looks(kafka.GroupView{})
			s.stable(1)
			s.looks(kafka.GroupView{Generation: 1, Members: make([]kafka.GroupMemberView, 2)})
			s.keep(s.f.Gone())
		}, nil},
		{"bad: a deleted group comes back", func(s *story) {
			s.stable(1)
			s.answer(s.ask(kafka.GroupExchange{API: kafka.DeleteGroup, Generation: -1}), 0)
			s.looks(kafka.GroupView{Generation: 1})
		}, []kafka.Anomaly{kafka.ResurrectedGroup}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := begin()
			c.tell(s)
			require.Equal(t, c.want, s.found)
		})
	}
}

func TestOffsetBeyondTheEnd(t *testing.T) {
	s := begin()
	s.commits(5)
	view := &kafka.ClusterView{
		At: s.now, Groups: []kafka.GroupView{{Broker: 1, Group: "g", Offsets: at(5)}},
		Replicas: []kafka.ReplicaView{{Broker: 2, TP: tp, Leading: true, LogEnd: 5}},
	}
	require.Empty(t, s.f.BeyondEnd(view))
	view.Replicas[0].LogEnd = 4
	require.Len(t, s.f.BeyondEnd(view), 1)
	s.f.Settings.Chosen = []kafka.PartitionOffset{{Key: tp, Offset: 5}}
	require.Empty(t, s.f.BeyondEnd(view))
}

// A static member that comes back under another id keeps its place; the old id is fenced.
func TestStaticMemberComesBack(t *testing.T) {
	instance := "i"
	join := func(s *story, given, client string) {
		x := s.ask(kafka.GroupExchange{
			API: kafka.JoinGroup, Client: client, Instance: &instance, Generation: -1,
			Join: &kafka.JoinExchange{Session: time.Minute,
				Protocols: []kafka.GroupMemberData{{Name: "range"}}},
		})
		x.Join.Given, x.Join.Generation, x.Join.Leader, x.Join.Protocol = given, 1, given, "range"
		x.Join.Members = []kafka.GroupMemberData{{Name: given, Instance: &instance}}
		s.answer(x, 0)
	}
	s := begin()
	join(s, "i-1", "consumer-1")
	s.syncs("i-1", 1, "1", kafka.GroupMemberData{Name: "i-1", Data: []byte("1")})
	join(s, "i-2", "consumer-1")
	s.syncs("i-2", 1, "1")
	s.answer(s.commit("i-2", 1, 5), 0)
	require.Empty(t, s.found)
	s.answer(s.commit("i-1", 1, 5), 0)
	require.Equal(t, []kafka.Anomaly{kafka.StaleCommit}, s.found)
}
