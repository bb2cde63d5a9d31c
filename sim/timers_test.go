package sim

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

func TestTimersMoveAndCancel(t *testing.T) {
	w, a, _ := pair(t, Config{Seed: 1}, Hardware{})
	start := w.Now()
	w.Command("a", do{func(out *model.Effects) {
		out.SetTimer(model.Timer{Kind: 1, ID: 1}, out.Now.Add(time.Second))
		out.SetTimer(model.Timer{Kind: 1, ID: 2}, out.Now.Add(time.Second))
		out.SetTimer(model.Timer{Kind: 1, ID: 3}, out.Now.Add(time.Second))
		out.SetTimer(model.Timer{Kind: 1, ID: 2}, out.Now.Add(2*time.Second))
		out.CancelTimer(model.Timer{Kind: 1, ID: 3})
	}})
	w.Run(start.Add(time.Minute))
	require.Equal(t, []string{
		fmt.Sprintf("%d timer kind=1 id=1", int64(start.Add(time.Second))/1000),
		fmt.Sprintf("%d timer kind=1 id=2", int64(start.Add(2*time.Second))/1000),
	}, a.log[1:])
}

// Thousands of timers that are set and cancelled must not make the queue grow.
func TestCancelledTimersLeaveTheQueue(t *testing.T) {
	w, _, _ := pair(t, Config{Seed: 1}, Hardware{})
	for i := range 100_000 {
		w.Command("a", do{func(out *model.Effects) {
			out.SetTimer(model.Timer{Kind: 1, ID: uint64(i % 10)}, out.Now.Add(30*time.Second))
		}})
	}
	require.Less(t, len(w.kernel.heap), 1000)
}

// A process may name each of its timers anew.
func TestTimersOfEverNewNamesAreForgotten(t *testing.T) {
	w, a, _ := pair(t, Config{Seed: 1}, Hardware{})
	a.mute = true
	for i := range 50_000 {
		w.Command("a", do{func(out *model.Effects) {
			out.SetTimer(model.Timer{Kind: 1, ID: uint64(i)}, out.Now.Add(time.Millisecond))
			out.SetTimer(model.Timer{Kind: 2, ID: uint64(i)}, out.Now.Add(30*time.Second))
			if i > 0 {
				out.CancelTimer(model.Timer{Kind: 2, ID: uint64(i - 1)})
			}
		}})
		w.Run(w.Now().Add(100 * time.Microsecond))
	}
	require.Less(t, len(w.timers.slots), 1000)
	require.Less(t, len(w.kernel.heap), 1000)
}
