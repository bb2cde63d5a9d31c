package swarm

import (
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
	"sandcastle/scenarios"
)

// seedsPlayed is how many seeds `make test` plays, the next ones with each commit.
const seedsPlayed = 30

// firstSeed is the first of those whose turn it is: SANDCASTLE_ROTATION counts the commits. They come
// round after 1,200, all of which hold: a commit fails by what it changes, not by its number. `make
// swarm` plays any.
func firstSeed(t *testing.T) uint64 {
	text := os.Getenv("SANDCASTLE_ROTATION")
	if text == "" {
		return 1
	}
	n, err := strconv.ParseUint(text, 10, 32)
	require.NoError(t, err, "SANDCASTLE_ROTATION")
	return 1 + n%40*seedsPlayed
}

// Whatever is drawn, the cluster keeps what it promises under it, comes to rest, and plays again
// alike.
func TestSwarm(t *testing.T) {
	t.Parallel()
	src := &Source{Profile: DefaultProfile()}
	for i := range uint64(seedsPlayed) {
		seed := firstSeed(t) + i
		s, err := src.Draw(seed)
		require.NoError(t, err)
		r, err := scenarios.Play(s, scenarios.Options{})
		require.NoError(t, err)
		requireHeld(t, &r.Run)
		if i == 0 {
			requirePlaysAlone(t, s, &r.Run)
		}
	}
}

// What is drawn is a file: alone it plays to the same hash.
func requirePlaysAlone(t *testing.T, s *scenarios.Scenario, drawn *kafka.Run) {
	t.Helper()
	alone, err := scenarios.Parse("alone.yaml", []byte(s.YAML))
	require.NoError(t, err)
	r, err := scenarios.Play(alone, scenarios.Options{})
	require.NoError(t, err)
	require.Equal(t, drawn.TraceHash, r.Run.TraceHash)
	require.Equal(t, drawn.Verdict, r.Run.Verdict)
}

func requireHeld(t *testing.T, r *kafka.Run) {
	t.Helper()
	if r.Verdict == kafka.VerdictOK || r.Verdict == kafka.VerdictEmpty {
		return
	}
	for _, f := range r.Findings {
		t.Logf("%s ×%d: %s", f.Anomaly, f.Count, f.Explanation)
	}
	t.Errorf("%s: %s\nagain with: sandcastle run %s --seed %d", r.Verdict, r.Reason, r.Drawn,
		r.Seed)
}

// A lesson is disturbed as it stands, and keeps what its own settings promise.
func TestSwarmOnLessons(t *testing.T) {
	t.Parallel()
	names := scenarios.Lessons()
	first := firstSeed(t)
	for i := range uint64(8) {
		base, err := scenarios.Lesson(names[(first+i*7)%uint64(len(names))])
		require.NoError(t, err)
		src := &Source{Profile: DefaultProfile(), Base: base}
		s, err := src.Draw(first + i)
		require.NoError(t, err)
		r, err := scenarios.Play(s, scenarios.Options{})
		require.NoError(t, err)
		requireHeld(t, &r.Run)
	}
}

// Every verb that a timeline knows is drawn by some part of the swarm, or excused.
func TestEveryVerbIsDrawn(t *testing.T) {
	for _, w := range scenarios.ActionWords() {
		drawn := 0
		for _, names := range [][]string{faultNames(), operatorNames()} {
			for _, name := range names {
				if name == w.Name {
					drawn++
				}
			}
		}
		_, excused := undrawn()[w.Name]
		require.Equal(t, 1, drawn+map[bool]int{true: 1}[excused],
			"%s is to be drawn, or to be excused with a "+
				"reason, and not both", w.Name)
	}
	for name := range undrawn() {
		require.NotNil(t, wordNamed(name), "%s is excused, and no timeline knows it", name)
	}
}

func wordNamed(name string) *scenarios.ActionWord {
	for _, w := range scenarios.ActionWords() {
		if w.Name == name {
			return &w
		}
	}
	return nil
}

// A tombstone is not told from another where nobody hears of offsets: its check would be undecided.
func TestTombstonesHaveOffsets(t *testing.T) {
	t.Parallel()
	src, tombstones := &Source{Profile: DefaultProfile()}, 0
	for seed := range uint64(150) {
		s, err := src.Draw(seed)
		require.NoError(t, err)
		for _, a := range s.Timeline {
			for _, p := range s.Producers {
				if a.Verb == "delete-key" && a.Targets[0].Arg == "producer-"+p.Name {
					tombstones++
					require.NotEqual(t, "0", p.Acks, "seed %d", seed)
				}
			}
		}
	}
	require.Positive(t, tombstones)
}

// One more draw in one aspect does not move the others.
func TestAspectsHaveStreamsOfTheirOwn(t *testing.T) {
	p := DefaultProfile()
	moved := 0
	for seed := range uint64(20) {
		p.FaultCount = span{0, 20}
		before, err := (&Source{Profile: p}).Draw(seed)
		require.NoError(t, err)
		p.FaultCount = span{18, 20}
		after, err := (&Source{Profile: p}).Draw(seed)
		require.NoError(t, err)
		require.Equal(t, before.Topics, after.Topics)
		require.Equal(t, before.Producers, after.Producers)
		require.Equal(t, before.Consumers, after.Consumers)
		if before.YAML != after.YAML {
			moved++
		}
	}
	require.Positive(t, moved)
}

// Most seeds admit nothing.
func TestMostSeedsAdmitNothing(t *testing.T) {
	strict := 0
	src := &Source{Profile: DefaultProfile()}
	for seed := range uint64(200) {
		s, err := src.Draw(seed)
		require.NoError(t, err)
		groups := 0 // what a group's way of committing admits
		for _, a := range s.Expect.Allow {
			if a == kafka.Unprocessed || a == kafka.ProcessedTwice {
				groups++
			}
		}
		if len(s.Expect.Allow) == groups {
			strict++
		}
	}
	require.Greater(t, strict, 120)
}

// undrawn are the verbs that are no faults by themselves, and why.
func undrawn() map[string]string {
	return map[string]string{
		"release":          "ends a hold, in faults that belong together (combined)",
		"discard":          "ends a hold, in faults that belong together (combined)",
		"resume-partition": "ends a pause-partition, whose `for` does",
		"drop-marker":      "needs a broker that is down: in faults that belong together",
	}
}
