package zookeeper

import (
	"slices"
	"strings"
	"time"

	"sandcastle/model"
	"sandcastle/model/kafka"
)

// FrameReader reads what goes to and from a server, for white-box checks. It sees the frames of one
// server in their order.
type FrameReader struct{ conns map[model.ConnID]*readConn }

// readConn is a connection as far as its frames tell of it.
type readConn struct {
	asked     bool // the connect request was seen
	connected bool
	open      []openRequest
}

type openRequest struct {
	xid    int32
	kind   op
	path   string
	writes []kafka.ZooKeeperWrite
	watch  bool
}

// NewFrameReader returns one that has seen nothing.
func NewFrameReader() *FrameReader { return &FrameReader{conns: map[model.ConnID]*readConn{}} }

// Reset forgets all connections: the server was started again.
func (r *FrameReader) Reset() { clear(r.conns) }

// Read reads one frame; false for one that cannot be read.
func (r *FrameReader) Read(conn model.ConnID, sent bool, frame []byte,
) (kafka.ZooKeeperFrame, bool) {
	c := r.conns[conn]
	if c == nil {
		c = &readConn{}
		r.conns[conn] = c
	}
	f := kafka.ZooKeeperFrame{Conn: conn, Sent: sent}
	d := &decoder{b: slices.Clone(frame)}
	switch {
	case !sent && !c.asked:
		c.asked = true
		d.connect()
		f.Op = "connect"
	case !sent:
		c.request(&f, d)
	case !c.connected:
		c.connected = true
		answer := d.connected()
		f.Connected, f.Session = true, answer.session
		f.Timeout = time.Duration(answer.timeout) * time.Millisecond
	default:
		c.reply(&f, d)
	}
	return f, !d.bad
}

func (c *readConn) request(f *kafka.ZooKeeperFrame, d *decoder) {
	q := openRequest{xid: d.int32(), kind: op(d.int32())}
	switch q.kind {
	case opPing, opCloseSession, opAuth, opSetWatches:
	case opMulti:
		for _, o := range d.multi() {
			q.writes = append(q.writes, writeOf(&o))
		}
	case opCreate, opCreate2, opDelete, opSetData:
		o := d.body(q.kind)
		q.path = o.path
		q.writes = []kafka.ZooKeeperWrite{writeOf(&o)}
	default:
		o := d.body(q.kind)
		q.path, q.watch = o.path, o.watch
	}
	if q.kind == opPing {
		q.xid = xidPing
	}
	c.open = append(c.open, q)
	f.Op, f.Path, f.Writes, f.Watch = name(q.kind), q.path, q.writes, q.watch
}

func writeOf(o *Op) kafka.ZooKeeperWrite {
	kind := name(o.kind)
	if o.kind == opCreate2 {
		kind = name(opCreate)
	}
	return kafka.ZooKeeperWrite{Op: kind, Path: o.path}
}

func name(kind op) string { return strings.TrimPrefix(kind.label(), "zk.") }

func (c *readConn) reply(f *kafka.ZooKeeperFrame, d *decoder) {
	xid := d.int32()
	f.Zxid = d.int64()
	code := Code(d.int32())
	if xid == xidWatch {
		f.Event = eventName(EventType(d.int32()))
		d.int32() // the state
		f.Path = d.string()
		return
	}
	f.Skipped = slices.IndexFunc(c.open, func(q openRequest) bool { return q.xid == xid })
	if f.Skipped < 0 {
		return
	}
	q := c.open[f.Skipped]
	c.open = slices.Delete(c.open, f.Skipped, f.Skipped+1)
	f.Op, f.Path, f.Writes, f.Watch = name(q.kind), q.path, q.writes, q.watch
	f.Failed, f.NoNode = code != ErrNone, code == ErrNoNode
	if f.Failed {
		return
	}
	switch q.kind {
	case opMulti:
		f.Failed = failedMulti(d.multiResult())
	case opCreate, opCreate2:
		f.Path = d.result(q.kind).Path
		f.Writes = []kafka.ZooKeeperWrite{{Op: name(opCreate), Path: f.Path}}
	case opExists, opSetData, opGetData:
		f.Mzxid = d.result(q.kind).Stat.Mzxid
	}
}

// eventName is ZooKeeper's own.
func eventName(t EventType) string {
	switch t {
	case NodeCreated:
		return "NodeCreated"
	case NodeDeleted:
		return "NodeDeleted"
	case NodeDataChanged:
		return "NodeDataChanged"
	default:
		return "NodeChildrenChanged"
	}
}
