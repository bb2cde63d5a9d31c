package host

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"sandcastle/model"
)

// readBuffer is small, since every idle connection has one; what is larger goes past it.
const readBuffer = 4 << 10

// busyProcess is a process that works on one frame of a connection at a time. While it does the
// next one stays in the socket, and so its sender waits: Kafka mutes a socket between a receive and
// its response (SocketServer.processCompletedReceives, 3.9).
type busyProcess interface {
	Busy(id model.ConnID) bool
	// Unanswered are the connections whose frame the last step was done with without an answer.
	Unanswered() []model.ConnID
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
	in := bufio.NewReaderSize(c, readBuffer)
	for {
		frame, err := readFrame(in, c.node.cfg.MaxFrame)
		if err != nil {
			c.node.inbox.putOutside(message{conn: c, event: closedEvent(err)})
			return
		}
		in := model.Event{Kind: model.FrameReceived, Data: frame}
		if !c.awaitTurn() {
			in = closedEvent(net.ErrClosed)
		}
		if !c.node.inbox.putOutside(message{conn: c, event: in}) || in.Kind == model.ConnClosed {
			return
		}
	}
}

// Read implements io.Reader. It ends with an error when an accepted connection was not used for
// Config.MaxIdle (connections.max.idle.ms).
func (c *connection) Read(p []byte) (int, error) {
	for {
		if c.expires() {
			left := c.idleLeft()
			if left <= 0 {
				return 0, fmt.Errorf("idle for %s", c.node.cfg.MaxIdle)
			}
			c.socket.SetReadDeadline(time.Now().Add(left))
		}
		n, err := c.socket.Read(p)
		if n == 0 && errors.Is(err, os.ErrDeadlineExceeded) && !c.ending() {
			continue // it may have been written to
		}
		c.touch()
		return n, err
	}
}

// expires reports whether the connection may be idle only for so long.
func (c *connection) expires() bool { return c.accepted && c.node.cfg.MaxIdle > 0 }

// idleLeft is how long the connection may still be idle.
func (c *connection) idleLeft() time.Duration {
	return c.node.cfg.MaxIdle - c.node.clock.now().Sub(model.Time(c.used.Load()))
}

// ending reports whether the process has closed the connection.
func (c *connection) ending() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.finished || c.closed
}

// awaitTurn waits until the process has done with the connection's frame before, and the peer has
// read what it was sent. It returns false if the connection is closed. Who dialled does not wait
// for its peer to read: two that both wait would do so for ever.
func (c *connection) awaitTurn() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.closed && (c.handed || c.busy || c.accepted && c.unread > maxBehind) {
		c.ready.Wait()
	}
	c.handed = true
	return !c.closed
}

// handled lets the connection's next frame come, unless the process is still at work on this one.
func (n *Node) handled(c *connection) {
	busy := n.working(c)
	c.mu.Lock()
	c.handed, c.busy = false, busy
	c.ready.Signal()
	c.mu.Unlock()
}

// answered lets the next frame come of a connection that was busy, when it has its answer or gets
// none.
func (n *Node) answered(c *connection) {
	if !c.busy || n.working(c) { // the process's own goroutine alone changes it
		return
	}
	c.mu.Lock()
	c.busy = false
	c.ready.Signal()
	c.mu.Unlock()
}

// unanswered lets the next frames come of connections that get no answer.
func (n *Node) unanswered() {
	p, ok := n.process.(busyProcess)
	if !ok {
		return
	}
	for _, id := range p.Unanswered() {
		if c := n.conns[id]; c != nil {
			n.answered(c)
		}
	}
}

// working asks whether the process works on a frame of a connection.
func (n *Node) working(c *connection) bool {
	p, ok := n.process.(busyProcess)
	return ok && c.accepted && p.Busy(c.id)
}

// readFrame reads a length of four bytes and so many bytes behind it. Memory is taken as the bytes
// come, a mebibyte when the first kilobytes are there, so that a length alone costs nothing.
func readFrame(in *bufio.Reader, limit int) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return nil, err
	}
	size := int(int32(binary.BigEndian.Uint32(head[:])))
	if size < 0 || size > limit {
		return nil, fmt.Errorf("a frame of %d bytes, %d are allowed", size, limit)
	}
	if _, err := in.Peek(min(size, readBuffer)); err != nil {
		return nil, unexpected(err)
	}
	const step = 1 << 20
	frame := make([]byte, min(size, step))
	for read := 0; ; {
		n, err := io.ReadFull(in, frame[read:])
		if err != nil {
			return nil, unexpected(err)
		}
		if read += n; read == size {
			return frame, nil
		}
		grown := make([]byte, min(size, 2*len(frame)))
		copy(grown, frame)
		frame = grown
	}
}

// unexpected is an error within a frame, where no end should be.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
