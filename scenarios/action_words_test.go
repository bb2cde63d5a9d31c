package scenarios

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Who guesses a key is told what goes with the action at hand, and who writes Kafka's name of a
// property the word that stands for it.
func TestGuessedKeys(t *testing.T) {
	const every = "every entry may have at, when, delay, then, for, name, say, quiet"
	for _, row := range []struct{ from, to, want string }{
		{"kill: leader(orders-0)", "cut: broker-1, from: broker-2",
			`bad.yaml:10:29: unknown key in a timeline entry with cut "from" (cut needs to; ` + every + ")"},
		{"kill: leader(orders-0)", "kill: broker-1, whom: broker-2",
			`unknown key in a timeline entry with kill "whom" (kill has no keys of its own; ` + every + ")"},
		{"kill: leader(orders-0)", "send: producer-p1, nvalues: 3", `with send "nvalues" (did you mean "values"?)`},
		{"rate: 10/s", "rate: 10/s, enable.idempotence: false",
			`unknown key in a producer "enable.idempotence" (here it is called "idempotence")`},
		{"rate: 10/s", "rate: 10/s, max.in.flight: 5",
			`unknown key in a producer "max.in.flight" (here it is called "in_flight")`},
		{"members: 2", "members: 2, group.id: billing",
			`unknown key in a consumer "group.id" (here it is called "group")`},
		{"members: 2", "members: 2, auto.offset.reset: latest", `(here it is called "from")`},
	} {
		require.Contains(t, plain, row.from)
		_, err := Parse("bad.yaml", []byte(strings.Replace(plain, row.from, row.to, 1)))
		assert.ErrorContains(t, err, row.want)
	}
}

// What is told of an action is what a scenario may say of it: each with just what it needs is taken,
// and none without.
func TestActionWordsAreWhatEntriesTake(t *testing.T) {
	require.Len(t, ActionWords(), len(verbs()))
	for _, w := range ActionWords() {
		require.NotEmpty(t, w.About, w.Name)
		for _, option := range append(append([]string{}, w.Needs...), w.Takes...) {
			require.Contains(t, usersOf(option), w.Name)
		}
		require.Equal(t, verbNamed(w.Name).undo != nil, w.Lasts, w.Name)
	}
}

// The keys are those of the schema, each where it stands, with what it means.
func TestKeysOfAScenario(t *testing.T) {
	about := map[string]Key{}
	for _, k := range Keys() {
		require.NotEmpty(t, k.About, k.Path)
		require.NotContains(t, about, k.Path)
		about[k.Path] = k
	}
	require.True(t, about["cluster"].Required)
	require.True(t, about["producers[].name"].Required)
	require.False(t, about["producers[].rate"].Required)
	require.Contains(t, about, "predict.choices[].right")
	require.Contains(t, about, "timeline[].to")
	require.NotContains(t, about, "timeline[].cut", "an action")
	require.NotContains(t, about, "cluster.config.num.partitions", "a property of Kafka")
}
