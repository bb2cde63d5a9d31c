package scenarios

import (
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

// furtherSeeds is under how many seeds each lesson is played besides its own. SANDCASTLE_SEEDS asks
// for more: `make seeds`.
func furtherSeeds(t *testing.T) uint64 {
	text := os.Getenv("SANDCASTLE_SEEDS")
	if text == "" {
		return 20
	}
	n, err := strconv.ParseUint(text, 10, 32)
	require.NoError(t, err, "SANDCASTLE_SEEDS")
	return n
}

func playLesson(t *testing.T, name string, opts Options) *Result {
	s, err := Lesson(name)
	require.NoError(t, err)
	opts.Paranoid = true
	r, err := Play(s, opts)
	require.NoError(t, err)
	return r
}

// requireOK shows the findings of a run that did not go as its claim says.
func requireOK(t *testing.T, r *Result) {
	t.Helper()
	if r.Run.Verdict == kafka.VerdictOK {
		return
	}
	for _, f := range r.Run.Findings {
		t.Logf("%s ×%d: %s", f.Anomaly, f.Count, f.Explanation)
		for _, w := range f.Witnesses {
			t.Logf("    %s %s %s", w.At, w.Who, w.Text)
		}
	}
	t.Errorf("%s, seed %d: %s: %s", r.Run.Scenario, r.Run.Seed, r.Run.Verdict, r.Run.Reason)
}

// Every lesson holds, and holds again with the same hash; and it holds under further seeds, whose
// hashes differ.
func TestLessons(t *testing.T) {
	for _, name := range Lessons() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first := playLesson(t, name, Options{})
			requireOK(t, first)
			second := playLesson(t, name, Options{})
			require.Equal(t, first.Run.TraceHash, second.Run.TraceHash, "the same seed gave another run")
			require.Equal(t, first.Run.Checkpoints, second.Run.Checkpoints)
			hashes := map[string]uint64{first.Run.TraceHash: first.Run.Seed}
			for i := range furtherSeeds(t) {
				seed := 1000 + i
				r := playLesson(t, name, Options{Seed: seed, HasSeed: true})
				requireOK(t, r)
				other, seen := hashes[r.Run.TraceHash]
				require.False(t, seen, "seeds %d and %d gave one hash", seed, other)
				hashes[r.Run.TraceHash] = seed
			}
		})
	}
}

// The course demands: a lesson that expects an anomaly has a twin that expects none.
func TestEveryBadLessonHasATwin(t *testing.T) {
	good := map[string]bool{}
	var bad []string
	for _, name := range Lessons() {
		s, err := Lesson(name)
		require.NoError(t, err)
		require.NotEmpty(t, s.Claim, name)
		require.NotEmpty(t, s.Why, name)
		require.NotEmpty(t, s.Predict.Question, name)
		require.NotEmpty(t, s.Expect.Sometimes, "%s: without `sometimes` a lesson may show nothing", name)
		if len(s.Expect.Findings) == 0 {
			good[name] = true
		} else {
			bad = append(bad, name)
		}
	}
	for _, name := range bad {
		twin := false
		for g := range good {
			twin = twin || len(name) > len(g) && name[:len(g)+1] == g+"-"
		}
		require.True(t, twin, "%s has no twin that must not show its anomaly", name)
	}
}
