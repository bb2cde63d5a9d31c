package course

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
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

			told := map[string]int{}
			at := -1
			for i, m := range played.Story.Moments {
				told[m.Say]++
				for _, n := range s.Narrate {
					require.NotEqual(t, kafka.NoNote, n.When.Note, "narration is bound to events, not to times")
					if strings.HasSuffix(m.Say, n.Say) {
						require.GreaterOrEqual(t, i, at, "%q is told out of turn", n.Say)
						at = i
					}
				}
			}
			all := strings.Join(slices.Collect(maps.Keys(told)), "\n")
			for _, n := range s.Narrate {
				require.Contains(t, all, played.Result.Run.Fill(n.Say), "it is never told")
			}
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
