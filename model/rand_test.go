package model

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The first draws of two streams, fixed: a change here changes every recorded run.
func TestRandIsFixedForEver(t *testing.T) {
	draw := func(seed uint64, name string) (list []uint64) {
		r := NewRand(seed, name)
		for range 3 {
			list = append(list, r.Uint64())
		}
		return list
	}
	require.Equal(t, draw(42, "net"), draw(42, "net"))
	require.NotEqual(t, draw(42, "net"), draw(42, "ten"))
	require.NotEqual(t, draw(42, "net"), draw(43, "net"))
	require.Equal(t, goldenDraws(), draw(42, "net"))
}

func TestRandStaysInRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := NewRand(rapid.Uint64().Draw(t, "seed"), rapid.String().Draw(t, "name"))
		n := rapid.Uint64Min(1).Draw(t, "n")
		require.Less(t, r.Below(n), n)
		low := time.Duration(rapid.Int64Range(-1000, 1000).Draw(t, "low"))
		high := low + time.Duration(rapid.Int64Range(0, 1<<40).Draw(t, "width"))
		d := r.Between(low, high)
		require.GreaterOrEqual(t, d, low)
		require.LessOrEqual(t, d, high)
	})
}

func TestRandIsEven(t *testing.T) {
	r := NewRand(1, "even")
	var count [10]int
	hits := 0
	for range 100_000 {
		count[r.Below(10)]++
		if r.Chance(1, 4) {
			hits++
		}
	}
	for digit, n := range count {
		require.InDelta(t, 10_000, n, 500, "digit %d", digit)
	}
	require.InDelta(t, 25_000, hits, 700)
	require.False(t, r.Chance(0, 5))
	require.True(t, r.Chance(5, 5))
}

func TestRandPanicsOnNonsense(t *testing.T) {
	r := NewRand(1, "x")
	require.Panics(t, func() { r.Below(0) })
	require.Panics(t, func() { r.Between(2, 1) })
}

func goldenDraws() []uint64 {
	return []uint64{2899849619234189604, 12179133989817976156, 5017130965425553260}
}
