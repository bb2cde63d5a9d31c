package scenarios

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"sandcastle/model"
)

// mutant is a bug of one line: old, which stands once in file, becomes new.
type mutant struct {
	name     string
	file     string // below the module's root
	old, new string
}

// mutants are bugs that the checks must catch. Each is planted by compiling the tests with one file
// overlaid, so that nothing in the code knows of them.
var mutants = []mutant{
	{
		"high watermark without the followers", "broker/isr.go",
		"if f.logEnd < hw && p.b.cfg.Mutant != EagerHighWatermark &&", "if false &&",
	},
}

// huntedSeeds is within how many seeds a mutant has to be caught.
const huntedSeeds = 200

// Every mutant is caught by some check. `make mutants` hunts them all; otherwise the first stands for the others,
// and the rest must only still fit the source.
func TestMutants(t *testing.T) {
	wanted := os.Getenv("SANDCASTLE_MUTANTS")
	for i, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			source, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(m.file)))
			require.NoError(t, err)
			require.Equal(t, 1, strings.Count(string(source), m.old), "%s: %q must stand there once", m.file, m.old)
			require.NotEqual(t, m.old, m.new)
			if wanted == "all" || wanted != "" && strings.Contains(m.name, wanted) || wanted == "" && i == 0 {
				t.Log(m.hunt(t, strings.Replace(string(source), m.old, m.new, 1)))
			}
		})
	}
}

// hunt compiles the tests with the mutated source and has them play until something is found.
func (m *mutant) hunt(t *testing.T, mutated string) string {
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
	out, err := exec.Command("go", "test", "-c", "-overlay", config, "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, "%s does not compile: %s", m.name, out)
	cmd := exec.Command(binary, "-test.run", "^TestHunt$", "-test.v")
	cmd.Env = append(os.Environ(), "SANDCASTLE_HUNT="+strconv.Itoa(huntedSeeds))
	out, _ = cmd.CombinedOutput() // a mutant that panics is caught too
	for _, line := range strings.Split(string(out), "\n") {
		if _, caught, ok := strings.Cut(line, "caught by "); ok {
			return m.name + ": caught by " + caught
		}
		if strings.HasPrefix(line, "panic: ") {
			return m.name + ": caught by " + line
		}
	}
	t.Fatalf("%s: not caught within %d seeds\n%s", m.name, huntedSeeds, out)
	return ""
}

// TestHunt plays random scenarios, seed after seed, until a check finds something. It runs in the
// binaries that hunt makes.
func TestHunt(t *testing.T) {
	seeds, err := strconv.Atoi(os.Getenv("SANDCASTLE_HUNT"))
	if err != nil {
		t.Skip("for TestMutants, which sets SANDCASTLE_HUNT")
	}
	generator := rapid.Custom(drawHunt)
	for seed := range seeds {
		s, err := Parse("hunt.yaml", []byte(generator.Example(seed)))
		require.NoError(t, err)
		r, err := Play(s, Options{Paranoid: true})
		require.NoError(t, err)
		if r.Run.Verdict != model.VerdictOK {
			t.Logf("caught by %s, seed %d", found(r), seed)
			return
		}
	}
}

// found names what a run was condemned for.
func found(r *Result) string {
	var names []string
	for _, f := range r.Run.Findings {
		names = append(names, string(f.Anomaly))
	}
	if len(names) == 0 {
		return string(r.Run.Verdict) + " (" + r.Run.Reason + ")"
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
