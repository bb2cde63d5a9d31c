package host

import (
	"sync"
	"time"

	"sandcastle/model"
)

// message is one thing for a process's goroutine to do. Which field is set says what.
type message struct {
	event model.Event
	conn  *connection // the event is about this connection
	flush *flushed
	look  func()
}

// inbox carries messages to a process's goroutine, which takes all that there are at once.
type inbox struct {
	mu     sync.Mutex
	list   []message
	bytes  int // of the frames in list
	spare  []message
	room   *sync.Cond    // of list has become less
	filled chan struct{} // holds a token when list is not empty
	closed bool
}

// inboxRoom is how many messages wait, and inboxBytes how many bytes of frames, before those that
// come from connections have to.
const (
	inboxRoom  = 4096
	inboxBytes = 64 << 20
)

func newInbox() *inbox {
	b := &inbox{filled: make(chan struct{}, 1)}
	b.room = sync.NewCond(&b.mu)
	return b
}

// put adds a message. What comes from the process's own host never waits.
func (b *inbox) put(m message) {
	b.mu.Lock()
	b.list = append(b.list, m)
	b.mu.Unlock()
	b.signal()
}

// putOutside adds a message that comes from outside and waits while there are too many. It returns
// false when the process has ended.
func (b *inbox) putOutside(m message) bool {
	b.mu.Lock()
	for (len(b.list) >= inboxRoom || b.bytes >= inboxBytes) && !b.closed {
		b.room.Wait()
	}
	closed := b.closed
	b.list = append(b.list, m)
	b.bytes += len(m.event.Data)
	b.mu.Unlock()
	b.signal()
	return !closed
}

func (b *inbox) signal() {
	select {
	case b.filled <- struct{}{}:
	default:
	}
}

// drain returns all messages, oldest first, as soon as there are some or wait is over; it returns
// false when stop is closed.
func (b *inbox) drain(wait time.Duration, stop <-chan struct{}) ([]message, bool) {
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-b.filled:
		case <-timer.C:
		case <-stop:
			return nil, false
		}
	} else {
		select {
		case <-stop:
			return nil, false
		default:
		}
	}
	b.mu.Lock()
	batch := b.list
	b.list, b.spare, b.bytes = b.spare, nil, 0
	b.mu.Unlock()
	b.room.Broadcast()
	return batch, true
}

// recycle returns the memory of a batch that was handled.
func (b *inbox) recycle(batch []message) {
	b.mu.Lock()
	b.spare = batch[:0]
	b.mu.Unlock()
}

// close ends the wait of putOutside for good.
func (b *inbox) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.room.Broadcast()
}
