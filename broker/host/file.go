package host

import (
	"container/list"
	"fmt"
	"os"
	"sync/atomic"
)

// File is a real file as a model.File. Its process alone changes it, so its size is known without
// asking.
type File struct {
	lent     *arena    // of its directory
	unsynced *unsynced // likewise
	handles  *handles  // likewise, whose lock guards the next four
	path     string
	file     *os.File      // nil while it is not open
	at       *list.Element // in handles.used
	lost     bool          // it has no name any more
	busy     int           // how many are at it
	size     int64
	name     string      // guarded by the lock of unsynced; "" when it is gone
	dirty    atomic.Bool // since the last flush began; then unsynced lists it
}

// ReadAt implements io.ReaderAt.
func (f *File) ReadAt(p []byte, off int64) (n int, err error) {
	err = f.handles.with(f, func(file *os.File) error {
		n, err = file.ReadAt(p, off)
		return err
	})
	return n, err
}

// View implements model.Viewer. The bytes are in memory that the directory uses anew in every step:
// a broker that reads a megabyte for each fetch leaves nothing for the garbage collector.
func (f *File) View(off int64, n int) []byte {
	b := f.lent.alloc(n)
	if read, _ := f.ReadAt(b, off); read < n {
		return nil // ReadAt says why
	}
	return b
}

// WriteAt implements io.WriterAt.
func (f *File) WriteAt(p []byte, off int64) (n int, err error) {
	f.unsynced.wrote(f)
	err = f.handles.with(f, func(file *os.File) error {
		n, err = file.WriteAt(p, off)
		return err
	})
	if off >= 0 && n > 0 {
		f.size = max(f.size, off+int64(n))
	}
	return n, err
}

// Truncate implements model.File.
func (f *File) Truncate(size int64) error {
	if size < 0 {
		return fmt.Errorf("truncate to %d bytes: %w", size, os.ErrInvalid)
	}
	f.unsynced.wrote(f)
	if err := f.handles.with(f, func(file *os.File) error { return file.Truncate(size) }); err != nil {
		return err
	}
	f.size = size
	return nil
}

// Size implements model.File.
func (f *File) Size() int64 { return f.size }
