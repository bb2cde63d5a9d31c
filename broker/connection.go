package broker

import (
	"errors"
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/broker/wire"
	"sandcastle/model"
)

// maxQueuedFrames bounds what one client can make a broker remember while a request of its is
// parked, together with socket.request.max.bytes for all of them. A client that pipelines more is
// cut off, where the host hands over one request after the other without asking Busy: the simulator
// does.
const maxQueuedFrames = 1000

// connection is an accepted connection. One request of it is in work at a time, so replies leave in
// the order of the requests: Kafka mutes the socket between a receive and its response
// (SocketServer.processCompletedReceives, 3.9).
type connection struct {
	id       model.ConnID
	peer     model.NodeID
	listener string // on which it came in
	// Invariant: queue is empty unless busy, or the broker is not ready.
	busy    bool
	working bool // inside work, which takes up the next request itself
	closed  bool
	queue   [][]byte
	queued  int // bytes in queue
	reader  wire.Requests
	lent    request // the one in work, if its body is lent
}

// request is one request in work. Exactly one of Reply, Finish and HangUp ends it.
type request struct {
	wire.Request
	b    *Broker
	conn *connection
	// frame is what a lent body was read from, which is returned when the request ends; else nil.
	frame []byte
	done  bool
	code  wire.Code // of an Answer that was asked for; None for what the handler says
}

// Busy tells whether a request of a connection is in work, or waits to be. A host that does not
// hand over the next one until it is answered lets its sender wait, where a queue here would have
// to end.
func (b *Broker) Busy(id model.ConnID) bool {
	c, ok := b.conns[id]
	return ok && (c.busy || len(c.queue) > 0)
}

// Unanswered are the connections of which the last step has ended a request without an answer.
func (b *Broker) Unanswered() []model.ConnID { return b.unanswered }

func (b *Broker) onAccepted(in model.Event) {
	listener := in.Listener
	if listener == "" {
		listener = b.cfg.AdvertisedListeners()[0].Listener
	}
	b.conns[in.Conn] = &connection{
		id: in.Conn, peer: in.Peer, listener: listener, reader: wire.NewRequests(b.served),
	}
}

func (b *Broker) onConnClosed(in model.Event) {
	if c, ok := b.conns[in.Conn]; ok {
		c.closed = true
		c.queue = nil
		delete(b.conns, in.Conn)
		b.answers = slices.DeleteFunc(b.answers, func(a Answer) bool { return a.Client == c.peer })
	}
}

func (b *Broker) onFrame(in model.Event, out *model.Effects) {
	c, ok := b.conns[in.Conn]
	if !ok {
		return
	}
	if b.registered.phase == refusing {
		b.dropConnection(out, c, "")
		return
	}
	if len(in.Data) > int(b.cfg.SocketRequestMax) {
		b.dropConnection(out, c, "its request is longer than socket.request.max.bytes")
		return
	}
	if c.busy || b.registered.phase == starting || len(c.queue) > 0 || b.briefing.holds(in.Data) {
		if c.queued += len(in.Data); len(c.queue) == maxQueuedFrames ||
			c.queued > int(b.cfg.SocketRequestMax) {
			b.dropConnection(out, c, "it sends on and on before it is answered")
			return
		}
		c.queue = append(c.queue, in.Data)
		return
	}
	b.work(out, c, in.Data)
}

// startServing takes up the requests that came before the broker had registered.
func (b *Broker) startServing(out *model.Effects) {
	if b.registered.phase == serving {
		return
	}
	b.registered.phase = serving
	b.resumeAll(out)
}

// resumeAll takes up the requests that have waited.
func (b *Broker) resumeAll(out *model.Effects) {
	for _, id := range slices.Sorted(maps.Keys(b.conns)) {
		if c, open := b.conns[id]; open && !c.busy && !c.working && len(c.queue) > 0 {
			b.work(out, c, c.next())
		}
	}
}

// dropConnections ends every connection that others opened.
func (b *Broker) dropConnections(out *model.Effects) {
	for _, id := range slices.Sorted(maps.Keys(b.conns)) {
		b.dropConnection(out, b.conns[id], "")
	}
}

// work handles frame and then, as long as each is answered at once, what is queued behind it.
func (b *Broker) work(out *model.Effects, c *connection, frame []byte) {
	c.working = true
	defer func() { c.working = false }()
	for {
		c.busy = true
		b.handleFrame(out, c, frame)
		if c.busy || c.closed || len(c.queue) == 0 {
			return
		}
		frame = c.next()
	}
}

// next takes the first queued frame; a short queue keeps its memory.
func (c *connection) next() []byte {
	frame := c.queue[0]
	c.queued -= len(frame)
	n := copy(c.queue, c.queue[1:])
	c.queue[n] = nil
	c.queue = c.queue[:n]
	return frame
}

func (b *Broker) handleFrame(out *model.Effects, c *connection, frame []byte) {
	parsed, err := c.reader.Parse(frame)
	if err != nil {
		b.refuse(out, c, err)
		return
	}
	b.requests[parsed.Key]++
	r := &c.lent
	if parsed.Lent {
		if parsed.Key == int16(kmsg.Fetch) { // it has no records, so nothing points into the frame
			out.Return(frame)
			frame = nil
		}
		*r = request{Request: parsed, b: b, conn: c, frame: frame}
	} else {
		r = &request{Request: parsed, b: b, conn: c}
	}
	if len(b.answers) > 0 {
		var unhandled bool
		if r.code, unhandled = b.answers.take(c.peer, &parsed); unhandled {
			r.answerUnhandled(out)
			return
		}
	}
	b.apis[parsed.Key].handle(b, out, r)
}

// refuse answers a frame that is no request this broker serves: an ApiVersions of an unknown
// version gets version 0 of the answer with UNSUPPORTED_VERSION, everything else loses its
// connection.
func (b *Broker) refuse(out *model.Effects, c *connection, err error) {
	var unsupported *wire.UnsupportedError
	if errors.As(err, &unsupported) && unsupported.Header.Key == int16(kmsg.ApiVersions) {
		b.send(out, c, unsupportedVersions(), unsupported.Header.Correlation)
		c.busy = false
		return
	}
	b.dropConnection(out, c, err.Error())
}

// dropConnection ends a connection; why says what its client did wrong, "" that it did nothing.
func (b *Broker) dropConnection(out *model.Effects, c *connection, why string) {
	c.closed = true
	c.queue = nil
	delete(b.conns, c.id)
	out.CloseBecause(c.id, why)
}

func (b *Broker) send(out *model.Effects, c *connection, resp kmsg.Response, correlation int32) {
	frame := wire.AppendResponse(out.Frame(wire.SizeHint(resp)), resp, correlation)
	out.Send(c.id, frame, model.Label{
		Name: kmsg.NameForKey(resp.Key()), Reply: true, Correlation: correlation,
		Versioned: true, Version: resp.GetVersion(),
	})
}

// Reply answers the request and takes up the next one of its connection.
func (r *request) Reply(out *model.Effects, resp kmsg.Response) {
	if r.conn.closed {
		return
	}
	if r.code != wire.None {
		withError(resp, r.code)
	}
	r.b.addLeaders(r, resp)
	resp.SetVersion(r.Version)
	r.b.send(out, r.conn, resp, r.Correlation)
	r.end(out)
}

// Finish ends the request without an answer.
func (r *request) Finish(out *model.Effects) {
	r.b.unanswered = append(r.b.unanswered, r.conn.id)
	r.end(out)
}

// end takes up the next request of the connection.
func (r *request) end(out *model.Effects) {
	if r.done {
		panic("broker: a request was finished twice")
	}
	r.done = true
	if r.frame != nil {
		out.Return(r.frame)
		r.frame = nil
	}
	c := r.conn
	c.busy = false
	if !c.working && !c.closed && len(c.queue) > 0 {
		r.b.work(out, c, c.next())
	}
}

// HangUp closes the connection that the request came by.
func (r *request) HangUp(out *model.Effects) { r.b.dropConnection(out, r.conn, "") }
