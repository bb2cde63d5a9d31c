package house

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A function that no program calls is deleted, or stands in deadcode.txt with a reason. The tool looks
// at the whole module with its dependencies, so `make lint` asks for it, not `make test`.
func TestDeadCode(t *testing.T) {
	if os.Getenv("SANDCASTLE_LINT") == "" {
		t.Skip("part of make lint")
	}
	text, err := os.ReadFile("deadcode.txt")
	require.NoError(t, err)
	keep, err := parseKept(string(text))
	require.NoError(t, err)
	cmd := exec.Command("go", "tool", "deadcode", "-json", "./...")
	cmd.Dir, cmd.Stderr = moduleRoot(t), os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	dead, err := parseDead(out)
	require.NoError(t, err)
	for _, complaint := range judgeDead(dead, keep) {
		t.Error(complaint)
	}
}

// kept is a line of deadcode.txt.
type kept struct{ name, reason string }

func parseKept(text string) ([]kept, error) {
	var list []kept
	for i, line := range strings.Split(text, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, reason, _ := strings.Cut(line, " ")
		if reason = strings.TrimSpace(reason); reason == "" {
			return nil, fmt.Errorf("deadcode.txt:%d: %s has no reason", i+1, name)
		}
		list = append(list, kept{name, reason})
	}
	return list, nil
}

// deadFunc is a function that the tool found.
type deadFunc struct {
	name string // package.Function, from the top of the module
	file string
	line int
}

// parseDead reads what `deadcode -json` writes.
func parseDead(out []byte) ([]deadFunc, error) {
	var packages []struct {
		Path  string
		Funcs []struct {
			Name     string
			Position struct {
				File string
				Line int
			}
		}
	}
	if err := json.Unmarshal(out, &packages); err != nil {
		return nil, err
	}
	var list []deadFunc
	for _, p := range packages {
		for _, f := range p.Funcs {
			name := strings.TrimPrefix(p.Path, module+"/") + "." + f.Name
			list = append(list, deadFunc{name, f.Position.File, f.Position.Line})
		}
	}
	return list, nil
}

// judgeDead complains of dead functions that are not kept, and of lines that keep nothing.
func judgeDead(dead []deadFunc, keep []kept) []string {
	var complaints []string
	used := map[string]bool{}
	for _, f := range dead {
		names := []string{f.name, f.file, path.Dir(f.file)}
		i := slices.IndexFunc(keep, func(k kept) bool { return slices.Contains(names, k.name) })
		if i < 0 {
			complaints = append(complaints, fmt.Sprintf(
				"%s:%d: no program calls %s: delete it, or give cmd/house/deadcode.txt the reason why not",
				f.file, f.line, f.name))
			continue
		}
		used[keep[i].name] = true
	}
	for _, k := range keep {
		if !used[k.name] {
			complaints = append(complaints,
				"deadcode.txt: "+k.name+" keeps nothing that is dead: delete the line")
		}
	}
	return complaints
}

func TestJudgeDead(t *testing.T) {
	dead, err := parseDead([]byte(`[{"Name":"sim","Path":"sandcastle/sim","Funcs":[
		{"Name":"World.Gone","Position":{"File":"sim/world.go","Line":7,"Col":1}},
		{"Name":"Contract","Position":{"File":"sim/contract.go","Line":9,"Col":1}}]}]`))
	require.NoError(t, err)
	for _, tt := range []struct{ name, keep, want string }{
		{"both are kept", "sim.World.Gone because\nsim/contract.go because", ""},
		{"by their folder", "# a comment\n\nsim   because", ""},
		{"one is not", "sim/contract.go because", "sim/world.go:7"},
		{"one is alive", "sim because\nsim.World.Alive because", "sim.World.Alive keeps nothing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			keep, err := parseKept(tt.keep)
			require.NoError(t, err)
			complaints := judgeDead(dead, keep)
			if tt.want == "" {
				require.Empty(t, complaints)
				return
			}
			require.Len(t, complaints, 1)
			require.Contains(t, complaints[0], tt.want)
		})
	}
	_, err = parseKept("sim.World.Gone")
	require.ErrorContains(t, err, "no reason")
}
