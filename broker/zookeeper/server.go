package zookeeper

import (
	"slices"
	"time"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// ServerConfig has zoo.cfg's settings. Zero values take ZooKeeper's defaults.
type ServerConfig struct {
	TickTime time.Duration // tickTime, 2 s: sessions last 2 to 20 ticks and are checked once a tick
	// SnapshotBytes is how long a log file may get before a snapshot is written; 4 MiB.
	SnapshotBytes int64
	// EndSessions ends the sessions that an earlier incarnation left, before anybody is served. It is
	// for a server whose clients live and die with it: they need not wait for their own sessions.
	EndSessions bool
}

// Server is a ZooKeeper server of its own. It is a model.Process.
type Server struct {
	cfg   ServerConfig
	rand  *model.Rand
	log   *txnLog
	state *state
	// unreadable says why the log could not be read. Such a server ends when it starts.
	unreadable string

	conns   map[model.ConnID]*conn
	watches watches
	next    int64 // the zxid of the next txn

	// flushing are the writes whose flush is under way, gathered those that wait for the next one: one
	// flush covers all that came in during the previous one.
	flushing []write
	gathered []write
	token    uint64

	// recovering is true while what was recovered is flushed: a process that was killed may have left
	// txns in the page cache alone, and nobody may see what a power loss could still undo. Frames that
	// come meanwhile wait in early.
	recovering bool
	early      []model.Event

	expiryAt model.Time // what the timer is set to, or Never
}

// conn is a client's connection. Replies keep the order of the requests: a write is answered when
// it is durable, everything else when the writes before it are answered.
type conn struct {
	id      model.ConnID
	peer    model.NodeID
	session int64 // 0 until the connect request is answered
	closed  bool
	// Invariant: applied <= writes.
	writes  uint64 // asked for on this connection
	applied uint64 // of these
	parked  []parked
}

// maxOutstanding is how many requests of one connection may await their answers; who sends more is
// cut off. A Session keeps below it (maxPending, a ping and what it watches).
const maxOutstanding = 2 * maxPending

// parked is a request other than a write, until it is its turn.
type parked struct {
	xid   int32
	op    Op
	again *rewatch // of setWatches
	// after is how many writes of the connection come before it.
	after uint64
}

// write is a txn on its way through the log, and whom to answer.
type write struct {
	txn  txn
	conn *conn // nil for what the server does by itself
	xid  int32
	kind op // as it was asked for: create2 is logged as create
}

const timerExpiry uint32 = 1

// NewServer recovers what the disk of boot holds. When that cannot be read the server halts as soon
// as it is started: it must not run without its log.
func NewServer(boot model.Boot, cfg ServerConfig) *Server {
	if cfg.TickTime == 0 {
		cfg.TickTime = 2 * time.Second
	}
	if cfg.SnapshotBytes == 0 {
		cfg.SnapshotBytes = 4 << 20
	}
	s := &Server{
		cfg: cfg, rand: boot.Rand, state: newState(), conns: map[model.ConnID]*conn{},
		watches: newWatches(), expiryAt: model.Never,
	}
	l, st, err := openLog(boot.Disk, cfg.SnapshotBytes)
	if err != nil {
		s.unreadable = err.Error()
		return s
	}
	s.log, s.state, s.next = l, st, st.zxid+1
	return s
}

// Step implements model.Process.
func (s *Server) Step(in model.Event, out *model.Effects) {
	if s.unreadable != "" {
		out.Halt(s.unreadable)
		return
	}
	switch in.Kind {
	case model.Started:
		s.onStarted(out)
	case model.ConnOpened:
		s.conns[in.Conn] = &conn{id: in.Conn, peer: in.Peer}
	case model.ConnClosed:
		if c := s.conns[in.Conn]; c != nil {
			s.removeConn(c)
		}
	case model.FrameReceived:
		s.onFrame(in, out)
	case model.Flushed:
		s.onFlushed(out, in.Text)
	case model.TimerFired:
		s.onExpiry(out)
	}
}

// Data is what a node holds, for white-box checks; false when there is no such node.
func (s *Server) Data(path string) ([]byte, bool) {
	n := s.state.tree.nodes[path]
	if n == nil {
		return nil, false
	}
	return n.data, true
}

// Dump returns every node, sorted by path, for white-box checks.
func (s *Server) Dump() []NodeView { return s.state.tree.dump() }

// onStarted lets the sessions begin their time anew, and makes durable what was recovered.
func (s *Server) onStarted(out *model.Effects) {
	for _, d := range s.log.damages {
		kafka.AddNote(out, d.Note(kafka.TopicPartition{}))
	}
	for _, id := range s.state.ids {
		s.state.sessions[id].live.lastHeard = out.Now
	}
	s.armExpiry(out)
	if s.state.zxid > 0 {
		s.recovering = true
		s.token++
		out.Flush("", s.token)
	}
}

func (s *Server) removeConn(c *conn) {
	c.closed = true
	c.parked = nil
	delete(s.conns, c.id)
	s.watches.removeConn(c)
	if x := s.state.sessions[c.session]; x != nil && x.live.conn == c {
		x.live.conn = nil
	}
}

func (s *Server) drop(out *model.Effects, c *conn) {
	s.removeConn(c)
	out.Close(c.id)
}

// blame is drop for a connection whose client has done something wrong.
func (s *Server) blame(out *model.Effects, c *conn, why string) {
	s.removeConn(c)
	out.CloseBecause(c.id, why)
}

// malformed is why a frame that counts what it does not hold, or ends too soon, ends its
// connection.
const malformed = "malformed frame"

// onFrame handles a frame, or keeps it for later while the server recovers.
func (s *Server) onFrame(in model.Event, out *model.Effects) {
	c := s.conns[in.Conn]
	switch {
	case c == nil:
	case len(in.Data) > maxFrame:
		s.blame(out, c, "a frame is longer than jute.maxbuffer")
	case s.recovering && len(s.early) >= maxOutstanding:
		s.drop(out, c)
	case s.recovering:
		s.early = append(s.early, in)
	case c.session == 0:
		s.onConnect(out, c, &decoder{b: in.Data})
	default:
		s.onRequest(out, c, &decoder{b: in.Data})
	}
}

func (s *Server) onRequest(out *model.Effects, c *conn, d *decoder) {
	x := s.state.sessions[c.session]
	xid, kind := d.int32(), op(d.int32())
	if d.bad {
		s.blame(out, c, malformed)
		return
	}
	if x == nil || len(c.parked)+int(c.writes-c.applied) >= maxOutstanding {
		s.drop(out, c)
		return
	}
	x.live.lastHeard = out.Now
	p := parked{xid: xid, op: Op{kind: kind}, after: c.writes}
	switch kind {
	case opCreate, opCreate2, opDelete, opSetData, opMulti, opCloseSession:
		s.onWrite(out, c, xid, kind, d)
		return
	case opPing:
		p.xid = xidPing
	case opSetWatches:
		p.again = d.rewatch()
	case opExists, opGetData, opGetChildren, opGetChildren2, opSync:
		p.op = d.body(kind)
	}
	if d.bad {
		s.blame(out, c, malformed)
		return
	}
	c.parked = append(c.parked, p)
	s.answerParked(out, c)
}

func (s *Server) onWrite(
	out *model.Effects,
	c *conn,
	xid int32,
	kind op,
	d *decoder,
) {
	t := txn{kind: kind}
	switch kind {
	case opCloseSession:
	case opMulti:
		t.ops = d.multi()
	default:
		t.ops = []Op{d.body(kind)}
	}
	if d.bad {
		s.blame(out, c, malformed)
		return
	}
	if kind == opCreate2 {
		t.kind = opCreate
	}
	s.write(out, write{txn: t, conn: c, xid: xid, kind: kind})
}

// write puts a txn into the log and has it flushed, with all others that come before the flush
// begins.
func (s *Server) write(out *model.Effects, w write) {
	w.txn.zxid, w.txn.millis = s.next, out.Wall.Millis()
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
	if s.recovering || len(s.flushing) > 0 || len(s.gathered) == 0 {
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
func (s *Server) onFlushed(out *model.Effects, failure string) {
	if failure != "" {
		out.Halt("cannot flush the log: " + failure)
		return
	}
	if s.recovering {
		s.recovering = false
		if s.cfg.EndSessions {
			s.endSessions(out)
		}
		early := s.early
		s.early = nil
		for _, in := range early {
			s.onFrame(in, out)
		}
		s.flush(out)
		return
	}
	done := s.flushing
	s.flushing = nil
	for i := range done {
		s.apply(out, &done[i])
	}
	s.flush(out)
}

// apply does one write, fires the watches, and answers.
func (s *Server) apply(out *model.Effects, w *write) {
	var ended *session
	if w.txn.kind == opCloseSession {
		ended = s.state.sessions[w.txn.session]
	}
	result, events := s.state.apply(&w.txn)
	for _, e := range events {
		s.fire(out, e)
	}
	switch {
	case w.txn.kind == opCreateSession:
		s.onSessionCreated(out, w)
	case ended != nil:
		s.onSessionClosed(out, w, ended)
	}
	if c := w.conn; c != nil && !c.closed {
		c.applied++
		if w.txn.kind != opCreateSession {
			s.reply(out, c, w.xid, w.kind, &result, w.txn.ops...)
		}
		if w.kind == opCloseSession {
			s.drop(out, c)
			return
		}
		s.answerParked(out, c)
	}
}

// answerParked answers the requests of c whose turn it is: those before which no write is left.
func (s *Server) answerParked(out *model.Effects, c *conn) {
	n := 0
	for ; n < len(c.parked) && c.parked[n].after <= c.applied; n++ {
		s.answer(out, c, &c.parked[n])
	}
	c.parked = slices.Delete(c.parked, 0, n)
}

func (s *Server) answer(out *model.Effects, c *conn, p *parked) {
	var result Result
	switch p.op.kind {
	case opPing, opAuth:
	case opSetWatches:
		s.setWatches(out, c, p.again)
	default:
		result = s.state.tree.read(&p.op)
		if p.op.watch {
			s.watches.add(c, &p.op, result.Err)
		}
	}
	s.reply(out, c, p.xid, p.op.kind, &result)
}

// reply sends a reply: header, and on success the record of that kind.
func (s *Server) reply(
	out *model.Effects,
	c *conn,
	xid int32,
	kind op,
	r *Result,
	ops ...Op,
) {
	e := encoder{b: make([]byte, 0, 128)}
	e.int32(xid)
	e.int64(s.state.zxid)
	e.int32(int32(r.Err))
	switch {
	case r.Err != ErrNone:
	case kind == opMulti:
		e.multiResult(ops, r.Results)
	default:
		e.result(kind, r)
	}
	out.Send(c.id, e.b, model.Label{Name: kind.label(), Reply: true, Correlation: xid})
}
