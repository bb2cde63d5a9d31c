package scenarios

import (
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

const (
	// furtherSeeds are the seeds under which a lesson is played besides its own, from firstSeed on.
	furtherSeeds = 20
	firstSeed    = 1000
	// seedsPerCommit is how many of them `make test` takes, the next one with each commit.
	seedsPerCommit = 1
)

// seedsToPlay are the further seeds of this time. SANDCASTLE_SEEDS asks for that many: `make seeds`.
func seedsToPlay(t *testing.T) (seeds []uint64) {
	few, many := uint64(seedsPerCommit), uint64(furtherSeeds)
	if text := os.Getenv("SANDCASTLE_SEEDS"); text != "" {
		n, err := strconv.ParseUint(text, 10, 32)
		require.NoError(t, err, "SANDCASTLE_SEEDS")
		few, many = n, n
	}
	for _, i := range turns(t, few, many) {
		seeds = append(seeds, firstSeed+i)
	}
	return seeds
}

// lessonPlays are the lessons as they are played under their own seeds, once for all tests of the
// binary.
type lessonPlays struct {
	mu    sync.Mutex
	plays map[string]*lessonPlay
}

type lessonPlay struct {
	once sync.Once
	run  *kafka.Run
	err  error
}

var plays = lessonPlays{plays: map[string]*lessonPlay{}}

// playedLesson is the run of a lesson under its own seed, looked into after every event.
func playedLesson(t *testing.T, name string) *kafka.Run {
	plays.mu.Lock()
	p := plays.plays[name]
	if p == nil {
		p = &lessonPlay{}
		plays.plays[name] = p
	}
	plays.mu.Unlock()
	p.once.Do(func() { p.run, p.err = playAgain(name, Options{}) })
	require.NoError(t, p.err)
	return p.run
}

// playAgain plays a lesson.
func playAgain(name string, opts Options) (*kafka.Run, error) {
	s, err := Lesson(name)
	if err != nil {
		return nil, err
	}
	opts.Paranoid = true
	r, err := Play(s, opts)
	if err != nil {
		return nil, err
	}
	return &r.Run, nil
}

// requireOK shows the findings of a run that did not go as its claim says.
func requireOK(t *testing.T, r *kafka.Run) {
	t.Helper()
	if r.Verdict == kafka.VerdictOK {
		return
	}
	for _, f := range r.Findings {
		t.Logf("%s ×%d: %s", f.Anomaly, f.Count, f.Explanation)
		for _, w := range f.Witnesses {
			t.Logf("    %s %s %s", w.At, w.Who, w.Text)
		}
	}
	t.Errorf("%s, seed %d: %s: %s", r.Scenario, r.Seed, r.Verdict, r.Reason)
}

// Every lesson holds, and holds again with the same hash, which is the one of testdata; and it holds
// under further seeds, whose hashes differ. With -v each tells in a line how it went.
func TestLessons(t *testing.T) {
	golden := readTraceHashes(t)
	seeds := seedsToPlay(t)
	began := time.Now()
	var events atomic.Uint64
	t.Cleanup(func() {
		t.Logf("%d lessons, %d plays of each, %d events in %s", len(Lessons()), 2+len(seeds), events.Load(),
			time.Since(began).Round(time.Millisecond))
		golden.write(t)
	})
	for _, name := range Lessons() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			first := playedLesson(t, name)
			requireOK(t, first)
			t.Logf("%-48s %s  hash %s  %s", name, first.Verdict, first.TraceHash,
				time.Since(began).Round(time.Millisecond))
			events.Add(first.Events)
			golden.compare(t, first)
			second, err := playAgain(name, Options{})
			require.NoError(t, err)
			events.Add(second.Events)
			require.Equal(t, first.TraceHash, second.TraceHash, "the same seed gave another run")
			require.Equal(t, first.Checkpoints, second.Checkpoints)
			hashes := map[string]uint64{first.TraceHash: first.Seed}
			for _, seed := range seeds {
				r, err := playAgain(name, Options{Seed: seed, HasSeed: true})
				require.NoError(t, err)
				requireOK(t, r)
				events.Add(r.Events)
				other, seen := hashes[r.TraceHash]
				require.False(t, seen, "seeds %d and %d gave one hash", seed, other)
				hashes[r.TraceHash] = seed
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
