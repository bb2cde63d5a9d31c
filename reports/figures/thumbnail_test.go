package figures

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/recorded"
)

// The named figure is drawn, or the first that there is, or none.
func TestThumbnailFallsBack(t *testing.T) {
	s := story(recorded.Failover(200))
	first, ok := DrawThumbnail(s, "ownership", "x")
	require.True(t, ok)
	require.Equal(t, "throughput", first.Name, "nobody owned anything")
	require.NotContains(t, string(first.SVG), "<style")
	requireWellFormed(t, first.SVG)
	require.Less(t, len(first.SVG), 20_000)
	require.NotContains(t, string(first.SVG), ">virtual time (s)<")
	_, ok = DrawThumbnail(digest.NewCollector().Story(kafka.Run{}), "offsets", "x")
	require.False(t, ok)
}

func leaderNote(kind kafka.NoteKind, broker kafka.BrokerID, epoch kafka.Epoch, isr ...kafka.BrokerID) kafka.Note {
	return kafka.Note{Kind: kind, Topic: "orders", Broker: broker, Epoch: epoch, Brokers: isr}
}

// A thumbnail has room for one partition: the one whose leader changes.
func TestThumbnailOfLeadershipShowsAChange(t *testing.T) {
	r := &recorded.Run{}
	for p, leaders := range [][]kafka.BrokerID{{1, 1}, {2, 3}, {3, 3}} {
		for i, leader := range leaders {
			n := leaderNote(kafka.LeaderElected, leader, kafka.Epoch(i), 1, 2, 3)
			n.Partition = int32(p)
			r.Note(model.Time(i+1)*ms, "broker-1", n)
		}
	}
	r.Line(9*ms, "", model.TraceEnd, "")
	s := story(r)
	thumb, ok := DrawThumbnail(s, "leadership", "x")
	require.True(t, ok)
	require.Contains(t, string(thumb.SVG), ">orders-1<")
	wide, _ := drawLeadership(s, wideFormat())
	require.Equal(t, "orders-0", wide.panels[0].title)
}
