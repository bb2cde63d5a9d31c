package controller

import (
	"time"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// waiter is an answer that waits until every topic without an error is done.
type waiter struct {
	number uint64
	a      *answer
	done   func(*answerTopic) bool
}

// waiters are the answers to admin requests that wait (DelayedOperationPurgatory, 3.9).
type waiters struct {
	timer   func(id uint64) model.Timer
	waiting []*waiter
	made    uint64 // how many there ever were
}

// await sends a once done holds for every topic that has no error, or with REQUEST_TIMED_OUT for
// the others when the time is up (DelayedCreatePartitions and DelayedDeleteTopics, 3.9).
func (ws *waiters) await(out *model.Effects, a *answer, timeoutMs int32,
	done func(*answerTopic) bool,
) {
	ws.made++
	w := &waiter{ws.made & (1<<32 - 1), a, done}
	if timeoutMs <= 0 {
		w.giveUp(out)
		return
	}
	ws.waiting = append(ws.waiting, w)
	deadline := out.Now.Add(time.Duration(timeoutMs) * time.Millisecond)
	out.SetTimer(ws.timer(timerWaiter+w.number), deadline)
	ws.check(out)
}

// ready tells whether every topic without an error is done.
func (w *waiter) ready() bool {
	for i := range w.a.topics {
		if t := &w.a.topics[i]; t.code == wire.None && !w.done(t) {
			return false
		}
	}
	return true
}

// giveUp answers REQUEST_TIMED_OUT for what is not done. It may still be done later.
func (w *waiter) giveUp(out *model.Effects) {
	for i := range w.a.topics {
		if t := &w.a.topics[i]; t.code == wire.None && !w.done(t) {
			t.code = wire.RequestTimedOut
		}
	}
	w.a.send(out)
}

// check answers those that are ready.
func (ws *waiters) check(out *model.Effects) {
	var ready []*waiter
	kept := ws.waiting[:0]
	for _, w := range ws.waiting {
		if w.ready() {
			ready = append(ready, w)
			continue
		}
		kept = append(kept, w)
	}
	clear(ws.waiting[len(kept):])
	ws.waiting = kept
	for _, w := range ready {
		out.CancelTimer(ws.timer(timerWaiter + w.number))
		w.a.send(out)
	}
}

// onTimeout ends the wait of one for what is not done yet.
func (ws *waiters) onTimeout(out *model.Effects, number uint64) {
	for i, w := range ws.waiting {
		if w.number == number {
			ws.waiting = append(ws.waiting[:i], ws.waiting[i+1:]...)
			w.giveUp(out)
			return
		}
	}
}

// drop answers everybody at resignation: the next controller may complete what was begun.
func (ws *waiters) drop(out *model.Effects) {
	waiting := ws.waiting
	ws.waiting = nil
	for _, w := range waiting {
		out.CancelTimer(ws.timer(timerWaiter + w.number))
		for i := range w.a.topics {
			if t := &w.a.topics[i]; t.code == wire.None {
				t.code = wire.RequestTimedOut
			}
		}
		w.a.send(out)
	}
}
