package host

import (
	"container/heap"
	"math"
	"time"

	"sandcastle/model"
)

// timers are what a process has set, the soonest first.
type timers struct {
	set   map[model.Timer]*timer
	queue timerQueue
	count uint64
}

type timer struct {
	timer  model.Timer
	at     model.Time
	number uint64 // in order of setting, which decides among those of one time
	index  int    // in the queue
}

func newTimers() timers { return timers{set: map[model.Timer]*timer{}} }

func (t *timers) add(id model.Timer, at model.Time) {
	t.cancel(id)
	t.count++
	x := &timer{timer: id, at: at, number: t.count}
	t.set[id] = x
	heap.Push(&t.queue, x)
}

func (t *timers) cancel(id model.Timer) {
	if x := t.set[id]; x != nil {
		heap.Remove(&t.queue, x.index)
		delete(t.set, id)
	}
}

// due takes out the soonest timer if its time has come.
func (t *timers) due(now model.Time) (model.Timer, bool) {
	if len(t.queue) == 0 || t.queue[0].at > now {
		return model.Timer{}, false
	}
	x := heap.Pop(&t.queue).(*timer)
	delete(t.set, x.timer)
	return x.timer, true
}

// wait is how long it is until the soonest timer.
func (t *timers) wait(now model.Time) time.Duration {
	if len(t.queue) == 0 {
		return math.MaxInt64
	}
	return time.Duration(t.queue[0].at - now)
}

// timerQueue is a heap.Interface.
type timerQueue []*timer

func (q timerQueue) Len() int { return len(q) }

func (q timerQueue) Less(i, j int) bool {
	if q[i].at != q[j].at {
		return q[i].at < q[j].at
	}
	return q[i].number < q[j].number
}

func (q timerQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

// Push implements heap.Interface.
func (q *timerQueue) Push(x any) {
	t := x.(*timer)
	t.index = len(*q)
	*q = append(*q, t)
}

// Pop implements heap.Interface.
func (q *timerQueue) Pop() any {
	old := *q
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	return t
}
