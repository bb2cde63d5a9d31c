package host

import (
	"encoding/binary"
	"errors"
	"net"
	"os"
	"slices"
	"time"

	"sandcastle/model"
)

const (
	// maxBehind is how many bytes a peer may leave unread before its next request has to wait.
	maxBehind = 1 << 20
	// maxUnread is how many bytes all peers of a process together may leave unread before the one is
	// cut off that has not read for longest.
	maxUnread = 256 << 20
)

// scratch is what writing needs again and again.
type scratch struct {
	heads   [][4]byte
	buffers net.Buffers
}

// send queues a frame.
func (c *connection) send(now model.Time, frame []byte) {
	c.touch()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.finished {
		return
	}
	if c.node.unread.Add(int64(len(frame))) > maxUnread {
		c.mu.Unlock()
		c.node.cutOff()
		c.mu.Lock()
		if c.closed {
			c.node.unread.Add(-int64(len(frame)))
			return
		}
	}
	if c.unread == 0 {
		c.since = now
	}
	c.unread += len(frame)
	c.queue = append(c.queue, frame)
	c.writeLocked()
}

// cutOff closes the connection whose peer has left unread for longest what it was sent.
func (n *Node) cutOff() {
	var worst *connection
	var since model.Time
	//unordered: the one that waits for longest is found in any order
	for _, c := range n.conns {
		c.mu.Lock()
		if c.unread > 0 && !c.closed && (worst == nil || c.since < since) {
			worst, since = c, c.since
		}
		c.mu.Unlock()
	}
	if worst != nil {
		n.log.Warn("cut off: it does not read", "peer", worst.socket.RemoteAddr())
		worst.close()
	}
}

// writeLocked sees to it that what is queued is written.
func (c *connection) writeLocked() {
	if c.open && !c.writing && !c.closed && len(c.queue) > 0 {
		c.writing = true
		c.node.others.Go(c.write)
	}
}

// write writes what is queued.
func (c *connection) write() {
	for {
		c.mu.Lock()
		frames := c.queue
		c.queue = nil
		if len(frames) == 0 || c.closed {
			c.writing = false
			if c.finished {
				c.closeLocked()
			}
			c.mu.Unlock()
			return
		}
		c.mu.Unlock()
		if err := c.writeFrames(frames); err != nil {
			c.close() // its reader tells the process
		}
	}
}

// writeFrames writes frames behind their lengths.
func (c *connection) writeFrames(frames [][]byte) error {
	s := &c.spare
	s.heads = slices.Grow(s.heads[:0], len(frames))[:len(frames)]
	s.buffers = s.buffers[:0]
	for i, f := range frames {
		binary.BigEndian.PutUint32(s.heads[i][:], uint32(len(f)))
		s.buffers = append(s.buffers, s.heads[i][:], f)
	}
	rest := s.buffers
	for {
		c.watchWrite()
		n, err := rest.WriteTo(c.socket)
		if n > 0 {
			c.touch() // something was read
		}
		if err == nil {
			c.wrote(frames)
			c.node.frames.put(frames)
			return nil
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) || c.ending() || c.idleLeft() <= 0 {
			return err
		}
	}
}

// watchWrite has a write to an accepted connection look up several times while Config.MaxIdle goes
// by, whether the peer reads.
func (c *connection) watchWrite() {
	const looks = 8
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.expires() && !c.finished && !c.closed {
		c.socket.SetWriteDeadline(time.Now().Add(c.node.cfg.MaxIdle / looks))
	}
}

// wrote takes off the count what is written.
func (c *connection) wrote(frames [][]byte) {
	n := 0
	for _, f := range frames {
		n += len(f)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return // drop has taken it off
	}
	c.unread -= n
	c.since = c.node.clock.now()
	c.node.unread.Add(-int64(n))
	c.ready.Signal()
}

// drop discards what is queued.
func (c *connection) drop() {
	c.queue = nil
	c.node.unread.Add(-int64(c.unread))
	c.unread = 0
}
