package scenarios

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

const (
	// huntedSeeds are the seeds of the swarm, from 1, within which a mutant has to be caught.
	huntedSeeds = 2000
	// huntAlone and huntSeed bound a hunt in wall-clock time: a mutant that plays for that long never
	// ends, and is found by that.
	huntAlone = 3 * time.Minute
	huntSeed  = time.Second
)

// catch is what caught a mutant, "" for nothing, within so many seeds.
type catch struct {
	by    string
	seeds int
}

// hunter hunts mutants. It holds nothing for a catch that the sound program shows under the same seed.
type hunter struct {
	binary string // all mutants, see planting
	dir    string
	mutex  sync.Mutex
	kinds  map[int][]string // what the sound program shows, by seed
	outs   int
}

// newHunter compiles the program of all mutants, for the time of the test.
func newHunter(t *testing.T, all []mutant) *hunter {
	t.Helper()
	h := &hunter{dir: t.TempDir(), kinds: map[int][]string{}}
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	p := planting{root: root, edits: map[string][]edit{}, packs: map[string]string{}}
	for n := range all {
		assert.NoError(t, p.plant(n, &all[n]), all[n].name)
	}
	h.binary = p.compile(t, h.dir)
	return h
}

// seedsOfHunt is how many seeds hunt a mutant.
func seedsOfHunt(t *testing.T) int {
	t.Helper()
	text := os.Getenv("SANDCASTLE_MUTANT_SEEDS")
	if text == "" {
		return huntedSeeds
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, "SANDCASTLE_MUTANT_SEEDS")
	return n
}

// hunt sweeps a swarm with the mutant until a seed fails otherwise than it fails in the sound program.
// Nothing else helps: no lesson, no kept case, no test of a package.
func (h *hunter) hunt(t *testing.T, number, seeds int) catch {
	t.Helper()
	for first := 1; first <= seeds; {
		kinds, failed := h.sweep(t, number, first, seeds)
		if failed == 0 {
			break
		}
		sound := h.soundKinds(t, failed)
		kinds = slices.DeleteFunc(kinds, func(k string) bool { return slices.Contains(sound, k) })
		if len(kinds) > 0 {
			return catch{strings.Join(kinds, ", "), failed}
		}
		first = failed + 1
	}
	return catch{"", seeds}
}

// soundKinds is how the sound program fails under a seed, which it should not.
func (h *hunter) soundKinds(t *testing.T, seed int) []string {
	t.Helper()
	h.mutex.Lock()
	kinds, known := h.kinds[seed]
	h.mutex.Unlock()
	if known {
		return kinds
	}
	kinds, _ = h.sweep(t, -1, seed, seed)
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.kinds[seed] = kinds
	return kinds
}

// sweep plays the seeds until one fails, and says how and which, 0 for none. A program that ends
// of itself fails under the seed behind the last one that it wrote down.
func (h *hunter) sweep(t *testing.T, number, first, last int) ([]string, int) {
	t.Helper()
	h.mutex.Lock()
	h.outs++
	out := filepath.Join(h.dir, fmt.Sprintf("sweep-%d", h.outs))
	h.mutex.Unlock()
	limit := huntAlone + time.Duration(last-first+1)*huntSeed
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, h.binary, "sweep", "--swarm", "--fail-fast", "--no-shrink", "--json",
		"--jobs", "1", "--seeds", fmt.Sprintf("%d..%d", first, last), "--out", out)
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", plantedVariable, number))
	var errs bytes.Buffer
	cmd.Stderr = &errs
	err := cmd.Run()
	defer os.RemoveAll(out)
	if err == nil {
		return nil, 0
	}
	runs, readErr := os.ReadFile(filepath.Join(out, "runs.ndjson"))
	if readErr != nil && !errors.Is(readErr, os.ErrNotExist) {
		require.NoError(t, readErr)
	}
	next := first
	for line := range bytes.Lines(runs) {
		var run kafka.Run
		if json.Unmarshal(line, &run) != nil {
			continue // half a line of a program that was killed
		}
		switch run.Verdict {
		case kafka.VerdictViolated, kafka.VerdictUnsettled, kafka.VerdictCrashed, kafka.VerdictUnequal:
			return kindsOf(&run), int(run.Seed)
		default:
			next = max(next, int(run.Seed)+1)
		}
	}
	switch {
	case ctx.Err() != nil:
		return []string{"never ends"}, next
	case next > last:
		return nil, 0 // all were played: some are undecided or have nothing to judge
	default:
		text := errs.String()
		t.Logf("seed %d: %v\n%s", next, err, text[:min(len(text), 2000)])
		return []string{"the program ends"}, next
	}
}

// kindsOf are the names of what was found, or how else the run failed.
func kindsOf(run *kafka.Run) []string {
	if run.Verdict != kafka.VerdictViolated {
		return []string{string(run.Verdict)}
	}
	var kinds []string
	for _, f := range run.Findings {
		kinds = append(kinds, string(f.Anomaly))
	}
	if len(kinds) == 0 {
		kinds = []string{run.Reason}
	}
	return kinds
}
