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

// NodeClock is the wall clock of a node, for setting it wrong. Timers do not go by it.
type NodeClock struct {
	w *World
	n *node
}

// Clock returns the wall clock of a node.
func (w *World) Clock(id model.NodeID) NodeClock { return NodeClock{w, w.node(id)} }

// Shift sets the clock forward, or back, at once.
func (k NodeClock) Shift(by time.Duration) {
	k.w.Fault(model.Fault{Verb: model.FaultShiftClock, Node: k.n.cfg.ID, By: by})
	k.n.wall.ahead += by
}

// Drift has the clock run fast by so many millionths from now on, slow where that is negative.
func (k NodeClock) Drift(ppm int64) {
	if ppm < -MostDrift || ppm > MostDrift {
		panic(fmt.Sprintf("sim: a drift of %d millionths", ppm))
	}
	k.w.Fault(model.Fault{Verb: model.FaultDriftClock, Node: k.n.cfg.ID, Detail: driftWords(ppm)})
	c, now := &k.n.wall, k.w.kernel.now
	*c = wallClock{ahead: c.off(now), ppm: ppm, since: now}
}

// driftWords says how fast a clock runs, as in "200ppm".
func driftWords(ppm int64) string { return fmt.Sprintf("%dppm", ppm) }

// SetRight has the clock show the time of the world again, and run with it.
func (k NodeClock) SetRight() {
	c := &k.n.wall
	if *c == (wallClock{}) {
		return
	}
	ended := model.Fault{Verb: model.FaultShiftClock, Node: k.n.cfg.ID, By: c.off(k.w.kernel.now)}
	if c.ppm != 0 {
		ended = model.Fault{Verb: model.FaultDriftClock, Node: ended.Node, Detail: driftWords(c.ppm)}
	}
	k.w.FaultEnded(ended)
	*c = wallClock{}
}
