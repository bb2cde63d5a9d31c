package swarm

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// swarmedPackages are those of which every function should be reached by some seed, as a run plays them.
func swarmedPackages() string {
	return "sandcastle/broker,sandcastle/broker/wire,sandcastle/broker/config,sandcastle/broker/log," +
		"sandcastle/broker/znode,sandcastle/broker/zookeeper,sandcastle/broker/controller," +
		"sandcastle/broker/replica,sandcastle/broker/group,sandcastle/broker/client,sandcastle/sim," +
		"sandcastle/scenarios,sandcastle/checks,sandcastle/cmd/sandcastle" // whose end writes the counts
}

// Every function that a run may come to is reached by some seed, or excused in testdata/unreached.txt: a
// function and why, a line each. SANDCASTLE_SWARM_COVERAGE says which seeds are played, as in 1..1000; it
// takes a build of the command that counts, and some minutes.
func TestSwarmReachesTheCode(t *testing.T) {
	seeds := os.Getenv("SANDCASTLE_SWARM_COVERAGE")
	if seeds == "" {
		t.Skip("for make swarm-coverage")
	}
	dir := t.TempDir()
	binary, counts := filepath.Join(dir, "sandcastle"), filepath.Join(dir, "counts")
	require.NoError(t, os.Mkdir(counts, 0o750))
	do := func(name string, args ...string) string {
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Env = append(os.Environ(), "GOCOVERDIR="+counts)
		out, err := cmd.CombinedOutput()
		if name != binary { // seeds may fail, and are no matter here
			require.NoError(t, err, "%s", out)
		}
		return string(out)
	}
	do("go", "build", "-cover", "-coverpkg", swarmedPackages(), "-o", binary, "../../cmd/sandcastle")
	do(binary, "sweep", "--swarm", "--seeds", seeds, "--out", filepath.Join(dir, "sweep"))
	text := filepath.Join(dir, "profile")
	do("go", "tool", "covdata", "textfmt", "-i", counts, "-o", text)
	unreached := neverReached(do("go", "tool", "cover", "-func", text))
	excused := excuses(t)
	var found []string
	for _, f := range unreached {
		if !slices.ContainsFunc(excused, func(prefix string) bool { return strings.HasPrefix(f, prefix) }) {
			found = append(found, f)
		}
	}
	require.Empty(t, found, "no seed of %s reaches these, and nothing excuses them:\n%s", seeds,
		strings.Join(found, "\n"))
}

// neverReached are the functions of a report of `go tool cover -func` that nothing reached, as
// broker/log/read.go Read.
func neverReached(report string) []string {
	var list []string
	for line := range strings.Lines(report) {
		fields := strings.Fields(line)
		if len(fields) != 3 || fields[2] != "0.0%" {
			continue
		}
		file, _, _ := strings.Cut(strings.TrimPrefix(fields[0], "sandcastle/"), ":")
		if fields[1] == "String" || fields[1] == "Error" {
			continue // for people
		}
		list = append(list, file+" "+fields[1])
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// excuses are the beginnings of what need not be reached. A line is a file, or a file and a function, a tab,
// and the reason.
func excuses(t *testing.T) []string {
	data, err := os.ReadFile("testdata/unreached.txt")
	require.NoError(t, err)
	var list []string
	for line := range bytes.Lines(data) {
		text := strings.TrimSpace(string(line))
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		what, why, ok := strings.Cut(text, "\t")
		require.True(t, ok && strings.TrimSpace(why) != "", "%q has no reason", text)
		list = append(list, what)
	}
	return list
}

// Whatever is excused is there.
func TestExcusesFit(t *testing.T) {
	for _, what := range excuses(t) {
		file, function, _ := strings.Cut(what, " ")
		path := filepath.Join("..", "..", filepath.FromSlash(file))
		info, err := os.Stat(path)
		require.NoError(t, err, what)
		if function == "" || info.IsDir() {
			continue
		}
		source, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Regexp(t, `func (\([^)]*\) )?`+function, string(source), what)
	}
}
