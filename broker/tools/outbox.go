package tools

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
)

// outbox writes what a client process has to say to a file that may be slow: the process only adds
// to a buffer, and a goroutine writes whatever is in it. So a pipe gets large writes when much
// comes and everything at once when little does.
type outbox struct {
	out    io.Writer
	onRoom func() // is called when offer, having refused, would take again; may be nil

	mu      sync.Mutex
	wake    *sync.Cond // of the goroutine
	taken   *sync.Cond // pending was, or writing has failed
	pending []byte
	after   []func() // are called when pending is written
	full    bool     // offer refused
	closing bool
	err     error         // of the first write that failed
	failed  chan struct{} // closed then
	done    chan struct{} // closed when the goroutine has ended
}

// outboxRoom is how many bytes wait before offer refuses.
const outboxRoom = 1 << 20

func newOutbox(out io.Writer, onRoom func()) *outbox {
	b := &outbox{
		out: out, onRoom: onRoom, failed: make(chan struct{}), done: make(chan struct{}),
	}
	b.wake, b.taken = sync.NewCond(&b.mu), sync.NewCond(&b.mu)
	go b.run()
	go onNoReader(out, func() { b.fail(syscall.EPIPE) })
	return b
}

// offer has render append to the buffer. It returns false, and has not called render, when there is
// no room or nobody reads any longer.
func (b *outbox) offer(render func([]byte) []byte) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.pending) >= outboxRoom || b.err != nil {
		b.full = true
		return false
	}
	b.append(render)
	return true
}

// add has render append to the buffer, room or not.
func (b *outbox) add(render func([]byte) []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.append(render)
	}
}

// then has do called, by the goroutine, when everything that was added so far is written. It is not
// called when nobody reads any longer.
func (b *outbox) then(do func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.after = append(b.after, do)
	b.wake.Signal()
}

// wait returns when there is room; false when nobody reads any longer.
func (b *outbox) wait() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.pending) >= outboxRoom && b.err == nil {
		b.taken.Wait()
	}
	return b.err == nil
}

func (b *outbox) append(render func([]byte) []byte) {
	if len(b.pending) == 0 {
		b.wake.Signal()
	}
	b.pending = render(b.pending)
}

func (b *outbox) run() {
	defer close(b.done)
	var spare []byte
	for {
		b.mu.Lock()
		for len(b.pending)+len(b.after) == 0 && !b.closing && b.err == nil {
			b.wake.Wait()
		}
		batch, after := b.pending, b.after
		b.pending, b.after = spare[:0], nil
		ask := b.full && b.onRoom != nil
		b.full = false
		b.taken.Broadcast()
		b.mu.Unlock()
		if len(batch)+len(after) == 0 {
			return
		}
		if ask {
			b.onRoom()
		}
		if !b.write(batch) {
			return
		}
		spare = batch
		for _, do := range after {
			do()
		}
	}
}

// write returns false when nobody reads any longer.
func (b *outbox) write(batch []byte) bool {
	if len(batch) == 0 {
		return true
	}
	_, err := b.out.Write(batch)
	if err == nil {
		return true
	}
	b.fail(err)
	return false
}

// fail records that nothing can be written any longer.
func (b *outbox) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return
	}
	b.err, b.pending, b.after = err, nil, nil
	b.taken.Broadcast()
	b.wake.Signal()
	close(b.failed)
}

// close waits until everything is written and returns the first error.
func (b *outbox) close() error {
	b.mu.Lock()
	b.closing = true
	b.wake.Signal()
	b.mu.Unlock()
	<-b.done
	return b.err
}

// onNoReader calls do when out is a pipe that nobody reads any longer: who writes seldom would not
// notice for long. A pipe that is opened anew through /proc can be polled without any change to how
// out itself works; where there is no /proc, the next write has to tell.
func onNoReader(out io.Writer, do func()) {
	file, ok := out.(*os.File)
	if !ok {
		return
	}
	info, err := file.Stat()
	if err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		return
	}
	name := fmt.Sprintf("/proc/self/fd/%d", file.Fd())
	pipe, err := os.OpenFile(name, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return
	}
	defer pipe.Close()
	raw, err := pipe.SyscallConn()
	if err != nil {
		return
	}
	asked := false
	// Nothing can be read from this end: it becomes ready when the other one is closed.
	_ = raw.Read(func(uintptr) bool { first := !asked; asked = true; return !first })
	do()
}

// brokenPipe reports whether err only means that nobody reads any longer.
func brokenPipe(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe)
}
