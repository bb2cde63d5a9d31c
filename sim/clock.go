package sim

import (
	"fmt"
	"math/bits"
	"time"

	"sandcastle/model"
)

// wallClock is what a node's wall clock shows beside the time of the world, which its timers go by.
// The zero value shows the same.
type wallClock struct {
	ahead time.Duration // how far it was ahead at the time since
	// ppm is by how many millionths it runs fast since then; it runs slow below 0.
	ppm   int64
	since model.Time
}

// MostDrift is the largest drift of a clock, in millionths either way.
const MostDrift = 500_000

// off is how far the clock is ahead at a time.
func (c *wallClock) off(now model.Time) time.Duration {
	if c.ppm == 0 {
		return c.ahead
	}
	passed := uint64(now.Sub(c.since))
	hi, lo := bits.Mul64(passed, uint64(max(c.ppm, -c.ppm)))
	drifted, _ := bits.Div64(hi, lo, 1_000_000)
	if c.ppm < 0 {
		return c.ahead - time.Duration(drifted)
	}
	return c.ahead + time.Duration(drifted)
}

// reads is what the clock shows at a time. There is nothing before 0.
func (c *wallClock) reads(now model.Time) model.Time { return max(now.Add(c.off(now)), 0) }

// WallClock is what the wall clock of a node shows now.
func (w *World) WallClock(id model.NodeID) model.Time { return w.node(id).wall.reads(w.kernel.now) }

// ShiftClock sets the wall clock of a node forward, or back, at once. Timers do not go by it.
func (w *World) ShiftClock(id model.NodeID, by time.Duration) {
	w.Fault(model.Fault{Verb: model.FaultShiftClock, Node: id, By: by})
	w.node(id).wall.ahead += by
}

// DriftClock has the wall clock of a node run fast by so many millionths from now on, slow where
// that is negative.
func (w *World) DriftClock(id model.NodeID, ppm int64) {
	if ppm < -MostDrift || ppm > MostDrift {
		panic(fmt.Sprintf("sim: a drift of %d millionths", ppm))
	}
	w.Fault(model.Fault{Verb: model.FaultDriftClock, Node: id, Detail: driftWords(ppm)})
	c := &w.node(id).wall
	*c = wallClock{ahead: c.off(w.kernel.now), ppm: ppm, since: w.kernel.now}
}

// driftWords says how fast a clock runs, as in "200ppm".
func driftWords(ppm int64) string { return fmt.Sprintf("%dppm", ppm) }

// SetClockRight has the wall clock of a node show the time of the world again, and run with it.
func (w *World) SetClockRight(id model.NodeID) {
	c := &w.node(id).wall
	if *c == (wallClock{}) {
		return
	}
	ended := model.Fault{Verb: model.FaultShiftClock, Node: id, By: c.off(w.kernel.now)}
	if c.ppm != 0 {
		ended = model.Fault{Verb: model.FaultDriftClock, Node: id, Detail: driftWords(c.ppm)}
	}
	w.FaultEnded(ended)
	*c = wallClock{}
}
