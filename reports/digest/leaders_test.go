package digest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/recorded"
)

// printed are spans in short: who led from when to when, in which epoch.
func printed(spans []Leadership) []string {
	var out []string
	for _, s := range spans {
		text := fmt.Sprintf("%d–%d ms: %d in epoch %d", s.From/ms, s.To/ms, s.Leader, s.Epoch)
		if s.Dead {
			text += ", dead"
		}
		out = append(out, text)
	}
	return out
}

func leaderNote(kind kafka.NoteKind, broker kafka.BrokerID, epoch kafka.Epoch, isr ...kafka.BrokerID) kafka.Note {
	return kafka.Note{Kind: kind, Topic: "orders", Broker: broker, Epoch: epoch, Brokers: isr}
}

// A dead leader stays the leader until the controller has chosen another, and the set in sync is
// what the last word on it says.
func TestLeadersOfAFailover(t *testing.T) {
	s := story(recorded.Failover(20))
	require.Len(t, s.Leaders, 1)
	l := s.Leaders[0]
	require.Equal(t, []string{
		"701–4000 ms: 2 in epoch 0", "4000–5200 ms: 2 in epoch 0, dead", "5200–12000 ms: 3 in epoch 1",
	}, printed(l.Spans))
	require.Empty(t, l.Stale)
	require.Equal(t, []inSync{
		{701 * ms, []kafka.BrokerID{1, 2, 3}}, {5200 * ms, []kafka.BrokerID{1, 3}},
		{8400 * ms, []kafka.BrokerID{1, 2, 3}},
	}, l.ISR)
	require.True(t, l.Changed())
}

// A leader that is cut off goes on leading until it hears of its successor.
func TestLeadersThatHaveNotHeard(t *testing.T) {
	r := &recorded.Run{}
	r.Note(1*ms, "broker-9", leaderNote(kafka.LeaderElected, 1, 0, 2, 1))
	r.Note(2*ms, "broker-1", leaderNote(kafka.BecameLeader, 1, 0, 2, 1))
	r.Note(3*ms, "broker-1", leaderNote(kafka.ISRShrunk, 0, 0, 1, 2)) // no change
	r.Note(5*ms, "broker-9", leaderNote(kafka.LeaderElected, 2, 1, 2))
	r.Note(6*ms, "broker-2", leaderNote(kafka.BecameLeader, 2, 1, 2))
	r.Note(9*ms, "broker-1", leaderNote(kafka.BecameFollower, 2, 1))
	r.Note(9*ms, "broker-9", leaderNote(kafka.LeaderElected, 1, 0, 2, 1)) // of a controller that was
	r.Note(12*ms, "broker-9", leaderNote(kafka.PartitionOffline, 0, 1, 2))
	r.Line(20*ms, "", model.TraceEnd, "")
	l := story(r).Leaders[0]
	require.Equal(t, []string{"1–5 ms: 1 in epoch 0", "5–12 ms: 2 in epoch 1", "12–20 ms: -1 in epoch 1"},
		printed(l.Spans))
	require.Equal(t, []string{"5–9 ms: 1 in epoch 0", "12–20 ms: 2 in epoch 1"}, printed(l.Stale))
	require.Equal(t, []kafka.BrokerID{2}, l.ISR[1].ISR)
}

// A leader that comes back before anybody has missed it goes on in its epoch.
func TestLeadersThatComeBackInTime(t *testing.T) {
	r := &recorded.Run{}
	r.Note(1*ms, "broker-1", leaderNote(kafka.BecameLeader, 1, 3, 1))
	r.Line(4*ms, "broker-1", model.TraceFault, "kill broker-1")
	r.Line(6*ms, "broker-1", model.TraceFault, "restart broker-1")
	r.Note(8*ms, "broker-1", leaderNote(kafka.BecameLeader, 1, 3, 1))
	r.Line(9*ms, "", model.TraceEnd, "")
	require.Equal(t, []string{"1–4 ms: 1 in epoch 3", "4–8 ms: 1 in epoch 3, dead", "8–9 ms: 1 in epoch 3"},
		printed(story(r).Leaders[0].Spans))
}

func TestBrokerOfANode(t *testing.T) {
	for node, want := range map[model.NodeID]kafka.BrokerID{
		"broker-1": 1, "broker-204": 204, "broker-": -1, "broker-x": -1, "producer-p1": -1, "": -1,
		"broker-99999999999999": -1,
	} {
		require.Equal(t, want, brokerOf(node), node)
	}
}
