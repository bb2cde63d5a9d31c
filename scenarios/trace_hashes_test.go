package scenarios

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"sandcastle/model/kafka"
)

var rewrite = flag.Bool("rewrite", false, "write testdata/trace_hashes.txt anew")

const (
	traceHashesFile = "testdata/trace_hashes.txt"
	traceHashesHead = "# What every lesson's run is under its own seed: lesson, seed, trace hash, events. A line that " +
		"changes is a change of\n# behaviour, which its commit explains; a refactoring leaves this file alone. Written by: " +
		"go test ./scenarios -run TestLessons -rewrite\n"
)

// traceHashes are the lines of the file, and those of this time.
type traceHashes struct {
	old []string
	mu  sync.Mutex
	now []string
}

func readTraceHashes(t *testing.T) *traceHashes {
	text, err := os.ReadFile(traceHashesFile)
	if *rewrite && os.IsNotExist(err) {
		return &traceHashes{}
	}
	require.NoError(t, err)
	rest, ok := strings.CutPrefix(string(text), traceHashesHead)
	require.True(t, ok || *rewrite, "%s begins with other words", traceHashesFile)
	return &traceHashes{old: strings.Split(strings.TrimSpace(rest), "\n")}
}

// compare demands that the file has the line of a run.
func (h *traceHashes) compare(t *testing.T, r *kafka.Run) {
	line := fmt.Sprintf("%-48s %3d %s %7d", r.Scenario, r.Seed, r.TraceHash, r.Events)
	h.mu.Lock()
	h.now = append(h.now, line)
	h.mu.Unlock()
	if *rewrite || slices.Contains(h.old, line) {
		return
	}
	was := "no line of it"
	for _, old := range h.old {
		if strings.HasPrefix(old, r.Scenario+" ") {
			was = old
		}
	}
	t.Errorf("%s has\n%s\nand the run is\n%s\nIf behaviour was meant to change, say so in the commit and run: "+
		"go test ./scenarios -run TestLessons -rewrite", traceHashesFile, was, line)
}

// write writes the file when that was asked for and every lesson was played.
func (h *traceHashes) write(t *testing.T) {
	if len(h.now) != len(Lessons()) {
		return // -run picked some
	}
	slices.Sort(h.now)
	if *rewrite {
		text := traceHashesHead + strings.Join(h.now, "\n") + "\n"
		require.NoError(t, os.WriteFile(traceHashesFile, []byte(text), 0o644))
	} else if !t.Failed() && !slices.Equal(h.old, h.now) {
		t.Errorf("%s has lines of lessons that are not there, or is not sorted", traceHashesFile)
	}
}
