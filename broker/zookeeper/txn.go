package zookeeper

// txn is one write in the order of the log. Whether it succeeds follows from the tree at its turn.
type txn struct {
	zxid    int64
	millis  int64 // when the request came
	session int64
	kind    op // opCreate, opDelete, opSetData, opMulti, opCreateSession, opCloseSession
	ops     []Op
	// Of opCreateSession.
	timeout  int32 // milliseconds, negotiated
	password []byte
	owner    string // the node that opened the session
}

func (e *encoder) txn(t *txn) {
	e.int64(t.zxid)
	e.int64(t.millis)
	e.int64(t.session)
	e.int32(int32(t.kind))
	e.int32(t.timeout)
	e.bytes(t.password)
	e.string(t.owner)
	e.multi(t.ops)
}

func (d *decoder) txn() txn {
	return txn{
		zxid: d.int64(), millis: d.int64(), session: d.int64(), kind: op(d.int32()), timeout: d.int32(),
		password: d.bytes(), owner: d.string(), ops: d.multi(),
	}
}

// state is everything that the log says: the tree and the sessions.
type state struct {
	zxid     int64
	tree     *tree
	sessions map[int64]*session
	ids      []int64 // of sessions, ascending: they are assigned in order
}

// session is a client's session as the log knows it, with what is known of it at run time.
type session struct {
	id       int64
	timeout  int32 // milliseconds
	password []byte
	owner    string
	live     liveSession // not part of the log
}

func newState() *state {
	return &state{tree: newTree(), sessions: map[int64]*session{}}
}

// apply does a txn: live after its flush, and again at recovery. It returns the outcome and the
// events that watches may see, in order.
func (s *state) apply(t *txn) (Result, []WatchEvent) {
	s.zxid = t.zxid
	at := moment{t.zxid, t.millis, t.session}
	switch t.kind {
	case opCreateSession:
		s.sessions[t.session] = &session{
			id: t.session, timeout: t.timeout, password: t.password, owner: t.owner,
		}
		s.ids = append(s.ids, t.session)
		return Result{}, nil
	case opCloseSession:
		return Result{}, s.closeSession(t.session, at)
	}
	if s.sessions[t.session] == nil {
		return Result{Err: ErrSessionExpired}, nil
	}
	if t.kind == opMulti {
		return s.applyMulti(t.ops, at)
	}
	result, c := s.tree.apply(&t.ops[0], at)
	if result.Err != ErrNone {
		return result, nil
	}
	return result, []WatchEvent{c.event}
}

// applyMulti does all operations or none.
func (s *state) applyMulti(ops []Op, at moment) (Result, []WatchEvent) {
	out := Result{Results: make([]Result, len(ops))}
	var changes []change
	for i := range ops {
		r, c := s.tree.apply(&ops[i], at)
		out.Results[i] = r
		if r.Err == ErrNone {
			changes = append(changes, c)
			continue
		}
		for j := len(changes) - 1; j >= 0; j-- {
			if undo := changes[j].undo; undo != nil {
				undo()
			}
		}
		for j := range out.Results {
			switch {
			case j < i:
				out.Results[j] = Result{}
			case j > i:
				out.Results[j] = Result{Err: ErrRuntimeInconsistency}
			}
		}
		return out, nil
	}
	var events []WatchEvent
	for i := range changes {
		if changes[i].undo != nil { // a check changes nothing
			events = append(events, changes[i].event)
		}
	}
	return out, events
}

// closeSession ends a session; its ephemeral nodes go with it.
func (s *state) closeSession(id int64, at moment) []WatchEvent {
	if s.sessions[id] == nil {
		return nil
	}
	delete(s.sessions, id)
	for i := range s.ids {
		if s.ids[i] == id {
			s.ids = append(s.ids[:i], s.ids[i+1:]...)
			break
		}
	}
	var events []WatchEvent
	for len(s.tree.ephemerals[id]) > 0 {
		path := s.tree.ephemerals[id][0]
		_, c := s.tree.delete(&Op{kind: opDelete, path: path, version: -1}, at)
		events = append(events, c.event)
	}
	return events
}
