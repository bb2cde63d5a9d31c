package sim

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A sound world stands the trial, whatever the seed.
func TestTrial(t *testing.T) {
	for seed := range uint64(50) {
		require.Empty(t, Trial(seed))
	}
}

// What breaks in a clause is told, also a panic.
func TestTrialTellsWhatBreaks(t *testing.T) {
	require.Equal(t, "3 is not 4", tried(func(t TB, _ uint64) { demand(t, false, "%d is not %d", 3, 4) }, 1))
	require.Contains(t, tried(func(TB, uint64) { panic("out of range") }, 1), "out of range")
	require.Empty(t, tried(func(t TB, _ uint64) { demand(t, true, "") }, 1))
}

func BenchmarkTrial(b *testing.B) {
	for seed := range uint64(b.N) {
		Trial(seed)
	}
}
