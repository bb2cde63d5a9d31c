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
		left        bool
	}{{"GOGC", "", false}, {"GOGC", "50", true}, {"GOMEMLIMIT", "1GiB", true}} {
		t.Run(c.name+"="+c.value, func(t *testing.T) {
			t.Setenv("GOGC", "")
			t.Setenv("GOMEMLIMIT", "")
			t.Setenv(c.name, c.value)
			debug.SetGCPercent(100)
			adjustMemory(memoryFloor)
			require.Equal(t, c.left, debug.SetGCPercent(100) == 100)
		})
	}
}

// Half of the room is filled before anything is collected, and a long run may have a fifth more than
// is alive.
func TestTheCollectorHasRoom(t *testing.T) {
	for _, c := range []struct {
		floor, alive int64
		percent      int
		limit        int64
	}{
		{128 << 20, 0, 1600, 128 << 20},
		{128 << 20, 8 << 20, 700, 128 << 20},
		{128 << 20, 64 << 20, gcPercent, 128 << 20},
		{128 << 20, 1000 << 20, gcPercent, 1200 << 20},
		{256 << 20, 16 << 20, 700, 256 << 20},
	} {
		percent, limit := collecting(c.floor, c.alive)
		require.Equal(t, c.percent, percent, c)
		require.Equal(t, c.limit, limit, c)
	}
	require.Equal(t, int64(checkFloor), floorOf([]string{"check", "h.ndjson"}))
	require.Equal(t, int64(memoryFloor), floorOf([]string{"run", "x"}))
	require.GreaterOrEqual(t, floorOf([]string{"sweep", "x"}), int64(memoryFloor))
}
