package text

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
	"sandcastle/reports/digest"
	"sandcastle/reports/recorded"
)

// narrated is a failover with a lesson that says something of the election.
func narrated() *digest.Story {
	r := recorded.Failover(200)
	r.Sort()
	c := digest.NewCollector()
	c.Narrate(digest.Lesson{Notes: []digest.LessonNote{{Kind: kafka.LeaderElected, Say: "The next leader."}}})
	for i := range r.Trace {
		c.Observe(&r.Trace[i])
	}
	return c.Story(r.Run)
}

// What the lesson says stands under its moment, if what happened leaves room.
func TestSummarySaysWhatTheLessonSays(t *testing.T) {
	s := narrated()
	require.Contains(t, strings.Join(Summary(s, 30), "\n"), "└ The next leader.")
	require.NotContains(t, strings.Join(Summary(s, 8), "\n"), "└", "what happened comes first")
}

func TestSummaryFits(t *testing.T) {
	s := story(recorded.Failover(200))
	for _, limit := range []int{0, 1, 2, 5, 15, 100} {
		lines := Summary(s, limit)
		require.LessOrEqual(t, len(lines), max(limit, 1))
		for _, line := range lines {
			require.LessOrEqual(t, utf8.RuneCountInString(line), 100)
		}
	}
	require.Contains(t, strings.Join(Summary(s, 5), "\n"), "4.000 s  broker-2     is killed")
}

func TestCommandIsQuoted(t *testing.T) {
	require.Equal(t, "sandcastle run log/names-by-partition --seed 3",
		Command(&kafka.Run{Scenario: "log/names-by-partition", Seed: 3}))
	require.Equal(t, `sandcastle run 'my file'\''s.yaml' --seed 3`,
		Command(&kafka.Run{Scenario: "my file's.yaml", Seed: 3}))
}
