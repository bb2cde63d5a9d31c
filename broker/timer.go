package broker

import (
	"container/heap"

	"sandcastle/model"
)

// Kinds of the broker's timers. The ID is the component's own, 0 where there is only one.
const (
	timerSession    uint32 = iota + 1 // the ZooKeeper session
	timerFetchLinks                   // connections to other brokers, by their use
	timerControlLinks
	timerForwardLinks
	timerController // the controller
	timerGroups     // the group coordinator
	timerDelayed    // the next deadline of a parked request
	timerISR        // time to look for followers that lag
	timerISRNotify  // time to tell the controller of ISR changes
	timerCheckpoint // time to write the high watermarks down
	timerFetcher    // a fetcher's back-off is over; ID is the leader's broker id
	timerTopics     // time to ask again for topics to be created
)

// delayed is a request that waits for something, but not for ever.
type delayed interface {
	// onDeadline ends the wait. It does nothing when the request was answered already.
	onDeadline(now model.Time, out *model.Effects)
}

// deadlines orders parked requests by the time at which they give up. A request that is answered in
// time stays in the heap until its deadline: taking it out would cost more than the wait.
type deadlines struct {
	heap  deadlineHeap
	seq   uint64
	armed model.Time // what timerDelayed is set to, or Never
}

type deadline struct {
	at  model.Time
	seq uint64
	op  delayed
}

type deadlineHeap []deadline

func (h deadlineHeap) Len() int { return len(h) }
func (h deadlineHeap) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].seq < h[j].seq
}
func (h deadlineHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push implements heap.Interface.
func (h *deadlineHeap) Push(x any) { *h = append(*h, x.(deadline)) }

// Pop implements heap.Interface.
func (h *deadlineHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = deadline{}
	*h = old[:len(old)-1]
	return last
}

func (d *deadlines) add(out *model.Effects, at model.Time, op delayed) {
	d.seq++
	heap.Push(&d.heap, deadline{at, d.seq, op})
	d.arm(out)
}

func (d *deadlines) arm(out *model.Effects) {
	if len(d.heap) > 0 && d.heap[0].at < d.armed {
		d.armed = d.heap[0].at
		out.SetTimer(model.Timer{Kind: timerDelayed}, d.armed)
	}
}

func (d *deadlines) onTimer(now model.Time, out *model.Effects) {
	d.armed = model.Never
	for len(d.heap) > 0 && d.heap[0].at <= now {
		heap.Pop(&d.heap).(deadline).op.onDeadline(now, out)
	}
	d.arm(out)
}
