package scenarios

import (
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

// Every number of a run has a name in the table, so that everybody can look up what it means.
func TestEveryCounterHasAName(t *testing.T) {
	for _, name := range []string{"replication/leader-failover", "groups/consumers-outnumber-partitions",
		"log/compaction", "producers/lost-ack-no-idempotence", "producers/min-insync"} {
		r := playedLesson(t, name)
		for counter := range r.Counters {
			_, err := CheckMeasure(counter)
			require.NoError(t, err, name)
		}
		by := map[string]int64{}
		for _, m := range r.Measures() {
			by[m.Name] = m.Value
		}
		require.Equal(t, by["send.ok"], r.Counters["send.ok"])
		require.Positive(t, by["ack.p50"], name)
		require.GreaterOrEqual(t, by["ack.p99"], by["ack.p50"])
		require.Positive(t, by["requests.Produce"])
		require.Positive(t, by["bytes.sent.broker-1"])
		require.GreaterOrEqual(t, by["bytes.sent"], by["bytes.replicated"])
	}
}

// The knob of a lesson does what it says: with it, under the lesson's own seed, the measure moves,
// and in the direction that is told.
func TestKnobsMove(t *testing.T) {
	for _, name := range Lessons() {
		s, err := Lesson(name)
		require.NoError(t, err)
		if !s.Knob.Supplied() {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed, err := OverrideAll(s, s.Knob.Set)
			require.NoError(t, err)
			played, err := Play(changed, Options{Paranoid: true})
			require.NoError(t, err)
			was, is := measureOf(t, s, playedLesson(t, name)), measureOf(t, s, &played.Run)
			switch s.Knob.To {
			case "more":
				require.Greater(t, is, was, "%s with %v", s.Knob.Moves, s.Knob.Set)
			case "less":
				require.Less(t, is, was, "%s with %v", s.Knob.Moves, s.Knob.Set)
			default:
				require.NotEqual(t, was, is, "%s with %v", s.Knob.Moves, s.Knob.Set)
			}
		})
	}
}

// measureOf is the measure of a run that the knob of the lesson moves.
func measureOf(t *testing.T, lesson *Scenario, r *kafka.Run) int64 {
	m, ok := r.Measure(lesson.Knob.Moves)
	require.True(t, ok, "%s: there was nothing to measure", lesson.Knob.Moves)
	return m.Value
}
