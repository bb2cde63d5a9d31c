package zookeeper

import (
	"strings"
	"time"

	"sandcastle/model"
)

// SessionConfig is what a Session is made with.
type SessionConfig struct {
	// Addr is "host:port" of the server; of several, apart by commas, each is tried in turn.
	Addr    string
	Timeout time.Duration // zookeeper.session.timeout.ms; the server may give another
	// NextConn allocates ids for the connections of the process.
	NextConn func() model.ConnID
	// TimerKind is the owner's timer kind for the session.
	TimerKind uint32
	// OnConnected is called when the session is connected: fresh says that it is a new one.
	OnConnected func(out *model.Effects, fresh bool)
	// OnExpired is called when the server has expired the session. The owner calls Restart.
	OnExpired func(out *model.Effects)
	// OnWatch is called when a watch has fired.
	OnWatch func(out *model.Effects, e WatchEvent)
}

// sessionState says where a session stands with its connection.
type sessionState uint8

const (
	sessionClosed     sessionState = iota // not started, or expired
	sessionWaiting                        // for the time to dial again
	sessionDialing                        // Dial is out
	sessionConnecting                     // the connect request is out
	sessionConnected                      // requests go out
)

const (
	reconnectBackoff = time.Second
	maxPending       = 10_000
)

// Session is the client's end of a ZooKeeper session, embedded in a process that hands it its
// events. It keeps the session alive over lost connections. While it cannot reach the server it
// does not know whether the session has expired: only the server can say so, once it is reached
// again.
type Session struct {
	cfg   SessionConfig
	state sessionState
	conn  model.ConnID
	dials int // so far

	id       int64 // 0 before the first connection
	password []byte
	timeout  time.Duration // negotiated
	// lastZxid is the last txn that the server has shown. While watches are set again it stands
	// still, so that those which a lost connection cuts off are set again from the same txn on.
	lastZxid   int64
	rewatching int // setWatches that are not answered

	xid     int32
	queued  []request // not written: there is no connection
	sent    []request // in flight, oldest first
	watches clientWatches

	lastHeard, lastSent model.Time
	pingOut             bool
	dialAt              model.Time
	timerAt             model.Time // what the timer is set to, or Never
}

// request is an operation with the receiver of its outcome.
type request struct {
	xid  int32
	kind op
	ops  []Op
	done func(out *model.Effects, r Result)
}

// clientWatches are the watches that the server has of this session, to be set again on a new
// connection.
type clientWatches struct {
	data, exists, child map[string]bool
}

func newClientWatches() clientWatches {
	return clientWatches{map[string]bool{}, map[string]bool{}, map[string]bool{}}
}

// NewSession returns a session that has not started.
func NewSession(cfg SessionConfig) *Session {
	return &Session{cfg: cfg, watches: newClientWatches(), timerAt: model.Never, timeout: cfg.Timeout}
}

// ID is the session's id, 0 before the server has given one. It is the EphemeralOwner of its nodes.
func (s *Session) ID() int64 { return s.id }

// Connected tells whether requests go out now.
func (s *Session) Connected() bool { return s.state == sessionConnected }

// Owns tells whether conn is the session's connection.
func (s *Session) Owns(conn model.ConnID) bool { return s.conn != 0 && s.conn == conn }

// Start opens the session.
func (s *Session) Start(out *model.Effects) {
	s.dial(out)
	s.arm(out)
}

// Restart opens a new session after the old one has expired.
func (s *Session) Restart(out *model.Effects) {
	s.id, s.password, s.lastZxid = 0, nil, 0
	s.watches = newClientWatches()
	s.Start(out)
}

func (s *Session) dial(out *model.Effects) {
	s.state = sessionDialing
	s.conn = s.cfg.NextConn()
	s.lastHeard, s.lastSent = out.Now, out.Now
	addrs := strings.Split(s.cfg.Addr, ",")
	out.Dial(s.conn, addrs[s.dials%len(addrs)])
	s.dials++
}

// OnOpened goes on when the connection stands: the session is opened, or resumed.
func (s *Session) OnOpened(out *model.Effects, conn model.ConnID) {
	if !s.Owns(conn) {
		return
	}
	s.state = sessionConnecting
	s.lastHeard, s.lastSent = out.Now, out.Now
	var e encoder
	e.connect(&connectRequest{
		lastZxid: s.lastZxid, timeout: int32(s.cfg.Timeout.Milliseconds()), session: s.id,
		password: s.passwordBytes(),
	})
	out.Send(s.conn, e.b, model.Label{Name: "zk.connect"})
}

func (s *Session) passwordBytes() []byte {
	if s.password == nil {
		return make([]byte, 16)
	}
	return s.password
}

// OnClosed ends the requests in flight, whose outcome is unknown, and dials again later.
func (s *Session) OnClosed(out *model.Effects, conn model.ConnID) {
	if !s.Owns(conn) {
		return
	}
	s.disconnected(out)
	s.arm(out)
}

func (s *Session) disconnected(out *model.Effects) {
	s.state, s.conn, s.pingOut, s.rewatching = sessionWaiting, 0, false, 0
	s.dialAt = out.Now.Add(reconnectBackoff)
	sent := s.sent
	s.sent = nil
	for i := range sent {
		sent[i].done(out, Result{Err: ErrConnectionLoss})
	}
}

// OnFrame handles a frame of the server.
func (s *Session) OnFrame(out *model.Effects, conn model.ConnID, frame []byte) {
	if !s.Owns(conn) {
		return
	}
	s.lastHeard = out.Now
	d := &decoder{b: frame}
	switch {
	case len(frame) > maxFrame || s.state == sessionDialing:
		s.breakOff(out)
	case s.state == sessionConnecting:
		s.onConnected(out, d)
	default:
		s.onReply(out, d)
	}
	s.arm(out)
}

func (s *Session) onConnected(out *model.Effects, d *decoder) {
	r := d.connected()
	if d.bad {
		s.breakOff(out)
		return
	}
	if r.timeout <= 0 {
		s.expired(out)
		return
	}
	fresh := s.id == 0
	s.state, s.id, s.password = sessionConnected, r.session, r.password
	s.timeout = time.Duration(r.timeout) * time.Millisecond
	if !fresh {
		s.setWatches(out)
	}
	queued := s.queued
	s.queued = nil
	for i := range queued {
		s.put(out, queued[i])
	}
	s.cfg.OnConnected(out, fresh)
}

// expired ends everything that was asked of the session.
func (s *Session) expired(out *model.Effects) {
	if s.conn != 0 {
		out.Close(s.conn)
	}
	s.state, s.conn, s.pingOut, s.rewatching = sessionClosed, 0, false, 0
	all := append(s.sent, s.queued...)
	s.sent, s.queued = nil, nil
	for i := range all {
		all[i].done(out, Result{Err: ErrSessionExpired})
	}
	s.cfg.OnExpired(out)
}

func (s *Session) breakOff(out *model.Effects) {
	out.Close(s.conn)
	s.disconnected(out)
}

// OnTimer keeps the session alive: it pings after a third of the timeout without a request, breaks
// the connection after two thirds without an answer (ClientCnxn, 3.8), and dials again after a
// back-off.
func (s *Session) OnTimer(_ model.Timer, out *model.Effects) {
	s.timerAt = model.Never
	switch {
	case s.state == sessionClosed:
		return
	case s.state == sessionWaiting:
		if out.Now >= s.dialAt {
			s.dial(out)
		}
	case out.Now >= s.lastHeard.Add(s.timeout*2/3):
		s.breakOff(out)
	case s.state == sessionConnected && out.Now >= s.lastSent.Add(s.timeout/3) && !s.pingOut:
		s.ping(out)
	}
	s.arm(out)
}

func (s *Session) ping(out *model.Effects) {
	var e encoder
	e.int32(xidPing)
	e.int32(int32(opPing))
	out.Send(s.conn, e.b, model.Label{Name: "zk.ping", Correlation: xidPing})
	s.lastSent, s.pingOut = out.Now, true
}

// arm sets the timer to the next thing to do, unless it is due earlier already.
func (s *Session) arm(out *model.Effects) {
	var at model.Time
	switch s.state {
	case sessionClosed:
		return
	case sessionWaiting:
		at = s.dialAt
	case sessionConnected:
		at = s.lastHeard.Add(s.timeout * 2 / 3)
		if !s.pingOut {
			at = min(at, s.lastSent.Add(s.timeout/3))
		}
	default:
		at = s.lastHeard.Add(s.timeout * 2 / 3)
	}
	at = max(at, out.Now)
	if at < s.timerAt {
		s.timerAt = at
		out.SetTimer(model.Timer{Kind: s.cfg.TimerKind}, at)
	}
}
