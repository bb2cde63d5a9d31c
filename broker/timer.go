package broker

import (
	"fmt"

	"sandcastle/model"
)

// Kinds of the broker's timers. The ID is the component's own, 0 where there is only one.
const (
	timerSession    uint32 = iota + 1 // the ZooKeeper session
	timerFetchLinks                   // connections to other brokers, by their use
	timerControlLinks
	timerForwardLinks
	timerISRLinks
	timerController // the controller
	timerGroups     // the group coordinator
	timerDelayed    // the next deadline of a parked request
	timerISR        // time to look for followers that lag
	timerISRStore   // time for the ISR store to tell the controller, or to ask it again
	timerCheckpoint // time to write the high watermarks down
	timerFetcher    // a fetcher's back-off is over; ID is the leader's broker id
	timerShutdown   // time to ask the controller again to move the leaders
	timerLogTask    // a task of log_tasks.go is due; ID is its place in the table
	timerCleaner    // time for the log cleaner to look for dirty logs
	timerRegister   // a broker that ended because another incarnation was registered is back
)

// TimerWords say for the trace what a broker's timer is for.
func TimerWords(t model.Timer) string {
	switch t.Kind {
	case timerSession:
		return "the ZooKeeper session"
	case timerFetchLinks:
		return "connections to leaders"
	case timerControlLinks:
		return "connections of the controller"
	case timerForwardLinks, timerISRLinks:
		return "connections to the controller"
	case timerController:
		return "the controller"
	case timerGroups:
		return "the group coordinator"
	case timerDelayed:
		return "the deadline of a request that waits"
	case timerISR:
		return "a look for followers that lag"
	case timerISRStore:
		return "the in-sync set is to be told"
	case timerCheckpoint:
		return "high watermarks are to be written down"
	case timerFetcher:
		return fmt.Sprintf("broker-%d may be asked again", t.ID)
	case timerShutdown:
		return "the controller is to be asked for a shutdown again"
	case timerLogTask:
		return "a task of the logs"
	case timerCleaner:
		return "the log cleaner"
	case timerRegister:
		return "the broker is to be registered again"
	default:
		return "a timer of the broker"
	}
}

// delayed is a request that waits for something, but not for ever.
type delayed interface {
	// onDeadline ends the wait. It does nothing when the request was answered already.
	onDeadline(out *model.Effects)
}

// deadlines orders parked requests by the time at which they give up. A request that is answered in
// time stays in the heap until its deadline: taking it out would cost more than the wait.
type deadlines struct {
	heap  []deadline // of two children a node
	seq   uint64
	armed model.Time // what timerDelayed is set to, or Never
}

type deadline struct {
	at  model.Time
	seq uint64
	op  delayed
}

func (a *deadline) before(b *deadline) bool { return a.at < b.at || a.at == b.at && a.seq < b.seq }

func (d *deadlines) add(out *model.Effects, at model.Time, op delayed) {
	d.seq++
	d.heap = append(d.heap, deadline{at, d.seq, op})
	for i := len(d.heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if !d.heap[i].before(&d.heap[parent]) {
			break
		}
		d.heap[i], d.heap[parent] = d.heap[parent], d.heap[i]
		i = parent
	}
	d.arm(out)
}

// take removes the earliest.
func (d *deadlines) take() delayed {
	h := d.heap
	first, last := h[0].op, len(h)-1
	h[0], h[last] = h[last], deadline{}
	h = h[:last]
	d.heap = h
	for i := 0; 2*i+1 < len(h); {
		child := 2*i + 1
		if child+1 < len(h) && h[child+1].before(&h[child]) {
			child++
		}
		if !h[child].before(&h[i]) {
			break
		}
		h[i], h[child] = h[child], h[i]
		i = child
	}
	return first
}

func (d *deadlines) arm(out *model.Effects) {
	if len(d.heap) > 0 && d.heap[0].at < d.armed {
		d.armed = d.heap[0].at
		out.SetTimer(model.Timer{Kind: timerDelayed}, d.armed)
	}
}

func (d *deadlines) onTimer(out *model.Effects) {
	d.armed = model.Never
	for len(d.heap) > 0 && d.heap[0].at <= out.Now {
		d.take().onDeadline(out)
	}
	d.arm(out)
}
