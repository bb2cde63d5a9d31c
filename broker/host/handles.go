package host

import (
	"container/list"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"
)

// handles are the descriptors of a directory's files. A broker has three files for each segment of
// each partition and uses few of them at a time, so those that were not used for longest are closed
// and opened again when they are needed. Flushes use them beside the process.
type handles struct {
	limit int // of those that are open
	// short is told, with the error, when the operating system has no descriptor left.
	short func(error)

	mu   sync.Mutex
	used *list.List // of *File that are open, the one used last in front
	// gone are files without a name, which cannot be opened again, oldest first.
	gone []*File
}

const (
	// defaultHandles is how many files of a directory are open if nobody says.
	defaultHandles = 4096
	// keptGone is how many files without a name are kept open for whoever is still at them.
	keptGone = 64
	// shortPause is the wait for a descriptor when there is none and no file to close for it.
	shortPause = 10 * time.Millisecond
)

// with calls do with the file open. It holds the file open meanwhile.
func (h *handles) with(f *File, do func(*os.File) error) error {
	h.mu.Lock()
	err := h.openLocked(f)
	file := f.file
	if err == nil {
		f.busy++
	}
	h.mu.Unlock()
	if err != nil {
		return err
	}
	err = do(file)
	h.mu.Lock()
	f.busy--
	h.mu.Unlock()
	return err
}

// openLocked opens a file if it is not, and counts it as used.
func (h *handles) openLocked(f *File) error {
	switch {
	case f.at != nil:
		h.used.MoveToFront(f.at)
		return nil
	case f.file != nil: // it has no name any more
		return nil
	case f.lost:
		return fmt.Errorf("%s was removed: %w", f.path, os.ErrClosed)
	}
	h.shrinkLocked(h.limit - 1)
	file, err := h.openPathLocked(f.path, os.O_RDWR)
	switch {
	case err != nil:
		return err
	case f.file != nil: // by another, while it waited for a descriptor
		return file.Close()
	}
	f.file, f.at = file, h.used.PushFront(f)
	return nil
}

func (h *handles) openPathLocked(path string, flag int) (file *os.File, err error) {
	err = h.patientLocked(func() error {
		file, err = os.OpenFile(path, flag, 0o644)
		return err
	})
	return file, err
}

// patiently calls do, which needs descriptors, until there are enough.
func (h *handles) patiently(do func() error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.patientLocked(do)
}

// patientLocked is patiently. That no descriptor is left is no fault of the disk: files that are
// not in use give theirs, and without one of those it waits until somebody else does.
func (h *handles) patientLocked(do func() error) error {
	for told := false; ; told = true {
		err := do()
		if !errors.Is(err, syscall.EMFILE) && !errors.Is(err, syscall.ENFILE) {
			return err
		}
		if !told && h.short != nil {
			h.short(err)
		}
		if !h.shrinkLocked(h.used.Len() / 2) {
			h.mu.Unlock()
			time.Sleep(shortPause)
			h.mu.Lock()
		}
	}
}

// shrinkLocked closes what was not used for longest until so many are open. False says that it
// could close none.
func (h *handles) shrinkLocked(most int) bool {
	closed := false
	for e := h.used.Back(); e != nil && h.used.Len() > most; {
		f, before := e.Value.(*File), e.Prev()
		if f.busy == 0 {
			h.used.Remove(e)
			f.file.Close() // what was written stays in the page cache, for a flush by any descriptor
			f.file, f.at = nil, nil
			closed = true
		}
		e = before
	}
	return closed
}

// create opens a file that may not be there yet, and learns its size.
func (h *handles) create(f *File) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.shrinkLocked(h.limit - 1)
	file, err := h.openPathLocked(f.path, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		return errors.Join(err, file.Close())
	}
	f.size, f.file, f.at = info.Size(), file, h.used.PushFront(f)
	return nil
}

// rename has do give a file another path, and opens it nowhere in between: a flush beside would find
// it at neither. f is nil for a file that is not in use.
func (h *handles) rename(f *File, path string, do func() error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	err := do()
	if err == nil && f != nil {
		f.path = path
	}
	return err
}

// lose keeps a file open that is about to lose its name, for a while.
func (h *handles) lose(f *File) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.openLocked(f) != nil {
		return
	}
	if f.at != nil {
		h.used.Remove(f.at)
	}
	f.at, f.lost = nil, true
	h.gone = append(h.gone, f)
	if oldest := h.gone[0]; len(h.gone) > keptGone && oldest.busy == 0 {
		oldest.file.Close()
		oldest.file = nil
		h.gone = h.gone[1:]
	}
}

// closeAll closes every file.
func (h *handles) closeAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.shrinkLocked(0)
	for _, f := range h.gone {
		f.file.Close()
	}
	h.gone = nil
}
