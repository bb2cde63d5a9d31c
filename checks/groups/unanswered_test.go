package groups

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

// joinsStatic makes a static member of generation 1; the leader is told of list.
func (s *story) joinsStatic(given, instance, leader string, list ...kafka.GroupMemberData) {
	x := s.ask(kafka.GroupExchange{
		API: kafka.JoinGroup, Client: "consumer-" + instance, Instance: &instance, Generation: -1,
		Join: &kafka.JoinExchange{Session: time.Minute,
			Protocols: []kafka.GroupMemberData{{Name: "range", Data: []byte(instance)}}},
	})
	x.Join.Given, x.Join.Generation, x.Join.Leader, x.Join.Protocol = given, 1, leader, "range"
	x.Join.Members = list
	s.answer(x, 0)
}

// A static member dies before its first JoinGroup is answered. The leader was told of it, and who
// comes in its place gets what the leader made for it, and nothing else.
func TestStaticMemberThatWasNeverAnswered(t *testing.T) {
	for _, gets := range []string{"2", "1"} {
		a, b := "a", "b"
		s := begin()
		s.joinsStatic("a-1", a, "a-1", kafka.GroupMemberData{Name: "a-1", Instance: &a},
			kafka.GroupMemberData{Name: "b-1", Instance: &b})
		s.syncs("a-1", 1, "1", kafka.GroupMemberData{Name: "a-1", Data: []byte("1")},
			kafka.GroupMemberData{Name: "b-1", Data: []byte("2")})
		s.joinsStatic("b-2", b, "a-1")
		s.syncs("b-2", 1, gets)
		if gets == "2" {
			require.Empty(t, s.found)
		} else {
			require.Equal(t, []kafka.Anomaly{kafka.TornGeneration}, s.found)
		}
	}
}

// A coordinator stores an assignment and is gone before it answers. The next one has it, under the
// same generation, and its members go on.
func TestGenerationStoredAndNotAnswered(t *testing.T) {
	s := begin()
	s.joins("a", 1, "a")
	s.joins("b", 1, "a")
	s.ask(kafka.GroupExchange{API: kafka.SyncGroup, Member: "a", Generation: 1,
		Assignments: []kafka.GroupMemberData{{Name: "a", Data: []byte("1")}, {Name: "b", Data: []byte("2")}}})
	s.moves()
	s.joins("b", 1, "a")
	s.syncs("b", 1, "2")
	s.beats("a", 1, 0)
	s.answer(s.commit("a", 1, 5), 0)
	require.Empty(t, s.found)
	s.syncs("a", 1, "2")
	require.Equal(t, []kafka.Anomaly{kafka.TornGeneration}, s.found)
}

// A static leader comes back and dies before it is answered: the others are told of it under the id
// that nobody has seen. A leader of another name is none of it.
func TestStaticLeaderThatWasNotAnswered(t *testing.T) {
	for leader, want := range map[string][]kafka.Anomaly{
		"a-2": nil, "c-1": {kafka.TornGeneration},
	} {
		a, b := "a", "b"
		s := begin()
		s.joinsStatic("a-1", a, "a-1", kafka.GroupMemberData{Name: "a-1", Instance: &a},
			kafka.GroupMemberData{Name: "b-1", Instance: &b})
		s.joinsStatic("b-2", b, leader)
		require.Equal(t, want, s.found)
	}
}
