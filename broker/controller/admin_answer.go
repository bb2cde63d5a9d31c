package controller

import (
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/broker/znode"
	"sandcastle/model"
)

// answer is the reply to an admin request as it takes shape: one row per topic of the request.
type answer struct {
	topics []answerTopic
	reply  Reply
	build  func(a *answer) kmsg.Response
	sent   bool
	// version is the request's.
	version int16
}

// answerTopic is what is said of one topic.
type answerTopic struct {
	name    string
	id      znode.TopicID
	code    wire.Code
	message string
	// assignment and config are those of a created topic.
	assignment []znode.Assignment
	config     map[string]string
}

func (t *answerTopic) fail(code wire.Code, message string) { t.code, t.message = code, message }

// send replies. Only the first call counts.
func (a *answer) send(out *model.Effects) {
	if a.sent {
		return
	}
	a.sent = true
	a.reply(out, a.build(a))
}

// failAll replies with code for every topic.
func (a *answer) failAll(out *model.Effects, code wire.Code) {
	for i := range a.topics {
		a.topics[i].code = code
	}
	a.send(out)
}

// disabledCode is what a deletion is refused with when delete.topic.enable is false (KafkaApis,
// 3.9).
func (a *answer) disabledCode(enabled bool) wire.Code {
	switch {
	case enabled:
		return wire.None
	case a.version < 3:
		return wire.InvalidRequest
	default:
		return wire.TopicDeletionDisabled
	}
}

// waiter is an answer that waits until every topic without an error is done.
type waiter struct {
	number uint64
	a      *answer
	done   func(*answerTopic) bool
}

// await sends a once done holds for every topic that has no error, or with REQUEST_TIMED_OUT for
// the others when the time is up (DelayedCreatePartitions and DelayedDeleteTopics, 3.9).
func (c *Controller) await(out *model.Effects, a *answer, timeoutMs int32,
	done func(*answerTopic) bool,
) {
	c.waiters++
	w := &waiter{c.waiters & (1<<32 - 1), a, done}
	if timeoutMs <= 0 {
		w.giveUp(out)
		return
	}
	c.waiting = append(c.waiting, w)
	deadline := out.Now.Add(time.Duration(timeoutMs) * time.Millisecond)
	out.SetTimer(c.timer(timerWaiter+w.number), deadline)
	c.checkWaiters(out)
}

// ready tells whether w waits for nothing more.
func (w *waiter) ready() bool {
	for i := range w.a.topics {
		if t := &w.a.topics[i]; t.code == wire.None && !w.done(t) {
			return false
		}
	}
	return true
}

// giveUp answers for what is not done: it may still happen.
func (w *waiter) giveUp(out *model.Effects) {
	for i := range w.a.topics {
		if t := &w.a.topics[i]; t.code == wire.None && !w.done(t) {
			t.code = wire.RequestTimedOut
		}
	}
	w.a.send(out)
}

// checkWaiters answers those that wait for nothing more.
func (c *Controller) checkWaiters(out *model.Effects) {
	var ready []*waiter
	kept := c.waiting[:0]
	for _, w := range c.waiting {
		if w.ready() {
			ready = append(ready, w)
			continue
		}
		kept = append(kept, w)
	}
	clear(c.waiting[len(kept):])
	c.waiting = kept
	for _, w := range ready {
		out.CancelTimer(c.timer(timerWaiter + w.number))
		w.a.send(out)
	}
}

func (c *Controller) onWaiterTimeout(out *model.Effects, number uint64) {
	for i, w := range c.waiting {
		if w.number == number {
			c.waiting = append(c.waiting[:i], c.waiting[i+1:]...)
			w.giveUp(out)
			return
		}
	}
}

// dropWaiters answers everybody at resignation: what was begun may be completed by the next
// controller.
func (c *Controller) dropWaiters(out *model.Effects) {
	waiting := c.waiting
	c.waiting = nil
	for _, w := range waiting {
		out.CancelTimer(c.timer(timerWaiter + w.number))
		for i := range w.a.topics {
			if t := &w.a.topics[i]; t.code == wire.None {
				t.code = wire.RequestTimedOut
			}
		}
		w.a.send(out)
	}
}

// newDeletionAnswer reads the topics of a DeleteTopics: names up to v5, names or ids from v6.
func newDeletionAnswer(req *kmsg.DeleteTopicsRequest, reply Reply) *answer {
	a := &answer{reply: reply, version: req.GetVersion(), build: buildDeletion}
	if req.GetVersion() < 6 {
		for _, name := range req.TopicNames {
			a.topics = append(a.topics, answerTopic{name: name})
		}
		return a
	}
	for i := range req.Topics {
		at := answerTopic{id: req.Topics[i].TopicID}
		if req.Topics[i].Topic != nil {
			at.name = *req.Topics[i].Topic
		}
		a.topics = append(a.topics, at)
	}
	return a
}

func buildDeletion(a *answer) kmsg.Response {
	resp := kmsg.NewPtrDeleteTopicsResponse()
	resp.SetVersion(a.version)
	for i := range a.topics {
		at := &a.topics[i]
		t := kmsg.NewDeleteTopicsResponseTopic()
		t.TopicID, t.ErrorCode = at.id, int16(at.code)
		if at.name != "" || a.version < 6 {
			t.Topic = &at.name
		}
		if at.message != "" {
			t.ErrorMessage = &at.message
		}
		resp.Topics = append(resp.Topics, t)
	}
	return resp
}
