package main

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

// The collector is set for a lesson, and left alone for who sets Go's own variables.
func TestMemoryIsAdjusted(t *testing.T) {
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	for _, c := range []struct {
		name, value string
		percent     int
	}{{"GOGC", "", gcPercent}, {"GOGC", "50", 100}, {"GOMEMLIMIT", "1GiB", 100}} {
		t.Run(c.name+"="+c.value, func(t *testing.T) {
			t.Setenv("GOGC", "")
			t.Setenv("GOMEMLIMIT", "")
			t.Setenv(c.name, c.value)
			debug.SetGCPercent(100)
			adjustMemory(memoryFloor)
			require.Equal(t, c.percent, debug.SetGCPercent(100))
		})
	}
}
