package scenarios

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// mutant is a bug of one line: old, which stands once in file, becomes new.
type mutant struct {
	name     string
	file     string // below the module's root
	old, new string
}

const (
	// huntedSeeds are the seeds of the swarm within which a mutant has to be caught.
	huntedSeeds = "1..2000"
	// huntLimit ends a hunt.
	huntLimit = 30 * time.Minute
	// mutantsHunted is how many of them `make test` hunts, the next ones with each commit.
	mutantsHunted = 2
)

// Every mutant is caught by some check. SANDCASTLE_MUTANTS says which are hunted: all, or those whose
// names contain it. Otherwise it is the turn of a few, and the rest must only still fit the source.
func TestMutants(t *testing.T) {
	wanted := os.Getenv("SANDCASTLE_MUTANTS")
	table := "| mutant | file | caught by |\n|---|---|---|\n"
	planted := slices.Concat(mutants, clientMutants, logMutants, groupMutants, zookeeperMutants,
		simMutants, checkMutants)
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

// hunt sweeps a swarm with the mutant until a seed fails, and says by what and under which seed. Nothing
// else helps: no lesson, no kept case, no test of a package.
func (m *mutant) hunt(t *testing.T, binary string) string {
	ctx, cancel := context.WithTimeout(t.Context(), huntLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "sweep", "--swarm", "--seeds", huntedSeeds, "--fail-fast", "--no-shrink", "--json",
		"--out", filepath.Join(t.TempDir(), "sweep"))
	var errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = nil, &errs
	_ = cmd.Run() // its exit code says it
	for _, line := range strings.Split(errs.String(), "\n") {
		if strings.HasPrefix(line, "seed ") { // the first one that failed, or that does not end
			return line
		}
	}
	t.Fatalf("%s: not caught by the seeds %s (%s)\n%s", m.name, huntedSeeds, cmd.ProcessState, errs.String())
	return ""
}

// compile makes the command with one source file overlaid, so that nothing in the code knows of mutants.
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
	binary := filepath.Join(dir, "sandcastle")
	out, err := exec.Command("go", "build", "-overlay", config, "-o", binary, "../cmd/sandcastle").CombinedOutput()
	require.NoError(t, err, "%s does not compile: %s", m.name, out)
	return binary
}
