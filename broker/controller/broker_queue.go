package controller

import (
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
	"sandcastle/model/kafka"
)

// queueBackoff is the pause before a request is sent again (RequestSendThread.backoff, 3.9).
const queueBackoff = 100 * time.Millisecond

// brokerQueue sends one broker its requests: strictly in order, the next only when the last was
// answered, each again and again until it is, or until the broker is gone (RequestSendThread, 3.9).
type brokerQueue struct {
	c       *Controller
	id      kafka.BrokerID
	link    *wire.Link
	pending []queued
	sending bool // the first of pending is out, or waits for the back-off
	closed  bool
}

// queued is a request with the receiver of its answer, which is nil when the broker went away
// first.
type queued struct {
	req  kmsg.Request
	done func(out *model.Effects, resp kmsg.Response)
}

func (c *Controller) queue(id kafka.BrokerID) *brokerQueue {
	if i, ok := c.queueIndex(id); ok {
		return c.queues[i]
	}
	return nil
}

func (c *Controller) queueIndex(id kafka.BrokerID) (int, bool) {
	return slices.BinarySearchFunc(c.queues, id, func(q *brokerQueue, id kafka.BrokerID) int {
		return int(q.id) - int(id)
	})
}

// openQueue makes the queue of a broker that has just come.
func (c *Controller) openQueue(b *liveBroker) {
	i, ok := c.queueIndex(b.ID)
	if ok {
		panic("controller: a queue of that broker is open")
	}
	q := &brokerQueue{c: c, id: b.ID}
	if e, ok := b.Endpoint(c.cfg.Listener); ok {
		q.link = c.cfg.Links.To(e.Addr())
	}
	c.queues = slices.Insert(c.queues, i, q)
}

// closeQueue drops the queue of a broker that is gone.
func (c *Controller) closeQueue(out *model.Effects, id kafka.BrokerID) {
	if i, ok := c.queueIndex(id); ok {
		q := c.queues[i]
		c.queues = slices.Delete(c.queues, i, i+1)
		q.close(out)
	}
}

// closeQueues drops every queue.
func (c *Controller) closeQueues(out *model.Effects) {
	queues := c.queues
	c.queues = nil
	for _, q := range queues {
		q.close(out)
	}
}

func (q *brokerQueue) close(out *model.Effects) {
	q.closed = true
	pending := q.pending
	q.pending = nil
	if q.link != nil {
		q.link.Close(out)
	}
	out.CancelTimer(q.c.timer(timerQueue + uint64(q.id)))
	for _, item := range pending {
		item.done(out, nil)
	}
}

// send queues req for the broker id. done is called once.
func (c *Controller) send(out *model.Effects, id kafka.BrokerID, req kmsg.Request,
	done func(out *model.Effects, resp kmsg.Response),
) {
	q := c.queue(id)
	if q == nil || q.link == nil {
		done(out, nil)
		return
	}
	q.pending = append(q.pending, queued{req, done})
	q.write(out)
}

func (q *brokerQueue) write(out *model.Effects) {
	if q.sending || len(q.pending) == 0 {
		return
	}
	q.sending = true
	q.link.Send(out, q.pending[0].req, q.c.cfg.RequestTimeout, q.onAnswer)
}

func (q *brokerQueue) onAnswer(out *model.Effects, resp kmsg.Response, err error) {
	if q.closed {
		return
	}
	if err != nil {
		out.SetTimer(q.c.timer(timerQueue+uint64(q.id)), out.Now.Add(queueBackoff))
		return
	}
	first := q.pending[0]
	q.pending[0] = queued{}
	q.pending = q.pending[1:]
	q.sending = false
	q.write(out)
	first.done(out, resp)
}

// onBackoff sends the first request again.
func (q *brokerQueue) onBackoff(out *model.Effects) {
	q.sending = false
	q.write(out)
}
