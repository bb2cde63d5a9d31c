package digest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/model/kafka"
	"sandcastle/reports/prose"
	"sandcastle/reports/recorded"
)

// staged is a run whose timeline did five things: it dropped answers, restarted a producer, slowed a
// link until the end, killed a broker and had a producer send.
func staged(acts ...LessonAct) *Story {
	r := &recorded.Run{}
	r.Line(1000*ms, "broker-1", model.TraceFault, "drop Produce reply broker-1 > producer-p1")
	r.Line(1001*ms, "broker-1", model.TraceFault, "drop Produce reply broker-1 > producer-p1")
	r.Line(2000*ms, "producer-p1", model.TraceFault, "kill producer-p1")
	r.Line(2000*ms, "producer-p1", model.TraceFault, "start producer-p1")
	r.Line(3000*ms, "", model.TraceFault, "slow broker-1 > broker-2 by 2ms")
	r.Line(4000*ms, "broker-2", model.TraceFault, "kill broker-2")
	r.Line(9000*ms, "", model.TraceHeal, "slow broker-1 > broker-2 by 2ms")
	r.Line(9000*ms, "", model.TraceEnd, "")
	r.Run.Counters = map[string]int64{"send.ok": 1234}
	r.Run.Fired = []kafka.Fired{
		{Entry: 0, Verb: "drop", At: 500 * ms},
		{Entry: 0, Verb: "drop", At: 1000 * ms, Phase: kafka.FiredMet, From: 0, To: 2},
		{Entry: 1, Verb: "restart", At: 2000 * ms, Nodes: []model.NodeID{"producer-p1"}, From: 2, To: 4},
		{Entry: 2, Verb: "slow", At: 3000 * ms, From: 4, To: 5},
		{Entry: 3, Verb: "kill", At: 4000 * ms, Nodes: []model.NodeID{"broker-2"}, From: 5, To: 6},
		{Entry: 4, Verb: "send", At: 5000 * ms, Nodes: []model.NodeID{"producer-p1"}, From: 6, To: 6},
	}
	return narrated(r, Lesson{Acts: acts})
}

func stepsOf(s *Story) (told []string) {
	steps, _ := s.Steps()
	for _, i := range steps {
		m := &s.Moments[i]
		line := m.String()
		if m.Say != "" {
			line += " | " + m.Say
		}
		told = append(told, line)
	}
	return told
}

func TestFaultsAreStepsWithSentences(t *testing.T) {
	plain := stepsOf(staged())
	require.Equal(t, []string{
		"1.000 s network the answer to Produce from broker-1 to producer-p1 is lost; and 1 more like it",
		"2.000 s producer-p1 is restarted",
		"3.000 s network messages from broker-1 to broker-2 now take 2 ms",
		"4.000 s broker-2 is killed",
		"9.000 s network messages from broker-1 to broker-2 are as quick as before",
	}, plain, "a restart is one step, and so are messages that meet one fault")

	require.Equal(t, []string{
		"1.000 s network the answer to Produce from broker-1 to producer-p1 is lost; and 1 more like it | " +
			"Nobody hears.",
		"4.000 s broker-2 is killed | With it go 1,234.",
		"5.000 s producer-p1 is told to send 10 records | Ten more.",
	}, stepsOf(staged(LessonAct{Say: "Nobody hears."}, LessonAct{Quiet: true}, LessonAct{Quiet: true},
		LessonAct{Say: "With it go {send.ok}."},
		LessonAct{What: "is told to send 10 records", Say: "Ten more."})),
		"set-up is no step, nor is its end")
}

// What is set-up is drawn all the same, without a mark across the figures; it decides nothing.
func TestSetUpIsDrawn(t *testing.T) {
	s := staged(LessonAct{Quiet: true}, LessonAct{}, LessonAct{Quiet: true}, LessonAct{Quiet: true})
	var quiet []string
	for _, b := range s.Bands {
		if b.Quiet {
			quiet = append(quiet, b.Label)
		}
	}
	require.Equal(t, []string{"broker-1 → broker-2 slow (2 ms)", "broker-2 down"}, quiet)
	require.Empty(t, s.Marks)
	steps, deciding := s.Steps()
	require.Equal(t, "is restarted", s.Moments[steps[deciding]].What)
	for i := range s.Moments {
		if s.Moments[i].What == "is killed" {
			require.Equal(t, prose.Detail, s.Moments[i].Weight)
		}
	}
}

// An entry of the timeline may decide.
func TestAnEntryDecides(t *testing.T) {
	s := staged(LessonAct{}, LessonAct{}, LessonAct{Decides: true})
	steps, deciding := s.Steps()
	require.True(t, s.Decided())
	require.Contains(t, s.Moments[steps[deciding]].What, "now take 2 ms")
}
