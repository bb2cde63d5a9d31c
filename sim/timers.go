package sim

import "sandcastle/model"

// timerSlot is the setting of one timer. Setting the timer again gives the slot a new generation,
// which voids the item of the old one; so does giving the slot to another timer.
type timerSlot struct {
	timer      model.Timer
	generation uint32
	set        bool
}

// timers holds every timer of every node, and counts the void items in the queue.
type timers struct {
	slots  []timerSlot
	unused []uint32
	void   int
}

// setTimer makes timer fire at the time at.
func (w *World) setTimer(n *node, timer model.Timer, at model.Time) {
	i, known := n.timers[timer]
	if !known {
		if len(n.timers) >= max(n.sweepAt, 64) {
			w.sweepTimers(n)
		}
		i = w.timers.slot(timer)
		n.timers[timer] = i
	}
	w.cancelSlot(i)
	s := &w.timers.slots[i]
	s.set = true
	w.kernel.schedule(at, itemTimer, n.index, uint64(i)<<32|uint64(s.generation))
	w.maybeCompact()
}

// slot finds a place for a timer.
func (t *timers) slot(timer model.Timer) uint32 {
	if n := len(t.unused); n > 0 {
		i := t.unused[n-1]
		t.unused = t.unused[:n-1]
		t.slots[i].timer = timer
		return i
	}
	t.slots = append(t.slots, timerSlot{timer: timer})
	return uint32(len(t.slots) - 1)
}

// sweepTimers forgets the timers of n that are not set: a process may name each of its timers anew.
func (w *World) sweepTimers(n *node) {
	for timer, i := range n.timers { //unordered: which slot a timer has shows nowhere
		if !w.timers.slots[i].set {
			delete(n.timers, timer)
			w.timers.unused = append(w.timers.unused, i)
		}
	}
	n.sweepAt = 2 * len(n.timers)
}

func (w *World) cancelTimer(n *node, timer model.Timer) {
	if i, known := n.timers[timer]; known {
		w.cancelSlot(i)
	}
}

func (w *World) cancelSlot(i uint32) {
	s := &w.timers.slots[i]
	s.generation++
	if s.set {
		s.set = false
		w.timers.void++
	}
}

// cancelAll voids every timer of n: its process is gone.
func (w *World) cancelAll(n *node) {
	for _, i := range n.timers { //unordered: voiding one timer does not touch another
		w.cancelSlot(i)
	}
	w.sweepTimers(n)
}

// fires tells whether the item of a timer still stands, and takes the setting if so.
func (w *World) fires(arg uint64) (model.Timer, bool) {
	s := &w.timers.slots[arg>>32]
	if !s.set || s.generation != uint32(arg) {
		w.timers.void--
		return model.Timer{}, false
	}
	s.set = false
	return s.timer, true
}

// maybeCompact takes the void items out of the queue when they are more than half of it, so that
// the queue stays as long as what is really going to happen.
func (w *World) maybeCompact() {
	if w.timers.void < 256 || w.timers.void*2 < len(w.kernel.heap) {
		return
	}
	w.kernel.keep(func(it *item) bool {
		if it.what != itemTimer {
			return false
		}
		s := &w.timers.slots[it.arg>>32]
		return !s.set || s.generation != uint32(it.arg)
	})
	w.timers.void = 0
}
