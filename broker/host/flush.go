package host

import (
	"errors"
	"os"
	"strings"

	"sandcastle/model"
)

// flushed is a flush that has ended.
type flushed struct {
	flush *model.Flush
	err   error
}

// flush makes files durable in the background: what was written to them so far, and their names.
func (n *Node) flush(f *model.Flush) {
	done := &flushed{flush: f}
	if n.cfg.Disk == nil {
		n.inbox.put(message{flush: done})
		return
	}
	files, dirs := n.cfg.Disk.changed(f.Path)
	if len(files)+len(dirs) == 0 {
		n.inbox.put(message{flush: done})
		return
	}
	n.others.Go(func() {
		done.err = makeDurable(&n.cfg.Disk.handles, files, dirs)
		n.inbox.put(message{flush: done})
	})
}

// changed takes the files below name ("" is everything) that were written to since their last
// flush, and the directories in which names have changed.
func (d *Dir) changed(name string) (files []*File, dirs []string) {
	//unordered: all of them are flushed, in whatever order
	for at, f := range d.files {
		below := name == "" || at == name || strings.HasPrefix(at, name+"/")
		if below && f.dirty.Swap(false) {
			files = append(files, f)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	//unordered: as above
	for dir := range d.dirty {
		dirs = append(dirs, d.full(dir))
		delete(d.dirty, dir)
	}
	return files, dirs
}

// makeDurable has the operating system write files and directories to the disk. A file that could
// not be flushed counts as written to again; the process, which hears of it, stops using it.
func makeDurable(h *handles, files []*File, dirs []string) error {
	for _, f := range files {
		err := h.with(f, (*os.File).Sync)
		if errors.Is(err, os.ErrClosed) {
			continue // it was removed
		}
		if err != nil {
			f.dirty.Store(true)
			return err
		}
	}
	for _, dir := range dirs {
		err := h.syncDir(dir)
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
