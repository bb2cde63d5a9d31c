package host

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"sandcastle/model"
)

// connection is one TCP connection of a process, with a goroutine that reads frames off it and,
// while there is something to write, one that writes them.
type connection struct {
	id       model.ConnID
	accepted bool
	node     *Node
	host     model.NodeID // who dialled, as its group's members are shown

	// used is when the peer last sent, took or was sent something, in the node's time.
	used atomic.Int64

	mu       sync.Mutex
	ready    *sync.Cond // for the reader: the next frame may be handed over
	socket   net.Conn   // nil until the dial has succeeded
	open     bool       // the process knows of it
	queue    [][]byte   // frames to write
	unread   int        // bytes of queue and of what is being written
	since    model.Time // the peer has read nothing of it
	writing  bool       // there is a goroutine that writes
	handed   bool       // a frame waits in the inbox
	busy     bool       // the process works on a frame
	finished bool       // close when queue is empty
	closed   bool
	spare    scratch // of the goroutine that writes
}

const (
	dialTimeout = 10 * time.Second
	// lingerFor is how long a connection that is closed in good order may take for its last frames.
	lingerFor = 5 * time.Second
)

func newConnection(n *Node, id model.ConnID, socket net.Conn) *connection {
	c := &connection{id: id, node: n, socket: socket}
	c.ready = sync.NewCond(&c.mu)
	c.touch()
	return c
}

// touch notes that the connection is in use.
func (c *connection) touch() { c.used.Store(int64(c.node.clock.now())) }

// accept takes connections until the listener is closed.
func (n *Node) accept(l Listener) {
	for {
		socket, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // too many open files, most likely
			n.log.Warn("cannot accept a connection", "error", err)
			time.Sleep(100 * time.Millisecond)
			continue
		}
		if crowded(socket, n.cfg.MaxDescriptors) {
			n.log.Warn("a connection is refused: too many descriptors are in use (ulimit -n)",
				"peer", clientHost(socket), "limit", n.cfg.MaxDescriptors)
			socket.Close()
			time.Sleep(100 * time.Millisecond)
			continue
		}
		c := newConnection(n, 0, socket)
		c.accepted, c.host = true, clientHost(socket)
		opened := model.Event{Kind: model.ConnOpened, Listener: l.Name, Peer: c.host}
		if !n.inbox.putOutside(message{conn: c, event: opened}) {
			socket.Close()
		}
	}
}

// clientHost names who dialled as Java prints an address: it is a group member's host.
func clientHost(socket net.Conn) model.NodeID {
	host, _, _ := model.SplitAddress(socket.RemoteAddr().String())
	return model.NodeID("/" + host)
}

// dial opens a connection in the background.
func (n *Node) dial(id model.ConnID, addr string) {
	c := newConnection(n, id, nil)
	n.conns[id] = c
	n.others.Go(func() {
		socket, err := net.DialTimeout("tcp", addr, dialTimeout)
		if err != nil {
			if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
				n.log.Warn("cannot dial: too many descriptors are in use (ulimit -n)", "to", addr)
			}
			n.inbox.putOutside(message{conn: c, event: closedEvent(err)})
			return
		}
		c.mu.Lock()
		gone := c.closed || c.finished
		if !gone {
			c.socket = socket
		}
		c.mu.Unlock()
		if gone {
			socket.Close()
			return
		}
		if !n.inbox.putOutside(message{conn: c, event: model.Event{Kind: model.ConnOpened,
			Peer: model.NodeID(addr)}}) {
			socket.Close()
		}
	})
}

// onConnection handles what happened to a connection.
func (n *Node) onConnection(m *message) {
	c := m.conn
	if m.event.Kind == model.ConnOpened && c.accepted {
		if why := n.full(c); why != "" {
			n.log.Warn("a connection is refused", "peer", c.host, "because", why)
			c.socket.Close()
			return
		}
		c.id = n.nextID
		n.nextID += 2
		n.accepted++
		n.perHost[c.host]++
		n.conns[c.id] = c
	}
	if n.conns[c.id] != c {
		return // the process has closed it
	}
	m.event.Conn = c.id
	switch m.event.Kind {
	case model.ConnOpened:
		c.begin()
	case model.ConnClosed:
		n.untrack(c)
		c.close()
	}
	n.step(m.event)
	if m.event.Kind == model.FrameReceived {
		n.handled(c)
	}
}

// full says which limit another connection would exceed, "" if none.
func (n *Node) full(c *connection) string {
	switch {
	case n.cfg.MaxConnections > 0 && n.accepted >= n.cfg.MaxConnections:
		return fmt.Sprintf("max.connections is %d", n.cfg.MaxConnections)
	case n.cfg.MaxPerHost > 0 && n.perHost[c.host] >= n.cfg.MaxPerHost:
		return fmt.Sprintf("max.connections.per.ip is %d", n.cfg.MaxPerHost)
	default:
		return ""
	}
}

// untrack removes a connection from those that are open, and from the counts.
func (n *Node) untrack(c *connection) {
	delete(n.conns, c.id)
	if !c.accepted {
		return
	}
	n.accepted--
	if n.perHost[c.host]--; n.perHost[c.host] == 0 {
		delete(n.perHost, c.host)
	}
}

// begin starts reading, and writing if the process was quick.
func (c *connection) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open = true
	c.node.others.Go(c.read)
	c.writeLocked()
}

// finish closes the connection when what was sent is written.
func (c *connection) finish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.finished = true
	if !c.writing {
		c.closeLocked()
		return
	}
	c.socket.SetDeadline(time.Now().Add(lingerFor))
}

// close closes the connection at once.
func (c *connection) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closeLocked()
}

func (c *connection) closeLocked() {
	c.closed = true
	c.drop()
	if c.socket != nil {
		c.socket.Close()
	}
	c.ready.Broadcast()
}
