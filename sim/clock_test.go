package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"sandcastle/model"
)

// clockReader notes what both of its clocks show whenever its timer fires, every second.
type clockReader struct{ now, wall *[]model.Time }

func (c clockReader) Step(in model.Event, out *model.Effects) {
	*c.now, *c.wall = append(*c.now, out.Now), append(*c.wall, out.Wall)
	out.SetTimer(model.Timer{}, out.Now.Add(time.Second))
}

// readClocks plays six seconds of a node that reads its clocks, and returns what they showed.
func readClocks(do func(w *World)) (now, wall []model.Time) {
	w := New(Config{})
	w.AddNode(NodeConfig{ID: "a", Make: func(model.Boot) model.Process { return clockReader{&now, &wall} }})
	w.Start("a")
	do(w)
	w.Run(model.Time(6 * time.Second))
	return now, wall
}

func seconds(list ...float64) (out []model.Time) {
	for _, s := range list {
		out = append(out, model.Time(s*float64(time.Second)))
	}
	return out
}

func at(s float64) model.Time { return seconds(s)[0] }

// A clock that is set, or drifts, is seen by the process as its wall clock; its timers do not care.
func TestWallClock(t *testing.T) {
	right := seconds(0, 1, 2, 3, 4, 5, 6)
	for name, c := range map[string]struct {
		do   func(w *World)
		want []model.Time
	}{
		"nobody touches it": {func(*World) {}, right},
		"forward, and back again": {func(w *World) {
			w.At(at(1.5), func() { w.Clock("a").Shift(time.Hour) })
			w.At(at(4.5), func() { w.Clock("a").Shift(-time.Hour) })
		}, seconds(0, 1, 3602, 3603, 3604, 5, 6)},
		"back beyond the beginning": {func(w *World) {
			w.At(at(1.5), func() { w.Clock("a").Shift(-4 * time.Second) })
		}, seconds(0, 1, 0, 0, 0, 1, 2)},
		"half as fast again, then right": {func(w *World) {
			w.At(at(2), func() { w.Clock("a").Drift(500_000) })
			w.At(at(5), func() { w.Clock("a").SetRight() })
		}, seconds(0, 1, 2, 3.5, 5, 5, 6)},
		"slow from where it is": {func(w *World) {
			w.At(at(1), func() { w.Clock("a").Shift(10 * time.Second) })
			w.At(at(1), func() { w.Clock("a").Drift(-500_000) })
			w.At(at(3), func() { w.Clock("a").Drift(0) })
		}, seconds(0, 1, 11.5, 12, 13, 14, 15)},
	} {
		t.Run(name, func(t *testing.T) {
			now, wall := readClocks(c.do)
			require.Equal(t, right, now)
			require.Equal(t, c.want, wall)
		})
	}
}

// A drift is exact over a day, and no clock that is right leaves a line behind.
func TestClockFaultsAreTraced(t *testing.T) {
	c := wallClock{ppm: -MostDrift}
	require.Equal(t, -12*time.Hour, c.off(model.Time(24*time.Hour)))
	w := New(Config{})
	w.AddNode(NodeConfig{ID: "a"})
	var faults []string
	w.OnNote(func(l *model.TraceLine) { faults = append(faults, l.Kind+" "+l.Fault.String()) })
	w.Clock("a").SetRight()
	w.Clock("a").Shift(-3 * time.Second)
	w.HealAll()
	w.Clock("a").Drift(200)
	w.HealAll()
	w.HealAll()
	require.Equal(t, []string{
		"fault shift-clock a by -3s", "heal shift-clock a by -3s", "fault drift-clock a 200ppm", "heal drift-clock a 200ppm",
	}, faults)
	require.Panics(t, func() { w.Clock("a").Drift(MostDrift + 1) })
}
