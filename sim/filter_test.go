package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

func TestFilters(t *testing.T) {
	w, _, b := pair(t, Config{Seed: 1}, plain)
	w.AddFilter(func(_, _ model.NodeID, l model.Label, _ []byte) (Verdict, time.Duration) {
		switch l.Name {
		case "dd":
			return Drop, 0
		case "hhh":
			return Hold, 0
		case "lllll":
			return Delay, time.Second
		}
		return Pass, 0
	})
	for _, text := range []string{"x", "dd", "lllll", "hhh", "x"} {
		send(w, "a", 1, text)
	}
	w.Run(w.Now().Add(500 * time.Millisecond))
	require.Equal(t, []int{1}, frames(b))
	w.Run(w.Now().Add(10 * time.Second))
	w.Release()
	w.Run(w.Now().Add(10 * time.Second))
	require.Equal(t, []int{1, 5, 3, 1}, frames(b))
}

// A link that heals does not release what a filter keeps.
func TestHealsLeaveFiltersAlone(t *testing.T) {
	w, _, b := pair(t, Config{Seed: 1}, plain)
	w.AddFilter(func(_, _ model.NodeID, l model.Label, _ []byte) (Verdict, time.Duration) {
		return Verdict(len(l.Name)), 5 * time.Second // xxx: Delay, x: Hold
	})
	send(w, "a", 1, "xxx")
	send(w, "a", 1, "x")
	w.Run(w.Now().Add(time.Second))
	w.Cut("a", "b")
	w.Heal("a", "b")
	w.Run(w.Now().Add(3 * time.Second))
	require.Empty(t, frames(b), "delayed")
	w.Run(w.Now().Add(time.Minute))
	require.Equal(t, []int{3}, frames(b))
	w.Cut("a", "b")
	w.Heal("a", "b")
	w.Run(w.Now().Add(time.Minute))
	require.Equal(t, []int{3}, frames(b), "held")
	w.HealAll()
	w.Run(w.Now().Add(time.Minute))
	require.Equal(t, []int{3, 1}, frames(b))
}

// Two filters hold; one is released, the other one's message is lost, and what queued behind arrives.
func TestReleaseAndDiscardByFilter(t *testing.T) {
	w, _, b := pair(t, Config{Seed: 1}, plain)
	hold := func(name string) FilterID {
		return w.AddFilter(func(_, _ model.NodeID, l model.Label, _ []byte) (Verdict, time.Duration) {
			if l.Name == name {
				return Hold, 0
			}
			return Pass, 0
		})
	}
	first, second := hold("dd"), hold("hhh")
	for _, text := range []string{"dd", "x", "hhh", "x"} {
		send(w, "a", 1, text)
	}
	w.Run(w.Now().Add(time.Second))
	require.Empty(t, frames(b))
	require.Equal(t, []int{1, 0}, []int{w.Held(first), w.Held(second)})
	w.RemoveFilter(first)
	w.Discard(first)
	w.Run(w.Now().Add(time.Second))
	require.Equal(t, []int{1}, frames(b), "dd is lost, and hhh is held in its turn")
	require.Equal(t, 1, w.Held(second))
	w.Release(first)
	w.Run(w.Now().Add(time.Second))
	require.Equal(t, []int{1}, frames(b), "that filter holds nothing")
	w.Release(second)
	w.Run(w.Now().Add(time.Second))
	require.Equal(t, []int{1, 3, 1}, frames(b))
}
