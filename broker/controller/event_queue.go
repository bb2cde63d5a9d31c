package controller

import (
	"fmt"

	"sandcastle/broker/chain"
	"sandcastle/model"
)

// event is one thing that the controller has to deal with. Its work may wait for ZooKeeper many
// times; the next event starts when the work is done, so that no two ever interleave
// (ControllerEventManager, 3.9). What brokers answer is not waited for.
type event struct {
	work chain.Step
	// abort answers whoever waits for the event when the controller resigns first. May be nil.
	abort chain.Next
}

// eventQueue runs events one after the other, in the order in which they were added.
type eventQueue struct {
	pending []event
	current event // the zero event when nothing runs
}

// add queues e and runs it at once if nothing runs.
func (q *eventQueue) add(out *model.Effects, e event) {
	q.pending = append(q.pending, e)
	q.runNext(out)
}

// running tells whether an event is under way.
func (q *eventQueue) running() bool { return q.current.work != nil }

func (q *eventQueue) runNext(out *model.Effects) {
	for !q.running() && len(q.pending) > 0 {
		q.current = q.pending[0]
		q.pending[0] = event{}
		q.pending = q.pending[1:]
		q.current.work.Run(out, q.finish)
	}
}

// answered says that whoever waits for the running event has its answer, and that a resignation
// before the event's end must not give another.
func (q *eventQueue) answered() { q.current.abort = nil }

// finish ends the running event.
func (q *eventQueue) finish(out *model.Effects) {
	if !q.running() {
		panic("controller: the end of an event that was not running; " + q.String())
	}
	q.current = event{}
	q.runNext(out)
}

// drop aborts the running event and those queued. Nothing of them may continue afterwards.
func (q *eventQueue) drop(out *model.Effects) {
	dropped := append([]event{q.current}, q.pending...)
	*q = eventQueue{}
	for i := range dropped {
		if dropped[i].abort != nil {
			dropped[i].abort(out)
		}
	}
}

// String names the running event, with where it stands, and counts those that wait for it.
func (q *eventQueue) String() string {
	if !q.running() {
		return "no event is running"
	}
	return fmt.Sprintf("%s; %d events are waiting", q.current.work, len(q.pending))
}
