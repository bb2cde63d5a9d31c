package rundir

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/scenarios"
)

// idle is a cluster that nobody uses.
const idle = `claim: Nothing happens.
seed: 1
duration: 30m
cluster: {brokers: 3}
topics: [{name: orders, partitions: 3, replicas: 3}]
expect: {findings: none}
`

// A time in which nothing happens fits into a small trace: what repeats is folded. All that reads
// the trace understands it, and a difference inside of what was folded is found at its line.
func TestAnIdleClusterIsFolded(t *testing.T) {
	t.Parallel()
	s, err := scenarios.Parse("idle.yaml", []byte(idle))
	require.NoError(t, err)
	dir := runDirOf(t, s)
	path := filepath.Join(dir, "trace.ndjson")
	trace, err := os.ReadFile(path)
	require.NoError(t, err)
	const most = 4 << 20 // unfolded it is 15 MB
	require.Less(t, len(trace), most)
	require.Contains(t, string(trace), `"count":`)

	page, err := os.ReadFile(filepath.Join(dir, "report.html"))
	require.NoError(t, err)
	require.NoError(t, Redraw(dir, ""))
	again, err := os.ReadFile(filepath.Join(dir, "report.html"))
	require.NoError(t, err)
	require.True(t, bytes.Equal(page, again), "the page drawn again is the page")

	_, difference, err := Replay(dir, nil)
	require.NoError(t, err)
	require.Nil(t, difference)

	lines := bytes.Split(trace, []byte("\n"))
	at := -1
	for i, l := range lines {
		if bytes.Contains(l, []byte(`"count":`)) {
			at = i
		}
	}
	sum := bytes.Index(lines[at], []byte(`"sum":"`)) + len(`"sum":"`)
	digit := &lines[at][sum]
	if *digit++; *digit > '9' {
		*digit = '1'
	}
	require.NoError(t, os.WriteFile(path, bytes.Join(lines, []byte("\n")), 0o644))
	_, difference, err = Replay(dir, nil)
	require.ErrorContains(t, err, "altered")
	require.Equal(t, at+1, difference.Line)

	lost := bytes.Join(append(lines[:at:at], lines[at+1:]...), []byte("\n"))
	require.NoError(t, os.WriteFile(path, lost, 0o644))
	require.ErrorContains(t, Redraw(dir, ""), "lines were taken out")
}
