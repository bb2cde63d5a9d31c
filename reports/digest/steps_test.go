package digest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/prose"
	"sandcastle/reports/recorded"
)

// A student predicts before the most severe fault: what merely sets the scene comes before it.
func TestTheDecidingStep(t *testing.T) {
	deciding := func(faults ...string) string {
		r := &recorded.Run{}
		for i, text := range faults {
			node, kind := model.NodeID(""), model.TraceFault
			if text == "restart broker-1" || text == "kill broker-1" || text == "halt broker-1: full" {
				node = "broker-1"
			}
			r.Line(model.Time(i+1)*ms, node, kind, text)
		}
		r.Line(99*ms, "", model.TraceEnd, "")
		s := story(r)
		steps, at := s.Steps()
		require.Len(t, steps, len(faults))
		if len(steps) == 0 {
			return ""
		}
		return s.Moments[steps[at]].What
	}
	require.Equal(t, "", deciding())
	require.Equal(t, "is killed", deciding("slow broker-1 > broker-2", "cut broker-2 > broker-1",
		"kill broker-1", "restart broker-1"))
	require.Equal(t, "messages from broker-2 to broker-1 no longer pass",
		deciding("drop Fetch broker-1 > broker-2", "cut broker-2 > broker-1"))
	require.Equal(t, "Fetch from broker-1 to broker-2 is lost", deciding("drop Fetch broker-1 > broker-2"))
	require.Equal(t, "messages from producer-p1 to broker-1 no longer pass",
		deciding("kill producer-p1", "cut producer-p1 > broker-1"))
	require.Equal(t, "stops by itself: full", deciding("halt broker-1: full"))
}

// A lesson may name the event that decides; one that does not come decides nothing.
func TestTheDecidingEvent(t *testing.T) {
	r := recorded.Failover(20)
	r.Sort()
	deciding := func(at LessonNote) (string, bool) {
		at.Decides = true
		s := narrated(r, Lesson{Notes: []LessonNote{at}})
		steps, i := s.Steps()
		return s.Moments[steps[i]].What, s.Decided()
	}
	what, decided := deciding(LessonNote{Kind: kafka.LeaderElected, Least: 0, Where: []string{"payments-0"}})
	require.Equal(t, "is killed", what)
	require.False(t, decided)
	what, decided = deciding(LessonNote{Kind: kafka.SessionExpired})
	require.Contains(t, what, "ends the session of broker-2")
	require.True(t, decided)
	what, _ = deciding(LessonNote{Kind: kafka.BecameLeader, Where: []string{"broker-3"}})
	require.NotContains(t, what, "ends the session")
}

// A moment of producers at large has an event of one of them.
func TestMomentsHaveEvents(t *testing.T) {
	r := recorded.Failover(20)
	for i := range 3 {
		r.Trace = append(r.Trace, kafka.TraceLine{TraceLine: model.TraceLine{At: 4050 * ms, Seq: uint64(9000 + i), Kind: "command",
			Node: []model.NodeID{"broker-1", "producer-p1", "producer-p1"}[i]}})
	}
	s := story(r)
	for i := range s.Moments {
		m := &s.Moments[i]
		event := s.Diagram.EventOf(m)
		require.GreaterOrEqual(t, event, 0, m.String())
		if m.Kind == "progress" || m.Kind == "silence" {
			require.LessOrEqual(t, s.Diagram.Events[event].At, m.At)
			continue
		}
		require.Equal(t, m.At, s.Diagram.Events[event].At)
	}
	m := Moment{At: 4050 * ms, Where: "producers", Kind: "silence"}
	event := s.Diagram.Events[s.Diagram.EventOf(&m)]
	require.Equal(t, model.NodeID("producer-p1"), s.Diagram.Lanes[event.Lane].Node)
	require.Equal(t, "command", event.Kind)
	require.Equal(t, 4050*ms, event.At)
}

// A witness leads to its event, and what a look inside a broker found to the last one there.
func TestWitnessesHaveEvents(t *testing.T) {
	s := story(recorded.Failover(20))
	d := &s.Diagram
	at := func(w kafka.Witness) string {
		i := d.EventOfWitness(&w)
		if i < 0 {
			return "none"
		}
		return prose.Seconds(d.Events[i].At, 3) + " " + d.Events[i].Kind
	}
	require.Equal(t, "5.200 s leader-elected", at(kafka.Witness{Who: "broker-1", At: 5200 * ms}))
	require.Equal(t, "8.400 s isr-expanded", at(kafka.Witness{Who: "broker-3", At: 11000 * ms}))
	require.Equal(t, "8.400 s isr-expanded", at(kafka.Witness{Who: "committed", At: 11000 * ms}))
	require.Equal(t, "none", at(kafka.Witness{Who: "zookeeper-1", At: 4000 * ms}))
	i := 3
	require.Equal(t, i, d.EventOfWitness(&kafka.Witness{Who: "x", Seq: d.Events[i].Seq, At: 9000 * ms}))
}
