package reports

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// told prints spans in short: who led from when to when, in which epoch.
func told(spans []leadership) []string {
	var out []string
	for _, s := range spans {
		text := fmt.Sprintf("%d–%d ms: %d in epoch %d", s.from/ms, s.to/ms, s.leader, s.epoch)
		if s.dead {
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
	s := failover(20).story()
	require.Len(t, s.leaders, 1)
	l := s.leaders[0]
	require.Equal(t, []string{
		"701–4000 ms: 2 in epoch 0", "4000–5200 ms: 2 in epoch 0, dead", "5200–12000 ms: 3 in epoch 1",
	}, told(l.spans))
	require.Empty(t, l.stale)
	require.Equal(t, []inSync{
		{701 * ms, []kafka.BrokerID{1, 2, 3}}, {5200 * ms, []kafka.BrokerID{1, 3}},
		{8400 * ms, []kafka.BrokerID{1, 2, 3}},
	}, l.isr)
	require.True(t, l.changed())
}

// A leader that is cut off goes on leading until it hears of its successor.
func TestLeadersThatHaveNotHeard(t *testing.T) {
	r := &recording{}
	r.note(1*ms, "broker-9", leaderNote(kafka.LeaderElected, 1, 0, 2, 1))
	r.note(2*ms, "broker-1", leaderNote(kafka.BecameLeader, 1, 0, 2, 1))
	r.note(3*ms, "broker-1", leaderNote(kafka.ISRShrunk, 0, 0, 1, 2)) // no change
	r.note(5*ms, "broker-9", leaderNote(kafka.LeaderElected, 2, 1, 2))
	r.note(6*ms, "broker-2", leaderNote(kafka.BecameLeader, 2, 1, 2))
	r.note(9*ms, "broker-1", leaderNote(kafka.BecameFollower, 2, 1))
	r.note(9*ms, "broker-9", leaderNote(kafka.LeaderElected, 1, 0, 2, 1)) // of a controller that was
	r.note(12*ms, "broker-9", leaderNote(kafka.PartitionOffline, 0, 1, 2))
	r.line(20*ms, "", model.TraceEnd, "")
	l := r.story().leaders[0]
	require.Equal(t, []string{"1–5 ms: 1 in epoch 0", "5–12 ms: 2 in epoch 1", "12–20 ms: -1 in epoch 1"},
		told(l.spans))
	require.Equal(t, []string{"5–9 ms: 1 in epoch 0", "12–20 ms: 2 in epoch 1"}, told(l.stale))
	require.Equal(t, []kafka.BrokerID{2}, l.isr[1].isr)
}

// A leader that comes back before anybody has missed it goes on in its epoch.
func TestLeadersThatComeBackInTime(t *testing.T) {
	r := &recording{}
	r.note(1*ms, "broker-1", leaderNote(kafka.BecameLeader, 1, 3, 1))
	r.line(4*ms, "broker-1", model.TraceFault, "kill broker-1")
	r.line(6*ms, "broker-1", model.TraceFault, "restart broker-1")
	r.note(8*ms, "broker-1", leaderNote(kafka.BecameLeader, 1, 3, 1))
	r.line(9*ms, "", model.TraceEnd, "")
	require.Equal(t, []string{"1–4 ms: 1 in epoch 3", "4–8 ms: 1 in epoch 3, dead", "8–9 ms: 1 in epoch 3"},
		told(r.story().leaders[0].spans))
}

func TestBrokerOfANode(t *testing.T) {
	for node, want := range map[model.NodeID]kafka.BrokerID{
		"broker-1": 1, "broker-204": 204, "broker-": -1, "broker-x": -1, "producer-p1": -1, "": -1,
		"broker-99999999999999": -1,
	} {
		require.Equal(t, want, brokerOf(node), node)
	}
}

// A thumbnail has room for one partition: the one whose leader changes.
func TestThumbnailOfLeadershipShowsAChange(t *testing.T) {
	r := &recording{}
	for p, leaders := range [][]kafka.BrokerID{{1, 1}, {2, 3}, {3, 3}} {
		for i, leader := range leaders {
			n := leaderNote(kafka.LeaderElected, leader, kafka.Epoch(i), 1, 2, 3)
			n.Partition = int32(p)
			r.note(model.Time(i+1)*ms, "broker-1", n)
		}
	}
	r.line(9*ms, "", model.TraceEnd, "")
	s := r.story()
	thumb, ok := DrawThumbnail(s, "leadership", "x")
	require.True(t, ok)
	require.Contains(t, string(thumb.SVG), ">orders-1<")
	wide, _ := drawLeadership(s, wideFormat())
	require.Equal(t, "orders-0", wide.panels[0].title)
}
