package host

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"sandcastle/model"
)

// connection is one TCP connection of a process, with a goroutine that reads frames off it and one
// that writes them.
type connection struct {
	id       model.ConnID
	accepted bool
	node     *Node

	mu       sync.Mutex
	wake     *sync.Cond
	socket   net.Conn // nil until the dial has succeeded
	queue    [][]byte // frames to write
	bytes    int      // of queue and of what is being written
	finished bool     // close when queue is empty
	closed   bool
}

const (
	dialTimeout = 10 * time.Second
	// lingerFor is how long a connection that is closed in good order may take for its last frames.
	lingerFor = 5 * time.Second
	// maxUnread is how many bytes a peer may leave unread before it is cut off: each of its requests
	// is answered before the next one is taken up, so who reads at all stays far below.
	maxUnread = 256 << 20
)

func newConnection(n *Node, id model.ConnID, socket net.Conn) *connection {
	c := &connection{id: id, node: n, socket: socket}
	c.wake = sync.NewCond(&c.mu)
	return c
}

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
		c := newConnection(n, 0, socket)
		c.accepted = true
		opened := model.Event{Kind: model.ConnOpened, Text: l.Name, Peer: clientHost(socket)}
		if !n.inbox.putOutside(message{conn: c, event: opened}) {
			socket.Close()
		}
	}
}

// clientHost names who dialled as Java prints an address: it is a group member's host.
func clientHost(socket net.Conn) model.NodeID {
	host, _, _ := net.SplitHostPort(socket.RemoteAddr().String()) // its own writing of an address
	return model.NodeID("/" + host)
}

// dial opens a connection in the background.
func (n *Node) dial(id model.ConnID, addr string) {
	c := newConnection(n, id, nil)
	n.conns[id] = c
	n.others.Go(func() {
		socket, err := net.DialTimeout("tcp", addr, dialTimeout)
		if err != nil {
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
		if n.cfg.MaxConnections > 0 && n.accepted >= n.cfg.MaxConnections {
			c.socket.Close()
			return
		}
		c.id = n.nextID
		n.nextID += 2
		n.accepted++
		n.conns[c.id] = c
	}
	if n.conns[c.id] != c {
		return // the process has closed it
	}
	m.event.Conn = c.id
	switch m.event.Kind {
	case model.ConnOpened:
		n.others.Go(c.read)
		n.others.Go(c.write)
	case model.ConnClosed:
		n.forget(c)
		c.close()
	}
	n.step(m.event)
}

func closedEvent(err error) model.Event {
	text := "closed by the other side"
	if !errors.Is(err, io.EOF) {
		text = err.Error()
	}
	return model.Event{Kind: model.ConnClosed, Text: text}
}

// read hands the process every frame until the connection ends.
func (c *connection) read() {
	in := bufio.NewReaderSize(c.socket, 16<<10) // larger frames go past it
	for {
		frame, err := readFrame(in, c.node.cfg.MaxFrame)
		if err != nil {
			c.node.inbox.putOutside(message{conn: c, event: closedEvent(err)})
			return
		}
		in := model.Event{Kind: model.FrameReceived, Data: frame}
		if !c.node.inbox.putOutside(message{conn: c, event: in}) {
			return
		}
	}
}

// readFrame reads a length of four bytes and so many bytes behind it. Memory is taken as the bytes
// come, so that a length alone costs nothing.
func readFrame(in *bufio.Reader, limit int) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return nil, err
	}
	size := int(int32(binary.BigEndian.Uint32(head[:])))
	if size < 0 || size > limit {
		return nil, fmt.Errorf("a frame of %d bytes, %d are allowed", size, limit)
	}
	const step = 1 << 20
	frame := make([]byte, min(size, step))
	for read := 0; ; {
		n, err := io.ReadFull(in, frame[read:])
		if err != nil {
			return nil, io.ErrUnexpectedEOF
		}
		if read += n; read == size {
			return frame, nil
		}
		grown := make([]byte, min(size, 2*len(frame)))
		copy(grown, frame)
		frame = grown
	}
}

// send queues a frame.
func (c *connection) send(frame []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.finished {
		return
	}
	if c.bytes += len(frame); c.bytes > maxUnread {
		c.node.log.Warn("cut off: it does not read", "peer", c.socket.RemoteAddr())
		c.closeLocked()
		return
	}
	c.queue = append(c.queue, frame)
	c.wake.Signal()
}

// write writes what is queued until the connection ends.
func (c *connection) write() {
	var heads [][4]byte
	var buffers net.Buffers
	for {
		c.mu.Lock()
		for len(c.queue) == 0 && !c.finished && !c.closed {
			c.wake.Wait()
		}
		if c.closed || len(c.queue) == 0 {
			c.closeLocked()
			c.mu.Unlock()
			return
		}
		frames := c.queue
		c.queue = nil
		c.mu.Unlock()
		heads, buffers = heads[:0], buffers[:0]
		written := 0
		heads = slices.Grow(heads, len(frames))[:len(frames)]
		for i, f := range frames {
			binary.BigEndian.PutUint32(heads[i][:], uint32(len(f)))
			buffers = append(buffers, heads[i][:], f)
			written += len(f)
		}
		all := buffers
		if _, err := all.WriteTo(c.socket); err != nil {
			c.close() // its reader tells the process
			return
		}
		c.mu.Lock()
		c.bytes -= written
		c.mu.Unlock()
	}
}

// finish closes the connection when what was sent is written.
func (c *connection) finish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.finished = true
	if c.socket != nil {
		c.socket.SetDeadline(time.Now().Add(lingerFor))
	}
	c.wake.Signal()
}

// close closes the connection at once.
func (c *connection) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closeLocked()
}

func (c *connection) closeLocked() {
	c.closed = true
	c.queue = nil
	if c.socket != nil {
		c.socket.Close()
	}
	c.wake.Signal()
}
