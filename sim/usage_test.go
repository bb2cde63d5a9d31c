package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

// Work is counted where it is done: what a node sends takes its CPU and its network card, what it
// flushes its disk, and every frame is counted under its label.
func TestUsageAndTraffic(t *testing.T) {
	hw := plain
	hw.PerEvent, hw.PerKiB, hw.NIC = 10*time.Microsecond, time.Microsecond, 1_000_000
	hw.Disk, hw.Flush = 0, time.Millisecond
	w, _, _ := pair(t, Config{Seed: 1}, hw)
	before, traffic := w.Usage("a"), len(w.Traffic())
	for range 3 {
		w.Command("a", do{func(out *model.Effects) {
			out.Send(1, make([]byte, 2048), model.Label{Name: "Fetch"})
		}})
	}
	w.Command("a", do{func(out *model.Effects) {
		out.Send(1, make([]byte, 1000-frameOverhead), model.Label{Name: "Fetch", Reply: true})
		out.Flush("", 1)
	}})
	w.Run(w.Now().Add(time.Second))
	used := w.Usage("a")
	require.Equal(t, 3*(2048+frameOverhead)*time.Microsecond+time.Millisecond, used.NIC-before.NIC)
	require.GreaterOrEqual(t, used.CPU-before.CPU, 4*hw.PerEvent+3*2*hw.PerKiB)
	require.Equal(t, time.Millisecond, used.Disk-before.Disk)
	require.Equal(t, []Traffic{
		{From: "a", To: "b", API: "Fetch", Frames: 3, Bytes: 3 * (2048 + frameOverhead)},
		{From: "a", To: "b", API: "Fetch", Reply: true, Frames: 1, Bytes: 1000},
	}, w.Traffic()[traffic:])
}
