package zookeeper

import (
	"slices"

	"sandcastle/model"
)

// watchKind says which events a watch waits for.
type watchKind uint8

const (
	watchData   watchKind = iota // data changed, node deleted
	watchExists                  // the same, and node created
	watchChild                   // children changed, node deleted
)

// watches are the one-shot watches of all connections. They are not part of the log: a client that
// connects anew sets them again.
type watches struct {
	byPath map[watchKey][]*conn // in the order in which they were set
	byConn map[*conn][]watchKey
}

type watchKey struct {
	kind watchKind
	path string
}

func newWatches() watches {
	return watches{byPath: map[watchKey][]*conn{}, byConn: map[*conn][]watchKey{}}
}

// add sets the watch that a read asked for. A node that is not there can be watched only by exists.
func (w *watches) add(c *conn, o *Op, err Code) {
	switch {
	case o.kind == opExists && err == ErrNoNode:
		w.put(c, watchKey{watchExists, o.path})
	case err != ErrNone:
	case o.kind == opGetChildren || o.kind == opGetChildren2:
		w.put(c, watchKey{watchChild, o.path})
	default:
		w.put(c, watchKey{watchData, o.path})
	}
}

func (w *watches) put(c *conn, k watchKey) {
	if !slices.Contains(w.byPath[k], c) {
		w.byPath[k] = append(w.byPath[k], c)
		w.byConn[c] = append(w.byConn[c], k)
	}
}

// remove removes the watches of one kind on a path and returns who had set them.
func (w *watches) remove(k watchKey) []*conn {
	conns := w.byPath[k]
	delete(w.byPath, k)
	for _, c := range conns {
		w.byConn[c] = slices.DeleteFunc(w.byConn[c], func(x watchKey) bool { return x == k })
	}
	return conns
}

// removeConn removes the watches of a connection.
func (w *watches) removeConn(c *conn) {
	for _, k := range w.byConn[c] {
		w.byPath[k] = slices.DeleteFunc(w.byPath[k], func(x *conn) bool { return x == c })
		if len(w.byPath[k]) == 0 {
			delete(w.byPath, k)
		}
	}
	delete(w.byConn, c)
}

// fire notifies everyone who watches what an event changed; each connection hears of one event
// once.
func (s *Server) fire(out *model.Effects, e WatchEvent) {
	parent, _ := split(e.Path)
	var notified []*conn
	notify := func(kind watchKind, path string, as WatchEvent) {
		for _, c := range s.watches.remove(watchKey{kind, path}) {
			if !slices.Contains(notified, c) || as.Path != e.Path {
				notified = append(notified, c)
				s.sendEvent(out, c, as)
			}
		}
	}
	switch e.Type {
	case NodeCreated, NodeDataChanged:
		notify(watchData, e.Path, e)
		notify(watchExists, e.Path, e)
	case NodeDeleted:
		notify(watchData, e.Path, e)
		notify(watchExists, e.Path, e)
		notify(watchChild, e.Path, e)
	}
	if e.Type != NodeDataChanged {
		notify(watchChild, parent, WatchEvent{NodeChildrenChanged, parent})
	}
}

func (s *Server) sendEvent(out *model.Effects, c *conn, w WatchEvent) {
	var e encoder
	e.int32(xidWatch)
	e.int64(-1)
	e.int32(int32(ErrNone))
	e.int32(int32(w.Type))
	e.int32(3) // SyncConnected
	e.string(w.Path)
	out.Send(c.id, e.b, model.Label{Name: "zk.event", Reply: true, Correlation: xidWatch})
}

// rewatch is the record of setWatches: what a client watched when it had seen the zxid seen.
type rewatch struct {
	seen                int64
	data, exists, child []string
}

func (e *encoder) rewatch(r *rewatch) {
	e.int64(r.seen)
	e.strings(r.data)
	e.strings(r.exists)
	e.strings(r.child)
}

func (d *decoder) rewatch() *rewatch {
	return &rewatch{seen: d.int64(), data: d.strings(), exists: d.strings(), child: d.strings()}
}

// setWatches sets again what a client watched on an earlier connection. Of changes after the last
// zxid that the client saw it is notified at once (DataTree.setWatches, 3.8).
func (s *Server) setWatches(out *model.Effects, c *conn, r *rewatch) {
	tree := s.state.tree
	for _, path := range r.data {
		switch n := tree.nodes[path]; {
		case n == nil:
			s.sendEvent(out, c, WatchEvent{NodeDeleted, path})
		case n.stat.Mzxid > r.seen:
			s.sendEvent(out, c, WatchEvent{NodeDataChanged, path})
		default:
			s.watches.put(c, watchKey{watchData, path})
		}
	}
	for _, path := range r.exists {
		if tree.nodes[path] != nil {
			s.sendEvent(out, c, WatchEvent{NodeCreated, path})
			continue
		}
		s.watches.put(c, watchKey{watchExists, path})
	}
	for _, path := range r.child {
		switch n := tree.nodes[path]; {
		case n == nil:
			s.sendEvent(out, c, WatchEvent{NodeDeleted, path})
		case n.stat.Pzxid > r.seen:
			s.sendEvent(out, c, WatchEvent{NodeChildrenChanged, path})
		default:
			s.watches.put(c, watchKey{watchChild, path})
		}
	}
}
