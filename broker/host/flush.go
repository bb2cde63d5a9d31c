package host

import (
	"errors"
	"os"
	"sync"

	"sandcastle/model"
)

// flushed is a flush that has ended.
type flushed struct {
	flush *model.Flush
	err   error
	ended bool
}

// flusher makes files durable beside the process. Several flushes are at the disk at a time, but
// they end in the order in which they were asked for, as in the simulated world: what an earlier one
// has begun to write is clean to a later one, which must not say so before.
type flusher struct {
	slots chan struct{}
	mu    sync.Mutex
	queue []*flushed // of which the process was not told yet, in order
}

// flushesAtOnce is how many flushes the operating system has to do at a time. Together they cost
// hardly more than one, for a file system's journal takes them in one go; but each that waits for
// the disk holds a thread, and Go ends a program that has 10,000 of those.
const flushesAtOnce = 32

func newFlusher() flusher { return flusher{slots: make(chan struct{}, flushesAtOnce)} }

// flush makes files durable in the background: what was written to them so far, and their names.
func (n *Node) flush(f *model.Flush) {
	done := &flushed{flush: f}
	n.flusher.begin(done)
	var files []*File
	var dirs []string
	if n.cfg.Disk != nil {
		files, dirs = n.cfg.Disk.unsynced.take(f.Path)
	}
	if len(files)+len(dirs) == 0 {
		n.flusher.end(done, n.inbox)
		return
	}
	n.others.Go(func() {
		n.flusher.slots <- struct{}{}
		done.err = makeDurable(n.cfg.Disk, files, dirs)
		<-n.flusher.slots
		n.flusher.end(done, n.inbox)
	})
}

func (x *flusher) begin(done *flushed) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.queue = append(x.queue, done)
}

// end tells the process of a flush and of those that waited for it to be told of.
func (x *flusher) end(done *flushed, to *inbox) {
	x.mu.Lock()
	defer x.mu.Unlock()
	done.ended = true
	for len(x.queue) > 0 && x.queue[0].ended {
		to.put(message{flush: x.queue[0]})
		x.queue[0] = nil
		x.queue = x.queue[1:]
	}
}

// makeDurable has the operating system write files and directories to the disk. A file that could
// not be flushed counts as written to again; the process, which hears of it, stops using it.
func makeDurable(d *Dir, files []*File, dirs []string) error {
	for _, f := range files {
		err := d.handles.with(f, (*os.File).Sync)
		if errors.Is(err, os.ErrClosed) {
			continue // it was removed
		}
		if err != nil {
			d.unsynced.wrote(f)
			return err
		}
	}
	for _, dir := range dirs {
		err := d.handles.syncDir(d.full(dir))
		if err != nil && !os.IsNotExist(err) { // one is gone with its last file
			return err
		}
	}
	return nil
}

// syncDir flushes a directory; only its opening keeps others from their files.
func (h *handles) syncDir(dir string) error {
	h.mu.Lock()
	handle, err := h.openPathLocked(dir, os.O_RDONLY)
	h.mu.Unlock()
	if err != nil {
		return err
	}
	return errors.Join(handle.Sync(), handle.Close())
}
