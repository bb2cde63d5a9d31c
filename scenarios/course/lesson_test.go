package course

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
	"sandcastle/scenarios"
)

// Every lesson is whole: it says why, asks for a prediction, tells three to seven things and has a
// knob. What it tells is told by its own seed, each thing once and in the order in which it stands,
// and what decides the prediction happens and leads to a step.
func TestLessonsTellTheirStories(t *testing.T) {
	for _, played := range whole(t).lessons {
		name := played.Result.Run.Scenario
		t.Run(name, func(t *testing.T) {
			s, err := scenarios.Lesson(name)
			require.NoError(t, err)
			require.NotEmpty(t, s.Why)
			require.True(t, strings.HasSuffix(s.Predict.Question, "?"), s.Predict.Question)
			require.NotEmpty(t, s.Predict.Answer)
			require.True(t, s.Knob.Supplied(), "a lesson has a knob")
			require.NotEmpty(t, s.Knob.To, "a knob says where its measure moves")
			require.GreaterOrEqual(t, len(s.Narrate), 3)
			require.LessOrEqual(t, len(s.Narrate), 7)

			story := played.Story
			var want, got []string
			for _, n := range s.Narrate {
				require.NotEqual(t, kafka.NoNote, n.When.Note, "narration is bound to events, not to times")
				want = append(want, n.Say)
			}
			for _, m := range story.Moments {
				if m.Say != "" {
					got = append(got, m.Say)
				}
			}
			require.Equal(t, strings.Join(want, " "), strings.Join(got, " "))

			steps, deciding := story.Steps()
			require.Less(t, deciding, len(steps))
			if s.Predict.At.Note != kafka.NoNote {
				require.True(t, story.Decided(), "%s does not happen, or nothing is told from there on", s.Predict.At)
			}
		})
	}
}
