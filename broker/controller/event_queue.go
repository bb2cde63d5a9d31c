package controller

import "sandcastle/model"

// event is one thing that the controller has to deal with. An event may wait for ZooKeeper many
// times; the next one starts when it has called finish, so that no two ever interleave
// (ControllerEventManager, 3.9). What brokers answer is not waited for.
type event struct {
	run next
	// abort answers whoever waits for the event when the controller resigns first. May be nil.
	abort next
}

// eventQueue holds the events to come.
type eventQueue struct {
	pending []event
	running bool
	abort   next // of the running event
}

// enqueue adds e and runs it at once if nothing runs.
func (c *Controller) enqueue(out *model.Effects, e event) {
	c.events.pending = append(c.events.pending, e)
	c.runNext(out)
}

func (c *Controller) runNext(out *model.Effects) {
	q := &c.events
	for !q.running && len(q.pending) > 0 {
		e := q.pending[0]
		q.pending[0] = event{}
		q.pending = q.pending[1:]
		q.running, q.abort = true, e.abort
		e.run(out)
	}
}

// answered says that whoever waits for the running event has its answer, and that a resignation
// before the event's end must not give another.
func (c *Controller) answered() { c.events.abort = nil }

// finish ends the running event.
func (c *Controller) finish(out *model.Effects) {
	if !c.events.running {
		panic("controller: finish without an event")
	}
	c.events.running, c.events.abort = false, nil
	c.runNext(out)
}

// dropEvents ends everything under way and everything queued. Completions of ZooKeeper operations
// that come later are of an old term and ignored.
func (c *Controller) dropEvents(out *model.Effects) {
	c.term++
	c.lost = nil
	aborts := []next{c.events.abort}
	for _, e := range c.events.pending {
		aborts = append(aborts, e.abort)
	}
	c.events = eventQueue{}
	for _, abort := range aborts {
		if abort != nil {
			abort(out)
		}
	}
}
