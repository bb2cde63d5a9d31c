package zookeeper

import (
	"maps"
	"math"
	"slices"

	"sandcastle/model"
)

// Done receives the outcome of a request.
type Done = func(out *model.Effects, r Result)

// Create makes a node.
func (s *Session) Create(
	out *model.Effects,
	path string,
	data []byte,
	mode CreateMode,
	done Done,
) {
	s.ask(out, opCreate, []Op{CreateOp(path, data, mode)}, done)
}

// Delete deletes a node that has the given version; −1 is any.
func (s *Session) Delete(
	out *model.Effects,
	path string,
	version int32,
	done Done,
) {
	s.ask(out, opDelete, []Op{DeleteOp(path, version)}, done)
}

// Exists asks for a node's Stat; ErrNoNode says that it is not there.
func (s *Session) Exists(out *model.Effects, path string, watch bool, done Done) {
	s.ask(out, opExists, []Op{{kind: opExists, path: path, watch: watch}}, done)
}

// Get reads a node's data.
func (s *Session) Get(out *model.Effects, path string, watch bool, done Done) {
	s.ask(out, opGetData, []Op{{kind: opGetData, path: path, watch: watch}}, done)
}

// Set replaces the data of a node that has the given version; −1 is any.
func (s *Session) Set(
	out *model.Effects,
	path string,
	data []byte,
	version int32,
	done Done,
) {
	s.ask(out, opSetData, []Op{SetOp(path, data, version)}, done)
}

// Children lists the names of a node's children, sorted.
func (s *Session) Children(out *model.Effects, path string, watch bool, done Done) {
	s.ask(out, opGetChildren2, []Op{{kind: opGetChildren2, path: path, watch: watch}}, done)
}

// Multi does all operations or none.
func (s *Session) Multi(out *model.Effects, ops []Op, done Done) {
	if len(ops) == 0 {
		panic("zookeeper: a multi without operations")
	}
	s.ask(out, opMulti, ops, done)
}

// Close ends the session: the server removes its ephemeral nodes and then answers. The owner sends
// nothing afterwards.
func (s *Session) Close(out *model.Effects, done Done) {
	s.ask(out, opCloseSession, []Op{{kind: opCloseSession}}, done)
}

// ask sends a request, or keeps it until there is a connection.
func (s *Session) ask(out *model.Effects, kind op, ops []Op, done Done) {
	r := request{kind: kind, ops: ops, done: done}
	switch {
	case s.state == sessionClosed:
		done(out, Result{Err: ErrSessionExpired})
	case len(s.queued)+len(s.sent) >= maxPending:
		done(out, Result{Err: ErrConnectionLoss})
	case s.state == sessionConnected:
		s.put(out, r)
		s.arm(out)
	default:
		s.queued = append(s.queued, r)
	}
}

func (s *Session) put(out *model.Effects, r request) {
	if s.xid == math.MaxInt32 { // the negative ones have meanings of their own
		s.xid = 0
	}
	s.xid++
	r.xid = s.xid
	e := encoder{b: make([]byte, 0, 128)}
	e.int32(r.xid)
	e.int32(int32(r.kind))
	switch r.kind {
	case opMulti:
		e.multi(r.ops)
	case opCloseSession:
		// It has no body.
	default:
		e.body(&r.ops[0])
	}
	s.sent = append(s.sent, r)
	s.lastSent = out.Now
	out.Send(s.conn, e.b, model.Label{Name: r.kind.label(), Correlation: r.xid})
}

// onReply handles a reply or a watch event.
func (s *Session) onReply(out *model.Effects, d *decoder) {
	xid, zxid, err := d.int32(), d.int64(), Code(d.int32())
	if d.bad {
		s.breakOff(out)
		return
	}
	if xid == xidSetWatches && s.rewatching > 0 {
		s.rewatching--
	}
	if s.rewatching == 0 {
		s.lastZxid = max(s.lastZxid, zxid)
	}
	switch xid {
	case xidPing:
		s.pingOut = false
		return
	case xidAuth, xidSetWatches:
		return
	case xidWatch:
		e := WatchEvent{Type: EventType(d.int32())}
		d.int32()
		if e.Path = d.string(); d.bad {
			s.breakOff(out)
			return
		}
		s.watches.seen(e)
		s.cfg.OnWatch(out, e)
		return
	}
	if len(s.sent) == 0 || s.sent[0].xid != xid {
		s.breakOff(out) // replies come in the order of the requests
		return
	}
	r := s.sent[0]
	var result Result
	switch {
	case err != ErrNone:
	case r.kind == opMulti:
		result.Results = d.multiResult()
		result.Err = firstError(result.Results)
	default:
		result = d.result(r.kind)
	}
	if d.bad {
		s.breakOff(out)
		return
	}
	if err != ErrNone {
		result.Err = err
	}
	s.sent = s.sent[1:]
	s.watches.set(&r.ops[0], result.Err)
	if err == ErrSessionExpired {
		s.sent = append([]request{r}, s.sent...)
		s.expired(out)
		return
	}
	r.done(out, result)
}

// firstError is the code of the operation that failed a multi.
func firstError(results []Result) Code {
	for i := range results {
		if err := results[i].Err; err != ErrNone && err != ErrRuntimeInconsistency {
			return err
		}
	}
	return ErrNone
}

// set remembers a watch that the server has accepted.
func (w *clientWatches) set(o *Op, err Code) {
	switch {
	case !o.watch:
	case o.kind == opExists && err == ErrNoNode:
		w.exists[o.path] = true
	case err != ErrNone:
	case o.kind == opGetChildren2:
		w.child[o.path] = true
	default:
		w.data[o.path] = true
	}
}

// seen removes the watches that an event has used up.
func (w *clientWatches) seen(e WatchEvent) {
	if e.Type == NodeChildrenChanged {
		delete(w.child, e.Path)
		return
	}
	delete(w.data, e.Path)
	delete(w.exists, e.Path)
	if e.Type == NodeDeleted {
		delete(w.child, e.Path)
	}
}

// setWatchesBytes is how many bytes of paths one setWatches takes at most, so that no number of
// watches makes a frame that the server refuses (ClientCnxn.SET_WATCHES_MAX_LENGTH, 3.8).
const setWatchesBytes = 128 << 10

// setWatches sets all watches again on a new connection.
func (s *Session) setWatches(out *model.Effects) {
	w := &s.watches
	r := rewatch{seen: s.lastZxid}
	size := 0
	send := func() {
		var e encoder
		e.int32(xidSetWatches)
		e.int32(int32(opSetWatches))
		e.rewatch(&r)
		s.lastSent = out.Now
		out.Send(s.conn, e.b, model.Label{Name: "zk.setWatches", Correlation: xidSetWatches})
		r, size = rewatch{seen: s.lastZxid}, 0
		s.rewatching++
	}
	for _, list := range [...]struct {
		paths map[string]bool
		to    *[]string
	}{{w.data, &r.data}, {w.exists, &r.exists}, {w.child, &r.child}} {
		for _, path := range slices.Sorted(maps.Keys(list.paths)) {
			*list.to = append(*list.to, path)
			if size += len(path); size >= setWatchesBytes {
				send()
			}
		}
	}
	if size > 0 {
		send()
	}
}
