package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
	"sandcastle/sim"
)

// HealAmong heals what is between the nodes of a set, and leaves everything else as it is.
func TestHealAmong(t *testing.T) {
	w := sim.New(sim.Config{Seed: 1})
	for _, id := range []model.NodeID{"a", "b", "c"} {
		w.AddNode(sim.NodeConfig{ID: id, HasDisk: true, Make: func(model.Boot) model.Process { return idle{} }})
		w.Start(id)
		w.BreakDisk(id, sim.DiskFailing)
	}
	var healed []string
	w.OnNote(func(l *model.TraceLine) {
		if l.Kind == model.TraceHeal {
			healed = append(healed, l.Fault.String())
		}
	})
	w.Cut("a", "b")
	w.Cut("b", "c")
	w.SetLatency("b", "a", time.Second, 0)
	w.HealAmong(func(id model.NodeID) bool { return id != "c" })
	require.False(t, w.Disk("a").Fails())
	require.False(t, w.Disk("b").Fails())
	require.True(t, w.Disk("c").Fails())
	require.Len(t, healed, 4, "the link, the latency and two disks: %v", healed)
	w.HealAll()
	require.Len(t, healed, 6)
}

type idle struct{}

func (idle) Step(model.Event, *model.Effects) {}
