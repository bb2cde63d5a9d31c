package wire

import (
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"sandcastle/model"
)

// Ways in which a request ends without a response. In each the broker may have acted on it, except
// that ErrNotSent says it never left.
var (
	ErrDisconnected = errors.New("connection lost")
	ErrTimedOut     = errors.New("request timed out")
	ErrNotSent      = errors.New("no connection")
)

// Done receives the outcome of a request: either the response or one of the errors above,
// ErrMalformed or *UnsupportedError. It runs inside a step of the process that sent the request.
// The response to a Produce or a Fetch, records included, is good until it returns.
type Done func(out *model.Effects, resp kmsg.Response, err error)

// call is one request on a Link.
type call struct {
	req         kmsg.Request
	deadline    model.Time
	correlation int32
	noReply     bool
	done        Done
}

type linkState uint8

const (
	linkClosed    linkState = iota // no connection; the next request dials, not before retryAt
	linkBackoff                    // waiting for retryAt with requests queued
	linkDialing                    // Dial is out
	linkHandshake                  // open, ApiVersions is out
	linkOpen                       // open
)

// Link is the client's end of one connection to one address. Requests are pipelined in order;
// replies come in the same order. A request that gets no reply in time closes the connection, as
// Kafka's NetworkClient does, and every request then open ends with an error.
type Link struct {
	ls    *Links
	addr  string
	index uint64 // the ID of its timer
	state linkState
	conn  model.ConnID

	// Invariant: queued is empty when the state is linkOpen, unless MaxInFlight holds it back.
	queued []call
	sent   []call // in flight, oldest first

	versions    map[int16]Range // nil until a handshake was answered
	tryOldest   bool            // handshake with ApiVersions v0
	correlation int32
	retryAt     model.Time
	failures    uint
	dialBy      model.Time // an open dial is given up then
	timerAt     model.Time // what the timer is set to; model.Never when it is not
}

// Addr is the address that the link leads to.
func (l *Link) Addr() string { return l.addr }

// Idle is true when no request is queued or in flight.
func (l *Link) Idle() bool { return len(l.queued) == 0 && len(l.sent) == 0 }

// InFlight counts the requests that are queued or await their reply.
func (l *Link) InFlight() int { return len(l.queued) + len(l.sent) }

// Open is true when requests can be written at once.
func (l *Link) Open() bool { return l.state == linkOpen }

// Connect dials, unless a connection stands or is on its way or the back-off since the last one
// still runs; then it dials when that ends.
func (l *Link) Connect(out *model.Effects) {
	if l.state == linkClosed {
		l.dial(out)
		l.armTimer(out)
	}
}

// Failures counts the connections in a row that failed: 0 as soon as one stands.
func (l *Link) Failures() uint { return l.failures }

// Send queues req and writes it as soon as the connection stands. The version is lowered to what
// the peer serves. done is called exactly once.
func (l *Link) Send(
	out *model.Effects,
	req kmsg.Request,
	timeout time.Duration,
	done Done,
) {
	l.enqueue(out, call{req: req, deadline: out.Now.Add(timeout), done: done})
}

// SendNoReply is Send for a Produce with acks=0: done is called when the request is written.
func (l *Link) SendNoReply(
	out *model.Effects,
	req kmsg.Request,
	timeout time.Duration,
	done Done,
) {
	l.enqueue(out, call{req: req, deadline: out.Now.Add(timeout), noReply: true, done: done})
}

func (l *Link) enqueue(out *model.Effects, c call) {
	l.queued = append(l.queued, c)
	switch l.state {
	case linkClosed:
		l.dial(out)
	case linkOpen:
		l.write(out)
	}
	l.armTimer(out)
}

// Close drops the connection; every open request ends with ErrDisconnected.
func (l *Link) Close(out *model.Effects) {
	if l.state >= linkDialing {
		out.Close(l.conn)
	}
	l.disconnected(out, ErrDisconnected, false)
}

func (l *Link) dial(out *model.Effects) {
	if out.Now < l.retryAt {
		l.state = linkBackoff
		return
	}
	l.state = linkDialing
	l.dialBy = out.Now.Add(l.ls.cfg.HandshakeTimeout)
	l.conn = l.ls.cfg.NextConn()
	l.ls.byConn[l.conn] = l
	out.Dial(l.conn, l.addr)
}

func (l *Link) onOpened(out *model.Effects) {
	if !l.ls.cfg.Handshake {
		l.becomeOpen(out)
		return
	}
	l.state = linkHandshake
	req := kmsg.NewPtrApiVersionsRequest()
	req.ClientSoftwareName, req.ClientSoftwareVersion = "sandcastle", "1"
	if !l.tryOldest {
		req.SetVersion(3)
	}
	l.put(out, call{req: req, deadline: out.Now.Add(l.ls.cfg.HandshakeTimeout), done: l.onVersions})
	l.armTimer(out)
}

// onVersions ends the handshake. UNSUPPORTED_VERSION means that the peer does not know our version
// of ApiVersions; it answered in v0, and the request is sent again in v0 (KIP-511).
func (l *Link) onVersions(out *model.Effects, resp kmsg.Response, err error) {
	if err != nil {
		return // the connection is gone already
	}
	answer := resp.(*kmsg.ApiVersionsResponse)
	if Code(answer.ErrorCode) == UnsupportedVersion && !l.tryOldest {
		l.tryOldest = true
		l.onOpened(out)
		return
	}
	l.versions = make(map[int16]Range, len(answer.ApiKeys))
	for _, k := range answer.ApiKeys {
		l.versions[k.ApiKey] = Range{k.MinVersion, k.MaxVersion}
	}
	l.becomeOpen(out)
}

func (l *Link) becomeOpen(out *model.Effects) {
	l.state = linkOpen
	l.failures = 0
	l.write(out)
}

// write sends what is queued, as far as MaxInFlight allows.
func (l *Link) write(out *model.Effects) {
	for len(l.queued) > 0 && l.state == linkOpen &&
		(l.ls.cfg.MaxInFlight == 0 || len(l.sent) < l.ls.cfg.MaxInFlight) {
		c := l.queued[0]
		l.queued = shift(l.queued)
		if !l.setVersion(c.req) {
			c.done(out, nil, &UnsupportedError{Header{Key: c.req.Key(), Version: c.req.GetVersion()}})
			continue
		}
		l.put(out, c)
		if c.noReply {
			c.done(out, nil, nil)
		}
	}
}

// shift drops the first of a short queue and keeps its memory.
func shift(calls []call) []call {
	n := copy(calls, calls[1:])
	calls[n] = call{}
	return calls[:n]
}

// setVersion lowers the request's version to the peer's newest; false when they share none.
func (l *Link) setVersion(req kmsg.Request) bool {
	if l.versions == nil {
		return true
	}
	r, ok := l.versions[req.Key()]
	if !ok || req.GetVersion() < r.Min {
		return false
	}
	req.SetVersion(min(req.GetVersion(), r.Max))
	return true
}

func (l *Link) put(out *model.Effects, c call) {
	l.correlation++
	c.correlation = l.correlation
	frame := AppendRequest(out.Frame(SizeHint(c.req)), c.req, c.correlation, l.ls.cfg.ClientID)
	out.Send(l.conn, frame, model.Label{
		Name: kmsg.NameForKey(c.req.Key()), Correlation: c.correlation,
		Versioned: true, Version: c.req.GetVersion(),
	})
	if !c.noReply {
		l.sent = append(l.sent, c)
	}
}

func (l *Link) onFrame(out *model.Effects, frame []byte) {
	if len(l.sent) == 0 {
		out.Close(l.conn) // a reply that nobody asked for
		l.disconnected(out, ErrMalformed, true)
		return
	}
	c := l.sent[0]
	resp, correlation, err := l.ls.responses.read(frame, c.req)
	if versions, ok := resp.(*kmsg.ApiVersionsResponse); ok && (err != nil ||
		Code(versions.ErrorCode) == UnsupportedVersion) {
		resp.SetVersion(0) // the answer to an unknown version is always v0
		correlation, err = DecodeResponse(frame, resp)
	}
	if err != nil || correlation != c.correlation {
		out.Close(l.conn)
		l.disconnected(out, ErrMalformed, true)
		return
	}
	l.sent = shift(l.sent)
	c.done(out, resp, nil)
	if l.ls.responses.spent(resp) {
		out.Return(frame)
	}
	if l.state == linkOpen {
		l.write(out)
	}
	l.armTimer(out)
}

// disconnected ends every request that was written with err, and every queued one too unless the
// connection is to be tried again for them.
func (l *Link) disconnected(out *model.Effects, err error, failed bool) {
	delete(l.ls.byConn, l.conn)
	l.state, l.conn, l.versions = linkClosed, 0, nil
	if failed {
		l.retryAt = out.Now.Add(l.ls.backoff(l.failures))
		l.failures++
	}
	sent, queued := l.sent, l.queued
	l.sent, l.queued = nil, nil
	for _, c := range sent {
		c.done(out, nil, err)
	}
	for _, c := range queued {
		c.done(out, nil, ErrNotSent)
	}
	l.armTimer(out)
}

// onTimer ends overdue requests and the wait before a new dial.
func (l *Link) onTimer(out *model.Effects) {
	l.timerAt = model.Never
	overdue := func(calls []call) bool {
		for i := range calls {
			if calls[i].deadline <= out.Now {
				return true
			}
		}
		return false
	}
	switch {
	case overdue(l.sent):
		out.Close(l.conn)
		l.disconnected(out, ErrTimedOut, true)
	case overdue(l.queued), l.state == linkDialing && out.Now >= l.dialBy:
		if l.state >= linkDialing {
			out.Close(l.conn)
		}
		l.disconnected(out, ErrNotSent, true)
	case l.state == linkBackoff && out.Now >= l.retryAt:
		l.dial(out)
	}
	l.armTimer(out)
}

// armTimer sets the timer to the next deadline, unless it is due earlier already: a timer that
// fires for nothing costs less than one that is moved with every reply.
func (l *Link) armTimer(out *model.Effects) {
	at := model.Never
	for _, calls := range [2][]call{l.sent, l.queued} {
		for i := range calls {
			at = min(at, calls[i].deadline)
		}
	}
	if l.state == linkBackoff {
		at = min(at, l.retryAt)
	}
	if l.state == linkDialing {
		at = min(at, l.dialBy)
	}
	if at < l.timerAt {
		l.timerAt = at
		out.SetTimer(model.Timer{Kind: l.ls.cfg.TimerKind, ID: l.index}, at)
	}
}
