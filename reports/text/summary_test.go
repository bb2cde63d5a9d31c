package text

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
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

// One entry of a timeline that drops a message after the other is one line, and what is graver than a
// message is not pushed out by others of its weight.
func TestSummaryTellsTheGravest(t *testing.T) {
	r := &recorded.Run{}
	for i := range 30 {
		at := model.Time(4000+i) * 1_000_000
		r.Line(at, "broker-3", model.TraceFault, "drop Produce reply broker-3 > producer-p1")
		r.Line(at, "broker-2", model.TraceFault, fmt.Sprintf("drop Fetch reply broker-2 > broker-%d", 100+i))
	}
	r.Line(5000*1_000_000, "broker-3", model.TraceFault, "kill broker-3")
	r.Note(6000*1_000_000, "broker-2", kafka.Note{Kind: kafka.LeaderElected, Topic: "orders", Broker: 2, Epoch: 1})
	text := strings.Join(Summary(story(r), 6), "\n")
	require.Contains(t, text, "is killed")
	require.Contains(t, text, "elects broker-2 as leader of orders-0")
	require.Contains(t, text, "from broker-3 to producer-p1 is lost; and 29 more like")
	require.Contains(t, text, "smaller things")
}
