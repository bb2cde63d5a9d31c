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

// brokerQueues holds a queue of requests for each live broker (ControllerChannelManager, 3.9).
type brokerQueues struct {
	links    *wire.Links
	listener string        // by which brokers are reached
	timeout  time.Duration // of one attempt at a request
	timer    func(id uint64) model.Timer
	list     []*brokerQueue // by broker id
}

// brokerQueue sends one broker its requests: strictly in order, the next only when the last was
// answered, each again and again until it is, or until the broker is gone (RequestSendThread, 3.9).
type brokerQueue struct {
	of      *brokerQueues
	id      kafka.BrokerID
	link    *wire.Link // nil when the broker does not have the listener
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

// queue returns the queue of a broker, or nil.
func (qs *brokerQueues) queue(id kafka.BrokerID) *brokerQueue {
	if i, ok := qs.index(id); ok {
		return qs.list[i]
	}
	return nil
}

func (qs *brokerQueues) index(id kafka.BrokerID) (int, bool) {
	return slices.BinarySearchFunc(qs.list, id, func(q *brokerQueue, id kafka.BrokerID) int {
		return int(q.id) - int(id)
	})
}

// open makes the queue of a broker that has just come.
func (qs *brokerQueues) open(b *liveBroker) {
	i, ok := qs.index(b.ID)
	if ok {
		panic("controller: a queue of that broker is open")
	}
	q := &brokerQueue{of: qs, id: b.ID}
	if e, ok := b.Endpoint(qs.listener); ok {
		q.link = qs.links.To(e.Addr())
	}
	qs.list = slices.Insert(qs.list, i, q)
}

// close drops the queue of a broker that is gone.
func (qs *brokerQueues) close(out *model.Effects, id kafka.BrokerID) {
	if i, ok := qs.index(id); ok {
		q := qs.list[i]
		qs.list = slices.Delete(qs.list, i, i+1)
		q.close(out)
	}
}

// closeAll drops every queue.
func (qs *brokerQueues) closeAll(out *model.Effects) {
	list := qs.list
	qs.list = nil
	for _, q := range list {
		q.close(out)
	}
}

// send queues req for the broker id. done is called once, with nil when the broker cannot be
// reached or goes away first.
func (qs *brokerQueues) send(out *model.Effects, id kafka.BrokerID,
	req kmsg.Request, done func(out *model.Effects, resp kmsg.Response),
) {
	q := qs.queue(id)
	if q == nil || q.link == nil {
		done(out, nil)
		return
	}
	q.pending = append(q.pending, queued{req, done})
	q.write(out)
}

// onBackoff sends the first request for the broker id again.
func (qs *brokerQueues) onBackoff(out *model.Effects, id kafka.BrokerID) {
	if q := qs.queue(id); q != nil {
		q.sending = false
		q.write(out)
	}
}

func (q *brokerQueue) close(out *model.Effects) {
	q.closed = true
	pending := q.pending
	q.pending = nil
	if q.link != nil {
		q.link.Close(out)
	}
	out.CancelTimer(q.timer())
	for _, item := range pending {
		item.done(out, nil)
	}
}

func (q *brokerQueue) timer() model.Timer { return q.of.timer(timerQueue + uint64(q.id)) }

func (q *brokerQueue) write(out *model.Effects) {
	if q.sending || len(q.pending) == 0 {
		return
	}
	q.sending = true
	q.link.Send(out, q.pending[0].req, q.of.timeout, q.onAnswer)
}

func (q *brokerQueue) onAnswer(out *model.Effects, resp kmsg.Response, err error) {
	if q.closed {
		return
	}
	if err != nil {
		out.SetTimer(q.timer(), out.Now.Add(queueBackoff))
		return
	}
	first := q.pending[0]
	q.pending[0] = queued{}
	q.pending = q.pending[1:]
	q.sending = false
	q.write(out)
	first.done(out, resp)
}
