package scenarios

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model/kafka"
)

// mutant is a bug of one line: old, which stands once in file, becomes new.
type mutant struct {
	name     string
	file     string // below the module's root
	old, new string
}

const (
	// huntedSeeds is within how many seeds a mutant has to be caught.
	huntedSeeds = 200
	// huntLimit ends a hunt in which a mutant goes round in circles.
	huntLimit = 10 * time.Minute
	// mutantsHunted is how many of them `make test` hunts, the next ones with each commit.
	mutantsHunted = 2
)

// Every mutant is caught by some check. SANDCASTLE_MUTANTS says which are hunted: all, or those whose
// names contain it. Otherwise it is the turn of a few, and the rest must only still fit the source.
func TestMutants(t *testing.T) {
	wanted := os.Getenv("SANDCASTLE_MUTANTS")
	table := "| mutant | file | caught by |\n|---|---|---|\n"
	planted := slices.Concat(mutants, clientMutants, logMutants)
	hunted := turns(t, mutantsHunted, uint64(len(planted)))
	for i, m := range planted {
		t.Run(m.name, func(t *testing.T) {
			source, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(m.file)))
			require.NoError(t, err)
			require.Equal(t, 1, strings.Count(string(source), m.old), "%s: %q must stand there once", m.file, m.old)
			require.NotEqual(t, m.old, m.new)
			if wanted == "all" || wanted != "" && strings.Contains(m.name, wanted) ||
				wanted == "" && slices.Contains(hunted, uint64(i)) {
				binary := m.compile(t, strings.Replace(string(source), m.old, m.new, 1))
				line := fmt.Sprintf("| %s | %s | %s |\n", m.name, m.file, m.hunt(t, binary))
				t.Log(line)
				table += line
			}
		})
	}
	t.Log("\n" + table)
}

// hunt has the tests play until something is found, and says what and under which seed.
func (m *mutant) hunt(t *testing.T, binary string) string {
	ctx, cancel := context.WithTimeout(t.Context(), huntLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "-test.run", "^TestHunt$", "-test.v")
	cmd.Env = append(os.Environ(), "SANDCASTLE_HUNT="+strconv.Itoa(huntedSeeds))
	out, _ := cmd.CombinedOutput()
	for _, line := range strings.Split(string(out), "\n") {
		if _, caught, ok := strings.Cut(line, "caught by "); ok {
			return caught
		}
	}
	if ctx.Err() != nil {
		return "a run that never ends"
	}
	t.Fatalf("%s: not caught within %d seeds\n%s", m.name, huntedSeeds, out)
	return ""
}

// compile makes the test binary of this package with one source file overlaid, so that nothing in the code
// knows of mutants.
func (m *mutant) compile(t *testing.T, mutated string) string {
	dir := t.TempDir()
	file := filepath.Join(dir, filepath.Base(m.file))
	require.NoError(t, os.WriteFile(file, []byte(mutated), 0o600))
	original, err := filepath.Abs(filepath.Join("..", filepath.FromSlash(m.file)))
	require.NoError(t, err)
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{original: file}})
	require.NoError(t, err)
	config := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(config, overlay, 0o600))
	binary := filepath.Join(dir, "hunt.test")
	out, err := exec.Command("go", "test", "-c", "-vet=off", "-overlay", config, "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, "%s does not compile: %s", m.name, out)
	return binary
}

// TestHunt plays seed after seed until a check finds something: a random scenario, and one of the kept cases
// and lessons in turn. It runs in the binaries that hunt makes.
func TestHunt(t *testing.T) {
	seeds, err := strconv.Atoi(os.Getenv("SANDCASTLE_HUNT"))
	if err != nil {
		t.Skip("for TestMutants, which sets SANDCASTLE_HUNT")
	}
	random := rapid.Custom(drawHunt)
	scripts := huntScripts(t)
	for seed := range seeds {
		s, err := Parse("a random scenario", []byte(random.Example(seed)))
		require.NoError(t, err)
		for _, s := range []*Scenario{s, scripts[seed%len(scripts)]} {
			if what := huntIn(s, uint64(seed)); what != "" {
				t.Logf("caught by %s in %s, seed %d", what, s.Name, seed)
				return
			}
		}
	}
}

// huntScripts are the scenarios that somebody has written: the kept cases, and the lessons.
func huntScripts(t *testing.T) []*Scenario {
	var list []*Scenario
	files, err := filepath.Glob("testdata/chaos/*.yaml")
	require.NoError(t, err)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		s, err := Parse(filepath.ToSlash(file), data)
		require.NoError(t, err)
		list = append(list, s)
	}
	for _, name := range Lessons() {
		s, err := Lesson(name)
		require.NoError(t, err)
		s.Name = "the lesson " + name
		list = append(list, s)
	}
	return list
}

// huntIn plays the scenario and says what it was condemned for, "" for nothing.
func huntIn(s *Scenario, seed uint64) (found string) {
	defer func() {
		if r := recover(); r != nil {
			found = fmt.Sprintf("a panic (%v)", r)
		}
	}()
	opts := Options{Paranoid: true}
	if strings.HasPrefix(s.Name, "the lesson") { // the others are for their own seeds
		opts.Seed, opts.HasSeed = seed, true
	}
	r, err := Play(s, opts)
	switch {
	case err != nil:
		return err.Error()
	case r.Run.Verdict == kafka.VerdictOK, r.Run.Verdict == kafka.VerdictEmpty:
		return ""
	}
	var names []string
	for _, f := range r.Run.Findings {
		names = append(names, string(f.Anomaly))
	}
	if len(names) == 0 {
		return r.Run.Reason
	}
	return strings.Join(names, ", ")
}

// drawHunt writes a scenario in which most bugs have a chance to show.
func drawHunt(t *rapid.T) string {
	if rapid.Bool().Draw(t, "power") {
		return drawPowerLoss(t)
	}
	return drawChaos(t)
}
