package rundir

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
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
func TestWhatRepeatsIsFolded(t *testing.T) {
	for _, c := range []struct {
		name, yaml string
		most       int // bytes of the trace
	}{
		{"idle", idle, 5 << 20},  // unfolded it is 15 MB
		{"busy", busy, 16 << 20}, // unfolded it is 64 MB
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, err := scenarios.Parse(c.name+".yaml", []byte(c.yaml))
			require.NoError(t, err)
			requireFolded(t, s, c.most)
		})
	}
}

// requireFolded plays s and demands that its trace has at most so many bytes.
func requireFolded(t *testing.T, s *scenarios.Scenario, most int) {
	dir := runDirOf(t, s)
	path := filepath.Join(dir, "trace.ndjson")
	trace, err := os.ReadFile(path)
	require.NoError(t, err)
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
		if !bytes.Contains(l, []byte(`"count":`)) {
			continue
		}
		line, err := kafka.ParseTraceLine(l)
		require.NoError(t, err)
		if line.Note.Kind == kafka.NoNote { // those of events are told by their numbers to be gone
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
