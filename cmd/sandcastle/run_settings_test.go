package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

// A changed run is not judged, says what was changed, and can be replayed and drawn again.
func TestRunWithSettings(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	stdout, stderr, code := cli("run", "names-by-partition", "--out", dir, "--set", "cluster.brokers=4",
		"--set", "producers[0].linger=5ms")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "set       cluster.brokers=4\nset       producers[0].linger=5ms\n")
	require.Contains(t, stdout, "verdict   unjudged")
	data, err := os.ReadFile(filepath.Join(dir, "run.json"))
	require.NoError(t, err)
	var run kafka.Run
	require.NoError(t, json.Unmarshal(data, &run))
	require.Equal(t, []string{"cluster.brokers=4", "producers[0].linger=5ms"}, run.Set)
	require.Contains(t, run.YAML, "brokers: 4")

	stdout, stderr, code = cli("replay", dir)
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "identical")
	_, stderr, code = cli("report", dir)
	require.Zero(t, code, stderr)
	page, err := os.ReadFile(filepath.Join(dir, "report.html"))
	require.NoError(t, err)
	for _, text := range []string{"not judged", "--set cluster.brokers=4 --set &#39;producers[0].linger=5ms&#39;"} {
		require.True(t, strings.Contains(string(page), text), text)
	}

	_, stderr, code = cli("run", "names-by-partition", "--set", "cluster.broker=4")
	require.Equal(t, exitInput, code)
	require.Contains(t, stderr, `did you mean "cluster.brokers"?`)
}
