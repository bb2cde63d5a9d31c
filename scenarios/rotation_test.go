package scenarios

import (
	"fmt"
	"os"
	"strconv"
	"testing"
)

// rotated is whose turn it is among seeds and mutants of which `make test` takes a few: the next
// ones with each commit, so that all are taken in some commits. The Makefile counts the commits and
// sets SANDCASTLE_ROTATION; without it, it is the turn of the first.
func rotated() (uint64, error) {
	text := os.Getenv("SANDCASTLE_ROTATION")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("SANDCASTLE_ROTATION: %w", err)
	}
	return n, nil
}

// turns are the few of 0, …, many−1 whose turn it is. When t fails, it says how to repeat that.
func turns(t *testing.T, few, many uint64) []uint64 {
	rotation, err := rotated()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("repeat it by: SANDCASTLE_ROTATION=%d go test -run '^%s$' ./scenarios", rotation, t.Name())
		}
	})
	var list []uint64
	for i := range min(few, many) {
		list = append(list, (rotation*few+i)%many)
	}
	return list
}
