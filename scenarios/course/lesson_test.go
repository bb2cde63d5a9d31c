package course

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/text"
	"sandcastle/scenarios"
)

// Every lesson is whole: it says what is to be read first and what afterwards, asks for a prediction
// with choices, tells a few things and has a knob. What it tells is told by its own seed, each thing
// once and in the order in which it stands.
func TestLessonsTellTheirStories(t *testing.T) {
	for _, played := range whole(t).lessons {
		name := played.Result.Run.Scenario
		t.Run(name, func(t *testing.T) {
			s, err := scenarios.Lesson(name)
			require.NoError(t, err)
			require.NotEmpty(t, s.Why)
			require.NotEmpty(t, s.Explain)
			require.True(t, strings.HasSuffix(s.Predict.Question, "?"), s.Predict.Question)
			require.NotEmpty(t, s.Predict.Answer)
			require.GreaterOrEqual(t, len(s.Predict.Choices), 2)
			require.True(t, s.Knob.Supplied(), "a lesson has a knob")
			require.NotEmpty(t, s.Knob.To, "a knob says where its measure moves")
			require.GreaterOrEqual(t, len(s.Narrate), 3)
			require.LessOrEqual(t, len(s.Narrate), 8)

			var want, got []string
			for _, n := range s.Narrate {
				require.NotEqual(t, kafka.NoNote, n.When.Note, "narration is bound to events, not to times")
				want = append(want, played.Result.Run.Fill(n.Say))
			}
			all := ""
			for _, m := range played.Story.Moments {
				all += m.Say + "\n"
				for _, say := range want { // what the lesson says of its own doing may stand before it
					if strings.HasSuffix(m.Say, say) {
						got = append(got, say)
					}
				}
			}
			require.Equal(t, strings.Join(want, "\n"), strings.Join(got, "\n"))
			for i := range s.Timeline {
				require.Contains(t, all, played.Result.Run.Fill(s.Timeline[i].Say), "it is never told")
			}
		})
	}
}

// The question comes when the situation is known and before it is decided: at least a step is told
// before it, and what decides it is told right behind it.
func TestQuestionsComeInTime(t *testing.T) {
	for _, played := range whole(t).lessons {
		name := played.Result.Run.Scenario
		s, err := scenarios.Lesson(name)
		require.NoError(t, err)
		story := played.Story
		steps, deciding := story.Steps()
		require.Less(t, deciding, len(steps), name)
		require.Positive(t, deciding, "%s asks before it has shown anything", name)
		before := false
		for _, step := range steps[:deciding] {
			before = before || story.Moments[step].Say != ""
		}
		require.True(t, before, "%s asks before the lesson has said anything", name)
		if at := s.Predict.At; at.Note != kafka.NoNote || at.Fired != "" {
			require.True(t, story.Decided(), "%s: %s does not happen, or nothing is told from there on", name, at)
		}
	}
}

// A broker that does not hear the controller is seen: it is a step, a stretch over its lane with its
// name, an event in the picture, and a word at the head of its column.
func TestCutControlIsSeen(t *testing.T) {
	for _, played := range whole(t).lessons {
		if played.Result.Run.Scenario != "replication/zombie-follower" {
			continue
		}
		story := played.Story
		c := text.NewColumns(story, played.Lesson)
		for i, stop := range c.Stops() {
			m := stop.Moment
			if m == nil || m.Where != "broker-2" || !strings.Contains(m.What, "the controller cannot hear each other") {
				continue
			}
			require.NotEmpty(t, m.Say)
			event := story.Diagram.EventOf(m)
			require.GreaterOrEqual(t, event, 0)
			e := &story.Diagram.Events[event]
			require.Equal(t, kafka.FaultCutControl, e.Fault.Verb)
			require.Equal(t, story.Diagram.Lane("broker-2"), e.Lane)
			require.Contains(t, c.Faults(text.Place{Stop: i}), "broker-2 cut off from the controller")
			head := c.Draw(text.Place{Stop: i}, 100, 12)[1].String()
			require.Contains(t, head, "cut")
			require.True(t, slices.ContainsFunc(story.Bands, func(b digest.Band) bool {
				return b.Node == "broker-2" && b.From == m.At && b.To > m.At && !b.Quiet
			}))
			return
		}
	}
	t.Fatal("no step tells of it")
}

// committed is said of records only where a high watermark shows it, and of offsets where a group's
// coordinator has kept them.
func TestCommittedIsSaidOfWhatIs(t *testing.T) {
	for _, played := range whole(t).lessons {
		for _, m := range played.Story.Moments {
			for _, sentence := range sentencesOf(m.Say) {
				if !committed.MatchString(sentence) || notCommitted.MatchString(sentence) {
					continue
				}
				kind, _ := kafka.ParseNoteKind(m.Kind)
				require.Contains(t, []kafka.NoteKind{kafka.HighWatermark, kafka.OffsetCommitted}, kind,
					"%s says %q of %s", played.Result.Run.Scenario, sentence, m)
			}
		}
	}
}

var (
	committed    = regexp.MustCompile(`(?i)\bcommitted\b`)
	notCommitted = regexp.MustCompile(`(?i)\b(not|never|nothing|nowhere|none|no|cannot)\b[^.]*\bcommitted\b|` +
		`\bcommitted nowhere\b`)
)
