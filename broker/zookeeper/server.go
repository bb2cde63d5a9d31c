package zookeeper

import (
	"time"

	"sandcastle/model"
)

// ServerConfig has zoo.cfg's settings. Zero values take ZooKeeper's defaults.
type ServerConfig struct {
	TickTime time.Duration // tickTime, 2 s: sessions last 2 to 20 ticks and are looked at once a tick
}

// Server is a ZooKeeper server of its own. It is a model.Process.
type Server struct {
	cfg   ServerConfig
	rand  *model.Rand
	log   *txnLog
	state *state

	conns   map[model.ConnID]*conn
	watches watches
	next    int64 // the zxid of the next txn

	// flushing are the writes whose flush is under way, gathered those that wait for the next one: one
	// flush makes all durable that came in while the last was under way.
	flushing []write
	gathered []write
	token    uint64

	expiryAt model.Time // what the timer is set to, or Never
}

// conn is a client's connection.
type conn struct {
	id      model.ConnID
	peer    model.NodeID
	session int64 // 0 until the connect request is answered
	closed  bool
	// writes counts the writes of this connection that are not applied. Replies keep the order of the
	// requests, so reads wait until there are none.
	writes int
	parked []parked
}

// parked is a read that waits for earlier writes of its connection.
type parked struct {
	xid int32
	op  Op
}

// write is a txn on its way through the log, and whom to answer.
type write struct {
	txn  txn
	conn *conn // nil for what the server does by itself
	xid  int32
	kind op // as it was asked for: create2 is logged as create
}

const timerExpiry uint32 = 1

// NewServer recovers what the disk of boot holds. It panics when the disk cannot be read: a server
// without its log must not run.
func NewServer(boot model.Boot, cfg ServerConfig) *Server {
	if cfg.TickTime == 0 {
		cfg.TickTime = 2 * time.Second
	}
	l, st, err := openLog(boot.Disk)
	if err != nil {
		panic("zookeeper: cannot read the log: " + err.Error())
	}
	return &Server{
		cfg: cfg, rand: boot.Rand, log: l, state: st, conns: map[model.ConnID]*conn{}, next: st.zxid + 1,
		watches: newWatches(), expiryAt: model.Never,
	}
}

// Step implements model.Process.
func (s *Server) Step(now model.Time, in model.Event, out *model.Effects) {
	switch in.Kind {
	case model.Started:
		for _, id := range s.state.ids {
			s.state.sessions[id].live.heard = now // sessions begin their time anew
		}
		s.armExpiry(now, out)
	case model.ConnOpened:
		s.conns[in.Conn] = &conn{id: in.Conn, peer: in.Peer}
	case model.ConnClosed:
		if c := s.conns[in.Conn]; c != nil {
			s.forget(c)
		}
	case model.FrameReceived:
		if c := s.conns[in.Conn]; c != nil {
			s.onFrame(now, out, c, in.Data)
		}
	case model.Flushed:
		s.onFlushed(now, out, in.Text)
	case model.TimerFired:
		s.onExpiry(now, out)
	}
}

// Dump returns every node, sorted by path, for looking at.
func (s *Server) Dump() []NodeView { return s.state.tree.dump() }

func (s *Server) forget(c *conn) {
	c.closed = true
	c.parked = nil
	delete(s.conns, c.id)
	s.watches.drop(c)
	if x := s.state.sessions[c.session]; x != nil && x.live.conn == c {
		x.live.conn = nil
	}
}

func (s *Server) drop(out *model.Effects, c *conn) {
	s.forget(c)
	out.Close(c.id)
}

func (s *Server) onFrame(now model.Time, out *model.Effects, c *conn, frame []byte) {
	d := &decoder{b: frame}
	if len(frame) > maxFrame {
		s.drop(out, c)
		return
	}
	if c.session == 0 {
		s.onConnect(now, out, c, d)
		return
	}
	x := s.state.sessions[c.session]
	xid, kind := d.int32(), op(d.int32())
	if x == nil || d.bad {
		s.drop(out, c)
		return
	}
	x.live.heard = now
	switch kind {
	case opPing:
		s.reply(out, c, xidPing, opPing, ErrNone, nil)
	case opAuth:
		s.reply(out, c, xidAuth, opAuth, ErrNone, nil)
	case opCloseSession:
		s.write(out, write{txn: txn{kind: opCloseSession}, conn: c, xid: xid, kind: kind}, now)
	case opSetWatches:
		s.setWatches(out, c, d)
	case opCreate, opCreate2, opDelete, opSetData, opMulti:
		s.onWrite(now, out, c, xid, kind, d)
	case opExists, opGetData, opGetChildren, opGetChildren2, opSync:
		o := d.body(kind)
		if d.bad {
			s.drop(out, c)
			return
		}
		c.parked = append(c.parked, parked{xid, o})
		s.answerParked(out, c)
	default:
		c.parked = append(c.parked, parked{xid, Op{kind: kind}})
		s.answerParked(out, c)
	}
}

func (s *Server) onWrite(
	now model.Time,
	out *model.Effects,
	c *conn,
	xid int32,
	kind op,
	d *decoder,
) {
	t := txn{kind: kind}
	if kind == opMulti {
		t.ops = d.multi()
	} else {
		t.ops = []Op{d.body(kind)}
	}
	if d.bad {
		s.drop(out, c)
		return
	}
	if kind == opCreate2 {
		t.kind = opCreate
	}
	s.write(out, write{txn: t, conn: c, xid: xid, kind: kind}, now)
}

// write puts a txn into the log and has it flushed, with all others that come before the flush
// begins.
func (s *Server) write(out *model.Effects, w write, now model.Time) {
	w.txn.zxid, w.txn.millis = s.next, now.Millis()
	s.next++
	if w.conn != nil {
		w.conn.writes++
		if w.txn.kind != opCreateSession {
			w.txn.session = w.conn.session
		}
	}
	s.gathered = append(s.gathered, w)
	s.flush(out)
}

// flush writes what has gathered to the log, unless a flush is under way.
func (s *Server) flush(out *model.Effects) {
	if len(s.flushing) > 0 || len(s.gathered) == 0 {
		return
	}
	if err := s.log.maybeSnapshot(s.state); err != nil {
		out.Halt("cannot write a snapshot: " + err.Error())
		return
	}
	s.flushing, s.gathered = s.gathered, s.flushing[:0]
	for i := range s.flushing {
		if err := s.log.append(&s.flushing[i].txn); err != nil {
			out.Halt("cannot write to the log: " + err.Error())
			return
		}
	}
	s.token++
	out.Flush("", s.token)
}

// onFlushed applies what is durable now, in order, and answers.
func (s *Server) onFlushed(now model.Time, out *model.Effects, failure string) {
	if failure != "" {
		out.Halt("cannot flush the log: " + failure)
		return
	}
	done := s.flushing
	s.flushing = nil
	for i := range done {
		s.apply(now, out, &done[i])
	}
	s.flush(out)
}

// apply does one write, tells the watches, and answers.
func (s *Server) apply(now model.Time, out *model.Effects, w *write) {
	var expired *session
	if w.txn.kind == opCloseSession {
		expired = s.state.sessions[w.txn.session]
	}
	result, events := s.state.apply(&w.txn)
	for _, e := range events {
		s.fire(out, e)
	}
	switch {
	case w.txn.kind == opCreateSession:
		s.onSessionCreated(now, out, w)
	case expired != nil:
		s.onSessionClosed(out, w, expired)
	}
	if c := w.conn; c != nil && !c.closed {
		c.writes--
		if w.txn.kind != opCreateSession {
			s.reply(out, c, w.xid, w.kind, result.Err, &result, w.txn.ops...)
		}
		if w.kind == opCloseSession {
			s.drop(out, c)
			return
		}
		s.answerParked(out, c)
	}
}

// answerParked answers the reads of c that no write is before any more.
func (s *Server) answerParked(out *model.Effects, c *conn) {
	for c.writes == 0 && len(c.parked) > 0 && !c.closed {
		p := c.parked[0]
		c.parked = c.parked[1:]
		result := s.state.tree.read(&p.op)
		if p.op.watch {
			s.watches.add(c, &p.op, result.Err)
		}
		s.reply(out, c, p.xid, p.op.kind, result.Err, &result)
	}
}

// reply sends a reply: header, and on success the record of that kind.
func (s *Server) reply(
	out *model.Effects,
	c *conn,
	xid int32,
	kind op,
	err Code,
	r *Result,
	ops ...Op,
) {
	e := encoder{b: make([]byte, 0, 128)}
	e.int32(xid)
	e.int64(s.state.zxid)
	e.int32(int32(err))
	if err == ErrNone && r != nil {
		if kind == opMulti {
			e.multiResult(ops, r.Results)
		} else {
			e.result(kind, r)
		}
	}
	out.Send(c.id, e.b, model.Label{Name: kind.label(), Reply: true, Correlation: xid})
}
