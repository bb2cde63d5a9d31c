package sim

import "sandcastle/model"

// timerSlot is the setting of one timer. A slot belongs to its (node, timer) for the whole run;
// setting the timer again gives the slot a new generation, which voids the item of the old one.
type timerSlot struct {
	timer      model.Timer
	node       int32
	generation uint32
	set        bool
}

// timers holds every timer of every node, and counts the void items in the queue.
type timers struct {
	slots []timerSlot
	void  int
}

// set makes timer fire at the time at.
func (w *World) setTimer(n *node, timer model.Timer, at model.Time) {
	i, known := n.timers[timer]
	if !known {
		i = uint32(len(w.timers.slots))
		w.timers.slots = append(w.timers.slots, timerSlot{timer: timer, node: n.index})
		n.timers[timer] = i
	}
	w.cancelSlot(i)
	s := &w.timers.slots[i]
	s.set = true
	w.kernel.schedule(at, itemTimer, n.index, uint64(i)<<32|uint64(s.generation))
	w.maybeCompact()
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
