package zookeeper

import (
	"bytes"
	"encoding/binary"
	"time"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// liveSession is what a server knows of a session besides what the log says.
type liveSession struct {
	lastHeard model.Time // when the client last sent anything
	conn      *conn      // nil while it is not connected
	closing   bool       // its end is in the log already
}

// onConnect opens a session, or resumes an older one on a new connection.
func (s *Server) onConnect(out *model.Effects, c *conn, d *decoder) {
	req := d.connect()
	// A client that has seen more than this server knows would see time go backwards: ZooKeeper sends
	// it away too (ZooKeeperServer.processConnectRequest, 3.8).
	if d.bad || c.writes > 0 || req.lastZxid > s.state.zxid {
		s.drop(out, c)
		return
	}
	if req.session != 0 {
		s.reattach(out, c, &req)
		return
	}
	tick := int32(s.cfg.TickTime.Milliseconds())
	password := binary.BigEndian.AppendUint64(nil, s.rand.Uint64())
	password = binary.BigEndian.AppendUint64(password, s.rand.Uint64())
	s.write(out, write{conn: c, kind: opCreateSession, txn: txn{
		kind: opCreateSession, session: s.next<<8 | 1, password: password, owner: string(c.peer),
		timeout: min(max(req.timeout, 2*tick), 20*tick),
	}})
}

// reattach gives a session a new connection. A session that is gone is answered with timeout 0.
func (s *Server) reattach(out *model.Effects, c *conn, req *connectRequest) {
	x := s.state.sessions[req.session]
	if x == nil || x.live.closing || !bytes.Equal(x.password, req.password) {
		s.connected(out, c, &connectResponse{password: make([]byte, 16)})
		s.drop(out, c)
		return
	}
	if old := x.live.conn; old != nil {
		s.drop(out, old)
	}
	x.live.lastHeard, x.live.conn = out.Now, c
	c.session = x.id
	s.connected(out, c, &connectResponse{x.timeout, x.id, x.password})
	s.armExpiry(out)
}

func (s *Server) connected(out *model.Effects, c *conn, r *connectResponse) {
	var e encoder
	e.connected(r)
	out.Send(c.id, e.b, model.Label{Name: "zk.connect", Reply: true})
}

// onSessionCreated answers a connect request whose session is durable.
func (s *Server) onSessionCreated(out *model.Effects, w *write) {
	x := s.state.sessions[w.txn.session]
	x.live.lastHeard = out.Now
	if c := w.conn; !c.closed {
		x.live.conn = c
		c.session = x.id
		s.connected(out, c, &connectResponse{x.timeout, x.id, x.password})
	}
	s.armExpiry(out)
}

// onSessionClosed ends the connection of a session that is over, unless its client asked for it and
// still awaits the answer.
func (s *Server) onSessionClosed(out *model.Effects, w *write, x *session) {
	if w.conn == nil {
		kafka.AddNote(out, kafka.Note{Kind: kafka.SessionExpired, Text: x.owner})
	}
	if c := x.live.conn; c != nil && c != w.conn {
		s.drop(out, c)
	}
}

// deadline is when a session expires: its timeout after its client last sent anything, rounded up
// to a tick, since ZooKeeper looks at its sessions in buckets of a tick (ExpiryQueue, 3.8).
func (s *Server) deadline(x *session) model.Time {
	at := x.live.lastHeard.Add(time.Duration(x.timeout) * time.Millisecond)
	tick := model.Time(s.cfg.TickTime)
	return (at/tick + 1) * tick
}

// armExpiry sets the timer to the next deadline, unless it is due earlier already.
func (s *Server) armExpiry(out *model.Effects) {
	next := model.Never
	for _, id := range s.state.ids {
		if x := s.state.sessions[id]; !x.live.closing {
			next = min(next, s.deadline(x))
		}
	}
	if next < s.expiryAt {
		s.expiryAt = next
		out.SetTimer(model.Timer{Kind: timerExpiry}, next)
	}
}

// endSessions puts the end of every session into the log.
func (s *Server) endSessions(out *model.Effects) {
	for _, id := range s.state.ids {
		s.state.sessions[id].live.closing = true
		s.write(out, write{txn: txn{kind: opCloseSession, session: id}})
	}
}

// onExpiry puts the end of every overdue session into the log.
func (s *Server) onExpiry(out *model.Effects) {
	s.expiryAt = model.Never
	for _, id := range s.state.ids {
		x := s.state.sessions[id]
		if !x.live.closing && s.deadline(x) <= out.Now {
			x.live.closing = true
			s.write(out, write{txn: txn{kind: opCloseSession, session: id}})
		}
	}
	s.armExpiry(out)
}

// SessionView is one session, for looking at.
type SessionView struct {
	ID        int64
	Owner     string // the node that opened it
	Timeout   time.Duration
	Heard     model.Time // when its client was last heard of
	Connected bool
}

// Sessions returns every session, oldest first, for looking at.
func (s *Server) Sessions() []SessionView {
	views := make([]SessionView, 0, len(s.state.ids))
	for _, id := range s.state.ids {
		x := s.state.sessions[id]
		views = append(views, SessionView{
			ID: id, Owner: x.owner, Timeout: time.Duration(x.timeout) * time.Millisecond,
			Heard: x.live.lastHeard, Connected: x.live.conn != nil,
		})
	}
	return views
}
