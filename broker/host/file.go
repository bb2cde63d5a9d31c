package host

import (
	"fmt"
	"os"
	"sync/atomic"
)

// File is a real file as a model.File. Its process alone changes it, so its size is known without
// asking.
type File struct {
	file  *os.File
	lent  *arena // of its directory
	size  int64
	dirty atomic.Bool // written to since the last flush began
}

// ReadAt implements io.ReaderAt.
func (f *File) ReadAt(p []byte, off int64) (int, error) { return f.file.ReadAt(p, off) }

// View implements model.Viewer. The bytes are in memory that the directory uses anew in every step:
// a broker that reads a megabyte for each fetch leaves nothing for the garbage collector.
func (f *File) View(off int64, n int) []byte {
	b := f.lent.alloc(n)
	if read, _ := f.file.ReadAt(b, off); read < n {
		return nil // ReadAt says why
	}
	return b
}

// WriteAt implements io.WriterAt.
func (f *File) WriteAt(p []byte, off int64) (int, error) {
	f.dirty.Store(true)
	n, err := f.file.WriteAt(p, off)
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
	f.dirty.Store(true)
	if err := f.file.Truncate(size); err != nil {
		return err
	}
	f.size = size
	return nil
}

// Size implements model.File.
func (f *File) Size() int64 { return f.size }
